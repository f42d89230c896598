import * as Fault from "@effect-clerk/http/Fault"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Option } from "effect"
import { join } from "node:path"
import { cli, emulator, objects, startCli } from "./utils.js"

const timeout = 60_000

const liveKey = { CLERK_SECRET_KEY: "sk_live_5ecret0f7his7est" }

const writes = Effect.flatMap(
  InvitationsControl,
  ({ calls }) => Effect.map(calls, Array.filter(({ operation }) => operation !== "list"))
)

const statuses = Effect.flatMap(
  InvitationsControl,
  ({ invitations }) => Effect.map(invitations, Array.map(({ emailAddress, status }) => `${emailAddress} ${status}`))
)

describe("--dry-run", () => {
  it.live("of create validates the request and prints it", () =>
    Effect.gen(function*() {
      const args = ["create", "ada@example.com", "--dry-run", "--expires-in-days", "7"]
      const withoutKey = { CLERK_SECRET_KEY: "" }
      assert.deepStrictEqual(yield* cli(args, withoutKey), {
        code: 0,
        stdout: "ada@example.com  {\"expires_in_days\":7}\n",
        stderr: ""
      })
      assert.deepStrictEqual(objects((yield* cli([...args, "--json"], withoutKey)).stdout), [
        { request: { email_address: "ada@example.com", expires_in_days: 7 } }
      ])
      const invalid = yield* cli(["create", "ada", "--dry-run"])
      assert.strictEqual(invalid.code, 2)
      assert.include(invalid.stderr, "emailAddress must be an e-mail address")
      assert.deepStrictEqual(yield* Effect.flatMap(InvitationsControl, ({ calls }) => calls), [])
    }).pipe(Effect.provide(emulator())), timeout)

  it.live("of revoke and delete prints what would be changed", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.seed([
        { emailAddress: "ada@example.com" },
        { emailAddress: "ada@example.com", status: "revoked" },
        { emailAddress: "eve@example.com", status: "accepted" }
      ])
      const idOf = (name: string) =>
        Effect.map(
          control.invitations,
          (all) => all.find(({ emailAddress }) => emailAddress.startsWith(name))?.id ?? ""
        )
      const revoke = yield* cli(["revoke", "ADA@example.com", "--dry-run", "--json"])
      assert.strictEqual(revoke.code, 0)
      const [pending, ...others] = objects(revoke.stdout)
      assert.deepInclude(pending, { email_address: "ada@example.com", status: "pending" })
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(yield* cli(["revoke", yield* idOf("ada"), yield* idOf("eve"), "--dry-run"]), {
        code: 1,
        stdout: "",
        stderr: "No pending invitation: argument 2. Nothing was changed.\n"
      })
      const remove = yield* cli(["delete", yield* idOf("eve"), "--dry-run"])
      assert.include(remove.stdout, "eve@example.com")
      assert.strictEqual((yield* cli(["delete", "inv_missing", "--dry-run"])).code, 1)
      assert.deepStrictEqual(yield* writes, [])
    }).pipe(Effect.provide(emulator())), timeout)
})

describe("revoke", () => {
  it.live("takes addresses and ids", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.seed([
        { emailAddress: "ada@example.com" },
        { emailAddress: "eve@example.com" },
        { emailAddress: "grace@example.com" },
        { emailAddress: "hedy@example.com", status: "accepted" }
      ])
      const eve = (yield* control.invitations).find(({ emailAddress }) => emailAddress === "eve@example.com")
      const missing = yield* cli(["revoke", "ada@example.com", "hedy@example.com"])
      assert.deepStrictEqual(missing, {
        code: 1,
        stdout: "",
        stderr: "No pending invitation: argument 2. Nothing was changed.\n"
      })
      const { code, stderr, stdout } = yield* cli(["revoke", "Ada@Example.com", eve?.id ?? "", "ada@example.com"])
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.lengthOf(stdout.trimEnd().split("\n"), 2)
      assert.sameMembers(yield* statuses, [
        "ada@example.com revoked",
        "eve@example.com revoked",
        "grace@example.com pending",
        "hedy@example.com accepted"
      ])
      // After an interruption the same command is run again.
      const again = yield* cli(["revoke", "ada@example.com", "grace@example.com"])
      assert.strictEqual(again.code, 0)
      assert.include(yield* statuses, "grace@example.com revoked")
      const done = yield* cli(["revoke", "ada@example.com"])
      assert.deepStrictEqual(done, {
        code: 0,
        stdout: "",
        stderr: "Nothing to revoke: all invitations are revoked already.\n"
      })
      const wrong = yield* cli(["revoke", "inv/1"])
      assert.strictEqual(wrong.code, 2)
      assert.include(wrong.stderr, "Neither the id of an invitation nor an e-mail address: argument 1")
    }).pipe(Effect.provide(emulator())), timeout)
})

describe("a live key", () => {
  it.live("needs a confirmation before an e-mail is sent, and --yes warns instead", () =>
    Effect.gen(function*() {
      const refused = yield* cli(["create", "ada@example.com"], liveKey)
      assert.strictEqual(refused.code, 2)
      assert.include(refused.stderr, "Pass --yes to confirm")
      assert.deepStrictEqual(yield* writes, [])

      const confirmed = yield* cli(["create", "ada@example.com", "--yes"], liveKey)
      assert.strictEqual(confirmed.code, 0)
      assert.strictEqual(confirmed.stderr, "The key is live. Sending an e-mail to 1 address.\n")
      const silent = yield* cli(["create", "eve@example.com", "--no-notify"], liveKey)
      assert.deepStrictEqual([silent.code, silent.stderr], [0, ""])
    }).pipe(Effect.provide(emulator(liveKey.CLERK_SECRET_KEY))), timeout)
})

describe("resend", () => {
  it.live(
    "replaces the invitation, keeps its metadata, and asks because the redirect URL is unknown",
    () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed([{ emailAddress: "ada@example.com", publicMetadata: { team: "engines" } }])
        const refused = yield* cli(["resend", "Ada@example.com"])
        assert.strictEqual(refused.code, 2)
        assert.include(refused.stderr, "Clerk does not return the redirect URL and the lifetime of the old invitation")
        assert.deepStrictEqual(yield* writes, [])
        const preview = yield* cli(["resend", "ada@example.com", "--dry-run"])
        assert.strictEqual(preview.stdout, "ada@example.com  {\"public_metadata\":{\"team\":\"engines\"}}\n")

        const resent = yield* cli(["resend", "ada@example.com", "--yes", "--json"])
        assert.strictEqual(resent.code, 0)
        assert.deepInclude(objects(resent.stdout)[0], { status: "pending", public_metadata: { team: "engines" } })
        const url = ["--redirect-url", "https://example.com/welcome"]
        const asked = yield* cli(["resend", "ada@example.com", ...url, "--metadata", "{}"])
        assert.deepStrictEqual([asked.code, asked.stderr], [0, ""])
        assert.sameMembers(yield* statuses, [
          "ada@example.com revoked",
          "ada@example.com revoked",
          "ada@example.com pending"
        ])
        const unknown = yield* cli(["resend", "eve@example.com", "--yes"])
        assert.strictEqual(unknown.code, 1)
        assert.include(unknown.stderr, "The address has no invitation.")
      }).pipe(Effect.provide(emulator())),
    timeout
  )
})

describe("paths", () => {
  it.scopedLive(
    "that are links in a circle, or in a folder that does not exist, are named",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* fs.makeTempDirectoryScoped()
        const link = join(directory, "a1")
        yield* fs.symlink(join(directory, "a2"), link)
        yield* fs.symlink(link, join(directory, "a2"))
        assert.deepStrictEqual(yield* cli(["export", "--output", link]), {
          code: 2,
          stdout: "",
          stderr: `${link}: its links form a circle\n`
        })
        const nowhere = join(directory, "none", "all.csv")
        assert.deepStrictEqual(yield* cli(["export", "--output", nowhere]), {
          code: 2,
          stdout: "",
          stderr: `${nowhere}: no such file or directory\n`
        })
      }).pipe(Effect.provide(emulator())),
    timeout
  )
})

describe("--env-file and --quiet", () => {
  it.scopedLive("read the key from a file, and print results only", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const file = join(directory, ".env")
      yield* fs.writeFileString(file, "# the instance for tests\nexport CLERK_SECRET_KEY=\"sk_test_from_a_file\"\n")
      const csv = join(directory, "people.csv")
      yield* fs.writeFileString(csv, "email_address\nada@example.com\n")

      const missing = yield* cli(["list"], { CLERK_SECRET_KEY: "" })
      assert.strictEqual(missing.code, 2)
      assert.include(missing.stderr, "CLERK_SECRET_KEY is not set")
      const invited = yield* cli(["invite", "--csv", csv, "--env-file", file, "--quiet"], { CLERK_SECRET_KEY: "" })
      assert.deepStrictEqual([invited.code, invited.stderr], [0, ""])
      assert.include(invited.stdout, "ada@example.com  invited")
      const output = join(directory, "all.ndjson")
      const quiet = yield* cli(["export", "--output", output, "--env-file", file, "-q"], { CLERK_SECRET_KEY: "" })
      assert.deepStrictEqual(quiet, { code: 0, stdout: "", stderr: "" })
      assert.strictEqual((yield* cli(["list", "--env-file", join(directory, "none")])).code, 2)
    }).pipe(Effect.provide(emulator("sk_test_from_a_file"))), timeout)
})

describe("^C", () => {
  // Interrupts the command while Clerk does not answer its n-th call of the operation. A command that waits never ends.
  const interrupt = (args: ReadonlyArray<string>, operation: string) =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const process = yield* startCli(args)
      yield* control.setFaultPolicy((called) =>
        called === operation
          ? Effect.as(
            Effect.ignore(process.kill("SIGINT")),
            Option.some(Fault.make(Fault.Response.Stall({ at: "headers" }), "before"))
          )
          : Effect.succeedNone
      )
      return yield* process.end
    })

  it.scopedLive("ends a command at once, which says how to go on", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.seed([{ emailAddress: "eve@example.com" }])
      const eve = (yield* control.invitations)[0]?.id ?? ""
      const create = yield* interrupt(["create", "ada@example.com"], "create")
      assert.deepStrictEqual([create.code, create.stdout], [130, ""])
      assert.strictEqual(
        create.stderr,
        "Interrupted. The invitation may have been created. Check with: effect-clerk find EMAIL\n"
      )
      const revoke = yield* interrupt(["revoke", eve], "revoke")
      assert.strictEqual(revoke.code, 130)
      assert.strictEqual(
        revoke.stderr,
        `Interrupted. 0 of 1 revoked; ${eve} may be too. Go on with: effect-clerk revoke ${eve}\n`
      )
      const list = yield* interrupt(["list"], "list")
      assert.deepStrictEqual(list, {
        code: 130,
        stdout: "",
        stderr: "Interrupted. The list is incomplete. Run the same command again.\n"
      })
      const find = yield* interrupt(["find", "ada@example.com"], "list")
      assert.strictEqual(find.stderr, "Interrupted. Nothing was changed. Run the same command again.\n")
    }).pipe(Effect.provide(emulator())), timeout)
})
