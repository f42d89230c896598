import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { stringify } from "csv-stringify/sync"
import { Array, Effect, Either, FastCheck, Stream } from "effect"
import { csvRows } from "../../cli/csv/csvRows.js"

const path = "people.csv"

// A file that is read in pieces of `size` bytes.
const file = (content: string | Uint8Array, size = 65536) => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  return FileSystem.layerNoop({
    stream: () =>
      Stream.fromIterable(
        Array.makeBy(Math.ceil(bytes.length / size), (index) => bytes.slice(index * size, (index + 1) * size))
      )
  })
}

const rows = (content: string | Uint8Array, size?: number) =>
  Stream.runCollect(csvRows(path)).pipe(Effect.map(Array.fromIterable), Effect.provide(file(content, size)))

const failure = (content: string | Uint8Array) =>
  Effect.map(Effect.flip(rows(content)), (error) => {
    assert.deepInclude(error, { _tag: "CommandFailed", code: 2 })
    return error.message
  })

describe("csvRows", () => {
  it.effect("reads every column", () =>
    Effect.gen(function*() {
      const read = yield* rows(
        "\ufeffmetadata.team, email_address ,redirect_url,expires_in_days,template_slug,metadata.a.b\r\n" +
          "\"the \"\"engines\"\", all\",ada@example.com,https://example.com,7,waitlist_invitation,42\r\n" +
          "\r\n" +
          ",,,,,\r\n" +
          "\"two\r\nlines\",grace@example.com,,,,\r\n" +
          ",hedy@example.com,,,,"
      )
      assert.deepStrictEqual(read, [
        Either.right({
          line: 2,
          request: {
            emailAddress: "ada@example.com",
            publicMetadata: { "team": "the \"engines\", all", "a.b": "42" },
            redirectUrl: "https://example.com",
            expiresInDays: 7,
            templateSlug: "waitlist_invitation" as const
          }
        }),
        Either.right({
          line: 5,
          request: { emailAddress: "grace@example.com", publicMetadata: { team: "two\r\nlines" } }
        }),
        Either.right({ line: 7, request: { emailAddress: "hedy@example.com" } })
      ])
    }))

  it.effect("reports invalid rows without quoting them", () =>
    Effect.gen(function*() {
      const latin1 = Uint8Array.from("email_address,template_slug\nj\u00f6rg@example.com,\n", (char) =>
        char.charCodeAt(0))
      const read = yield* rows(
        "email_address,expires_in_days,template_slug\nsecret address,1,\nok@example.com,0,\nok@example.com,1e1,\n" +
          "ok@example.com,,fancy\nok@example.com\n,5,\nok@example.com,,\n"
      )
      assert.deepStrictEqual(
        read.filter(Either.isLeft).map(({ left: { line, reason } }) => [line, reason.split(" ")[0]]),
        [
          [2, "email_address"],
          [3, "expires_in_days"],
          [4, "expires_in_days"],
          [5, "template_slug"],
          [6, "has"],
          [7, "email_address"]
        ]
      )
      assert.strictEqual(read.filter(Either.isRight).length, 1)
      assert.notInclude(JSON.stringify(read.filter(Either.isLeft)), "secret")
      assert.deepStrictEqual(yield* rows(latin1), [Either.left({ line: 2, reason: "is not UTF-8" })])
    }))

  it.effect("fails if the header is invalid", () =>
    Effect.gen(function*() {
      assert.include(yield* failure(""), "is empty")
      const noHeader = yield* failure("ada@example.com,7\n")
      assert.include(noHeader, "line 1: the column email_address is missing")
      assert.notInclude(noHeader, "ada@")
      assert.include(
        yield* failure("email_address,expires_in_day\na@b.c,7\n"),
        "column 2 (expires_in_day) is unknown"
      )
      assert.include(yield* failure("email_address,metadata.\na@b.c,7\n"), "column 2 (metadata.) is unknown")
      assert.include(yield* failure("email_address,email_address\na@b.c,7\n"), "column 2 repeats an earlier column")
    }))

  it.effect("fails at a misplaced quote", () =>
    Effect.gen(function*() {
      const head = "email_address,metadata.note\na@example.com,\n"
      assert.include(yield* failure(`${head}"b"x,\nc@example.com,\n`), "line 3: a quote is out of place")
      assert.include(yield* failure(`${head}b@example.com,"note\nc@example.com,\n`), "line 3: a quote is opened")
      assert.include(
        yield* failure(`${head}b@example.com,"${"x".repeat(1024 * 1024 + 1)}`),
        "line 3: the row has more than"
      )
    }))

  it.effect.prop(
    "reads the same rows and line numbers for every size of the pieces",
    {
      notes: FastCheck.array(FastCheck.constantFrom("", "a,b", "a \"b\"", "a\nb", "a\r\nb", "é\u{1f600}"), {
        minLength: 1,
        maxLength: 20
      }),
      size: FastCheck.integer({ min: 1, max: 50 }),
      ending: FastCheck.constantFrom("\n" as const, "\r\n" as const)
    },
    ({ ending, notes, size }) =>
      Effect.gen(function*() {
        const table = notes.map((note, index) => [`person-${index}@example.com`, note])
        const read = yield* rows(
          stringify([["email_address", "metadata.note"], ...table], { record_delimiter: ending, quoted_string: true }),
          size
        )
        let line = 2
        const expected = table.map(([emailAddress = "", note = ""]) => {
          const row = {
            line,
            request: note === "" ? { emailAddress } : { emailAddress, publicMetadata: { note } }
          }
          line += note.split("\n").length
          return Either.right(row)
        })
        assert.deepStrictEqual(read, expected)
      }),
    { fastCheck: { numRuns: 40 } }
  )

  it.effect("fails with the platform's error if the file does not exist", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Stream.runDrain(csvRows("/nowhere/people.csv")))
      assert.strictEqual(error._tag, "SystemError")
    }).pipe(Effect.provide(NodeContext.layer)))
})
