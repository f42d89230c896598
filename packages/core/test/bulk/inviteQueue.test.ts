import { InviteOutcome } from "@effect-clerk/core"
import { Forbidden } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Cause, Effect, Exit, Fiber, Option } from "effect"
import * as InviteQueue from "../../src/internal/bulk/inviteQueue.js"
import type { Item } from "../../src/internal/bulk/item.js"
import { makeInvitation } from "../utils.js"
import { ambiguous, attempted, capacity, inputOutcomes, item, responseFields } from "./fixtures.js"

const forbidden = new Forbidden({ ...responseFields, operation: "create", status: 403 })

const make = (
  options: { readonly concurrency?: number; readonly ordered?: boolean; readonly useSingleCreates?: boolean } = {}
) => InviteQueue.make<Forbidden>({ concurrency: 1, isPaced: false, ordered: false, useSingleCreates: true, ...options })

const items = (from: number, to: number): ReadonlyArray<Item> =>
  Array.from({ length: to - from + 1 }, (_, index) => item(from + index))

const positions = (values: Iterable<{ readonly position: number }>): ReadonlyArray<number> =>
  Array.from(values, ({ position }) => position)

const finished = (position: number): InviteOutcome.InputOutcome => InviteOutcome.UserExists(attempted(item(position)))

/** Forks an effect and lets it run as far as it can. */
const start = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.tap(Effect.fork(effect), Effect.repeatN(Effect.yieldNow(), 5))

const isWaiting = <A, E>(fiber: Fiber.RuntimeFiber<A, E>) =>
  Effect.repeatN(Effect.yieldNow(), 5).pipe(
    Effect.zipRight(Fiber.poll(fiber)),
    Effect.map(Option.isNone)
  )

const enqueueAll = (queue: InviteQueue.InviteQueue<Forbidden>, all: ReadonlyArray<Item>, asSingle = false) =>
  Effect.forEach(all, (each) => queue.enqueue(each, asSingle), { discard: true })

describe("batches", () => {
  it.effect("wait until ten items are there, and hold ten at most", () =>
    Effect.gen(function*() {
      const queue = make()
      yield* enqueueAll(queue, items(1, 9))
      const wait = yield* start(queue.batches.wait)
      assert.isTrue(yield* isWaiting(wait))
      deepStrictEqual((yield* queue.batches.take).items, [])
      yield* enqueueAll(queue, items(10, 11))
      assert.isTrue(yield* Fiber.join(wait))
      deepStrictEqual(positions((yield* queue.batches.take).items), positions(items(1, 10)))
      deepStrictEqual((yield* queue.batches.take).items, [])
    }))

  it.effect("are partial once the input has ended", () =>
    Effect.gen(function*() {
      const queue = make()
      yield* enqueueAll(queue, items(1, 2))
      const wait = yield* start(queue.batches.wait)
      assert.isTrue(yield* isWaiting(wait))
      yield* queue.end(Exit.void)
      assert.isTrue(yield* Fiber.join(wait))
      deepStrictEqual(positions((yield* queue.batches.take).items), [1, 2])
      assert.isTrue(yield* isWaiting(yield* start(queue.batches.wait)))
    }))

  it.effect("are partial if the intake waits for one of their items, in order", () =>
    Effect.gen(function*() {
      const queue = make({ ordered: true })
      yield* enqueueAll(queue, items(0, 1))
      yield* queue.admit(item(999))
      const wait = yield* start(queue.batches.wait)
      assert.isTrue(yield* isWaiting(wait))
      const admit = yield* start(queue.admit(item(1000)))
      assert.isTrue(yield* isWaiting(admit))
      assert.isTrue(yield* Fiber.join(wait))
      deepStrictEqual(positions((yield* queue.batches.take).items), [0, 1])
      // The item is in flight: other items do not help.
      yield* queue.enqueue(item(999), false)
      assert.isTrue(yield* isWaiting(yield* start(queue.batches.wait)))
      deepStrictEqual((yield* queue.batches.take).items, [])
      yield* queue.finish(finished(0))
      yield* Fiber.join(admit)
    }))

  it.effect("do not depend on the position without the order", () =>
    Effect.gen(function*() {
      const queue = make()
      yield* queue.admit(item(0))
      yield* queue.enqueue(item(0), false)
      yield* queue.admit(item(5000))
      deepStrictEqual((yield* queue.batches.take).items, [])
    }))

  it.effect("wait while the consumer has ten outcomes to take", () =>
    Effect.gen(function*() {
      const queue = make()
      yield* enqueueAll(queue, items(1, 10))
      yield* Effect.forEach(items(11, 19), ({ position }) => queue.finish(finished(position)))
      assert.isTrue(yield* queue.batches.wait)
      yield* queue.finish(finished(20))
      const waits = [yield* start(queue.batches.wait), yield* start(queue.singles.wait)]
      for (const wait of waits) assert.isTrue(yield* isWaiting(wait))
      deepStrictEqual(positions(inputOutcomes([yield* queue.next])), [11])
      deepStrictEqual(yield* Fiber.joinAll(waits), [true, true])
    }))
})

describe("singles", () => {
  it.effect("are the likely rejections first, then the items of the batches", () =>
    Effect.gen(function*() {
      const queue = make()
      const wait = yield* start(queue.singles.wait)
      assert.isTrue(yield* isWaiting(wait))
      yield* enqueueAll(queue, items(1, 2))
      assert.isTrue(yield* Fiber.join(wait))
      yield* enqueueAll(queue, items(3, 4), true)
      const taken = yield* Effect.replicateEffect(queue.singles.take, 5)
      deepStrictEqual(taken.map(({ items }) => positions(items)), [[3], [4], [1], [2], []])
    }))

  it.effect("wait for an item after the input has ended too", () =>
    Effect.gen(function*() {
      const queue = make()
      yield* queue.admit(item(1))
      yield* queue.end(Exit.void)
      const wait = yield* start(queue.singles.wait)
      assert.isTrue(yield* isWaiting(wait))
      yield* queue.divide([item(1)])
      assert.isTrue(yield* Fiber.join(wait))
    }))

  it.effect("are twenty likely rejections at most, and none without single creates", () =>
    Effect.gen(function*() {
      const queue = make()
      yield* enqueueAll(queue, items(1, 31), true)
      deepStrictEqual(positions((yield* queue.batches.take).items), positions(items(21, 30)))
      deepStrictEqual(positions((yield* queue.singles.take).items), [1])
      const batchesOnly = make({ useSingleCreates: false })
      yield* enqueueAll(batchesOnly, items(1, 10), true)
      deepStrictEqual(positions((yield* batchesOnly.batches.take).items), positions(items(1, 10)))
    }))
})

describe("admit", () => {
  it.effect("waits while the job has no room for another input", () =>
    Effect.gen(function*() {
      for (const concurrency of [1, 2]) {
        const queue = make({ concurrency })
        const room = capacity(concurrency)
        yield* Effect.forEach(items(1, room), (each) => queue.admit(each))
        const admit = yield* start(queue.admit(item(room + 1)))
        assert.isTrue(yield* isWaiting(admit))
        yield* queue.finish(finished(1))
        yield* Fiber.join(admit)
      }
    }))

  it.effect("waits while the consumer has ten outcomes to take", () =>
    Effect.gen(function*() {
      const queue = make()
      yield* Effect.forEach(items(1, 10), ({ position }) => queue.finish(finished(position)))
      const admit = yield* start(queue.admit(item(11)))
      assert.isTrue(yield* isWaiting(admit))
      yield* queue.next
      yield* Fiber.join(admit)
    }))
})

describe("requeue", () => {
  it.effect("puts items to the front, and records how they have changed", () =>
    Effect.gen(function*() {
      const queue = make()
      yield* enqueueAll(queue, items(1, 10))
      yield* enqueueAll(queue, items(11, 12), true)
      const changed = item(13, { replaced: [makeInvitation(13).id] })
      yield* queue.requeue([changed, item(14)])
      deepStrictEqual(positions((yield* queue.batches.take).items), [13, 14, 1, 2, 3, 4, 5, 6, 7, 8])
      const taken = yield* Effect.replicateEffect(queue.singles.take, 5)
      deepStrictEqual(taken.map(({ items }) => positions(items)), [[11], [12], [9], [10], []])
      const { unsent } = yield* queue.incomplete
      deepStrictEqual(unsent.find(({ position }) => position === 13), attempted(changed))
      assert.strictEqual(unsent.length, 14)
    }))
})

describe("next", () => {
  it.effect("takes the outcomes as they come, or in the order of the positions", () =>
    Effect.gen(function*() {
      for (const ordered of [false, true]) {
        const queue = make({ ordered })
        const first = yield* start(queue.next)
        assert.isTrue(yield* isWaiting(first))
        yield* Effect.forEach([2, 0, 1], (position) => queue.finish(finished(position)))
        const outcomes = [yield* Fiber.join(first), yield* queue.next, yield* queue.next]
        deepStrictEqual(positions(inputOutcomes(outcomes)), ordered ? [0, 1, 2] : [2, 0, 1])
      }
    }))

  it.effect("ends once the input has ended and every input has its outcome", () =>
    Effect.gen(function*() {
      for (const exit of [Exit.void, Exit.fail(forbidden)]) {
        const queue = make()
        yield* queue.admit(item(0))
        yield* queue.end(exit)
        const waits = [yield* start(queue.batches.wait), yield* start(queue.singles.wait)]
        const next = yield* start(queue.next)
        for (const wait of waits) assert.isTrue(yield* isWaiting(wait))
        assert.isTrue(yield* isWaiting(next))
        yield* queue.finish(finished(0))
        deepStrictEqual(positions(inputOutcomes([yield* Fiber.join(next)])), [0])
        deepStrictEqual(yield* Fiber.joinAll(waits), [false, false])
        deepStrictEqual(
          yield* Effect.flip(queue.next),
          Exit.isSuccess(exit) ? Option.none() : Option.some(forbidden)
        )
        deepStrictEqual(yield* queue.incomplete, { outcomes: [], unknown: [], unsent: [] })
      }
    }))

  it.effect("leaves the outcome if it is interrupted", () =>
    Effect.gen(function*() {
      const queue = make()
      const next = yield* start(queue.next)
      yield* Fiber.interrupt(next)
      yield* queue.finish(finished(0))
      deepStrictEqual(positions((yield* queue.incomplete).outcomes), [0])
      deepStrictEqual(positions(inputOutcomes([yield* queue.next])), [0])
    }))
})

describe("fail", () => {
  it.effect("stops the intake and the workers", () =>
    Effect.gen(function*() {
      const queue = make()
      yield* enqueueAll(queue, items(1, 10))
      const waits = [yield* start(queue.batches.wait), yield* start(queue.singles.wait)]
      deepStrictEqual(yield* Fiber.joinAll(waits), [true, true])
      yield* queue.fail(Cause.fail(forbidden))
      deepStrictEqual([yield* queue.batches.wait, yield* queue.singles.wait], [false, false])
      deepStrictEqual([(yield* queue.batches.take).items, (yield* queue.singles.take).items], [[], []])
      assert.isTrue(yield* isWaiting(yield* start(queue.admit(item(11)))))
    }))

  it.effect("emits the outcomes before the first failure, also those that wait for their turn", () =>
    Effect.gen(function*() {
      const queue = make({ ordered: true })
      yield* queue.end(Exit.fail(new Forbidden({ ...responseFields, operation: "list", status: 403 })))
      yield* Effect.forEach([3, 0, 2], (position) => queue.finish(finished(position)))
      yield* queue.fail(Cause.fail(forbidden))
      yield* queue.fail(Cause.die("later"))
      const outcomes = yield* Effect.replicateEffect(queue.next, 3)
      deepStrictEqual(positions(inputOutcomes(outcomes)), [0, 2, 3])
      deepStrictEqual(yield* Effect.flip(queue.next), Option.some(forbidden))
    }))
})

describe("stop and close", () => {
  it.effect("stop intake and sending, then give every input an outcome, and emit Stopped last", () =>
    Effect.gen(function*() {
      for (const ordered of [false, true]) {
        const queue = make({ ordered })
        yield* Effect.forEach(items(0, 4), (each) => queue.admit(each))
        yield* enqueueAll(queue, items(0, 3))
        const stopped = yield* start(queue.stopped)
        assert.isTrue(yield* isWaiting(stopped))
        yield* queue.stop(forbidden)
        yield* queue.stop(new Forbidden({ ...responseFields, operation: "list", status: 403 }))
        yield* Fiber.join(stopped)
        assert.isTrue(yield* queue.isStopped)
        deepStrictEqual([yield* queue.batches.wait, yield* queue.singles.wait], [false, false])
        deepStrictEqual([(yield* queue.batches.take).items, (yield* queue.singles.take).items], [[], []])
        assert.isTrue(yield* isWaiting(yield* start(queue.admit(item(5)))))

        // A call that was in flight ends.
        yield* queue.requeue([item(1, { ambiguity: Option.some(ambiguous) })])
        yield* queue.finish(finished(3))
        const first = yield* start(queue.next)
        assert.strictEqual(yield* isWaiting(first), ordered)
        yield* queue.close
        yield* queue.close
        // A look-up that ends later has no effect.
        yield* queue.finish(finished(2))
        const outcomes = [yield* Fiber.join(first), ...yield* Effect.replicateEffect(queue.next, 6)]
        deepStrictEqual(
          outcomes.map((outcome): unknown =>
            outcome._tag === "Stopped" ? outcome.error : [outcome.position, outcome._tag]
          ),
          [
            ...(ordered ? [] : [[3, "UserExists"]]),
            [0, "NotAttempted"],
            [1, "Unknown"],
            [2, "NotAttempted"],
            ...(ordered ? [[3, "UserExists"]] : []),
            [4, "NotAttempted"],
            [5, "NotAttempted"],
            forbidden
          ]
        )
        deepStrictEqual(yield* Effect.flip(queue.next), Option.none())
        deepStrictEqual(yield* queue.incomplete, { outcomes: [], unknown: [], unsent: [] })
      }
    }))

  it.effect("close does nothing to a job that was not stopped, or that has failed", () =>
    Effect.gen(function*() {
      const running = make()
      yield* running.admit(item(0))
      yield* running.close
      assert.isTrue(yield* isWaiting(yield* start(running.next)))
      const failed = make()
      yield* failed.admit(item(0))
      yield* failed.fail(Cause.fail(forbidden))
      yield* failed.stop(forbidden)
      yield* failed.close
      deepStrictEqual(yield* Effect.flip(failed.next), Option.some(forbidden))
    }))
})

describe("incomplete", () => {
  it.effect("lists the outcomes that were not taken, and the inputs without one", () =>
    Effect.gen(function*() {
      const queue = make({ ordered: true })
      yield* Effect.forEach(items(0, 7), (each) => queue.admit(each))
      yield* Effect.forEach([0, 1, 4], (position) => queue.finish(finished(position)))
      yield* queue.next
      yield* queue.markSent([item(2), item(3), item(5)])
      yield* queue.markNotSent([item(3), item(5, { ambiguity: Option.some(ambiguous) })])
      const changed = item(6, { replaced: [makeInvitation(6).id] })
      yield* queue.update(changed)
      const { outcomes, unknown, unsent } = yield* queue.incomplete
      deepStrictEqual(positions(outcomes), [1, 4])
      deepStrictEqual(positions(unknown), [2, 5])
      deepStrictEqual(unsent, [attempted(item(3)), attempted(changed), attempted(item(7))])
    }))
})
