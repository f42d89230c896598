import { Either } from "effect"
import type { CommandFailed } from "../terminal/exitCode.js"
import { fileError } from "./fileError.js"

/**
 * The maximum length of a line in characters, and of a row in bytes.
 */
export const maxLength = 1024 * 1024

/**
 * Counts the lines of a text that arrives in pieces. LF, CRLF and CR end a line.
 */
export const makeTextLines = (name: string) => {
  let line = 1
  let length = 0
  let afterCr = false

  const tooLong = () => fileError(name, line, `the line has more than ${maxLength} characters`)

  return {
    /** The number of the line after the last piece. */
    line: (): number => line,
    /** Counts the lines of a piece. Fails at a NUL character and at a line that is too long. */
    add: (text: string): Either.Either<string, CommandFailed> => {
      let start = 0
      for (const match of text.matchAll(/[\r\n\0]/g)) {
        const [character] = match
        length += match.index - start
        if (length > maxLength) return Either.left(tooLong())
        if (character === "\0") {
          return Either.left(
            fileError(
              name,
              line,
              "the text has a NUL character. Save the file as UTF-8, or, if it is UTF-16, pass --encoding utf-16le or " +
                "--encoding utf-16be"
            )
          )
        }
        const completesCrlf = character === "\n" && afterCr && length === 0
        if (!completesCrlf) line++
        length = 0
        afterCr = character === "\r"
        start = match.index + 1
      }
      length += text.length - start
      return length > maxLength ? Either.left(tooLong()) : Either.right(text)
    }
  }
}
