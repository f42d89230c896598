import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { FileSystem, HttpServer } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import { Array, Effect } from "effect"
import { cli, emulator, objects, startCli } from "./utils.js"

const timeout = 60_000

const together = { concurrency: 3 } as const

const seed = (count: number) =>
  Effect.flatMap(
    InvitationsControl,
    (control) => control.seed(Array.makeBy(count, (index) => ({ emailAddress: `person-${index + 1}@example.com` })))
  )

describe("effect-clerk", () => {
  it.live("creates, finds, revokes and deletes", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const created = yield* cli([
        "create",
        "ada@example.com",
        "--json",
        "--no-notify",
        "--metadata",
        "{\"team\":\"engines\"}",
        "--redirect-url",
        "https://example.com/welcome",
        "--expires-in-days",
        "7",
        "--template-slug",
        "waitlist_invitation"
      ])
      assert.strictEqual(created.stderr, "")
      assert.strictEqual(created.code, 0)
      const [invitation] = yield* control.invitations
      assert.isDefined(invitation)
      assert.deepInclude(objects(created.stdout)[0], {
        object: "invitation",
        id: invitation.id,
        email_address: "ada@example.com",
        public_metadata: { team: "engines" },
        status: "pending",
        url: "<redacted>"
      })
      assert.deepStrictEqual(yield* control.outbox, [])

      const [duplicate, shown, byId, notFound] = yield* Effect.all([
        cli(["create", "ada@example.com"]),
        cli(["create", "ada@example.com", "--ignore-existing", "--show-url"]),
        cli(["find", invitation.id, "--json"]),
        cli(["find", "nobody@example.com"])
      ], together)
      assert.strictEqual(duplicate.code, 1)
      assert.strictEqual(duplicate.stdout, "")
      assert.match(
        duplicate.stderr,
        /^Clerk answered create with status 400: .* \[trace id \w+\]\n.*--ignore-existing.*\n$/
      )
      assert.strictEqual(shown.code, 0)
      assert.include(shown.stdout, "ticket=")
      assert.deepInclude(objects(byId.stdout)[0], { id: invitation.id, url: "<redacted>" })
      assert.deepStrictEqual(notFound, { code: 1, stdout: "", stderr: "No invitation found.\n" })

      const found = yield* cli(["find", "ADA@Example.com"])
      assert.strictEqual(found.code, 0)
      assert.strictEqual(found.stdout.trimEnd().split("\n").length, 3)

      const revoked = yield* cli(["revoke", invitation.id, "inv_missing", "--json"])
      assert.strictEqual(revoked.code, 4)
      const [first, second] = objects(revoked.stdout)
      // Clerk's response to a revoke has no link.
      assert.deepInclude(first, { id: invitation.id, status: "revoked" })
      assert.notProperty(first, "url")
      assert.nestedInclude(second, { "id": "inv_missing", "error.tag": "NotFound" })
      assert.match(revoked.stderr, /^inv_missing: .*status 404.*\[trace id \w+\]\n1 of 2 revoked\.\n$/)

      const [deleted, missing] = yield* Effect.all([
        cli(["delete", invitation.id]),
        cli(["revoke", "inv_missing"])
      ], together)
      assert.deepStrictEqual(deleted, { code: 0, stdout: `deleted ${invitation.id}\n`, stderr: "" })
      assert.strictEqual(missing.code, 1)
      assert.strictEqual((yield* control.invitations).length, 1)
    }).pipe(Effect.provide(emulator())), timeout)

  it.live("sends nothing if the input is invalid", () =>
    Effect.gen(function*() {
      const results = yield* Effect.forEach([
        ["create", "ada@example.com", "--expires-in-days", "366"],
        ["create", "ada@example.com", "--metadata", "[1]"],
        ["create", "not an address"],
        ["delete", "inv_1", "in/valid"],
        ["list", "--order-by", "size"]
      ], (args) =>
        cli(args), together)
      assert.deepStrictEqual(results.map(({ code, stderr, stdout }) => ({ code, stdout, stderr: stderr.trim() })), [
        { code: 2, stdout: "", stderr: "--expires-in-days must be a whole number from 1 to 365" },
        {
          code: 2,
          stdout: "",
          stderr:
            "--metadata must be a JSON object, for example '{\"team\":\"engines\"}', whose numbers have at most 15 digits"
        },
        {
          code: 2,
          stdout: "",
          stderr: "create was not sent: emailAddress must be an e-mail address (name@domain, no white space, at most " +
            "254 characters): the character \" \" is not allowed"
        },
        { code: 2, stdout: "", stderr: "Not the id of an invitation: argument 2. Nothing was sent." },
        {
          code: 2,
          stdout: "",
          stderr: "--order-by must be created_at, email_address or expires_at, with an optional + or - before it"
        }
      ])
      assert.deepStrictEqual(
        yield* Effect.flatMap(InvitationsControl, ({ calls }) =>
          calls),
        []
      )
    }).pipe(Effect.provide(emulator())), timeout)

  it.live("lists invitations as a table or as JSON, and requests no more than the limit", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* seed(1201)
      const few = yield* cli(["list", "--limit", "2", "--order-by", "email_address"])
      assert.strictEqual(few.code, 0)
      assert.deepStrictEqual(
        few.stdout.trimEnd().split("\n").map((line) => line.split(/ +/).at(-1)),
        ["ADDRESS", "person-1000@example.com", "person-1001@example.com"]
      )
      assert.strictEqual((yield* control.calls).length, 1)

      const [all, some] = yield* Effect.all([
        cli(["list", "--json"]),
        cli(["list", "--query", "person-120", "--status", "pending"])
      ], together)
      assert.strictEqual(new Set(objects(all.stdout).map((row) => JSON.stringify(row))).size, 1201)
      assert.strictEqual(some.stdout.trimEnd().split("\n").length, 4)
    }).pipe(Effect.provide(emulator())), timeout)

  it.scopedLive(
    "exports all invitations including revoked ones, and escapes formulas in CSV",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const control = yield* InvitationsControl
        const file = `${yield* fs.makeTempDirectoryScoped()}/all.csv`
        yield* seed(3)
        yield* control.seed([
          { emailAddress: "=1+1@example.com", publicMetadata: { note: "a \"b\", c" } },
          { emailAddress: "gone@example.com", status: "revoked" }
        ])
        const [ndjson, csv, conflict] = yield* Effect.all([
          cli(["export"]),
          cli(["export", "--output", file]),
          cli(["export", "--json", "--format", "csv"])
        ], together)
        assert.strictEqual(ndjson.code, 0)
        assert.strictEqual(objects(ndjson.stdout).length, 5)
        assert.include(ndjson.stdout, "\"=1+1@example.com\"")
        assert.include(ndjson.stdout, "\"revoked\"")
        assert.deepStrictEqual(csv, { code: 0, stdout: "", stderr: `5 invitations written to ${file}\n` })
        const text = yield* fs.readFileString(file)
        assert.notInclude(text, "ticket=")
        const rows: ReadonlyArray<Record<string, string>> = parse(text, { columns: true })
        assert.sameMembers(rows.map((row) => row["email_address"]), [
          "person-1@example.com",
          "person-2@example.com",
          "person-3@example.com",
          "'=1+1@example.com",
          "gone@example.com"
        ])
        assert.isTrue(rows.some((row) => row["public_metadata"] === "{\"note\":\"a \\\"b\\\", c\"}"))
        assert.strictEqual((yield* fs.stat(file)).mode & 0o777, 0o600)
        assert.strictEqual(conflict.code, 2)
      }).pipe(Effect.provide(emulator())),
    timeout
  )

  it.live(
    "reports invalid settings, rejected calls and a failed connection",
    () =>
      Effect.gen(function*() {
        const [unset, invalidUrl, urlWithVersion, unauthorized, unreachable] = yield* Effect.all([
          cli(["list"], { CLERK_SECRET_KEY: "" }),
          cli(["list"], { CLERK_API_URL: "nowhere" }),
          HttpServer.addressFormattedWith((url) => cli(["list"], { CLERK_API_URL: `${url}/v1` })),
          cli(["list", "--json"], { CLERK_SECRET_KEY: "sk_live_5ecret0f7his7est" }),
          cli(["list"], { CLERK_API_URL: "http://127.0.0.1:1" })
        ], together)
        assert.strictEqual(unset.code, 2)
        assert.include(unset.stderr, "CLERK_SECRET_KEY")
        assert.deepStrictEqual(invalidUrl, {
          code: 2,
          stdout: "",
          stderr: "CLERK_API_URL: apiUrl must be an absolute URL\n"
        })
        assert.strictEqual(urlWithVersion.code, 1)
        assert.match(
          urlWithVersion.stderr,
          /^Clerk answered list with status 404: .*\nCheck CLERK_API_URL: .* without \/v1.*\n$/
        )
        assert.strictEqual(unauthorized.code, 1)
        assert.match(
          unauthorized.stderr,
          /^Clerk answered list with status 401: .*\[trace id \w+\]\nCheck CLERK_SECRET_KEY.*\n$/
        )
        assert.strictEqual(unreachable.code, 3)
        assert.match(unreachable.stderr, /^list was not sent: the connection was refused.*\nCheck the network.*\n$/)
        assert.strictEqual(unreachable.stdout, "")
      }).pipe(Effect.provide(emulator())),
    timeout
  )

  it.live("does not delete several invitations with a live key without a confirmation", () => {
    const live = { CLERK_SECRET_KEY: "sk_live_5ecret0f7his7est" }
    return Effect.gen(function*() {
      const control = yield* InvitationsControl
      const ids = (yield* seed(3)).map(({ id }) => id)
      const unconfirmed = yield* cli(["delete", ...ids], live)
      assert.strictEqual(unconfirmed.code, 2)
      assert.include(unconfirmed.stderr, "--yes")
      assert.deepStrictEqual(yield* control.calls, [])

      const [first = "", ...others] = ids
      const [one, many] = yield* Effect.all([
        cli(["delete", first], live),
        cli(["delete", ...others, "--yes"], live)
      ], together)
      assert.deepStrictEqual([one.code, many.code], [0, 0])
      assert.deepStrictEqual(yield* control.invitations, [])
    }).pipe(Effect.provide(emulator(live.CLERK_SECRET_KEY)))
  }, timeout)

  it.scopedLive("prints help and completions, and serves the emulator", () =>
    Effect.gen(function*() {
      const [help, completions, server] = yield* Effect.all([
        cli(["--help"]),
        cli(["--completions", "bash"]),
        startCli(["emulator", "--port", "0", "--json"])
      ], together)
      assert.strictEqual(help.code, 0)
      for (const name of ["create", "list", "find", "revoke", "delete", "invite", "export", "emulator"]) {
        assert.include(help.stdout, name)
        assert.include(completions.stdout, name)
      }
      assert.match(yield* server.firstLine, /^\{"url":"http:\/\/127\.0\.0\.1:\d+"\}$/)
      yield* server.kill("SIGINT")
      assert.strictEqual((yield* server.end).code, 0)
    }).pipe(Effect.provide(emulator())), timeout)
})
