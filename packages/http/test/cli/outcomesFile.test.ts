import { InvitationsService } from "@effect-clerk/core"
import { InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, DateTime, Effect, FastCheck, Option, TestClock } from "effect"
import * as OutcomesFile from "../../cli/invite/outcomesFile.js"
import { settleUnknown } from "../../cli/invite/settleUnknown.js"

const withKey = (key: string) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["CLERK_SECRET_KEY", key], ["CLERK_API_URL", "http://x"]])))

const inFile = <A, E, R>(body: (path: string) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => Effect.flatMap(fs.makeTempDirectoryScoped(), (directory) => body(`${directory}/people.outcomes.ndjson`))
  ).pipe(
    Effect.scoped,
    withKey("sk_test_1"),
    Effect.provide(NodeContext.layer)
  )

const read = (path: string) =>
  Effect.flatMap(OutcomesFile.instance, (instance) => OutcomesFile.read(path, Option.some(instance)))

const created = (line: number) => ({
  line,
  email_address: `Person-${line}@example.com`,
  outcome: "Created" as const,
  id: `inv_${line}`
})

const append = (path: string, ...entries: ReadonlyArray<Omit<OutcomesFile.Entry, "at">>) =>
  Effect.gen(function*() {
    const file = yield* OutcomesFile.open(path, yield* read(path))
    yield* Effect.forEach(entries, file.append)
  }).pipe(Effect.scoped)

describe("the outcomes file", () => {
  it.effect("returns the last entry of each address, in any case", () =>
    inFile((path) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* read(path)).startedAt, undefined)
        yield* append(path, created(2), { ...created(3), outcome: "Unknown" }, { ...created(4), outcome: "Rejected" })
        yield* append(path, { ...created(4), outcome: "UserExists" })
        const previous = yield* read(path)
        const outcome = (address: string) => OutcomesFile.entryOf(previous, address)?.outcome
        assert.strictEqual(outcome("PERSON-2@example.com"), "Created")
        assert.strictEqual(outcome("person-3@example.com"), "Unknown")
        assert.strictEqual(outcome("person-4@example.com"), "UserExists")
        assert.isUndefined(outcome("other@example.com"))
        const fs = yield* FileSystem.FileSystem
        assert.strictEqual((yield* fs.stat(path)).mode & 0o777, 0o600)
      })
    ))

  it.effect.prop(
    "loses the last line at most if the process is killed",
    { cut: FastCheck.integer({ min: 1, max: 100 }) },
    ({ cut }) =>
      inFile((path) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          yield* append(path, created(2), created(3))
          const { length } = yield* fs.readFile(path)
          yield* fs.truncate(path, length - cut)
          const incomplete = yield* read(path)
          assert.isDefined(OutcomesFile.entryOf(incomplete, "person-2@example.com"))
          assert.isUndefined(OutcomesFile.entryOf(incomplete, "person-3@example.com"))
          yield* append(path, created(4))
          const next = yield* read(path)
          assert.deepStrictEqual([...next.entries.keys()], ["person-2@example.com", "person-4@example.com"])
        })
      ),
    { fastCheck: { numRuns: 30 } }
  )

  it.effect("is neither read nor written if it is invalid or belongs to another instance", () =>
    inFile((path) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        for (const text of ["email_address", "email_address\n", "{}\n"]) {
          yield* fs.writeFileString(path, text)
          const error = yield* Effect.flip(append(path, created(2)))
          assert.include(error.message, "line 1: not a valid outcome")
          assert.strictEqual(yield* fs.readFileString(path), text)
        }
        // An empty file is a new one.
        yield* fs.writeFileString(path, "")
        yield* append(path, created(2))
        const otherInstance = yield* Effect.flip(withKey("sk_test_2")(read(path)))
        assert.include(otherInstance.message, "another instance")
        assert.notInclude(yield* fs.readFileString(path), "sk_test_1")

        yield* fs.writeFileString(path, `${yield* fs.readFileString(path)}oops\n`)
        assert.include((yield* Effect.flip(read(path))).message, "line 3: not a valid outcome")
      })
    ))

  it("is in the directory of the CSV file by default", () => {
    assert.strictEqual(OutcomesFile.pathFor("a/people.csv"), "a/people.outcomes.ndjson")
    assert.strictEqual(OutcomesFile.pathFor("people.CSV"), "people.outcomes.ndjson")
    assert.strictEqual(OutcomesFile.pathFor("people"), "people.outcomes.ndjson")
  })
})

describe("settleUnknown", () => {
  it.effect("records what the request may have created, or another invitation that is pending", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const invitations = yield* InvitationsService
      yield* TestClock.adjust("1 day")
      const startedAt = yield* DateTime.now
      const createdAt = DateTime.subtract(startedAt, { hours: 1 })
      yield* control.seed([
        { emailAddress: "long-ago@example.com", status: "revoked", createdAt },
        { emailAddress: "older@example.com", createdAt }
      ])
      const create = (name: string) => invitations.create({ emailAddress: `${name}@example.com` })
      yield* TestClock.adjust("1 minute")
      yield* create("pending")
      yield* invitations.revoke((yield* create("revoked")).id)
      yield* control.expire((yield* create("expired")).id)
      const replaced = yield* create("replaced")
      yield* invitations.revoke(replaced.id)
      const known = yield* create("known")
      yield* control.expire(known.id)
      yield* create("later")
      const later = DateTime.add(yield* DateTime.now, { hours: 1 })

      const recorded: Array<string> = []
      const fields: Record<string, Partial<OutcomesFile.Entry>> = {
        pending: {},
        revoked: {},
        older: {},
        "long-ago": {},
        never: {},
        expired: {},
        // Invitations that were there before the request are not its result.
        replaced: { replaced: [replaced.id] },
        known: {},
        later: { since: later }
      }
      const names = Object.keys(fields)
      const unknown = new Map(names.map((name, line) => {
        const emailAddress = `${name}@example.com`
        return [emailAddress, { emailAddress, line, rows: 1 }]
      }))
      const previous: OutcomesFile.PreviousRun = {
        startedAt,
        entries: new Map(Array.from(unknown, ([address, { line }], index) => [address, {
          line,
          email_address: address,
          outcome: "Unknown",
          at: startedAt,
          ...fields[names[index] ?? ""]
        }])),
        ids: new Map([["known@example.com", new Set([known.id])]])
      }
      const settled = yield* settleUnknown(previous, unknown, {
        append: ({ email_address, expires_at, outcome }) =>
          Effect.sync(() => recorded.push(`${email_address} ${outcome} ${expires_at === undefined ? "?" : "expires"}`))
      })
      assert.deepStrictEqual([...settled], [
        ["pending@example.com", "Created"],
        ["revoked@example.com", "Created"],
        ["older@example.com", "AlreadyInvited"],
        ["later@example.com", "AlreadyInvited"]
      ])
      assert.sameMembers(recorded, [
        "pending@example.com Created expires",
        "revoked@example.com Created expires",
        "older@example.com AlreadyInvited expires",
        "later@example.com AlreadyInvited expires"
      ])
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})
