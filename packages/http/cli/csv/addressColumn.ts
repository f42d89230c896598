import { Either, Option } from "effect"
import { addressOf } from "./cells.js"
import { type Column, describeColumns, findColumns, normalizeName } from "./columnNames.js"
import type { CsvOptions } from "./csvOptions.js"
import { isAddress, tidyAddress } from "./tidyAddress.js"

// Normalized, see `normalizeName`.
const headers = [
  "email",
  "emailaddress",
  "emailid",
  "mail",
  "mailaddress",
  "primaryemail",
  "primaryemailaddress",
  "primarymail",
  "useremail",
  "useremailaddress",
  "workemail",
  "workemailaddress"
]

/**
 * Whether a cell holds an address, or one that can be repaired.
 */
export const holdsAddress = (cell: string): boolean => {
  const address = addressOf(cell)
  return isAddress(address) || Option.isSome(tidyAddress(address))
}

/**
 * Whether most cells of a column that are not empty hold an address.
 */
const holdsAddresses = (rows: ReadonlyArray<ReadonlyArray<string>>) => ({ number }: Column): boolean => {
  const cells = rows.map((cells) => cells[number - 1] ?? "").filter((cell) => cell.trim() !== "")
  return cells.filter(holdsAddress).length * 2 > cells.length
}

/**
 * The columns of a file, and its first rows without the header.
 */
export interface Table {
  readonly columns: ReadonlyArray<Column>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

/**
 * The only column of a list, otherwise the reason.
 */
export const only = (
  columns: ReadonlyArray<Column>,
  reasons: { readonly none: () => string; readonly several: () => string }
): Either.Either<Column, string> => {
  const [column, ...others] = columns
  if (column === undefined) return Either.left(reasons.none())
  return others.length === 0 ? Either.right(column) : Either.left(reasons.several())
}

/**
 * Finds the column of the addresses: the one that `--email-column` names, otherwise by the header, otherwise by the content of the
 * first rows.
 */
export const findAddressColumn = (
  { columns, rows }: Table,
  { emailColumn, noHeader }: Pick<CsvOptions, "emailColumn" | "noHeader">
): Either.Either<Column, string> => {
  const list = `The columns are ${describeColumns(columns)}`
  if (Option.isSome(emailColumn)) {
    const named = findColumns(columns, emailColumn.value)
    return only(named, {
      none: () =>
        noHeader
          ? `--email-column names no column. ${list}. Without a header pass the number of a column`
          : `--email-column names no column. ${list}`,
      several: () => `--email-column names several columns: ${describeColumns(named)}. Pass the number of one`
    })
  }
  const choose = noHeader
    ? "Pass --email-column N to choose the column of the addresses"
    : "Pass --email-column NAME, or its number, to choose the column of the addresses"
  const exact = columns.filter(({ name }) => name === "email_address")
  const named = exact.length > 0 ? exact : columns.filter(({ name }) => headers.includes(normalizeName(name)))
  const found = named.length > 0 ? named : columns.filter(holdsAddresses(rows))
  return only(found, {
    none: () =>
      noHeader
        ? `no column holds addresses. ${list}. ${choose}`
        : `the header has no column email_address. ${list}. ${choose}`,
    several: () =>
      `several columns ${named.length > 0 ? "may hold the addresses" : "hold addresses"}: ${
        describeColumns(found)
      }. ${choose}`
  })
}
