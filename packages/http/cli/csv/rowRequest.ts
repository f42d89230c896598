import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { CreateBody } from "@effect-clerk/http/ClerkApi"
import { Array, Either, Option, ParseResult, Schema } from "effect"
import { addressOf, unprotect } from "./cells.js"
import type { ColumnUse, FieldName } from "./columns.js"
import type { CsvOptions } from "./csvOptions.js"
import { parseObject, toValue } from "./metadata.js"
import { tidyAddress } from "./tidyAddress.js"

const decode = Schema.decodeUnknownEither(CreateBody, { errors: "all" })

const reasonOf = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .map(({ message, path: [column] }) => {
      if (column === undefined) return message
      return column === "email_address" && message.startsWith("is missing")
        ? "email_address is missing"
        : `${String(column)} ${message}`
    })
    .join("; ")

const wholeNumber = /^\d{1,15}$/

const fieldValue = (name: FieldName, cell: string): unknown => {
  const text = unprotect(cell.trim())
  return name === "expires_in_days" && wholeNumber.test(text) ? Number(text) : text
}

/**
 * The request of a row, and the repairs of its address.
 */
export interface RowRequest {
  readonly request: CreateInvitation
  readonly repairs: ReadonlyArray<string>
}

/**
 * The values of a row by their use. Cells that are empty have no value.
 */
const readCells = (uses: ReadonlyArray<ColumnUse>, cells: ReadonlyArray<string>, options: CsvOptions) =>
  Either.gen(function*() {
    let address = ""
    const fields: Array<readonly [string, unknown]> = []
    const metadata = new Map<string, unknown>()
    let object = Option.none<string>()
    for (const [index, use] of uses.entries()) {
      const cell = cells[index] ?? ""
      if (cell === "" || use._tag === "Ignored") continue
      if (use._tag !== "MetadataObject" && cell.includes("\ufffd")) {
        return yield* Either.left(
          `column ${
            index + 1
          } has the character U+FFFD, which stands for a character that was lost when the file was saved`
        )
      }
      switch (use._tag) {
        case "Address":
          address = addressOf(cell)
          break
        case "Field":
          fields.push([use.name, fieldValue(use.name, cell)])
          break
        case "MetadataKey":
          metadata.set(use.key, toValue(unprotect(cell), options.metadataTypes))
          break
        case "MetadataObject":
          if (cell.trim() !== "") object = Option.some(cell)
          break
        case "Unnamed":
          if (cell.trim() !== "") return yield* Either.left(`has a value in column ${index + 1}, which has no name`)
      }
    }
    if (Option.isSome(object)) {
      for (const [key, value] of Object.entries(yield* parseObject(object.value))) {
        if (metadata.has(key)) return yield* Either.left("public_metadata has a key that another column has too")
        metadata.set(key, value)
      }
    }
    if (Option.isSome(object) || metadata.size > 0) {
      // `fromEntries` makes `__proto__` a key like any other.
      fields.push(["public_metadata", Object.fromEntries(metadata)])
    }
    return { address, fields }
  })

/**
 * The number of items without the last ones that fulfil the predicate.
 */
const countWithout = <A>(items: ReadonlyArray<A>, isOmitted: (item: A) => boolean): number =>
  Option.match(Array.findLastIndex(items, (item) => !isOmitted(item)), {
    onNone: () => 0,
    onSome: (index) => index + 1
  })

/**
 * Reads the cells of a row. Fails with a reason that quotes none of them.
 */
export const rowRequest = (
  uses: ReadonlyArray<ColumnUse>,
  cells: ReadonlyArray<string>,
  options: CsvOptions
): Either.Either<RowRequest, string> => {
  const needed = countWithout(uses, ({ _tag }) => _tag === "Unnamed")
  const given = countWithout(cells, (cell) => cell.trim() === "")
  if (cells.length < needed || given > uses.length) {
    return Either.left(`has ${cells.length} values for ${uses.length} columns`)
  }
  return Either.flatMap(readCells(uses, cells, options), ({ address, fields }) => {
    const tidy = tidyAddress(address)
    const repaired = options.tidy ? tidy : Option.none()
    const emailAddress = Option.match(repaired, { onNone: () => address, onSome: ({ address }) => address })
    const body = Object.fromEntries(emailAddress === "" ? fields : [["email_address", emailAddress], ...fields])
    return Either.mapBoth(decode(body), {
      onLeft: (error) =>
        Option.isSome(tidy) && !options.tidy ? `${reasonOf(error)}. Pass --tidy to repair it` : reasonOf(error),
      onRight: (request) => ({
        request,
        repairs: Option.match(repaired, { onNone: () => [], onSome: ({ repairs }) => repairs })
      })
    })
  })
}
