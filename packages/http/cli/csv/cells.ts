// The first characters that csv-stringify and spreadsheets protect with an apostrophe: = + - @ in both widths, tab and CR.
const protectedValue = /^'(?='*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/

/**
 * Removes the apostrophe that keeps a spreadsheet from running a value as a formula.
 */
export const unprotect = (cell: string): string => cell.replace(protectedValue, "")

/**
 * Adds an apostrophe to a value that begins with one before such a character, so that `unprotect` restores it. csv-stringify
 * protects the values that begin with the character itself.
 */
export const protectApostrophe = (value: string): string => value.replace(protectedValue, "''")

/**
 * The address in a cell. An apostrophe on both sides quotes the address, so neither is removed.
 */
export const addressOf = (cell: string): string => {
  const trimmed = cell.trim()
  return trimmed.endsWith("'") ? trimmed : unprotect(trimmed).trim()
}
