import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import * as NextPage from "../../src/internal/pagination/nextPage.js"
import * as Prefetch from "../../src/internal/pagination/prefetch.js"
import { serverError } from "../utils.js"

/** The state for a page of ten rows at an offset. Two rows overlap, so a stride is eight rows. */
const at = (offset: number, total: number | undefined, limit = 10): NextPage.State => ({
  ...NextPage.start("created_at", 10),
  offset,
  limit,
  total
})

/** The prefetch over pages whose total is their offset, and the requests it has sent. */
const setup = Effect.fnUntraced(function*(concurrency: number) {
  const requested: Array<readonly [offset: number, limit: number]> = []
  const fetch = Prefetch.make(
    (offset, limit) =>
      Effect.sync(() => {
        requested.push([offset, limit])
        return new InvitationPage({ data: [], totalCount: offset, totalIsKnown: true })
      }),
    concurrency,
    yield* Effect.scope
  )
  return {
    /** Fetches the page of a state; returns its offset. */
    fetch: (state: NextPage.State) => Effect.map(fetch(state), ({ totalCount }) => totalCount),
    /** The offsets requested since the last call. */
    offsets: Effect.repeatN(Effect.yieldNow(), 5).pipe(
      Effect.map(() => requested.splice(0).map(([offset]) => offset))
    ),
    requested
  }
})

describe("prefetch", () => {
  it.scoped("fetches one page at a time while the total is unknown", () =>
    Effect.gen(function*() {
      const { fetch, offsets } = yield* setup(3)
      assert.strictEqual(yield* fetch(at(0, undefined)), 0)
      assert.deepStrictEqual(yield* offsets, [0])
      assert.strictEqual(yield* fetch(at(8, undefined)), 8)
      assert.deepStrictEqual(yield* offsets, [8])
    }))

  it.scoped("fetches each page once, as far ahead as the concurrency allows", () =>
    Effect.gen(function*() {
      const { fetch, offsets } = yield* setup(3)
      assert.strictEqual(yield* fetch(at(8, 100)), 8)
      assert.deepStrictEqual(yield* offsets, [8, 16, 24])
      assert.strictEqual(yield* fetch(at(16, 100)), 16)
      assert.deepStrictEqual(yield* offsets, [32])
      assert.strictEqual(yield* fetch(at(24, 100)), 24)
      assert.deepStrictEqual(yield* offsets, [40])
      const one = yield* setup(1)
      assert.strictEqual(yield* one.fetch(at(8, 100)), 8)
      assert.deepStrictEqual(yield* one.offsets, [8])
    }))

  it.scoped("fetches nothing ahead at or after the end of the list", () =>
    Effect.gen(function*() {
      const { fetch, offsets } = yield* setup(4)
      yield* fetch(at(8, 24))
      assert.deepStrictEqual(yield* offsets, [8, 16])
      yield* fetch(at(16, 24))
      assert.deepStrictEqual(yield* offsets, [])
      assert.strictEqual(yield* fetch(at(24, 24)), 24)
      assert.deepStrictEqual(yield* offsets, [24])
    }))

  it.scoped("fetches the pages again if the offset or the limit has shifted", () =>
    Effect.gen(function*() {
      const { fetch, offsets, requested } = yield* setup(2)
      yield* fetch(at(8, 100))
      assert.deepStrictEqual(yield* offsets, [8, 16])
      assert.strictEqual(yield* fetch(at(15, 100)), 15)
      assert.deepStrictEqual(yield* offsets, [15, 23])
      yield* fetch(at(23, 100, 6))
      assert.deepStrictEqual(requested, [[23, 6], [27, 6]])
    }))

  it.effect("interrupts the pages that have become useless, and all at the end of the scope", () =>
    Effect.gen(function*() {
      const interrupted: Array<number> = []
      const reached = yield* Deferred.make<boolean>()
      const program = Effect.gen(function*() {
        const fetch = Prefetch.make(
          (offset) =>
            offset === 8
              ? Effect.succeed(new InvitationPage({ data: [], totalCount: 100, totalIsKnown: true }))
              : Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted.push(offset))),
          2,
          yield* Effect.scope
        )
        yield* fetch(at(8, 100))
        const shifted = yield* Effect.fork(fetch(at(20, 100)))
        yield* Effect.repeatN(Effect.yieldNow(), 5)
        assert.deepStrictEqual(interrupted, [16])
        yield* Deferred.succeed(reached, true)
        yield* Fiber.join(shifted)
      })
      const fiber = yield* Effect.fork(Effect.scoped(program))
      yield* Deferred.await(reached)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual([...interrupted].sort((a, b) => a - b), [16, 20, 28])
    }))

  it.scoped("fails with the error of the page", () =>
    Effect.gen(function*() {
      const fetch = Prefetch.make(() => Effect.fail(serverError), 2, yield* Effect.scope)
      for (const state of [at(0, undefined), at(0, 100)]) {
        assert.strictEqual(yield* Effect.flip(fetch(state)), serverError)
      }
    }))
})
