import { Metadata } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import { stringify } from "csv-stringify/sync"
import { Effect, FastCheck } from "effect"
import { failure, invalid, requests } from "./readCsv.js"

const header = ["id", "email_address", "status", "created_at", "updated_at", "expires_at", "public_metadata"]
const time = "2026-01-01T00:00:00.000Z"

const metadata = FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue({ noUnicodeString: false }))
  // The values that JSON can express.
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter(Metadata.isMetadata)
  .filter(Metadata.isWithinSize)

describe("metadata", () => {
  it.effect("with a number that would lose digits is invalid, or stays a string", () =>
    Effect.gen(function*() {
      const numbers = ["12345678901234567890", "0.12345678901234567"]
      for (const number of numbers) {
        const object = `"{""a"":[{""n"":${number}}],""text"":""${number}""}"`
        assert.deepStrictEqual(yield* invalid(`email_address,public_metadata\na@b.c,${object}\n`), [
          "2: public_metadata has a number with too many digits; write it in quotes"
        ])
        const cell = `email_address,metadata.n\na@b.c,${number}\n`
        assert.deepStrictEqual(yield* requests(cell, { metadataTypes: "json" }), [
          { emailAddress: "a@b.c", publicMetadata: { n: number } }
        ])
      }
      const text = `email_address,public_metadata\na@b.c,"{""n"":""${numbers[0] ?? ""}""}"\n`
      assert.deepStrictEqual(yield* requests(text), [
        { emailAddress: "a@b.c", publicMetadata: { n: "12345678901234567890" } }
      ])
    }))

  it.effect.prop(
    "of an export is kept",
    {
      rows: FastCheck.array(metadata, { minLength: 1, maxLength: 5 }),
      address: FastCheck.constantFrom(
        "ada@example.com",
        "=ada@example.com",
        "+ada@example.com",
        "-a@b.c",
        "\uff1da@b.c"
      ),
      hasUrl: FastCheck.boolean(),
      size: FastCheck.integer({ min: 1, max: 100 })
    },
    ({ address, hasUrl, rows, size }) =>
      Effect.gen(function*() {
        const url = (text: string) => hasUrl ? [text] : []
        const content = stringify([
          [...header, ...url("url")],
          ...rows.map((metadata) => [
            "inv_1",
            address,
            "pending",
            time,
            time,
            "",
            JSON.stringify(metadata),
            ...url("https://example.com/?a=b")
          ])
        ], { escape_formulas: true })
        assert.deepStrictEqual<unknown>(
          yield* requests(content, {}, size),
          rows.map((publicMetadata) => ({ emailAddress: address, publicMetadata }))
        )
      }),
    { fastCheck: { numRuns: 100 } }
  )

  it.effect("of an export has a key __proto__", () =>
    Effect.gen(function*() {
      const json = "{\"__proto__\":{\"a\":1},\"constructor\":[true,null,1.5]}"
      const content = stringify([header, ["inv_1", "ada@example.com", "pending", time, time, "", json]])
      const [request] = yield* requests(content)
      assert.strictEqual(JSON.stringify(request?.publicMetadata), json)
      assert.include(
        yield* failure(content.replace("status", "state")),
        "unknown columns: 1 (id), 3 (state), 4 (created_at), 5 (updated_at), 6 (expires_at)"
      )
    }))

  it.effect("is one column, and columns for other keys", () =>
    Effect.gen(function*() {
      const head = "email_address\tpublic_metadata\tmetadata.team\n"
      assert.deepStrictEqual(
        yield* requests(`${head}a@example.com\t{"seats":3}\tops\nb@example.com\t{"team":"x"}\t\nc@example.com\t\t\n`),
        [
          { emailAddress: "a@example.com", publicMetadata: { team: "ops", seats: 3 } },
          { emailAddress: "b@example.com", publicMetadata: { team: "x" } },
          { emailAddress: "c@example.com" }
        ]
      )
      assert.deepStrictEqual(
        yield* invalid(
          `${head}a@example.com\t{"team":"x"}\tops\nb@example.com\t[1]\t\nc@example.com\tnull\t\nd@e.f\t{\t\n`
        ),
        [
          "2: public_metadata has a key that another column has too",
          "3: public_metadata must be a JSON object",
          "4: public_metadata must be a JSON object",
          "5: public_metadata must be a JSON object"
        ]
      )
    }))

  it.effect("has types on request", () =>
    Effect.gen(function*() {
      const cells = [
        "3",
        "-1.5",
        "true",
        "null",
        "[1]",
        "x",
        "007",
        "9007199254740993",
        "[9007199254740993]",
        "1e999",
        "NaN"
      ]
      const content = cells.map((cell) => `a@example.com;${cell}\n`).join("")
      const read = (metadataTypes: "json" | "string") =>
        Effect.map(requests(`email_address;metadata.a\n${content}`, { metadataTypes }), (rows) =>
          rows.map(({ publicMetadata }) => publicMetadata?.["a"]))
      assert.deepStrictEqual<unknown>(yield* read("string"), cells)
      assert.deepStrictEqual<unknown>(yield* read("json"), [3, -1.5, true, null, [1], ...cells.slice(5)])
    }))
})
