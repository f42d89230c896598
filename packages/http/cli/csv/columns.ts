import { Array, Either, Option } from "effect"
import { findAddressColumn, only, type Table } from "./addressColumn.js"
import { type Column, describeColumns, findColumns, isPrintable } from "./columnNames.js"
import type { CsvOptions } from "./csvOptions.js"
import { exportHeader } from "./exportHeader.js"

const fields = ["redirect_url", "expires_in_days", "template_slug"] as const

/**
 * The column names that are fields of Clerk's request body, except the address and the metadata.
 */
export type FieldName = typeof fields[number]

/**
 * What a column is used for.
 */
export type ColumnUse =
  | { readonly _tag: "Address" }
  | { readonly _tag: "Field"; readonly name: FieldName }
  /** One key of the metadata. */
  | { readonly _tag: "MetadataKey"; readonly key: string }
  /** The metadata as a JSON object. */
  | { readonly _tag: "MetadataObject" }
  | { readonly _tag: "Ignored" }
  /** The column has no name. A value in it makes a row invalid. */
  | { readonly _tag: "Unnamed" }

const metadataPrefix = "metadata."

const isExport = (columns: ReadonlyArray<Column>): boolean =>
  [exportHeader, [...exportHeader, "url"]].some((header) =>
    header.length === columns.length && columns.every(({ name }, index) => name === header[index])
  )

const useByName = (name: string): Option.Option<ColumnUse> => {
  const field = fields.find((field) => field === name)
  if (field !== undefined) return Option.some({ _tag: "Field", name: field })
  if (name === "public_metadata") return Option.some({ _tag: "MetadataObject" })
  return name.startsWith(metadataPrefix) && name.length > metadataPrefix.length
    ? Option.some({ _tag: "MetadataKey", key: name.slice(metadataPrefix.length) })
    : Option.none()
}

/**
 * The column that `--metadata-column NAME[=KEY]` names, and the key. NAME may hold "=", if a column has that name.
 */
const findMetadataColumn = (columns: ReadonlyArray<Column>, text: string, noHeader: boolean) => {
  const split = findColumns(columns, text).length > 0 ? -1 : text.lastIndexOf("=")
  const name = split < 0 ? text : text.slice(0, split)
  const flag = isPrintable(name) ? `--metadata-column ${name}` : "--metadata-column"
  const found = findColumns(columns, name)
  return Either.flatMap(
    only(found, {
      none: () => `${flag} names no column. The columns are ${describeColumns(columns)}`,
      several: () => `${flag} names several columns: ${describeColumns(found)}. Pass the number of one`
    }),
    (column) => {
      const byNumber = String(column.number) === name.trim() && column.name !== name.trim()
      const key = split >= 0 ? text.slice(split + 1) : byNumber ? column.name : name.trim()
      return key === ""
        ? Either.left(
          noHeader
            ? `${flag} has no key. Pass N=KEY, for example --metadata-column ${column.number}=team`
            : `${flag} has no key. Pass NAME=KEY`
        )
        : Either.right({ number: column.number, key })
    }
  )
}

const targetOf = (use: ColumnUse): string | undefined => {
  switch (use._tag) {
    case "Address":
    case "MetadataObject":
      return use._tag
    case "Field":
      return `Field ${use.name}`
    case "MetadataKey":
      return `MetadataKey ${use.key}`
    case "Ignored":
    case "Unnamed":
      return undefined
  }
}

const checkRepeated = (
  columns: ReadonlyArray<Column>,
  uses: ReadonlyArray<ColumnUse>
): Either.Either<ReadonlyArray<ColumnUse>, string> => {
  const byTarget = new Map<string, ReadonlyArray<Column>>()
  Array.zip(columns, uses.map(targetOf)).forEach(([column, target]) => {
    if (target !== undefined) byTarget.set(target, [...byTarget.get(target) ?? [], column])
  })
  const repeated = [...byTarget.values()].find((columns) => columns.length > 1)
  if (repeated === undefined) return Either.right(uses)
  return Either.left(
    new Set(repeated.map(({ name }) => name)).size === 1
      ? `columns with the same name: ${describeColumns(repeated)}. Rename or remove all but one`
      : `columns with the same metadata key: ${describeColumns(repeated)}. Use another key for all but one`
  )
}

/**
 * Decides what each column is used for. Fails with a reason that says which flag to pass.
 */
export const planColumns = (table: Table, options: CsvOptions): Either.Either<ReadonlyArray<ColumnUse>, string> =>
  Either.gen(function*() {
    const { columns, rows } = table
    const address = yield* findAddressColumn(table, options)
    const metadataKeys = new Map<number, string>()
    for (const text of options.metadataColumns) {
      const { key, number } = yield* findMetadataColumn(columns, text, options.noHeader)
      if (number === address.number) return yield* Either.left("--metadata-column names the column of the addresses")
      if (metadataKeys.has(number)) return yield* Either.left(`--metadata-column names column ${number} twice`)
      metadataKeys.set(number, key)
    }

    const ignoreOthers = options.ignoreOtherColumns || isExport(columns)
    const lastNamed = columns.reduce((last, { name, number }) => name === "" ? last : number, 0)
    const hasValue = ({ number }: Column): boolean => rows.some((cells) => (cells[number - 1] ?? "").trim() !== "")
    // Without a header, a column without values counts as one without a name.
    const isUnnamed = (column: Column): boolean => column.name === "" && !(options.noHeader && hasValue(column))

    const useOf = (column: Column): ColumnUse | undefined => {
      const key = metadataKeys.get(column.number)
      if (column.number === address.number) return { _tag: "Address" }
      if (key !== undefined) return { _tag: "MetadataKey", key }
      // A value to the right of the last name may come from a delimiter too many, so it is never ignored.
      if (isUnnamed(column)) return { _tag: ignoreOthers && column.number < lastNamed ? "Ignored" : "Unnamed" }
      const use = useByName(column.name)
      return Option.getOrElse(use, (): ColumnUse | undefined => ignoreOthers ? { _tag: "Ignored" } : undefined)
    }
    const uses = columns.map(useOf)
    const unknown = columns.filter((_, index) => uses[index] === undefined)
    if (unknown.length > 0) {
      return yield* Either.left(
        `unknown columns: ${describeColumns(unknown)}. Pass --ignore-other-columns to ignore them, or ` +
          `--metadata-column ${options.noHeader ? "N=KEY" : "NAME[=KEY]"} to send one as metadata`
      )
    }
    return yield* checkRepeated(columns, uses.filter((use) => use !== undefined))
  })
