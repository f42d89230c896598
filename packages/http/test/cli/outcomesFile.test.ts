import { InvitationsService } from "@effect-clerk/core"
import { InvitationsControl, InvitationsMemory } from "@effect-clerk/http"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, DateTime, Effect, FastCheck, TestClock } from "effect"
import * as journal from "../../cli/outcomesFile.js"
import { settleUnknown } from "../../cli/settleUnknown.js"

const as = (key: string) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["CLERK_SECRET_KEY", key], ["CLERK_API_URL", "http://x"]])))

const inFile = <A, E, R>(body: (path: string) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => Effect.flatMap(fs.makeTempDirectoryScoped(), (directory) => body(`${directory}/people.outcomes.ndjson`))
  ).pipe(
    Effect.scoped,
    as("sk_test_1"),
    Effect.provide(NodeContext.layer)
  )

const created = (line: number) => ({
  line,
  email_address: `Person-${line}@example.com`,
  outcome: "Created" as const,
  id: `inv_${line}`
})

const append = (path: string, ...entries: ReadonlyArray<Omit<journal.Entry, "at">>) =>
  Effect.gen(function*() {
    const to = yield* journal.open(path, yield* journal.read(path))
    yield* Effect.forEach(entries, to.append)
  }).pipe(Effect.scoped)

describe("the file of outcomes", () => {
  it.effect("remembers the last word on each address, in whatever case", () =>
    inFile((path) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* journal.read(path)).startedAt, undefined)
        yield* append(path, created(2), { ...created(3), outcome: "Unknown" }, { ...created(4), outcome: "Rejected" })
        yield* append(path, { ...created(4), outcome: "UserExists" })
        const past = yield* journal.read(path)
        const isDone = (address: string) => journal.isDone(journal.entryOf(past, address))
        assert.deepStrictEqual(["PERSON-2@example.com", "person-3@example.com", "person-4@example.com"].map(isDone), [
          true,
          false,
          true
        ])
        assert.isFalse(isDone("somebody@example.com"))
        const fs = yield* FileSystem.FileSystem
        assert.strictEqual((yield* fs.stat(path)).mode & 0o777, 0o600)
      })
    ))

  it.effect.prop(
    "loses the last line at most, wherever the process was killed",
    { cut: FastCheck.integer({ min: 1, max: 100 }) },
    ({ cut }) =>
      inFile((path) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          yield* append(path, created(2), created(3))
          const { length } = yield* fs.readFile(path)
          yield* fs.truncate(path, length - cut)
          const torn = yield* journal.read(path)
          assert.isDefined(journal.entryOf(torn, "person-2@example.com"))
          assert.isUndefined(journal.entryOf(torn, "person-3@example.com"))
          yield* append(path, created(4))
          const mended = yield* journal.read(path)
          assert.deepStrictEqual([...mended.entries.keys()], ["person-2@example.com", "person-4@example.com"])
        })
      ),
    { fastCheck: { numRuns: 30 } }
  )

  it.effect("is neither read nor written where it is something else, or about another instance", () =>
    inFile((path) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        for (const text of ["", "email_address", "email_address\n", "{}\n"]) {
          yield* fs.writeFileString(path, text)
          const error = yield* Effect.flip(append(path, created(2)))
          assert.include(error.message, "line 1: this is no outcome")
          assert.strictEqual(yield* fs.readFileString(path), text)
        }
        yield* fs.remove(path)
        yield* append(path, created(2))
        const theirs = yield* Effect.flip(as("sk_test_2")(journal.read(path)))
        assert.include(theirs.message, "another instance")
        assert.notInclude(yield* fs.readFileString(path), "sk_test_1")

        yield* fs.writeFileString(path, `${yield* fs.readFileString(path)}oops\n`)
        assert.include((yield* Effect.flip(journal.read(path))).message, "line 3: this is no outcome")
      })
    ))

  it("lies beside the CSV file", () => {
    assert.strictEqual(journal.pathFor("a/people.csv"), "a/people.outcomes.ndjson")
    assert.strictEqual(journal.pathFor("people.CSV"), "people.outcomes.ndjson")
    assert.strictEqual(journal.pathFor("people"), "people.outcomes.ndjson")
  })
})

describe("those of whom it is not known", () => {
  it.effect("count as invited if they have got an invitation since, whatever became of it", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const invitations = yield* InvitationsService
      yield* TestClock.adjust("1 day")
      const startedAt = yield* DateTime.now
      yield* control.seed([{
        emailAddress: "long-ago@example.com",
        status: "revoked",
        createdAt: DateTime.subtract(startedAt, { hours: 1 })
      }])
      yield* TestClock.adjust("1 minute")
      yield* invitations.create({ emailAddress: "pending@example.com" })
      const { id } = yield* invitations.create({ emailAddress: "revoked@example.com" })
      yield* invitations.revoke(id)

      const noted: Array<string> = []
      const names = ["pending", "revoked", "long-ago", "never", "done"]
      const past: journal.PreviousRun = {
        startedAt,
        entries: new Map(names.map((name, line) => {
          const email_address = `${name}@example.com`
          return [email_address, {
            line,
            email_address,
            outcome: name === "done" ? "Created" as const : "Unknown" as const,
            at: startedAt
          }]
        }))
      }
      const settled = yield* settleUnknown(past, {
        append: ({ email_address, outcome }) => Effect.sync(() => noted.push(`${email_address} ${outcome}`))
      })
      assert.deepStrictEqual([...settled], ["pending@example.com", "revoked@example.com"])
      assert.sameMembers(noted, ["pending@example.com AlreadyInvited", "revoked@example.com AlreadyInvited"])
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})
