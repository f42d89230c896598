import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { addresses, failure, invalid, requests } from "./readCsv.js"

const ignoring = { ignoreOtherColumns: true }
const column = (name: string) => ({ emailColumn: Option.some(name) })
const choose = "Pass --email-column NAME, or its number, to choose the column of the addresses. Nothing was sent."

describe("the column of the addresses", () => {
  it.effect("is found by its header", () =>
    Effect.gen(function*() {
      for (
        const name of [
          "email_address",
          "Email Address [Required]",
          "E-Mail (primary)",
          "e-mail",
          "EMAIL",
          "Mail",
          "primary_email",
          "Primary Email Address",
          "User Email",
          "Email*",
          "[E-Mail]"
        ]
      ) {
        assert.deepStrictEqual(yield* addresses(`x,${name}\n1,ada@example.com\n`, ignoring), ["ada@example.com"])
      }
      const exact = "email,email_address\nold@example.com,ada@example.com\n"
      assert.deepStrictEqual(yield* addresses(exact, ignoring), ["ada@example.com"])
      assert.include(yield* failure(exact), "unknown columns: 1 (email)")
    }))

  it.effect("is chosen if several headers match", () =>
    Effect.gen(function*() {
      const content = "Email,E-Mail,2\na@example.com,b@example.com,c@example.com\n"
      assert.strictEqual(
        yield* failure(content),
        `people.csv, line 1: several columns may hold the addresses: 1 (Email), 2 (E-Mail). ${choose}`
      )
      for (const [name, address] of [["E-Mail", "b"], ["1", "a"], ["2", "c"], ["3", "c"], [" Email ", "a"]] as const) {
        assert.deepStrictEqual(yield* addresses(content, { ...ignoring, ...column(name) }), [`${address}@example.com`])
      }
      assert.strictEqual(
        yield* failure(content, column("e_mail")),
        "people.csv, line 1: --email-column names several columns: 1 (Email), 2 (E-Mail). Pass the number of one. " +
          "Nothing was sent."
      )
      assert.strictEqual(
        yield* failure(content, column("4")),
        "people.csv, line 1: --email-column names no column. The columns are 1 (Email), 2 (E-Mail), 3 (2). Nothing was sent."
      )
      assert.include(
        yield* failure("email_address,email_address\na@example.com,\n"),
        "several columns may hold the addresses: 1 (email_address), 2 (email_address)"
      )
    }))

  it.effect("is found by its content", () =>
    Effect.gen(function*() {
      const content = "who,contact\nada,ada@example.com\nbob,\ncy,Cy <cy@example.com>\n,dee@example.com\n"
      assert.deepStrictEqual(yield* invalid(content, { ...ignoring, tidy: true }), ["3: email_address is missing"])
      assert.strictEqual(
        yield* failure("user name,status\nada,1\n"),
        `people.csv, line 1: the header has no column email_address. The columns are 1 (user name), 2 (status). ${choose}`
      )
      assert.strictEqual(
        yield* failure("a,b\na@example.com,b@example.com\n"),
        `people.csv, line 1: several columns hold addresses: 1 (a), 2 (b). ${choose}`
      )
    }))

  it.effect("is not printed unless its name is safe", () =>
    Effect.gen(function*() {
      const header = `<b>,x@,"x\u001b[2J",${"x".repeat(41)},Ort (Stra\u00dfe) #1`
      const message = yield* failure(`${header}\n1,2,3,4,5\n`, column("9"))
      assert.include(message, "The columns are 1, 2, 3, 4, 5 (Ort (Stra\u00dfe) #1).")
    }))

  it.effect("has a number only, without a header", () =>
    Effect.gen(function*() {
      const content = "ada@example.com,engines,\nbob@example.com,ops,\n"
      const noHeader = { noHeader: true }
      assert.notInclude(yield* failure(content), "ada")
      assert.include(yield* failure(content, column("1")), "Pass --no-header")
      assert.strictEqual(
        yield* failure(content, noHeader),
        "people.csv, line 1: unknown columns: 2. Pass --ignore-other-columns to ignore them, or --metadata-column N=KEY to " +
          "send one as metadata. Nothing was sent."
      )
      assert.deepStrictEqual(yield* requests(content, { ...noHeader, ...column("1"), metadataColumns: ["2=team"] }), [
        { emailAddress: "ada@example.com", publicMetadata: { team: "engines" } },
        { emailAddress: "bob@example.com", publicMetadata: { team: "ops" } }
      ])
      assert.strictEqual(
        yield* failure(content, { ...noHeader, metadataColumns: ["2"] }),
        "people.csv, line 1: --metadata-column 2 has no key. Pass N=KEY, for example --metadata-column 2=team. Nothing was sent."
      )
      assert.strictEqual(
        yield* failure(content, { ...noHeader, ...column("email") }),
        "people.csv, line 1: --email-column names no column. The columns are 1, 2, 3. Without a header pass the number of a " +
          "column. Nothing was sent."
      )
      assert.strictEqual(
        yield* failure("a,b\n", noHeader),
        "people.csv, line 1: no column holds addresses. The columns are 1, 2. Pass --email-column N to choose the column of " +
          "the addresses. Nothing was sent."
      )
    }))
})

describe("the other columns", () => {
  it.effect("become metadata", () =>
    Effect.gen(function*() {
      const content = "email,First Name,a=b\nada@example.com,Ada,x\n"
      assert.deepStrictEqual(
        yield* requests(content, { metadataColumns: ["first_name=name", "a=b"] }),
        [{ emailAddress: "ada@example.com", publicMetadata: { "name": "Ada", "a=b": "x" } }]
      )
      assert.deepStrictEqual(
        yield* requests(content, { metadataColumns: ["2", "a=b=c"] }),
        [{ emailAddress: "ada@example.com", publicMetadata: { "First Name": "Ada", "c": "x" } }]
      )
    }))

  it.effect("must exist, and have different keys", () =>
    Effect.gen(function*() {
      const content = "email,metadata.team,Team,Team\nada@example.com,a,b,c\n"
      const fails = (...metadataColumns: ReadonlyArray<string>) => failure(content, { ...ignoring, metadataColumns })
      const list = "The columns are 1 (email), 2 (metadata.team), 3 (Team), 4 (Team). Nothing was sent."
      assert.strictEqual(
        yield* fails("City=city"),
        `people.csv, line 1: --metadata-column City names no column. ${list}`
      )
      assert.strictEqual(yield* fails("a@b=c"), `people.csv, line 1: --metadata-column names no column. ${list}`)
      assert.include(
        yield* fails("Team"),
        "--metadata-column Team names several columns: 3 (Team), 4 (Team). Pass the number"
      )
      assert.include(yield* fails("3="), "--metadata-column 3 has no key. Pass NAME=KEY")
      assert.include(yield* fails("email"), "--metadata-column names the column of the addresses")
      assert.include(yield* fails("3=a", "3=b"), "--metadata-column names column 3 twice")
      assert.include(
        yield* fails("3=team"),
        "line 1: columns with the same metadata key: 2 (metadata.team), 3 (Team). Use another key for all but one."
      )
      assert.include(
        yield* failure("email,metadata.a,metadata.a\n"),
        "line 1: columns with the same name: 2 (metadata.a), 3 (metadata.a). Rename or remove all but one."
      )
      assert.include(yield* failure("email,metadata.\n"), "unknown columns: 2 (metadata.)")
      const many = Array.from({ length: 60 }, (_, index) => `c${index}`).join()
      assert.include(yield* failure(`email,${many}\n`), "51 (c49), and 10 more. Pass --ignore-other-columns")
    }))
})
