import { Acceptance, InvitationsService } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { Fault } from "@effect-clerk/http"
import { Effect, Fiber, Queue, Schema, Stream, TestClock } from "effect"
import * as assert from "./assert.js"
import { ada, adjustUntilDone, day, failure, seedsOfEveryStatus, withoutRetry } from "./fixtures.js"
import * as Suite from "./suite.js"

const bob = "bob@example.com"

const describe = ({ emailAddress, status }: Invitation): string => `${emailAddress} ${status}`

export const acceptance = Suite.make((test) => {
  const awaiting = (
    { invitations }: Suite.Services,
    id: string,
    options?: Acceptance.AwaitOptions
  ): Effect.Effect<Invitation, Acceptance.AwaitError> =>
    Effect.provideService(Acceptance.await(id, options), InvitationsService, invitations)

  const changes = (
    { invitations }: Suite.Services,
    options?: Acceptance.ChangesOptions
  ): Stream.Stream<Acceptance.Change, Acceptance.PollError> =>
    Stream.provideService(Acceptance.changes(options), InvitationsService, invitations)

  test("await returns the invitation once it is accepted", (services) =>
    Effect.gen(function*() {
      const { id } = yield* services.invitations.create({ emailAddress: ada })
      const fiber = yield* Effect.fork(awaiting(services, id, { pollEvery: "1 second" }))
      yield* Effect.yieldNow()
      yield* services.control.accept(id)
      const accepted = yield* adjustUntilDone(Fiber.join(fiber), "1 second")
      assert.strictEqual(describe(accepted), `${ada} accepted`)
    }))

  for (const reason of ["revoked", "expired"] as const) {
    test(`await fails if the invitation is ${reason}`, (services) =>
      Effect.gen(function*() {
        const [seeded] = yield* services.control.seed([{ emailAddress: ada, status: reason }])
        const error = yield* failure(awaiting(services, seeded?.id ?? ""), Acceptance.AcceptanceFailed)
        assert.strictEqual(error.reason, reason)
      }))
  }

  test("await fails if the invitation is deleted", (services) =>
    Effect.gen(function*() {
      const error = yield* failure(
        adjustUntilDone(awaiting(services, "inv_none", { pollEvery: "1 second" }), "1 second"),
        Acceptance.AcceptanceFailed
      )
      assert.strictEqual(error.reason, "deleted")
    }))

  test("await survives an outage of the list, and ends with an error that is not transient", (services) =>
    Effect.gen(function*() {
      const [seeded] = yield* services.control.seed([{ emailAddress: ada, status: "accepted" }])
      const unavailable = Fault.Response.Status({ status: 503, code: "service_unavailable" })
      yield* services.control.injectFaults([{ ...Fault.make(unavailable), operation: "list", times: 2 }])
      const accepted = yield* adjustUntilDone(withoutRetry(awaiting(services, seeded?.id ?? "")), "30 seconds")
      assert.strictEqual(describe(accepted), `${ada} accepted`)
      yield* services.control.failNext(Fault.Response.Status({ status: 401, code: "clerk_key_invalid" }))
      const error = yield* Effect.flip(awaiting(services, seeded?.id ?? ""))
      assert.strictEqual(error._tag, "Unauthorized")
    }))

  test("changes emits every invitation, of each status", (services) =>
    Effect.gen(function*() {
      const seeded = yield* services.control.seed(seedsOfEveryStatus)
      const emitted = yield* Stream.runCollect(Stream.take(changes(services), seeded.length))
      assert.deepStrictEqual(
        Array.from(emitted, ({ invitation }) => describe(invitation)).sort(),
        seeded.map(describe).sort()
      )
    }))

  test("changes emits what happens after its cursor, exactly once", (services) =>
    Effect.gen(function*() {
      const { control } = services
      const [first, second] = yield* control.seed([
        { emailAddress: ada },
        { emailAddress: bob },
        { emailAddress: "eve@example.com", expiresInDays: 1 },
        { emailAddress: "else@example.org" }
      ])
      const before = yield* Stream.runCollect(Stream.take(changes(services, { query: "@example.com" }), 3))
      const stored = Schema.encodeSync(Schema.Array(Acceptance.Cursor))(Array.from(before, ({ cursor }) => cursor))
      const since = Schema.decodeUnknownSync(Acceptance.Cursor)(stored[2])

      const queue = yield* Queue.unbounded<string>()
      const fiber = yield* changes(services, { query: "@example.com", since, pollEvery: "1 hour" }).pipe(
        Stream.runForEach(({ invitation }) => Queue.offer(queue, describe(invitation))),
        Effect.fork
      )
      const next = adjustUntilDone(Queue.take(queue), "1 hour")
      yield* control.accept(first?.id ?? "")
      assert.strictEqual(yield* next, `${ada} accepted`)
      yield* TestClock.adjust(1)
      yield* services.invitations.revoke(second?.id ?? "")
      assert.strictEqual(yield* next, `${bob} revoked`)
      yield* TestClock.adjust(day)
      assert.strictEqual(yield* next, "eve@example.com expired")
      yield* TestClock.adjust(1)
      yield* services.invitations.create({ emailAddress: "new@example.com" })
      assert.strictEqual(yield* next, "new@example.com pending")
      assert.isNone(yield* Queue.poll(queue))
      yield* Fiber.interrupt(fiber)
    }))

  test("changes of ids ends once none can be accepted any more", (services) =>
    Effect.gen(function*() {
      const seeded = yield* services.control.seed(seedsOfEveryStatus)
      const [pending] = seeded
      assert.isTrue(pending !== undefined)
      const fiber = yield* changes(services, { ids: seeded.map(({ id }) => id) }).pipe(
        Stream.tap(({ invitation }) => invitation.isPending ? services.control.accept(pending.id) : Effect.void),
        Stream.runCollect,
        Effect.fork
      )
      const emitted = yield* adjustUntilDone(Fiber.join(fiber), "30 seconds")
      assert.deepStrictEqual(
        Array.from(emitted, ({ invitation }) => describe(invitation)).sort(),
        [...seeded.map(describe), `${pending.emailAddress} accepted`].sort()
      )
    }))
})
