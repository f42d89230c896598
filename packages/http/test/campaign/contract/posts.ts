import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Effect } from "effect"
import type { Test } from "./fixture.js"
import {
  assertBooked,
  assertFull,
  assertLost,
  beginning,
  checkAfter,
  duration,
  invitation,
  quota,
  timeout
} from "./fixture.js"

const calls = quota("calls", 1)

export const posts = (test: Test): void => {
  test("book marks people as sending before they are posted", ({ advance, lease, person, post, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(3)
      const before = yield* person(held, 1)
      yield* advance(5)
      yield* assertBooked(post(held, { position: 1, known: [invitation(1), invitation(2)] }, 2))
      const at = beginning + 5
      deepStrictEqual(yield* person(held, 1), {
        ...before,
        state: "sending",
        posts: 1,
        firstPostedAt: at,
        postedAt: at,
        checkAt: at + checkAfter,
        known: [invitation(1), invitation(2)]
      })
      deepStrictEqual((yield* person(held, 2)).known, [])
      deepStrictEqual(yield* store.counts(held.load), { pending: 1, sending: 2 })
    }))

  test("without checkAfter the outcome is looked up after the timeout", ({ lease, person, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      yield* store.book(held, { duration, timeout, bookings: [], posts: [{ position: 0, known: [] }] })
      assert.strictEqual((yield* person(held, 0)).checkAt, beginning + timeout)
    }))

  test("a second post keeps the time of the first and the known invitations while the first is in doubt", (fixture) =>
    Effect.gen(function*() {
      const { advance, lease, person, post, settle } = fixture
      const held = yield* lease(1)
      yield* assertBooked(post(held, { position: 0, known: [invitation(1)] }))
      yield* settle(held, { position: 0, state: "pending", keepDoubt: true })
      yield* advance(5)
      yield* assertBooked(post(held, { position: 0, known: [invitation(1), invitation(2)] }))
      const posted = yield* person(held, 0)
      assert.strictEqual(posted.posts, 2)
      assert.strictEqual(posted.firstPostedAt, beginning)
      assert.strictEqual(posted.postedAt, beginning + 5)
      assert.strictEqual(posted.checkAt, beginning + 5 + checkAfter)
      deepStrictEqual(posted.known, [invitation(1)])
    }))

  test("a second post replaces both once the first certainly created nothing", (fixture) =>
    Effect.gen(function*() {
      const { advance, lease, person, post, settle } = fixture
      const held = yield* lease(1)
      yield* assertBooked(post(held, { position: 0, known: [invitation(1)] }))
      yield* settle(held, { position: 0, state: "pending" })
      yield* advance(5)
      yield* assertBooked(post(held, { position: 0, known: [invitation(2)] }))
      const posted = yield* person(held, 0)
      assert.strictEqual(posted.posts, 1)
      assert.strictEqual(posted.firstPostedAt, beginning + 5)
      assert.strictEqual(posted.postedAt, beginning + 5)
      deepStrictEqual(posted.known, [invitation(2)])
    }))

  test("book posts nobody if calls are missing", ({ lease, person, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      yield* assertFull(store.book(held, {
        duration,
        timeout,
        bookings: [{ quota: calls, amount: 1 }, { quota: calls, amount: 1 }],
        posts: [{ position: 0, known: [invitation(1)] }],
        checkAfter
      }))
      assert.strictEqual((yield* person(held, 0)).posts, 0)
      deepStrictEqual(yield* store.counts(held.load), { pending: 1 })
    }))

  for (const state of ["sending", "Created", "Unknown"] as const) {
    test(`book posts nobody if one is ${state} already`, ({ decide, lease, person, post, store }) =>
      Effect.gen(function*() {
        const held = yield* lease(3)
        if (state === "sending") yield* post(held, 1)
        else yield* decide(held, state, 1)
        const before = yield* person(held, 1)
        yield* assertLost(store.book(held, {
          duration: 2 * duration,
          timeout,
          bookings: [{ quota: calls, amount: 1 }],
          posts: [0, 1, 2].map((position) => ({ position, known: [] })),
          checkAfter
        }))
        deepStrictEqual(yield* person(held, 1), before)
        deepStrictEqual(yield* store.counts(held.load), { pending: 2, [state]: 1 })
        assert.strictEqual((yield* store.room(calls)).free, 1)
      }))
  }

  test("a person is posted by one of two processes", ({ acquire, advance, lease, person, post }) =>
    Effect.gen(function*() {
      const old = yield* lease(1)
      yield* advance(duration)
      const current = yield* acquire()
      const results = yield* Effect.forEach([old, current], (lease) => Effect.either(post(lease, 0)), {
        concurrency: "unbounded"
      })
      deepStrictEqual(results.map(({ _tag }) => _tag), ["Left", "Right"])
      assert.strictEqual((yield* person(current, 0)).posts, 1)
    }))
}
