import { UnexpectedResponse } from "@effect-clerk/core/InvitationError"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Equal, FastCheck as fc, Ref, Stream } from "effect"
import { makeFake, makeInvitations } from "../utils.js"
import { field, forbidden, ids } from "./utils.js"

describe("stream", () => {
  const inputsOf = Effect.map<ReadonlyArray<{ readonly input: unknown }>, ReadonlyArray<unknown>>((calls) =>
    calls.map(({ input }) => input)
  )

  it.effect("emits the rows of all pages in order", () =>
    Effect.gen(function*() {
      const rows = makeInvitations(7)
      const fake = yield* makeFake(rows)
      const found = yield* Stream.runCollect(fake.service.stream({ pageSize: 3 }))
      assert.deepStrictEqual(ids(found), ids(rows))
    }))

  it.effect("requests overlapping pages up to the total", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(7))
      yield* Stream.runDrain(fake.service.stream({ pageSize: 4, concurrency: 1 }))
      const filter = { status: undefined, query: undefined, orderBy: "-created_at", limit: 4 }
      assert.deepStrictEqual(yield* inputsOf(fake.calls), [
        { ...filter, offset: 0 },
        { ...filter, offset: 2 },
        { ...filter, offset: 4 }
      ])
    }))

  it.effect("requests 500 rows at a time by default", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(2))
      yield* Stream.runDrain(fake.service.stream())
      const [call] = yield* fake.calls
      assert(call !== undefined)
      assert.strictEqual(field(call.input, "limit"), 500)
    }))

  it.effect("sends the filter and the order with every request", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(4))
      const filter = { status: "pending", query: "person", orderBy: "+email_address" } as const
      const found = yield* Stream.runCollect(fake.service.stream({ ...filter, pageSize: 4, concurrency: 1 }))
      assert.strictEqual(found.length, 4)
      assert.deepStrictEqual(yield* inputsOf(fake.calls), [
        { ...filter, limit: 4, offset: 0 },
        { ...filter, limit: 4, offset: 2 }
      ])
    }))

  it.effect("continues after a short page until it has reached the total", () =>
    Effect.gen(function*() {
      const rows = makeInvitations(7)
      // Returns at most two rows, like a server that caps its pages.
      const fake = yield* makeFake(rows, ({ list }) => ({ list: (params) => list({ ...params, limit: 2 }) }))
      const found = yield* Stream.runCollect(fake.service.stream({ pageSize: 5 }))
      assert.deepStrictEqual(ids(found), ids(rows))
    }))

  it.effect("is empty for an empty list, after one request", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      assert.isTrue(Chunk.isEmpty(yield* Stream.runCollect(fake.service.stream())))
      assert.strictEqual((yield* fake.calls).length, 1)
    }))

  it.effect.each<readonly [rows: number, calls: number]>([
    [0, 1],
    [1, 3],
    [4, 2],
    [9, 5]
  ])(
    "continues to a page without new rows if the total is unknown: %d rows, %d calls",
    ([count, calls]) =>
      Effect.gen(function*() {
        const rows = makeInvitations(count)
        const fake = yield* makeFake(rows, ({ list }) => ({
          list: (params) =>
            Effect.map(
              list(params),
              ({ data }) =>
                new InvitationPage({ data, totalCount: (params.offset ?? 0) + data.length, totalIsKnown: false })
            )
        }))
        const found = yield* Stream.runCollect(fake.service.stream({ pageSize: 4, concurrency: 1 }))
        assert.deepStrictEqual(ids(found), ids(rows))
        assert.strictEqual((yield* fake.calls).length, calls)
      })
  )

  it.effect("fails with UnexpectedResponse on an empty page in the middle, after the rows before it", () =>
    Effect.gen(function*() {
      const rows = makeInvitations(6)
      const fake = yield* makeFake(rows, ({ list }) => ({
        list: (params) =>
          Effect.map(
            list(params),
            ({ data, totalCount }) =>
              new InvitationPage({ data: (params.offset ?? 0) >= 3 ? [] : data, totalCount, totalIsKnown: true })
          )
      }))
      const seen = yield* Ref.make<ReadonlyArray<string>>([])
      const failure = yield* fake.service.stream({ pageSize: 2, concurrency: 1 }).pipe(
        Stream.runForEach(({ id }) => Ref.update(seen, (before) => [...before, id])),
        Effect.flip
      )
      assert.instanceOf(failure, UnexpectedResponse)
      assert.strictEqual(failure.operation, "list")
      assert.include(failure.message, "an empty page in the middle of the list")
      assert.deepStrictEqual(yield* Ref.get(seen), ["inv_1", "inv_2", "inv_3", "inv_4"])
    }))

  it.effect("fails with the error of a page, after the rows before it", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(6), ({ list }) => ({
        list: (params) => (params.offset ?? 0) >= 1 ? Effect.fail(forbidden) : list(params)
      }))
      const seen = yield* Ref.make<ReadonlyArray<string>>([])
      const failure = yield* fake.service.stream({ pageSize: 2, concurrency: 1 }).pipe(
        Stream.runForEach(({ id }) => Ref.update(seen, (before) => [...before, id])),
        Effect.flip
      )
      assert.isTrue(Equal.equals(failure, forbidden))
      assert.deepStrictEqual(yield* Ref.get(seen), ["inv_1", "inv_2"])
      assert.strictEqual((yield* fake.calls).length, 2)
    }))

  it.effect("stops fetching when the consumer stops", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(100))
      const found = yield* fake.service.stream({ pageSize: 4, concurrency: 1 }).pipe(Stream.take(5), Stream.runCollect)
      assert.deepStrictEqual(ids(found), ["inv_1", "inv_2", "inv_3", "inv_4", "inv_5"])
      assert.strictEqual((yield* fake.calls).length, 2)
    }))

  it.effect("sends nothing until it runs, and starts again on each run", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(3))
      const stream = fake.service.stream()
      assert.deepStrictEqual(yield* fake.calls, [])
      assert.strictEqual(yield* Stream.runCount(stream), 3)
      assert.strictEqual(yield* Stream.runCount(stream), 3)
    }))

  it.effect.prop(
    "emits every row once, in order, for every size of list and page",
    [fc.nat({ max: 40 }), fc.integer({ min: 1, max: 45 }), fc.integer({ min: 2, max: 45 }), fc.boolean()],
    ([count, pageSize, cap, totalIsKnown]) =>
      Effect.gen(function*() {
        const rows = makeInvitations(count)
        const fake = yield* makeFake(rows, ({ list }) => ({
          list: (params) =>
            Effect.map(
              list({ ...params, limit: Math.min(cap, params.limit ?? 10) }),
              ({ data, totalCount }) =>
                new InvitationPage({
                  data,
                  totalCount: totalIsKnown ? totalCount : (params.offset ?? 0) + data.length,
                  totalIsKnown
                })
            )
        }))
        assert.deepStrictEqual(ids(yield* Stream.runCollect(fake.service.stream({ pageSize }))), ids(rows))
      })
  )
})
