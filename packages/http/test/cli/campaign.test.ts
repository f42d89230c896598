import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { CampaignState, PersonState } from "@effect-clerk/http/InviteCampaign"
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect } from "effect"
import { cli, emulator, inDirectory, objects } from "./utils.js"

const timeout = 60_000

const withoutKey = { CLERK_SECRET_KEY: "" }

const liveKey = { CLERK_SECRET_KEY: "sk_live_5ecret0f7his7est" }

const write = (path: string, addresses: ReadonlyArray<string>) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => fs.writeFileString(path, ["email_address", ...addresses].map((line) => `${line}\n`).join(""))
  )

const invited = Effect.map(
  Effect.flatMap(InvitationsControl, ({ invitations }) => invitations),
  (invitations) => invitations.map(({ emailAddress }) => emailAddress)
)

// Runs a command on the database of a test.
const campaigns = (path: (name: string) => string) => (args: ReadonlyArray<string>, env?: Record<string, string>) =>
  cli(["campaign", ...args, "--database", path("campaigns.db")], env)

describe("effect-clerk campaign", () => {
  it.scopedLive(
    "stores a file without a key, and sends it when it is run",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const campaign = campaigns(path)
          const csv = path("people.csv")
          yield* control.seed([{ emailAddress: "eve@example.com" }])
          yield* write(csv, ["ada@example.com", "eve@example.com", "ADA@example.com"])

          const started = yield* campaign(["start", csv, "--id", "spring"], withoutKey)
          assert.strictEqual(started.code, 0)
          assert.match(started.stdout, /^spring {2}running {2}1 of 3, ends about .*\n1 repeated\n$/)
          assert.include(started.stderr, "2 to invite, 1 repeated.")
          assert.include(
            started.stderr,
            `Work on it with: effect-clerk campaign run --database ${path("campaigns.db")}`
          )
          assert.deepStrictEqual(yield* control.calls, [])
          assert.strictEqual((yield* fs.stat(path("campaigns.db"))).mode & 0o777, 0o600)

          const again = yield* campaign(["start", csv, "--id", "spring"], withoutKey)
          assert.strictEqual(again.code, 0)
          assert.include(again.stderr, "was started before with the same people. Nothing was changed.")

          const run = yield* campaign(["run", "--until-done"])
          assert.deepStrictEqual([run.code, run.stdout], [0, ""])
          assert.match(
            run.stderr,
            /spring {2}completed {2}3 of 3, ended .*\n1 invited, 1 already invited, 1 repeated\n$/
          )
          assert.sameMembers(yield* invited, ["ada@example.com", "eve@example.com"])

          const status = yield* campaign(["status", "spring", "--json"], withoutKey)
          assert.strictEqual(status.code, 0)
          assert.deepInclude(objects(status.stdout)[0], {
            id: "spring",
            state: "completed",
            total: 3,
            done: 3,
            reason: null
          })
          const people = yield* campaign(["people", "spring"], withoutKey)
          assert.match(
            people.stdout,
            /^position,email_address,outcome,id,reason,at\n0,ada@example.com,Created,inv_\w+,,\S+\n1,eve@example.com,AlreadyInvited,/
          )
          const created = yield* campaign(["people", "spring", "--outcome", "Created", "--json"], withoutKey)
          assert.lengthOf(objects(created.stdout), 1)
          assert.deepInclude(objects(created.stdout)[0], { email_address: "ada@example.com", outcome: "Created" })
          // The output is no terminal.
          const watched = yield* campaign(["watch", "spring"], withoutKey)
          assert.deepInclude(objects(watched.stdout)[0], { id: "spring", state: "completed" })
          const list = yield* campaign(["list"], withoutKey)
          assert.match(list.stdout, /^STATE .* ID\ncompleted +3 +3 \S+ spring\n$/)
          const running = yield* campaign(["list", "--state", "running", "--json"], withoutKey)
          assert.deepStrictEqual(running, { code: 0, stdout: "", stderr: "" })
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "works on a campaign until its end with --run, and reports each change as JSON",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const csv = path("people.csv")
          yield* write(csv, Array.makeBy(25, (index) => `person-${index}@example.com`))
          const { code, stdout } = yield* campaigns(path)(["start", csv, "--id", "spring", "--run", "--json"])
          assert.strictEqual(code, 0)
          const [first, ...others] = objects(stdout)
          assert.deepInclude(first, { state: "running", done: 0 })
          assert.deepInclude(others.at(-1), { state: "completed", done: 25 })
          assert.lengthOf(yield* invited, 25)
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "follows up, and says when",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const campaign = campaigns(path)
          const csv = path("people.csv")
          yield* write(csv, ["ada@example.com", "eve@example.com"])
          const start = (...flags: ReadonlyArray<string>) => campaign(["start", csv, "--id", "spring", ...flags])
          const alone = yield* start("--follow-up-times", "2")
          assert.strictEqual(alone.code, 2)
          assert.include(alone.stderr, "--follow-up-times needs --follow-up-after")
          const tooLong = yield* start("--follow-up-after", "15 days", "--follow-up-times", "2")
          assert.strictEqual(tooLong.code, 2)
          assert.include(tooLong.stderr, "must be longer than the last follow-up, 30d after the invitation")
          assert.deepStrictEqual(yield* invited, [])

          yield* start("--follow-up-after", "300 millis", "--follow-up-times", "1", "--tenant", "ours")
          const run = yield* campaign(["run", "--until-done", "--json"])
          assert.strictEqual(run.code, 0)
          const changes = objects(run.stdout)
          assert.deepInclude(changes.at(-1), { state: "completed", remaining: 0, accepted: 0 })
          assert.sameMembers(yield* invited, [
            "ada@example.com",
            "ada@example.com",
            "eve@example.com",
            "eve@example.com"
          ])
          const { stdout } = yield* campaign(["people", "spring", "--json"])
          assert.deepInclude(objects(stdout)[0], { outcome: "Created" })
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "exits with 4 if some people were rejected, and sends again to them by retry",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const campaign = campaigns(path)
          const csv = path("people.csv")
          yield* write(csv, ["ada@example.com", "eve@example.com"])
          yield* control.setBlocklist(["eve@example.com"])
          const run = yield* campaign(["start", csv, "--id", "spring", "--run"])
          assert.strictEqual(run.code, 4)
          assert.include(run.stderr, "1 invited, 1 rejected. See: effect-clerk campaign people ID")
          const rejected = yield* campaign(["people", "spring", "--outcome", "Rejected"], withoutKey)
          assert.match(rejected.stdout, /\n1,eve@example.com,Rejected,,[^,]+,\S+\n$/)
          assert.strictEqual((yield* campaign(["watch", "spring"], withoutKey)).code, 4)

          yield* control.setBlocklist([])
          const retried = yield* campaign(
            ["retry", "spring", "--outcome", "Rejected", "--outcome", "Unknown"],
            withoutKey
          )
          assert.include(retried.stdout, "spring  running  1 of 2")
          assert.strictEqual((yield* campaign(["run", "--until-done"])).code, 0)
          assert.sameMembers(yield* invited, ["ada@example.com", "eve@example.com"])
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive("pauses, resumes, cancels and removes campaigns", () =>
    inDirectory((path) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const campaign = campaigns(path)
        const csv = path("people.csv")
        yield* write(csv, ["ada@example.com"])
        yield* campaign(["start", csv, "--id", "spring"], withoutKey)
        const paused = yield* campaign(["pause", "spring"], withoutKey)
        assert.deepStrictEqual(paused, { code: 0, stdout: "spring  paused  0 of 1\n", stderr: "" })
        assert.strictEqual((yield* campaign(["run", "--until-done"])).code, 0)
        assert.deepStrictEqual(yield* invited, [])
        const stopped = yield* campaign(["start", csv, "--id", "spring", "--run"])
        assert.strictEqual(stopped.code, 4)
        assert.include(stopped.stderr, "spring is paused")

        assert.include((yield* campaign(["resume", "spring"], withoutKey)).stdout, "spring  running  0 of 1")
        const cancelled = yield* campaign(["cancel", "spring", "--json"], withoutKey)
        assert.deepInclude(objects(cancelled.stdout)[0], { state: "cancelled", remaining: 1 })
        assert.deepStrictEqual(yield* campaign(["resume", "spring"], withoutKey), {
          code: 1,
          stdout: "",
          stderr: "the campaign \"spring\" is cancelled: resume is not possible\n"
        })
        assert.strictEqual((yield* campaign(["run", "--until-done"])).code, 0)
        assert.deepStrictEqual(yield* invited, [])

        const unconfirmed = yield* campaign(["delete", "spring"], withoutKey)
        assert.strictEqual(unconfirmed.code, 2)
        assert.include(unconfirmed.stderr, "Pass --yes to confirm")
        assert.strictEqual((yield* campaign(["delete", "spring", "--yes"], withoutKey)).code, 0)
        assert.strictEqual((yield* campaign(["status", "spring"], withoutKey)).code, 1)

        yield* campaign(["start", csv, "--id", "summer", "--run"])
        const none = yield* campaign(["prune", "--ended-before", "2001-01-01"], withoutKey)
        assert.deepStrictEqual(none, { code: 0, stdout: "", stderr: "0 campaigns removed.\n" })
        const pruned = yield* campaign(["prune", "--ended-before", "2999-01-01T00:00:00Z", "--json"], withoutKey)
        assert.deepStrictEqual(pruned, { code: 0, stdout: "{\"removed\":1}\n", stderr: "" })
        assert.lengthOf(yield* control.invitations, 1)
      })
    ).pipe(Effect.provide(emulator())), timeout)

  it.scopedLive(
    "checks the whole file before it stores anybody",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const csv = path("people.csv")
          yield* write(csv, ["ada@example.com", "nobody"])
          const invalid = yield* campaigns(path)(["start", csv, "--id", "spring"], withoutKey)
          assert.strictEqual(invalid.code, 2)
          assert.include(invalid.stderr, `${csv}, line 3: email_address must be an e-mail address`)
          assert.include(invalid.stderr, "1 row is invalid. Nothing was stored.")
          assert.isFalse(yield* fs.exists(path("campaigns.db")))
          const skipped = yield* campaigns(path)(["start", csv, "--id", "spring", "--skip-invalid"], withoutKey)
          assert.include(skipped.stdout, "spring  running  0 of 1")
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "refuses another file with the same id, and ids that no campaign has",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const campaign = campaigns(path)
          const csv = path("people.csv")
          yield* write(csv, ["ada@example.com"])
          yield* campaign(["start", csv, "--id", "spring"], withoutKey)
          yield* write(csv, ["ada@example.com", "eve@example.com"])
          const conflict = yield* campaign(["start", csv, "--id", "spring"], withoutKey)
          assert.strictEqual(conflict.code, 2)
          assert.include(conflict.stderr, "a campaign with the id \"spring\" was started with other people.")
          const long = yield* campaign(["start", csv, "--id", "x".repeat(201)], withoutKey)
          assert.strictEqual(long.code, 2)
          assert.include(long.stderr, "id must be a string of 1 to 200 characters")
          const commands = [
            ["status", "none"],
            ["watch", "none"],
            ["people", "none"],
            ["pause", "none"],
            ["resume", "none"],
            ["cancel", "none"],
            ["retry", "none", "--outcome", "Rejected"],
            ["delete", "none", "--yes"]
          ]
          for (const command of commands) {
            const { code, stderr, stdout } = yield* campaign(command, withoutKey)
            assert.deepStrictEqual([code, stdout], [1, ""], command.join(" "))
            assert.include(stderr, "no campaign has the id \"none\"")
          }
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "names what is wrong with a database, and never prints its URL",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const list = (database: string) => cli(["campaign", "list", "--database", database], withoutKey)
          const csv = path("people.csv")
          yield* write(csv, ["ada@example.com"])
          const missing = yield* cli(["campaign", "list"], withoutKey)
          assert.strictEqual(missing.code, 2)
          assert.include(missing.stderr, "Pass --database FILE or a postgres:// URL, or set EFFECT_CLERK_DATABASE.")
          const nowhere = yield* list(path("none.db"))
          assert.strictEqual(nowhere.code, 2)
          assert.include(nowhere.stderr, `${path("none.db")}: no such file.`)
          assert.isFalse(yield* fs.exists(path("none.db")))
          const noFolder = path("none/campaigns.db")
          assert.deepInclude(
            yield* cli(["campaign", "start", csv, "--id", "a", "--database", noFolder, "-q"], withoutKey),
            {
              code: 2,
              stderr: `${noFolder}: no such file or directory\n`
            }
          )
          assert.deepStrictEqual(yield* list(csv), {
            code: 2,
            stdout: "",
            stderr: `${csv} is not a SQLite database. Choose another file with --database.\n`
          })
          for (
            const [url, code] of [["postgres://ada:5ecret@127.0.0.1:1/x", 3], ["mysql://ada:5ecret@db/x", 2]] as const
          ) {
            const refused = yield* list(url)
            assert.deepStrictEqual([refused.code, refused.stdout], [code, ""])
            assert.notInclude(refused.stderr, "5ecret")
          }
          const unset = yield* cli(["campaign", "list"], { ...withoutKey, EFFECT_CLERK_DATABASE: path("none.db") })
          assert.include(unset.stderr, "none.db: no such file.")
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "exits with 4 if Clerk refuses the whole instance, and continues by resume",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const campaign = campaigns(path)
          const csv = path("people.csv")
          yield* write(csv, ["ada@example.com"])
          yield* control.setInstanceRefusal("quota_exceeded")
          const failed = yield* campaign(["start", csv, "--id", "spring", "--run"])
          assert.strictEqual(failed.code, 4)
          assert.match(
            failed.stderr,
            /spring failed: .* the quota of this instance is used up .*\nContinue with: effect-clerk campaign resume ID\n$/
          )
          yield* control.setInstanceRefusal("off")
          assert.strictEqual((yield* campaign(["resume", "spring"], withoutKey)).code, 0)
          assert.strictEqual((yield* campaign(["run", "--until-done"])).code, 0)
          assert.deepStrictEqual(yield* invited, ["ada@example.com"])
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive("names its commands, and all states and outcomes", () =>
    Effect.gen(function*() {
      const help = (command: string) => Effect.map(cli(["campaign", command, "--help"]), ({ stdout }) => stdout)
      assert.include(yield* help("list"), `[--state ${CampaignState.literals.join(" | ")}]`)
      assert.include(yield* help("people"), `[--outcome ${PersonState.literals.join(" | ")}]`)
      const { code, stderr } = yield* cli(["campaign", "stop", "spring"], withoutKey)
      assert.strictEqual(code, 2)
      assert.include(stderr, "campaign needs one of the commands start, run, status,")
    }).pipe(Effect.provide(emulator())), timeout)

  it.scopedLive(
    "needs the key to send, and a confirmation if the key is live",
    () =>
      inDirectory((path) =>
        Effect.gen(function*() {
          const campaign = campaigns(path)
          const csv = path("people.csv")
          yield* write(csv, ["ada@example.com"])
          const keyless = yield* campaign(["start", csv, "--id", "spring", "--run"], withoutKey)
          assert.strictEqual(keyless.code, 2)
          assert.include(keyless.stderr, "CLERK_SECRET_KEY is not set")
          const unconfirmed = yield* campaign(["start", csv, "--id", "spring", "--run"], liveKey)
          assert.strictEqual(unconfirmed.code, 2)
          assert.include(unconfirmed.stderr, "The key is live. Sending e-mails to 1 address.")
          yield* campaign(["start", csv, "--id", "spring"], withoutKey)
          const run = yield* campaign(["run", "--until-done"], liveKey)
          assert.strictEqual(run.code, 2)
          assert.include(run.stderr, "Sending e-mails to the people of all campaigns, 1 of them now.")
          // A wrong key stops the command before it fails every campaign.
          const wrong = yield* campaign(["run", "--until-done", "--yes"], { CLERK_SECRET_KEY: "sk_live_wrong" })
          assert.strictEqual(wrong.code, 1)
          assert.include((yield* campaign(["status", "spring"], withoutKey)).stdout, "spring  running")
          assert.strictEqual((yield* campaign(["run", "--until-done", "--yes"], liveKey)).code, 0)
        })
      ).pipe(Effect.provide(emulator(liveKey.CLERK_SECRET_KEY))),
    timeout
  )
})
