import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { failure, read, requests } from "./readCsv.js"

describe("the delimiter", () => {
  it.effect("is the most frequent one of the first record, outside quotes", () =>
    Effect.gen(function*() {
      const expected = [{ emailAddress: "ada@example.com", publicMetadata: { note: "a,b" } }]
      for (
        const content of [
          "email_address,metadata.note\nada@example.com,\"a,b\"\n",
          "\r\n\nemail_address;metadata.note\nada@example.com;a,b\n",
          "email_address\tmetadata.note\nada@example.com\ta,b\n",
          "\"email_address\";\"metadata.note\"\nada@example.com;a,b\n",
          "\"\",email_address,metadata.note\n,ada@example.com,\"a,b\"\n"
        ]
      ) {
        for (const size of [1, 65536]) assert.deepStrictEqual(yield* requests(content, {}, size), expected)
      }
      const quoted = "email_address;\"Team, \"\"A,B\"\", C,D\nE,F,G\"\nada@example.com;\"a,b\"\n"
      assert.deepStrictEqual(yield* requests(quoted, { metadataColumns: ["2=note"] }), expected)
    }))

  it.effect("is no vertical bar, which an address may contain", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* failure("email_address|metadata.a\na@example.com|1\n"),
        "people.csv, line 1: the values seem to be separated by |. Save the file with , ; or tabs between the values. " +
          "Nothing was sent."
      )
      assert.deepStrictEqual(yield* requests("email_address,metadata.a|b\na@example.com,1\n"), [
        { emailAddress: "a@example.com", publicMetadata: { "a|b": "1" } }
      ])
    }))

  it.effect("is the one of the line sep=", () =>
    Effect.gen(function*() {
      for (
        const content of [
          "sep=;\r\nemail_address;metadata.a,b,c\r\nada@example.com;x\r\n",
          "sep=\t\nemail_address\tmetadata.a,b,c\nada@example.com\tx\n",
          "\"SEP=;\"\remail_address;metadata.a,b,c\rada@example.com;x\r",
          "\ufeffsep=,\nemail_address,\"metadata.a,b,c\"\nada@example.com,x"
        ]
      ) {
        for (const size of [1, 2, 3, 65536]) {
          assert.deepStrictEqual<unknown>(yield* read(content, {}, size), [
            Either.right({
              line: 3,
              request: { emailAddress: "ada@example.com", publicMetadata: { "a,b,c": "x" } },
              repairs: []
            })
          ])
        }
      }
      assert.include(yield* failure("sep=;\nemail_address;x\n"), "people.csv, line 2: unknown columns: 2 (x)")
      assert.include(yield* failure("sep=;\nemail_address\n\"\n"), "line 3: a quote is opened")
      assert.strictEqual(
        yield* failure("sep=|\nemail_address|x\n"),
        "people.csv, line 1: sep= names a character other than , ; and tab. Save the file with one of them between the " +
          "values. Nothing was sent."
      )
    }))
})
