import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Deferred, Effect, Fiber, TestClock } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import { eventLoopTurns } from "../../utils/clock.js"
import { beforeAll, beforeCreates } from "./attempts.js"
import type { Attempts, Fixture, Test } from "./fixture.js"
import { address, drive, oneEach, withClock } from "./fixture.js"

const id = "campaign"

const clock = (fixture: Fixture) => drive(fixture.campaigns, fixture.now, id)

/** Attempts whose creates do not return until the latch opens. They are sent before that, or after it. */
const suspended = (attempts: Attempts, latch: Deferred.Deferred<unknown>, sent: "before" | "after"): Attempts =>
  beforeCreates(attempts, (call) => {
    const wait = Effect.uninterruptible(Deferred.await(latch))
    return sent === "before" ? Effect.zipLeft(call, wait) : Effect.zipRight(wait, call)
  })

export const stalls = (test: Test): void => {
  for (const allowDuplicates of [false, true]) {
    test(`a late settle of a stalled process changes no outcome${allowDuplicates ? ", with ignoreExisting" : ""}`, (fixture) =>
      Effect.gen(function*() {
        const { attempts, campaigns, complete, control, counts, emails, process, start, store } = fixture
        const latch = yield* Deferred.make<unknown>()
        yield* start(
          makeRequests(12).map((person) => allowDuplicates ? { ...person, ignoreExisting: true } : person),
          { allowDuplicates }
        )
        const stalled = yield* process({ attempts: suspended(attempts, latch, "before") })
        const fiber = yield* Effect.fork(stalled.runDue)
        yield* eventLoopTurns(20)
        assert.strictEqual((yield* campaigns.get(id)).counts.sending, 12)
        yield* TestClock.adjust("31 seconds")
        yield* Effect.forEach(yield* control.invitations, ({ id }) => control.revoke(id))
        yield* complete()
        deepStrictEqual(yield* counts(), { Created: 12 })
        const { load } = yield* Effect.flatten(store.get(id))
        const people = store.people(load ?? -1, { after: -1, limit: 100 })
        const before = yield* people
        const row = yield* store.get(id)
        yield* Deferred.succeed(latch, undefined)
        yield* Fiber.await(fiber)
        deepStrictEqual(yield* people, before)
        deepStrictEqual(yield* store.get(id), row)
        deepStrictEqual(yield* emails, oneEach(12))
      }))
  }

  test("a process that was suspended between the booking and the post posts nothing", (fixture) =>
    Effect.gen(function*() {
      const { calls, complete, emails, process, start, store } = fixture
      yield* start(12)
      const slow = yield* process({
        store: {
          ...store,
          book: (lease, work) => Effect.zipLeft(store.book(lease, work), TestClock.adjust("31 seconds"))
        }
      })
      yield* slow.runDue
      const { create, createBulk } = yield* calls
      deepStrictEqual([create, createBulk], [undefined, undefined])
      yield* complete()
      deepStrictEqual(yield* emails, oneEach(12))
    }))

  for (const phase of ["list", "createBulk", "create"] as const) {
    for (const sent of [false, true]) {
      test(`another process takes over from one that dies inside ${phase}, ${sent ? "after" : "before"} the request was sent`, (fixture) =>
        Effect.gen(function*() {
          const { attempts, complete, counts, emails, process, start } = fixture
          yield* start(12)
          const hang = <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
            Effect.uninterruptible(sent ? Effect.zipRight(call, Effect.never) : Effect.never)
          const dying = yield* process({
            attempts: {
              ...attempts,
              ...(phase === "list" ? { list: (params) => hang(attempts.list(params)) } : {}),
              ...(phase === "create" ? { create: (request) => hang(attempts.create(request)) } : {}),
              ...(phase === "createBulk" ? { createBulk: (requests) => hang(attempts.createBulk(requests)) } : {})
            }
          })
          const fiber = yield* Effect.forkDaemon(dying.runDue)
          yield* eventLoopTurns(20)
          deepStrictEqual(fiber.unsafePoll(), null)
          const { state } = yield* complete()
          assert.strictEqual(state, "completed")
          deepStrictEqual(yield* counts(), { Created: 12 })
          deepStrictEqual(yield* emails, oneEach(12))
        }))
    }
  }

  for (const operation of ["candidates", "book", "settle", "remaining", "release"] as const) {
    test(`another process takes over from one that dies after ${operation} of the store`, (fixture) =>
      Effect.gen(function*() {
        const { complete, counts, emails, process, start, store } = fixture
        yield* start(12)
        const die = <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
          Effect.uninterruptible(Effect.zipRight(call, Effect.never))
        const dying = yield* process({
          store: {
            ...store,
            ...(operation === "candidates"
              ? { candidates: (load, query) => die(store.candidates(load, query)) }
              : {}),
            ...(operation === "book" ? { book: (lease, work) => die(store.book(lease, work)) } : {}),
            ...(operation === "settle" ? { settle: (lease, work) => die(store.settle(lease, work)) } : {}),
            ...(operation === "remaining" ? { remaining: (load) => die(store.remaining(load)) } : {}),
            ...(operation === "release" ? { release: (lease, end) => die(store.release(lease, end)) } : {})
          }
        })
        yield* Effect.forkDaemon(dying.runDue)
        yield* eventLoopTurns(20)
        yield* complete()
        deepStrictEqual(yield* counts(), { Created: 12 })
        deepStrictEqual(yield* emails, oneEach(12))
      }))
  }

  test("a layer without a time limit for a call does not hold a slice for ever", (fixture) =>
    Effect.gen(function*() {
      const { attempts, emails, process, start } = fixture
      yield* start(12)
      const slow = yield* process({ attempts: beforeCreates(attempts, (call) => Effect.zipRight(call, Effect.never)) })
      assert.strictEqual(yield* withClock(slow.runDue), 1)
      yield* clock(fixture)
      deepStrictEqual(yield* emails, oneEach(12))
    }))

  test("interrupting runDue waits for the calls in flight, and loses no outcome", (fixture) =>
    Effect.gen(function*() {
      const { attempts, campaigns, emails, process, start } = fixture
      yield* start(12)
      const latch = yield* Deferred.make<unknown>()
      const other = yield* process({ attempts: suspended(attempts, latch, "after") })
      const fiber = yield* Effect.fork(other.runDue)
      yield* eventLoopTurns(20)
      const interrupted = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* eventLoopTurns(20)
      deepStrictEqual(fiber.unsafePoll(), null)
      yield* Deferred.succeed(latch, undefined)
      yield* Fiber.join(interrupted)
      deepStrictEqual(yield* emails, oneEach(12))
      const { counts, nextSliceAt } = yield* campaigns.get(id)
      deepStrictEqual([counts.Created, nextSliceAt._tag], [12, "Some"])
      assert.strictEqual((yield* clock(fixture)).state, "completed")
    }))

  for (const transition of ["pause", "cancel"] as const) {
    test(`${transition} stops the posts at once, and loses no outcome of calls in flight`, (fixture) =>
      Effect.gen(function*() {
        const { attempts, calls, campaigns, counts, emails, process, start } = fixture
        yield* start(60)
        const latch = yield* Deferred.make<unknown>()
        const other = yield* process({ attempts: suspended(attempts, latch, "after") })
        const fiber = yield* Effect.fork(other.runDue)
        yield* eventLoopTurns(20)
        const { counts: { sending } } = yield* campaigns[transition](id)
        assert.isAbove(sending, 0)
        yield* Deferred.succeed(latch, undefined)
        yield* Fiber.join(fiber)
        deepStrictEqual(yield* counts(), { Created: sending, pending: 60 - sending })
        assert.strictEqual(Object.keys(yield* emails).length, sending)
        const { create = 0, createBulk = 0 } = yield* calls
        assert.strictEqual(create + 10 * createBulk, sending)
        if (transition === "pause") {
          yield* campaigns.resume(id)
          yield* clock(fixture)
          deepStrictEqual(yield* emails, oneEach(60))
        }
      }))
  }

  test("several processes share a campaign, and everybody gets one e-mail", (fixture) =>
    Effect.gen(function*() {
      const { attempts, campaigns, counts, emails, process, start } = fixture
      yield* start(100)
      const others = yield* Effect.replicateEffect(
        process({ attempts: beforeAll(attempts, Effect.sleep("300 millis")) }),
        3
      )
      const all = Effect.all(others.map(({ runDue }) => runDue), { concurrency: "unbounded" })
      yield* drive(campaigns, fixture.now, id, withClock(all))
      deepStrictEqual(yield* counts(), { Created: 100 })
      deepStrictEqual(yield* emails, oneEach(100))
      assert.strictEqual((yield* campaigns.person(id, address(100)))._tag, "Some")
    }))
}
