import * as Fault from "@effect-clerk/http/Fault"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Array, DateTime, Effect, Exit, Option, Random, Ref } from "effect"
import { cli, emulator, inDirectory, objects, startCli } from "./utils.js"

const timeout = 60_000

const write = (path: string, lines: ReadonlyArray<string>) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(path, lines.map((line) => `${line}\n`).join("")))

const read = (path: string) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(path))

const addresses = Array.makeBy(40, (index) => `person-${index + 1}@example.com`)

const invited = Effect.map(
  Effect.flatMap(InvitationsControl, ({ invitations }) => invitations),
  (invitations) => invitations.map(({ emailAddress }) => emailAddress)
)

const isWrite = (operation: string): boolean => operation.startsWith("create")

describe("effect-clerk invite", () => {
  it.scopedLive(
    "reports every invalid row and sends nothing without --skip-invalid",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const csv = path("people.csv")
          yield* write(csv, [
            "email_address,expires_in_days,metadata.team",
            "ada@example.com,7,engines",
            "nobody,7,engines",
            "grace@example.com,0,",
            "hedy@example.com,,,more"
          ])
          const invalid = yield* cli(["invite", "--csv", csv])
          assert.deepStrictEqual(invalid, {
            code: 2,
            stdout: "",
            stderr: [
              `${csv}, line 3: email_address must be an e-mail address (name@domain, no white space, at most 254 characters)`,
              `${csv}, line 4: expires_in_days must be a whole number of days from 1 to 365`,
              `${csv}, line 5: has 4 values for 3 columns`,
              "3 rows are invalid. Nothing was sent. Fix them, or pass --skip-invalid to invite the other 1.",
              ""
            ].join("\n")
          })
          assert.deepStrictEqual(yield* control.calls, [])
          assert.isFalse(
            yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.exists(path("people.outcomes.ndjson")))
          )

          const skipped = yield* cli(["invite", "--csv", csv, "--skip-invalid", "--json"])
          assert.strictEqual(skipped.code, 0)
          const [invitation, ...others] = yield* control.invitations
          assert.deepStrictEqual(others, [])
          assert.deepInclude(invitation, { emailAddress: "ada@example.com", publicMetadata: { team: "engines" } })
          assert.deepStrictEqual(objects(skipped.stdout), [{
            line: 2,
            email_address: "ada@example.com",
            outcome: "Created",
            id: invitation?.id,
            expires_at: invitation?.expiresAt.pipe(Option.map(DateTime.formatIso), Option.getOrUndefined)
          }])
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "shows what would be sent and how long it would take, without a key",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const csv = path("people.csv")
          const many = Array.makeBy(1000, (index) => `person-${index + 1}@example.com`)
          yield* write(csv, ["email_address", ...many])
          const { code, stderr, stdout } = yield* cli(["invite", "--csv", csv, "--dry-run", "--json"], {
            CLERK_SECRET_KEY: ""
          })
          assert.strictEqual(code, 0)
          assert.strictEqual(
            stderr,
            "1000 to invite. With Clerk's quotas this takes at least 2h.\n" +
              "A campaign survives restarts, and can be watched and paused from elsewhere: effect-clerk campaign start FILE " +
              "--id ID --database campaigns.db --run\n"
          )
          const shown = objects(stdout)
          assert.strictEqual(shown.length, 1000)
          assert.deepStrictEqual(shown[0], { line: 2, request: { email_address: "person-1@example.com" } })
          const { calls } = yield* InvitationsControl
          assert.deepStrictEqual(yield* calls, [])
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "reports the outcome of each address, and sends only what has no outcome again",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const csv = path("people.csv")
          yield* control.addUser("user@example.com")
          yield* control.seed([{ emailAddress: "pending@example.com" }])
          yield* write(csv, [
            "email_address",
            "user@example.com",
            "pending@example.com",
            "new@example.com",
            "NEW@example.com"
          ])
          const first = yield* cli(["invite", "--csv", csv])
          assert.strictEqual(first.code, 0)
          assert.include(first.stderr, "1 invited, 1 already invited, 1 already a user, 1 repeated.")

          // An address with an outcome is not sent again. A rejected address is reported.
          const rejection = Fault.Response.Status({ status: 422, code: "form_param_value_invalid" })
          yield* control.injectFaults([
            { operation: "create", response: rejection, commit: "never" },
            { operation: "createBulk", response: rejection, commit: "never" }
          ])
          yield* write(csv, ["email_address", "new@example.com", "bad@example.com"])
          const second = yield* cli(["invite", "--csv", csv])
          assert.strictEqual(second.code, 1)
          assert.include(second.stderr, "1 to invite, 1 done before.")
          assert.match(second.stdout, /^line 3 {2}bad@example\.com {2}rejected .*status 422/)

          const entries = objects(yield* read(path("people.outcomes.ndjson")))
          assert.notInclude(JSON.stringify(entries), "ticket=")
          assert.sameMembers(entries.map((entry) => JSON.stringify(entry).includes("\"outcome\":\"Rejected\"")), [
            false,
            false,
            false,
            false,
            true
          ])
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "stops when the instance refuses, exits with 4, and continues with what was not attempted",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const csv = path("people.csv")
          yield* write(csv, ["email_address", ...addresses])
          yield* control.setInstanceRefusal("dev_monthly_email_limit_exceeded")
          const { code, stderr, stdout } = yield* cli(["invite", "--csv", csv, "--json"])
          assert.strictEqual(code, 4)
          assert.include(stderr, "status 400: the instance has sent all e-mails")
          assert.include(stderr, "Run the same command again to continue.")
          const printed = objects(stdout)
          assert.isTrue(printed.length > 0)
          for (const outcome of printed) assert.deepInclude(outcome, { outcome: "NotAttempted" })
          assert.include(stderr, `${printed.length} not attempted`)
          // The file has its header only: the addresses are sent by the next run.
          assert.strictEqual((yield* read(path("people.outcomes.ndjson"))).trimEnd().split("\n").length, 1)
          assert.isAtMost((yield* control.calls).filter(({ operation }) => isWrite(operation)).length, 3)

          yield* control.setInstanceRefusal("off")
          const again = yield* cli(["invite", "--csv", csv])
          assert.strictEqual(again.code, 0)
          assert.deepStrictEqual((yield* invited).slice().sort(), addresses.slice().sort())
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "refuses a live key without a terminal and without --yes",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const csv = path("people.csv")
          yield* write(csv, ["email_address", "ada@example.com"])
          const { code, stderr } = yield* cli(["invite", "--csv", csv], {
            CLERK_SECRET_KEY: "sk_live_5ecret0f7his7est"
          })
          assert.strictEqual(code, 2)
          assert.include(stderr, "--yes")
          assert.deepStrictEqual(yield* control.calls, [])
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "continues after a kill at any point, and invites each address once",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const csv = path("people.csv")
          // So many that no run ends before it is killed.
          const many = Array.makeBy(150, (index) => `person-${index + 1}@example.com`)
          yield* write(csv, ["email_address", ...many])

          for (let kill = 0; kill < 3; kill++) {
            const process = yield* startCli(["invite", "--csv", csv])
            // The process is killed during its n-th write, which commits or does not.
            const nth = yield* Random.nextIntBetween(1, 4)
            const commits = yield* Random.nextBoolean
            const writes = yield* Ref.make(0)
            yield* control.setFaultPolicy((operation) =>
              Effect.gen(function*() {
                if (!isWrite(operation)) return Option.none()
                const count = yield* Ref.updateAndGet(writes, (count) => count + 1)
                if (count < nth) return Option.none()
                yield* Effect.ignore(process.kill("SIGKILL"))
                return commits ? Option.none() : Option.some(Fault.make(Fault.Response.Reset()))
              })
            )
            assert.isTrue(Exit.isFailure(yield* Effect.exit(process.end)), "it was killed")
          }
          yield* control.setFaultPolicy(() => Effect.succeedNone)
          const before = (yield* invited).length
          assert.isAbove(before, 0)

          const last = yield* cli(["invite", "--csv", csv])
          assert.strictEqual(last.code, 0)
          assert.deepStrictEqual((yield* invited).slice().sort(), many.slice().sort())
          const after = yield* cli(["invite", "--csv", csv])
          assert.deepStrictEqual(after, { code: 0, stdout: "", stderr: "Nothing to send, 150 done before.\n" })
        }).pipe(Effect.withRandom(Random.make("resume")))
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "records all outcomes when it is interrupted, exits with 130, and can be run again",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const csv = path("people.csv")
          yield* write(csv, ["email_address", ...addresses])
          const process = yield* startCli(["invite", "--csv", csv])
          const writes = yield* Ref.make(0)
          yield* control.setFaultPolicy((operation) =>
            Effect.gen(function*() {
              if (!isWrite(operation)) return Option.none()
              const count = yield* Ref.updateAndGet(writes, (count) => count + 1)
              if (count === 4) yield* Effect.ignore(process.kill("SIGINT"))
              // From here on no write gets a response, and every write commits.
              return count < 4
                ? Option.none()
                : Option.some(Fault.make(Fault.Response.Stall({ at: "headers" }), "before"))
            })
          )
          const { code, stderr, stdout } = yield* process.end
          assert.strictEqual(code, 130)
          assert.include(stderr, "Interrupted. ")
          yield* control.setFaultPolicy(() => Effect.succeedNone)

          // Every printed outcome is recorded, and requests in flight are recorded as unknown.
          const outcomes = yield* read(path("people.outcomes.ndjson"))
          const entries = outcomes.trimEnd().split("\n").slice(1)
          const created = entries.filter((entry) => entry.includes("\"Created\""))
          assert.isAbove(created.length, 0)
          assert.strictEqual(created.length, stdout.trimEnd().split("\n").length)
          assert.isTrue(entries.some((entry) => entry.includes("\"Unknown\"")))

          const again = yield* cli(["invite", "--csv", csv])
          assert.strictEqual(again.code, 0)
          assert.deepStrictEqual((yield* invited).slice().sort(), addresses.slice().sort())
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )
})
