import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Exit, Fiber } from "effect"
import { eventLoopTurns, interruptAtOnce, networkIdle, runStubWithClock, waitUntil } from "../utils/clock.js"
import { overRaw } from "../utils/overRaw.js"
import * as raw from "../utils/rawServer.js"
import * as stub from "../utils/stub.js"
import { succeed, throttled } from "../utils/stubbedCalls.js"
import { call, operations, page, row } from "../utils/wire.js"

const create = (n: number) => ({ emailAddress: `person${n}@example.com` })

const addressOf = ({ body }: stub.Seen): string => /person\d+/.exec(body)?.[0] ?? ""

/** A stub that counts the requests in flight. Each takes a second. */
const counting = () => {
  const flight = { now: 0, most: 0 }
  const react = (request: stub.Seen) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        flight.most = Math.max(flight.most, ++flight.now)
      }),
      () => Effect.delay(Effect.succeed(succeed(request)), "1 second"),
      () =>
        Effect.sync(() => {
          flight.now--
        })
    )
  return { flight, react }
}

describe("maxConcurrentAttempts", () => {
  for (const [options, most] of [[{}, 64], [{ maxConcurrentAttempts: 3 }, 3]] as const) {
    it.effect(`at most ${most} attempts are in flight with ${JSON.stringify(options)}`, () =>
      Effect.gen(function*() {
        const { flight, react } = counting()
        const { invitations, seen } = yield* stub.service(react, options)
        yield* runStubWithClock(
          Effect.forEach(Array.from({ length: 150 }, (_, n) => create(n)), invitations.create, {
            concurrency: "unbounded",
            discard: true
          })
        )
        assert.lengthOf(seen, 150)
        assert.deepStrictEqual(flight, { now: 0, most })
      }))
  }

  it.scoped("no more sockets are open", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw(Array.from({ length: 100 }, () => raw.stall))
      const fiber = yield* Effect.fork(
        Effect.forEach(Array.from({ length: 100 }, (_, n) => create(n)), invitations.create, {
          concurrency: "unbounded"
        })
      )
      yield* waitUntil("64 requests arrive", () => server.requests.length === 64)
      yield* networkIdle
      assert.strictEqual(server.openSockets(), 64)
      yield* interruptAtOnce(fiber)
    }))

  it.effect("attempts of all operations count, and wait in the order of their arrival", () =>
    Effect.gen(function*() {
      const { flight, react } = counting()
      const { invitations, seen } = yield* stub.service(react, { maxConcurrentAttempts: 1 })
      yield* runStubWithClock(
        Effect.forEach(operations, (operation) => call(invitations, operation), { concurrency: "unbounded" })
      )
      assert.strictEqual(flight.most, 1)
      // `createBulk` waits for the lock of an address until `create` is done.
      assert.deepStrictEqual(seen.map(({ operation }) => operation), [
        "list",
        "create",
        "revoke",
        "delete",
        "createBulk"
      ])
      assert.deepStrictEqual(seen.map(({ at }) => at), [0, 1000, 2000, 3000, 4000])
    }))

  it.effect("a newcomer does not overtake a waiter", () =>
    Effect.gen(function*() {
      const { react } = counting()
      const { invitations, seen } = yield* stub.service(react, { maxConcurrentAttempts: 1 })
      const twice = Effect.zipRight(invitations.create(create(1)), invitations.create(create(3)))
      yield* runStubWithClock(
        Effect.all([twice, invitations.create(create(2))], { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(seen.map(addressOf), ["person1", "person2", "person3"])
    }))

  it.effect("the wait counts against timeout.total, not against timeout.attempt", () =>
    Effect.gen(function*() {
      const { react } = counting()
      const timeout = { attempt: "1500 millis", total: "3500 millis" } as const
      const { invitations, seen } = yield* stub.service(react, { maxConcurrentAttempts: 1, timeout })
      const exits = yield* runStubWithClock(
        Effect.forEach(
          [1, 2, 3, 4, 5, 6],
          (n) => Effect.zip(Effect.either(invitations.create(create(n))), Clock.currentTimeMillis),
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual(exits.map(([result, at]) => [result._tag, at]), [
        ["Right", 1000],
        ["Right", 2000],
        ["Right", 3000],
        ["Left", 3500],
        ["Left", 3500],
        ["Left", 3500]
      ])
      for (const [result] of exits.slice(4)) {
        assert.isTrue(result._tag === "Left" && result.left._tag === "Timeout" && result.left.limit === "total")
      }
      assert.lengthOf(seen, 4)
    }))

  it.effect("a waiter that reaches its deadline leaves the queue without a permit", () =>
    Effect.gen(function*() {
      const { flight, react } = counting()
      const { invitations, seen } = yield* stub.service(react, { maxConcurrentAttempts: 1 })
      const late = Effect.flip(invitations.create(create(3))).pipe(
        InvitationsHttp.withTimeout({ total: "500 millis" })
      )
      const [, , error] = yield* runStubWithClock(
        Effect.all([invitations.create(create(1)), invitations.create(create(2)), late], { concurrency: "unbounded" })
      )
      assert.strictEqual(error._tag, "Timeout")
      assert.deepStrictEqual(seen.map(addressOf), ["person1", "person2"])
      assert.deepStrictEqual(flight, { now: 0, most: 1 })
    }))

  it.effect("an interrupted waiter leaves the queue, and an interrupted attempt passes its permit on", () =>
    Effect.gen(function*() {
      const answered = yield* Deferred.make<true>()
      const { invitations, seen } = yield* stub.service(
        (request) => addressOf(request) === "person1" ? "stall" : Effect.as(Deferred.await(answered), succeed(request)),
        { maxConcurrentAttempts: 1 }
      )
      const fork = (n: number) => Effect.zipLeft(Effect.fork(invitations.create(create(n))), eventLoopTurns(5))
      const first = yield* fork(1)
      const second = yield* fork(2)
      const third = yield* fork(3)
      yield* interruptAtOnce(second)
      assert.lengthOf(seen, 1)
      yield* interruptAtOnce(first)
      yield* eventLoopTurns(5)
      assert.deepStrictEqual(seen.map(addressOf), ["person1", "person3"])
      yield* Deferred.succeed(answered, true)
      assert.strictEqual((yield* Fiber.join(third)).emailAddress, "person3@example.com")
      yield* invitations.create(create(4))
      assert.lengthOf(seen, 3)
    }))

  it.effect("a waiter waits for a cooldown that has started meanwhile", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        (_, index) =>
          index === 0 ? Effect.delay(Effect.succeed(throttled("5")), "1 second") : Effect.succeed({ body: page([]) }),
        { maxConcurrentAttempts: 1, retry: { minBackoff: 0, maxBackoff: 0 } }
      )
      yield* runStubWithClock(Effect.forEach([1, 2, 3], () => invitations.list(), { concurrency: "unbounded" }))
      assert.lengthOf(seen, 4)
      assert.isTrue(seen.slice(1).every(({ at }) => at >= 6000))
    }))

  it.effect("a retry and a reconciliation do not need a second permit", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        ({ operation, url }, index) => {
          if (index === 0) return { code: "ECONNRESET", syscall: "read" }
          return operation === "list" ? { body: page(url.searchParams.has("status") ? [] : [row(1)]) } : { status: 500 }
        },
        { maxConcurrentAttempts: 1 }
      )
      const exit = yield* runStubWithClock(Effect.exit(invitations.create({ emailAddress: row(1).email_address })))
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.isAtLeast(seen.length, 2)
    }))
})
