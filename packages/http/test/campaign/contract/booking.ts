import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Effect } from "effect"
import type { Fixture, Test } from "./fixture.js"
import { assertBooked, assertFull, assertLost, beginning, duration, quota, timeout } from "./fixture.js"

const window = 100_000

/** The longest margin by which a call may count longer. */
const margin = 1000

const calls = quota("calls", 2, window)

const answer = ({ store }: Fixture, lease: Parameters<Fixture["settle"]>[0], answered: ReadonlyArray<number>) =>
  store.settle(lease, { from: "sending", settlements: [], answered })

/** When the next call is free, by the room and by an attempt to book. */
const freeAt = ({ book, store }: Fixture, lease: Parameters<Fixture["settle"]>[0]) =>
  Effect.gen(function*() {
    const { free, until } = yield* store.room(calls)
    assert.strictEqual(free, 0)
    assert.strictEqual(yield* assertFull(book(lease, { quota: calls, amount: 1 })), until)
    return until
  })

export const booking = (test: Test): void => {
  test("book renews the lease and returns the time of the store", ({ advance, book, lease, row }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      yield* advance(duration - 1)
      const booked = yield* book(held, { quota: calls, amount: 1 })
      assert.strictEqual(booked.now, beginning + duration - 1)
      assert.strictEqual((yield* row()).leaseUntil, beginning + 2 * duration - 1)
      yield* advance(5)
      const full = yield* book(held, { quota: calls, amount: 2 })
      assert.strictEqual(full._tag, "Full")
      assert.strictEqual(full.now, beginning + duration + 4)
      assert.strictEqual((yield* row()).leaseUntil, beginning + 2 * duration + 4)
    }))

  test("book returns an id for each booking", ({ book, lease }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      const first = yield* assertBooked(book(held, { quota: quota("a", 9), amount: 5 }, { quota: calls, amount: 1 }))
      const second = yield* assertBooked(book(held, { quota: calls, amount: 1 }))
      assert.strictEqual(first.length, 2)
      assert.strictEqual(new Set([...first, ...second]).size, 3)
      deepStrictEqual(yield* assertBooked(book(held)), [])
    }))

  test("book fails once another process has the lease", ({ acquire, advance, book, lease, store }) =>
    Effect.gen(function*() {
      const old = yield* lease(1)
      yield* advance(duration)
      const current = yield* acquire()
      yield* assertLost(book(old, { quota: calls, amount: 1 }))
      assert.strictEqual((yield* store.room(calls)).free, 2)
      yield* assertBooked(book(current, { quota: calls, amount: 1 }))
    }))

  test("book fails once the lease has ended, by its time or by release", ({ acquire, advance, book, lease, release, row }) =>
    Effect.gen(function*() {
      const late = yield* lease(1)
      yield* advance(duration)
      yield* assertLost(book(late))
      assert.strictEqual((yield* row()).leaseUntil, beginning + duration)
      const released = yield* acquire()
      yield* release(released, { wakeAt: beginning })
      yield* assertLost(book(released))
      assert.strictEqual((yield* row()).leaseUntil, null)
    }))

  test("book needs the state running for posts only", ({ book, lease, person, post, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      yield* store.transition("campaign", { from: ["running"], to: "paused", wake: "never" })
      yield* assertLost(post(held, 0))
      assert.strictEqual((yield* person(held, 0)).state, "pending")
      yield* assertBooked(book(held, { quota: calls, amount: 1 }))
    }))

  test("book books nothing unless every quota has room", ({ book, lease, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      const wide = quota("wide", 10)
      yield* assertBooked(book(held, { quota: calls, amount: 1 }))
      for (
        const bookings of [
          [{ quota: wide, amount: 1 }, { quota: calls, amount: 2 }],
          [{ quota: calls, amount: 2 }, { quota: wide, amount: 1 }],
          [{ quota: calls, amount: 1 }, { quota: wide, amount: 1 }, { quota: calls, amount: 1 }]
        ]
      ) {
        yield* assertFull(book(held, ...bookings))
        assert.strictEqual((yield* store.room(wide)).free, 10)
        assert.strictEqual((yield* store.room(calls)).free, 1)
      }
      yield* assertBooked(book(held, { quota: wide, amount: 10 }, { quota: calls, amount: 1 }))
    }))

  test("an answered call counts until the window after its answer", (fixture) =>
    Effect.gen(function*() {
      const { advance, book, lease } = fixture
      const held = yield* lease(1)
      const booked = yield* assertBooked(book(held, { quota: calls, amount: 2 }))
      yield* advance(1234)
      yield* answer(fixture, held, booked)
      const until = yield* freeAt(fixture, held)
      assert.isAbove(until, beginning + 1234 + window)
      assert.isAtMost(until, beginning + 1234 + window + margin)
    }))

  test("an unanswered call counts until the window after its timeout", (fixture) =>
    Effect.gen(function*() {
      const { book, lease } = fixture
      const held = yield* lease(1)
      yield* assertBooked(book(held, { quota: calls, amount: 2 }))
      const until = yield* freeAt(fixture, held)
      assert.isAbove(until, beginning + timeout + window)
      assert.isAtMost(until, beginning + timeout + window + margin)
    }))

  test("calls are free at the time that Full and room promise, and not before", (fixture) =>
    Effect.gen(function*() {
      const { acquire, advance, book, lease, store } = fixture
      const held = yield* lease(1)
      yield* answer(fixture, held, yield* assertBooked(book(held, { quota: calls, amount: 2 })))
      const until = yield* freeAt(fixture, held)
      yield* advance(until - beginning - 1)
      deepStrictEqual(yield* store.room(calls), { free: 0, until })
      const current = yield* acquire()
      yield* assertFull(book(current, { quota: calls, amount: 1 }))
      yield* advance(1)
      deepStrictEqual(yield* store.room(calls), { free: 2, until })
      yield* assertBooked(book(current, { quota: calls, amount: 2 }))
    }))

  test("Full says when enough calls of all quotas are free", (fixture) =>
    Effect.gen(function*() {
      const { advance, book, lease } = fixture
      const held = yield* lease(1)
      const one = quota("one", 4, window)
      const two = quota("two", 2, 2 * window)
      const until = (...bookings: Parameters<typeof book> extends [unknown, ...infer Rest] ? Rest : never) =>
        assertFull(book(held, ...bookings))
      for (const amount of [1, 2, 1]) {
        yield* answer(fixture, held, yield* assertBooked(book(held, { quota: one, amount })))
        yield* advance(10)
      }
      const first = yield* until({ quota: one, amount: 1 })
      assert.strictEqual(yield* until({ quota: one, amount: 2 }), first + 10)
      assert.strictEqual(yield* until({ quota: one, amount: 3 }), first + 10)
      assert.strictEqual(yield* until({ quota: one, amount: 4 }), first + 20)
      assert.strictEqual(yield* until({ quota: one, amount: 1 }, { quota: one, amount: 3 }), first + 20)
      assert.strictEqual(yield* until({ quota: one, amount: 1 }, { quota: two, amount: 1 }), first)
      yield* answer(fixture, held, yield* assertBooked(book(held, { quota: two, amount: 2 })))
      const second = yield* until({ quota: two, amount: 1 })
      assert.isAbove(second, first)
      assert.strictEqual(yield* until({ quota: one, amount: 1 }, { quota: two, amount: 1 }), second)
      assert.strictEqual(yield* until({ quota: two, amount: 1 }, { quota: one, amount: 1 }), second)
    }))

  test("room counts the free calls", ({ advance, book, lease, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      deepStrictEqual(yield* store.room(calls), { free: 2, until: beginning })
      yield* assertBooked(book(held, { quota: calls, amount: 1 }))
      yield* advance(5)
      deepStrictEqual(yield* store.room(calls), { free: 1, until: beginning + 5 })
    }))

  test("room is never negative when the limit was lowered", ({ book, lease, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      yield* assertBooked(book(held, { quota: calls, amount: 2 }))
      assert.strictEqual((yield* store.room({ ...calls, limit: 1 })).free, 0)
    }))

  test("two campaigns share a quota of one name, and not one of another name", ({ book, lease, store }) =>
    Effect.gen(function*() {
      const one = yield* lease(1, "one")
      const two = yield* lease(1, "two")
      yield* assertBooked(book(one, { quota: calls, amount: 2 }))
      yield* assertFull(book(two, { quota: calls, amount: 1 }))
      yield* assertBooked(book(two, { quota: quota("other", 2), amount: 2 }))
      assert.strictEqual((yield* store.room(quota("third", 2))).free, 2)
    }))

  test("many books at once never exceed the limit", ({ book, lease, store }) =>
    Effect.gen(function*() {
      const held = yield* Effect.forEach(["one", "two", "three"], (id) => lease(1, id))
      const one = quota("one", 5)
      const two = quota("two", 7)
      const booked = yield* Effect.forEach(
        Array.from({ length: 5 }, () => held).flat(),
        (lease, n) => {
          const bookings = [{ quota: one, amount: 1 }, { quota: two, amount: 1 }]
          return book(lease, ...(n % 2 === 0 ? bookings : bookings.reverse()))
        },
        { concurrency: "unbounded" }
      )
      assert.strictEqual(booked.filter(({ _tag }) => _tag === "Booked").length, 5)
      assert.strictEqual((yield* store.room(two)).free, 2)
    }))

  test("the calls of a removed campaign still count", ({ book, lease, store }) =>
    Effect.gen(function*() {
      yield* assertBooked(book(yield* lease(1), { quota: calls, amount: 2 }))
      yield* store.remove("campaign")
      assert.strictEqual((yield* store.room(calls)).free, 0)
    }))

  test("close lets no call through, and a shorter close does not open the quota", ({ advance, book, lease, store }) =>
    Effect.gen(function*() {
      const held = yield* lease(1)
      yield* store.close(calls, 500)
      yield* store.close(calls, 100)
      deepStrictEqual(yield* store.room(calls), { free: 0, until: beginning + 500 })
      assert.strictEqual(yield* assertFull(book(held, { quota: calls, amount: 1 })), beginning + 500)
      yield* advance(499)
      yield* assertFull(book(held, { quota: calls, amount: 1 }))
      yield* advance(1)
      yield* assertBooked(book(held, { quota: calls, amount: 2 }))
    }))

  test("a quota that is closed and full is free when both are over", (fixture) =>
    Effect.gen(function*() {
      const { book, lease, store } = fixture
      const held = yield* lease(1)
      yield* answer(fixture, held, yield* assertBooked(book(held, { quota: calls, amount: 2 })))
      yield* store.close(calls, 10)
      assert.isAbove(yield* freeAt(fixture, held), beginning + window)
      yield* store.close(calls, 5 * window)
      assert.strictEqual(yield* freeAt(fixture, held), beginning + 5 * window)
    }))
}
