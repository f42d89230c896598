import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { stringify } from "csv-stringify/sync"
import { Effect, Either, FastCheck, Stream } from "effect"
import { defaults } from "../../../cli/csv/csvOptions.js"
import { csvRows } from "../../../cli/csv/csvRows.js"
import { addresses, failure, invalid, pieces, read, readStream, requests } from "./readCsv.js"

const megabyte = 1024 * 1024

describe("csvRows", () => {
  it.effect("reads every column", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* read(
          "\ufeffmetadata.team, email_address ,redirect_url,expires_in_days,template_slug,metadata.a.b\r\n" +
            "\"the \"\"engines\"\", all\",ada@example.com,https://example.com,7,waitlist_invitation,42\r\n" +
            "\r\n" +
            ",,,,,\r\n" +
            "\"two\r\nlines\",grace@example.com,,,,\r\n" +
            ",hedy@example.com,,,,"
        ),
        [
          Either.right({
            line: 2,
            request: {
              emailAddress: "ada@example.com",
              publicMetadata: { "team": "the \"engines\", all", "a.b": "42" },
              redirectUrl: "https://example.com",
              expiresInDays: 7,
              templateSlug: "waitlist_invitation" as const
            },
            repairs: []
          }),
          Either.right({
            line: 5,
            request: { emailAddress: "grace@example.com", publicMetadata: { team: "two\r\nlines" } },
            repairs: []
          }),
          Either.right({ line: 7, request: { emailAddress: "hedy@example.com" }, repairs: [] })
        ]
      )
    }))

  it.effect("reports invalid rows without quoting them", () =>
    Effect.gen(function*() {
      const content = "email_address,expires_in_days,template_slug\nsecret address,1,\nok@example.com,0,\n" +
        "ok@example.com,1e1,\nok@example.com,,secret\nok@example.com\n,5,\nok@example.com,1,,secret\nok@\ufffd.com,1,\n" +
        "ok@example.com,,\n"
      const reasons = yield* invalid(content)
      assert.deepStrictEqual(reasons.map((reason) => reason.split(" ").slice(0, 2).join(" ")), [
        "2: email_address",
        "3: expires_in_days",
        "4: expires_in_days",
        "5: template_slug",
        "6: has",
        "7: email_address",
        "8: has",
        "9: column"
      ])
      assert.notInclude(reasons.join(), "secret")
      assert.include(reasons[4], "has 1 values for 3 columns")
      assert.include(reasons[5], "email_address is missing")
      assert.include(reasons[7], "column 1 has the character U+FFFD")
      assert.strictEqual((yield* read(content)).filter(Either.isRight).length, 1)
    }))

  it.effect("fails if the file is empty", () =>
    Effect.gen(function*() {
      for (const content of ["", "\ufeff", "\n\r\n", " , ,\n", "sep=;\n"]) {
        assert.strictEqual(yield* failure(content), "people.csv is empty. Nothing was sent.")
      }
      assert.deepStrictEqual(yield* read("email_address\n"), [])
    }))

  it.effect("fails at a misplaced quote", () =>
    Effect.gen(function*() {
      const head = "email_address,metadata.note\n\na@example.com,\n"
      const rest = "The rows after it cannot be read. Nothing was sent."
      assert.strictEqual(
        yield* failure(`${head}"b"x,\nc@example.com,\n`),
        `people.csv, line 4: a quote is out of place; inside a quoted value write it twice. ${rest}`
      )
      assert.strictEqual(
        yield* failure(`${head}\n,,\nb@example.com,"note\nc@example.com,\n`),
        `people.csv, line 6: a quote is opened and never closed. ${rest}`
      )
      assert.strictEqual(
        yield* failure(`${head}b@example.com,"${"x\n".repeat(megabyte / 2 + 1)}`),
        "people.csv, line 4: the row has more than 1048576 bytes, probably because a closing quote is missing. " + rest
      )
    }))

  it.effect("fails with the error of the file also after many rows", () =>
    Effect.gen(function*() {
      const content = `email_address\n${"ada@example.com\n".repeat(20_000)}`
      for (const [end, reason] of [["\"", "a quote is opened"], ["\0", "the text has a NUL"]] as const) {
        assert.include(yield* failure(content + end), `people.csv, line 20002: ${reason}`)
      }
    }))

  it.effect("does not merge rows at a quote that is not closed where it should be", () =>
    Effect.gen(function*() {
      for (const row of ["\"tall,x\nb@example.com,\"q\"", "\"tall,x\nb@example.com, \"q\"", "\"a\" \"b,\nc\""]) {
        assert.include(
          yield* failure(`email_address,metadata.note\na@example.com,${row}\n`),
          "line 2: a quote is out of place"
        )
      }
    }))

  it.effect.prop(
    "takes quotes inside unquoted values literally",
    {
      rows: FastCheck.array(
        FastCheck.tuple(
          FastCheck.stringMatching(/^[a-z=']["a-z='() ]{0,8}[a-z"]$/),
          FastCheck.stringMatching(/^[a-z=']["a-z='() ]{0,8}[a-z"]$/)
        ),
        { minLength: 1, maxLength: 10 }
      ),
      delimiter: FastCheck.constantFrom(",", ";", "\t"),
      size: FastCheck.integer({ min: 1, max: 40 })
    },
    ({ delimiter, rows, size }) =>
      Effect.gen(function*() {
        const text = [
          ["metadata.a", "email_address", "metadata.b"],
          ...rows.map(([a, b], index) => [a, `person-${index}@example.com`, b])
        ].map((cells) => cells.join(delimiter)).join("\n")
        assert.deepStrictEqual(
          yield* requests(text, {}, size),
          rows.map(([a, b], index) => ({
            emailAddress: `person-${index}@example.com`,
            publicMetadata: { a: a.replace(/^'(?='*=)/, ""), b: b.replace(/^'(?='*=)/, "") }
          }))
        )
      }),
    { fastCheck: { numRuns: 60 } }
  )

  it.effect.prop(
    "reads the same rows and line numbers for every delimiter, line end and size of the pieces",
    {
      notes: FastCheck.array(FastCheck.constantFrom("", "a,b", "a \"b\"", "a\nb", "a\r\nb", "a;b\tc", "é\u{1f600}"), {
        minLength: 1,
        maxLength: 30
      }),
      size: FastCheck.integer({ min: 1, max: 50 }),
      delimiter: FastCheck.constantFrom(",", ";", "\t"),
      ending: FastCheck.constantFrom("\n" as const, "\r\n" as const, "\r" as const)
    },
    ({ delimiter, ending, notes, size }) =>
      Effect.gen(function*() {
        const table = notes.map((note, index) => [`person-${index}@example.com`, note])
        const text = stringify([["email_address", "metadata.note"], ...table], {
          delimiter,
          record_delimiter: ending,
          quoted_string: true
        })
        let line = 2
        const expected = table.map(([emailAddress = "", note = ""]) => {
          const request = note === "" ? { emailAddress } : { emailAddress, publicMetadata: { note } }
          const row = Either.right({ line, request, repairs: [] })
          line += note.split("\n").length
          return row
        })
        assert.deepEqual<ReadonlyArray<unknown>>(yield* read(text, {}, size), expected)
      }),
    { fastCheck: { numRuns: 60 } }
  )

  it.effect("reads an endless file in pieces", () =>
    Effect.gen(function*() {
      let produced = 0
      const endless = Stream.concat(
        pieces("email_address\n"),
        Stream.repeatEffect(Effect.sync(() => {
          produced++
          return new TextEncoder().encode("ada@example.com\n".repeat(4096))
        }))
      )
      const rows = yield* Stream.runCount(Stream.take(readStream(endless), 10_000))
      assert.strictEqual(rows, 10_000)
      assert.isBelow(produced, 100)
    }))

  it.effect("keeps at most 20 rows and 1 MB to find the column of the addresses", () =>
    Effect.gen(function*() {
      const row = (note: string) => `${note},ada@example.com\n`
      let produced = 0
      const large = Stream.concat(
        pieces("note,who\n"),
        Stream.repeatEffect(Effect.sync(() => {
          produced++
          return new TextEncoder().encode(row("x".repeat(megabyte / 2)))
        }))
      )
      const rows = yield* Stream.runCount(Stream.take(readStream(large, { ignoreOtherColumns: true }), 1))
      assert.strictEqual(rows, 1)
      assert.isBelow(produced, 30)
      assert.deepStrictEqual(
        yield* addresses(`note,who\n${row("x").repeat(30)}`, { ignoreOtherColumns: true }),
        Array.from({ length: 30 }, () => "ada@example.com")
      )
    }))

  it.effect("fails with the platform's error if the file does not exist", () =>
    Effect.gen(function*() {
      const file = { path: "/nowhere/people.csv", name: "people.csv" }
      const error = yield* Effect.flip(Stream.runDrain(csvRows(file, defaults)))
      assert.strictEqual(error._tag, "SystemError")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scoped("reads a file of the disk", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = `${yield* fs.makeTempDirectoryScoped()}/people.csv`
      yield* fs.writeFileString(path, "email_address\nada@example.com\n")
      const rows = yield* Stream.runCollect(csvRows({ path, name: "people.csv" }, defaults))
      assert.strictEqual(rows.length, 1)
    }).pipe(Effect.provide(NodeContext.layer)))
})
