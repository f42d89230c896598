/**
 * A column of a CSV file.
 */
export interface Column {
  /** The number of the column, the first is 1. */
  readonly number: number
  /** The name in the header; empty if the column has none. */
  readonly name: string
}

/**
 * The columns of a header, or of a row in a file without one.
 */
export const columnsOf = (
  cells: ReadonlyArray<string>,
  options: { readonly hasHeader: boolean }
): ReadonlyArray<Column> =>
  cells.map((cell, index) => ({ number: index + 1, name: options.hasHeader ? cell.trim() : "" }))

// A header may hold anything, for example an address.
const printable = /^[\p{L}\p{Nd} ._\-()[\]/#:]{1,40}$/u

/**
 * Whether a message may quote the name of a column.
 */
export const isPrintable = (name: string): boolean => printable.test(name)

const describe = ({ name, number }: Column): string => isPrintable(name) ? `${number} (${name})` : String(number)

const maxDescribed = 50

/**
 * Lists columns in a message: `1 (username), 2 (status)`.
 */
export const describeColumns = (columns: ReadonlyArray<Column>): string =>
  [
    ...columns.slice(0, maxDescribed).map(describe),
    ...(columns.length > maxDescribed ? [`and ${columns.length - maxDescribed} more`] : [])
  ].join(", ")

/**
 * A name without case, spaces, underscores, hyphens, and brackets with their content. Of a name in brackets, the content stays.
 */
export const normalizeName = (name: string): string => {
  const withoutBrackets = name.replace(/\([^()]*\)|\[[^[\]]*\]|\{[^{}]*\}|<[^<>]*>/g, "")
  return (withoutBrackets.trim() === "" ? name : withoutBrackets).toLowerCase().replace(
    /[\s_\-*:()[\]{}<>\u2010-\u2015]/g,
    ""
  )
}

/**
 * The columns that a flag names: by the exact name, otherwise by the normalized name, otherwise by the number.
 */
export const findColumns = (columns: ReadonlyArray<Column>, text: string): ReadonlyArray<Column> => {
  const wanted = text.trim()
  const exact = columns.filter(({ name }) => name !== "" && name === wanted)
  if (exact.length > 0) return exact
  const normalized = normalizeName(wanted)
  const similar = columns.filter(({ name }) => normalized !== "" && normalizeName(name) === normalized)
  return similar.length > 0 ? similar : columns.filter(({ number }) => String(number) === wanted)
}
