import { Effect, Either, Option, Stream } from "effect"
import { type CommandFailed, exitUsage } from "../terminal/exitCode.js"
import { canBeWindows1252, detectEncoding, type Encoding, headSize, isSpreadsheet } from "./encoding.js"
import { fileError } from "./fileError.js"
import { makeTextLines } from "./textLines.js"

// The characters of the bytes 0x80 to 0x9f. TextDecoder of Node 20 decodes them as Latin-1.
const windows1252 = "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178"

/**
 * Decodes bytes up to the last complete character. None if they are invalid.
 */
const decodeComplete = (bytes: Uint8Array, encoding: Encoding): Option.Option<string> =>
  encoding === "windows-1252"
    ? Option.some(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1").replace(
        /[\x80-\x9f]/g,
        (character) => windows1252.charAt(character.charCodeAt(0) - 0x80)
      )
    )
    : Option.liftThrowable(() =>
      new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true })
    )()

const byteLength = (text: string, encoding: Encoding): number => {
  switch (encoding) {
    case "utf-8":
      return Buffer.byteLength(text)
    case "utf-16le":
    case "utf-16be":
      return 2 * text.length
    case "windows-1252":
      return text.length
  }
}

/**
 * The text before the first invalid byte.
 */
const validText = (bytes: Uint8Array, encoding: Encoding): string => {
  let text = ""
  let valid = 0
  let invalid = bytes.length
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2)
    const decoded = decodeComplete(bytes.subarray(0, middle), encoding)
    if (Option.isSome(decoded)) {
      text = decoded.value
      valid = middle
    } else invalid = middle
  }
  return text
}

const invalidText = (encoding: Encoding, rest: Uint8Array): string => {
  if (encoding !== "utf-8") {
    return `the text is not ${encoding.toUpperCase()}. Pass another --encoding, or save the file as UTF-8`
  }
  return canBeWindows1252(rest)
    ? "the text is not UTF-8; it looks like Latin-1 (windows-1252). Pass --encoding windows-1252, or save the file as UTF-8"
    : "the text is not UTF-8. Save the file as UTF-8"
}

const concatBytes = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  if (first.length === 0) return second
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}

const makeDecoder = ({ encoding: chosen, name }: TextOptions) => {
  const lines = makeTextLines(name)
  let detected: Encoding | undefined
  // The bytes that are not decoded yet: the head of the file, then the start of a character.
  let held = new Uint8Array(0)

  return (chunk: Uint8Array, options: { readonly isLast: boolean }): Either.Either<string, CommandFailed> => {
    let bytes = concatBytes(held, chunk)
    if (detected === undefined) {
      if (bytes.length < headSize && !options.isLast) {
        held = Uint8Array.from(bytes)
        return Either.right("")
      }
      const { encoding, markLength } = detectEncoding(bytes.subarray(0, headSize), chosen)
      if (isSpreadsheet(bytes)) {
        return Either.left(
          exitUsage(`${name} is not text; it looks like a spreadsheet or a ZIP file. Save it as CSV. Nothing was sent.`)
        )
      }
      detected = encoding
      bytes = bytes.subarray(markLength)
    }
    const encoding = detected
    const decoded = decodeComplete(bytes, encoding)
    const text = Option.getOrElse(decoded, () => validText(bytes, encoding))
    const rest = bytes.subarray(byteLength(text, encoding))
    held = Uint8Array.from(rest)
    return Either.filterOrLeft(
      lines.add(text),
      () => Option.isSome(decoded) && (!options.isLast || rest.length === 0),
      () => fileError(name, lines.line(), invalidText(encoding, rest))
    )
  }
}

/**
 * The name of a file in messages, and the encoding that the user has chosen.
 */
export interface TextOptions {
  readonly name: string
  readonly encoding: Option.Option<Encoding>
}

/**
 * Decodes the bytes of a file, without its byte order mark. No element ends within a character. Fails at text that does not have
 * the encoding, at a NUL character and at a line that is too long.
 */
export const decodeText = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>,
  options: TextOptions
): Stream.Stream<string, E | CommandFailed, R> =>
  Stream.suspend(() => {
    const decode = makeDecoder(options)
    return bytes.pipe(
      Stream.mapEffect((chunk) => decode(chunk, { isLast: false })),
      Stream.concat(Stream.fromEffect(Effect.suspend(() => decode(new Uint8Array(0), { isLast: true })))),
      Stream.filter((text) => text !== "")
    )
  })
