import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Option, Stream } from "effect"
import type { CsvOptions } from "../../../cli/csv/csvOptions.js"
import { decodeText } from "../../../cli/csv/decodeText.js"
import { type Encoding, encodings } from "../../../cli/csv/encoding.js"
import { addresses, failure, pieces, readStream } from "./readCsv.js"

const encode = (text: string, encoding: Encoding): Uint8Array => {
  switch (encoding) {
    case "utf-8":
      return Buffer.from(text)
    case "utf-16le":
      return Buffer.from(text, "utf16le")
    case "utf-16be":
      return Buffer.from(text, "utf16le").swap16()
    case "windows-1252":
      return Buffer.from(text.replaceAll("\u20ac", "\x80").replaceAll("\u2019", "\x92"), "latin1")
  }
}

const decode = (bytes: Uint8Array, size: number, encoding: Option.Option<Encoding> = Option.none()) =>
  Stream.mkString(decodeText(pieces(bytes, size), { name: "people.csv", encoding }))

const table = "email_address,metadata.name\n"

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))

describe("decodeText", () => {
  it.effect.prop(
    "decodes every encoding for every size of the pieces",
    {
      text: FastCheck.array(FastCheck.constantFrom("a", "\n", "\r", ",", "\u00e9", "\u00ff"), { maxLength: 700 }),
      wide: FastCheck.constantFrom("", "\u20ac", "\u2019", "\u3042", "\ufffd", "\ufeff", "\u{1f600}"),
      size: FastCheck.integer({ min: 1, max: 700 }),
      encoding: FastCheck.constantFrom(...encodings),
      hasMark: FastCheck.boolean()
    },
    ({ encoding, hasMark, size, text, wide }) =>
      Effect.gen(function*() {
        const isWindows = encoding === "windows-1252"
        const all = `x${text.join("")}${isWindows && !["\u20ac", "\u2019"].includes(wide) ? "" : wide}${text.join("")}`
        const bytes = encode(hasMark && !isWindows ? `\ufeff${all}` : all, encoding)
        assert.strictEqual(yield* decode(bytes, size, Option.some(encoding)), all)
        if (encoding === "utf-8" || hasMark && !isWindows) assert.strictEqual(yield* decode(bytes, size), all)
      }),
    { fastCheck: { numRuns: 200 } }
  )

  it.effect("recognises UTF-16 without a byte order mark", () =>
    Effect.gen(function*() {
      for (const encoding of ["utf-16le", "utf-16be"] as const) {
        const bytes = encode(`${table}ada@example.com,J\u00f6rg \u{1f600}\n`, encoding)
        assert.deepStrictEqual(yield* addresses(bytes, {}, 1), ["ada@example.com"])
        assert.deepStrictEqual(yield* addresses(bytes), ["ada@example.com"])
      }
    }))

  it.effect("fails at text that is not UTF-8, for every size of the pieces", () =>
    Effect.gen(function*() {
      const content = latin1(
        `${table}ada@example.com,Ada\r\nbob@example.com,"B\r\nb"\ncy@example.com,J\u00f6rg\n\u00e9`
      )
      for (const size of [1, 2, 3, 7, 65536]) {
        assert.strictEqual(
          yield* failure(content, {}, size),
          "people.csv, line 5: the text is not UTF-8; it looks like Latin-1 (windows-1252). Pass --encoding windows-1252, or " +
            "save the file as UTF-8. Nothing was sent."
        )
      }
      const example = latin1("email_address\nj\u00f6rg@example.com\n")
      assert.include(yield* failure(example), "people.csv, line 2: the text is not UTF-8")
      const windows: Partial<CsvOptions> = { encoding: Option.some("windows-1252") }
      assert.deepStrictEqual(yield* addresses(example, windows), ["j\u00f6rg@example.com"])
    }))

  it.effect("does not call text Latin-1 that cannot be", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* failure(latin1(`${table}ada@example.com,\u0083\u0081\n`)),
        "people.csv, line 2: the text is not UTF-8. Save the file as UTF-8. Nothing was sent."
      )
    }))

  it.effect("fails at text that does not have the chosen encoding", () =>
    Effect.gen(function*() {
      const bytes = encode(`${table}a@example.com,`, "utf-16le")
      const lone = Uint8Array.from([...bytes, 0x00, 0xd8, 0x0a, 0x00])
      assert.strictEqual(
        yield* failure(lone, { encoding: Option.some("utf-16le") }),
        "people.csv, line 2: the text is not UTF-16LE. Pass another --encoding, or save the file as UTF-8. Nothing was sent."
      )
      const odd = bytes.subarray(0, bytes.length - 1)
      assert.include(yield* failure(odd), "line 2: the text is not UTF-16LE")
      assert.include(yield* failure(latin1(`${table}a@b.c,\u00c3`)), "line 2: the text is not UTF-8")
    }))

  it.effect("fails at a NUL character", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* failure(`${table}\r\r\n\nada@example.com,A\0\n`, {}, 1),
        "people.csv, line 5: the text has a NUL character. Save the file as UTF-8, or, if it is UTF-16, pass --encoding " +
          "utf-16le or --encoding utf-16be. Nothing was sent."
      )
    }))

  it.effect("fails at a spreadsheet", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* failure(latin1("PK\x03\x04\x14\0\x06\0")),
        "people.csv is not text; it looks like a spreadsheet or a ZIP file. Save it as CSV. Nothing was sent."
      )
    }))

  it.effect("fails at a line that does not end, without reading all of it", () =>
    Effect.gen(function*() {
      let produced = 0
      const endless = Stream.concat(
        pieces(`${table}ada@example.com,`),
        Stream.repeatEffect(Effect.sync(() => {
          produced++
          return new TextEncoder().encode("x".repeat(65536))
        }))
      )
      const error = yield* Effect.flip(Stream.runDrain(readStream(endless)))
      assert.strictEqual(
        error.message,
        "people.csv, line 2: the line has more than 1048576 characters. Nothing was sent."
      )
      assert.isBelow(produced, 40)
      assert.include(yield* failure(`${table}${"x".repeat(1024 * 1024 + 1)}\n`), "line 2: the line has more than")
    }))
})
