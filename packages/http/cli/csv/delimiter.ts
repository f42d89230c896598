import { Either } from "effect"

const delimiters = [",", ";", "\t"] as const

/**
 * A character between two values.
 */
export type Delimiter = typeof delimiters[number]

const isDelimiter = (character: string): character is Delimiter => delimiters.some((known) => known === character)

interface FirstRecord {
  readonly counts: ReadonlyMap<string, number>
  /** Whether it has a vertical bar outside quotes. */
  readonly hasBar: boolean
  /** Whether the text continues after the end of the record. */
  readonly isComplete: boolean
}

/**
 * Counts the delimiters outside quotes in the first record that is not empty.
 */
const scan = (text: string): FirstRecord => {
  const counts = new Map<string, number>()
  let isQuoted = false
  let isEmpty = true
  let hasBar = false
  // The last character that is not a space. A quote opens a quoted value only at the start of a value.
  let previous = ""
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index)
    if (character === "\"") {
      isQuoted = !isQuoted && (previous === "" || previous === "\"" || isDelimiter(previous))
      isEmpty = false
    } else if (!isQuoted) {
      if (character === "\n" || character === "\r") {
        if (!isEmpty) return { counts, hasBar, isComplete: index + 1 < text.length }
        continue
      }
      isEmpty = false
      if (character === "|") hasBar = true
      if (isDelimiter(character)) counts.set(character, (counts.get(character) ?? 0) + 1)
    }
    if (character !== " ") previous = character
  }
  return { counts, hasBar, isComplete: false }
}

/**
 * Whether the start of a text has its first record, and the character after it.
 */
export const hasFirstRecord = (start: string): boolean => scan(start).isComplete

const separatorLine = /^"?sep=([^\r\n])"?\1*(?:\r\n|\r|\n|$)/i

/**
 * The delimiter of a text, and the length of its first line if that line is `sep=X`, which is not a record. Fails if `X` is not a
 * supported delimiter.
 */
export const detectDelimiter = (
  start: string
): Either.Either<{ readonly delimiter: Delimiter; readonly separatorLength: number }, string> => {
  const [line, named] = separatorLine.exec(start) ?? []
  if (line !== undefined && named !== undefined) {
    return isDelimiter(named)
      ? Either.right({ delimiter: named, separatorLength: line.length })
      : Either.left("sep= names a character other than , ; and tab. Save the file with one of them between the values")
  }
  const { counts, hasBar } = scan(start)
  const count = (delimiter: Delimiter): number => counts.get(delimiter) ?? 0
  if (hasBar && counts.size === 0) {
    return Either.left("the values seem to be separated by |. Save the file with , ; or tabs between the values")
  }
  return Either.right({
    delimiter: delimiters.reduce((best: Delimiter, other) => count(other) > count(best) ? other : best),
    separatorLength: 0
  })
}
