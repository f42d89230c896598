import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { addresses, failure, invalid, read, requests } from "./readCsv.js"

const ignoring = { ignoreOtherColumns: true }

describe("files that people have", () => {
  it.effect("the members of a Slack workspace", () =>
    Effect.gen(function*() {
      const content =
        "username,email,status,billing-active,has-2fa,has-sso,userid,fullname,displayname,expiration-timestamp\r\n" +
        "ada,ada.l@example.com,Member,1,0,0,U01,\"Ada L\",ada,\r\n" +
        "bob,bob.s@example.com,Deactivated,0,0,0,U02,\"Bob S\",bob,\r\n"
      assert.strictEqual(
        yield* failure(content),
        "people.csv, line 1: unknown columns: 1 (username), 3 (status), 4 (billing-active), 5 (has-2fa), 6 (has-sso), " +
          "7 (userid), 8 (fullname), 9 (displayname), 10 (expiration-timestamp). Pass --ignore-other-columns to ignore " +
          "them, or --metadata-column NAME[=KEY] to send one as metadata. Nothing was sent."
      )
      assert.deepStrictEqual(
        yield* requests(content, { ...ignoring, metadataColumns: ["fullname=name", "status"] }),
        [
          { emailAddress: "ada.l@example.com", publicMetadata: { name: "Ada L", status: "Member" } },
          { emailAddress: "bob.s@example.com", publicMetadata: { name: "Bob S", status: "Deactivated" } }
        ]
      )
    }))

  it.effect("the audience of Mailchimp", () =>
    Effect.gen(function*() {
      const content = "Email Address,First Name,Last Name,Address,Phone Number,Birthday,Tags\n" +
        "ada.l@example.com,Ada,L,\"1 Main St\nApt 2, Town\",,,\"vip,newsletter\"\n"
      assert.include(yield* failure(content), "unknown columns: 2 (First Name)")
      assert.deepStrictEqual(yield* requests(content, { ...ignoring, metadataColumns: ["Tags=tags"] }), [
        { emailAddress: "ada.l@example.com", publicMetadata: { tags: "vip,newsletter" } }
      ])
    }))

  it.effect("the users of Clerk", () =>
    Effect.gen(function*() {
      const content = "id,first_name,last_name,username,primary_email_address,primary_phone_number," +
        "verified_email_addresses,unverified_email_addresses\n" +
        "user_1,Ada,L,,Ada@Example.com,,\"ada@example.com,old@example.com\",\n"
      assert.deepStrictEqual(yield* addresses(content, ignoring), ["Ada@Example.com"])
    }))

  it.effect("a header in another case", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* addresses("Email_Address\nada.l@example.com\n"), ["ada.l@example.com"])
    }))

  it.effect("Excel with semicolons and a byte order mark", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* requests("\ufeffemail_address;metadata.team\r\nada.l@example.com;engines\r\n"), [
        { emailAddress: "ada.l@example.com", publicMetadata: { team: "engines" } }
      ])
    }))

  it.effect("tabs", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* requests("email_address\tmetadata.team\r\nada.l@example.com\tengines\r\n"), [
        { emailAddress: "ada.l@example.com", publicMetadata: { team: "engines" } }
      ])
    }))

  it.effect("empty columns and rows at the end", () =>
    Effect.gen(function*() {
      const content = "email_address,metadata.team,,\r\nada.l@example.com,engines,,\r\nbob.s@example.com,ops,,\r\n" +
        ",,,\r\n,,,\r\n"
      assert.deepStrictEqual(yield* requests(content), [
        { emailAddress: "ada.l@example.com", publicMetadata: { team: "engines" } },
        { emailAddress: "bob.s@example.com", publicMetadata: { team: "ops" } }
      ])
      assert.deepStrictEqual(yield* invalid(`${content}cy@example.com,ops,x,\r\n`), [
        "6: has a value in column 3, which has no name"
      ])
    }))

  it.effect("no header", () =>
    Effect.gen(function*() {
      const content = "ada.l@example.com\nbob.s@example.com\n"
      assert.strictEqual(
        yield* failure(content),
        "people.csv, line 1: the first row holds an address, so it is not a header. Pass --no-header, or add a header " +
          "with the column email_address. Nothing was sent."
      )
      assert.deepStrictEqual(
        (yield* read(content, { noHeader: true })).map(Either.map(({ line, request }) => [line, request.emailAddress])),
        [Either.right([1, "ada.l@example.com"]), Either.right([2, "bob.s@example.com"])]
      )
    }))

  it.effect("addresses from an address book", () =>
    Effect.gen(function*() {
      const content = "email_address\nAda L <ada.l@example.com>\n<bob.s@example.com>\nmailto:cy@example.com\n" +
        "\"dee@example.com,\"\n\"eve@example.com;\"\nfay@example.com.\n\u200bgus@example.com\nhal@example.com\u200b\n" +
        "\u00a0ida@example.com\u00a0\njoe@example\n'kim@example.com'\n"
      const reasons = yield* invalid(content)
      assert.deepStrictEqual(reasons.map((reason) => parseInt(reason)), [2, 3, 4, 5, 6, 7, 8, 9, 12])
      for (const reason of reasons) {
        assert.match(reason, /^\d+: email_address must be an e-mail address .*\. Pass --tidy to repair it$/)
        assert.notInclude(reason, "@example")
      }
      const rows = yield* read(content, { tidy: true })
      assert.deepStrictEqual(
        rows.map((row) =>
          Either.match(row, {
            onLeft: ({ reason }) => [reason],
            onRight: ({ repairs, request }) => [request.emailAddress, ...repairs]
          })
        ),
        [
          ["ada.l@example.com", "a display name was removed"],
          ["bob.s@example.com", "brackets were removed"],
          ["cy@example.com", "mailto: was removed"],
          ["dee@example.com", "trailing punctuation was removed"],
          ["eve@example.com", "trailing punctuation was removed"],
          ["fay@example.com", "trailing punctuation was removed"],
          ["gus@example.com", "invisible characters were removed"],
          ["hal@example.com", "invisible characters were removed"],
          ["ida@example.com"],
          ["joe@example"],
          ["kim@example.com", "quotes were removed"]
        ]
      )
    }))

  it.effect("repeated addresses", () =>
    Effect.gen(function*() {
      const rows = yield* read(
        "email_address,metadata.role\r\nada.l@example.com,member\r\nADA.L@Example.com,admin\r\nada.l@example.com,member\r\n" +
          "\r\n\r\n"
      )
      assert.deepStrictEqual(rows.map(Either.map(({ line, request }) => [line, request.emailAddress])), [
        Either.right([2, "ada.l@example.com"]),
        Either.right([3, "ADA.L@Example.com"]),
        Either.right([4, "ada.l@example.com"])
      ])
    }))

  it.effect("formulas, and values that are protected from becoming one", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* requests(
          "email_address,metadata.note\nada.l@example.com,=HYPERLINK(\"x\")\n'+bob@example.com,x\ncy@example.com,'\uff1dx\n" +
            "dee@example.com,'x\n"
        ),
        [
          { emailAddress: "ada.l@example.com", publicMetadata: { note: "=HYPERLINK(\"x\")" } },
          { emailAddress: "+bob@example.com", publicMetadata: { note: "x" } },
          { emailAddress: "cy@example.com", publicMetadata: { note: "\uff1dx" } },
          { emailAddress: "dee@example.com", publicMetadata: { note: "'x" } }
        ]
      )
      assert.deepStrictEqual(yield* addresses("email_address\n'+bob@example.com'\n", { tidy: true }), [
        "+bob@example.com"
      ])
    }))

  it.effect("typed metadata", () =>
    Effect.gen(function*() {
      const content =
        "email_address,metadata.seats,metadata.admin,metadata.a.b,metadata.__proto__,metadata.constructor\n" +
        "ada.l@example.com,3,true,x,y,z\n"
      const metadata = (types: "json" | "string") =>
        Effect.map(requests(content, { metadataTypes: types }), ([request]) =>
          Object.entries(request?.publicMetadata ?? {}))
      const names: ReadonlyArray<[string, unknown]> = [["a.b", "x"], ["__proto__", "y"], ["constructor", "z"]]
      assert.deepStrictEqual(yield* metadata("string"), [["seats", "3"], ["admin", "true"], ...names])
      assert.deepStrictEqual(yield* metadata("json"), [["seats", 3], ["admin", true], ...names])
    }))

  it.effect("a table of pandas, whose index has no name", () =>
    Effect.gen(function*() {
      const content = ",email\n0,ada@example.com\n1,bob@example.com\n"
      assert.deepStrictEqual((yield* invalid(content)).length, 2)
      assert.deepStrictEqual(yield* addresses(content, ignoring), ["ada@example.com", "bob@example.com"])
    }))
})
