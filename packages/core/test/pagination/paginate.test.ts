import { InvitationsService } from "@effect-clerk/core"
import { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { UnexpectedResponse } from "@effect-clerk/core/InvitationError"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import type { ListInvitations, StreamInvitations } from "@effect-clerk/core/ListInvitations"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, DateTime, Deferred, Effect, Fiber, Option, Ref, Stream } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

const row = (index: number): Invitation =>
  new Invitation({
    id: InvitationId.make(`inv_${index}`),
    emailAddress: `person${index}@example.com`,
    publicMetadata: {},
    status: "pending",
    url: Option.none(),
    expiresAt: Option.some(DateTime.unsafeMake(1_700_000_000_000)),
    createdAt: DateTime.unsafeMake(1_600_000_000_000 - index),
    updatedAt: DateTime.unsafeMake(1_600_000_000_000)
  }, { disableValidation: true })

const page = (count: number, { limit = 10, offset = 0 }: ListInvitations): InvitationPage =>
  new InvitationPage({
    data: Array.from({ length: Math.max(0, Math.min(limit, count - offset)) }, (_, index) => row(offset + index)),
    totalCount: count
  }, { disableValidation: true })

type List = InvitationsPrimitives["list"]

const unused = () => Effect.dieMessage("paging calls only list")

const serviceOf = (list: List) =>
  InvitationsService.fromPrimitives({ create: unused, createBulk: unused, revoke: unused, delete: unused, list })

const listOf = (count: number): List => (params) => Effect.succeed(page(count, params))

const idsOf = (list: List, params: StreamInvitations.Input) =>
  Effect.map(
    Stream.runCollect(serviceOf(list).stream(params)),
    (rows) => Chunk.toReadonlyArray(rows).map(({ id }) => String(id))
  )

const expected = (count: number) => Array.from({ length: count }, (_, index) => `inv_${index}`)

const sizes = [{ pageSize: 5, concurrency: 1 }, { pageSize: 5, concurrency: 4 }] as const

setFlagsFromString("--expose-gc")
const collect: unknown = runInNewContext("gc")

const heapInUse = () => {
  if (typeof collect === "function") Reflect.apply(collect, undefined, [])
  return process.memoryUsage().heapUsed / 1024 / 1024
}

describe.each(sizes)("paging with pageSize $pageSize and concurrency $concurrency", (input) => {
  it.effect("emits all rows if the server gives fewer rows than requested", () =>
    Effect.gen(function*() {
      const capped: List = (requested) =>
        Effect.succeed(page(23, { ...requested, limit: Math.min(3, requested.limit ?? 10) }))
      assert.deepStrictEqual(yield* idsOf(capped, input), expected(23))
    }))

  it.effect("emits all rows if the server gives more rows than requested", () =>
    Effect.gen(function*() {
      const generous: List = (requested) => Effect.succeed(page(23, { ...requested, limit: 11 }))
      assert.deepStrictEqual(yield* idsOf(generous, input), expected(23))
    }))

  it.effect("fails with UnexpectedResponse if the server ignores the offset", () =>
    Effect.gen(function*() {
      const ignoresOffset: List = (requested) => Effect.succeed(page(23, { ...requested, offset: 0 }))
      const error = yield* Effect.flip(idsOf(ignoresOffset, input))
      assert.instanceOf(error, UnexpectedResponse)
      assert.include(error, { operation: "list", status: 200, excerpt: "" })
    }))

  it.effect("emits all rows if the server counts too few", () =>
    Effect.gen(function*() {
      const undercounting: List = (requested) =>
        Effect.succeed(
          new InvitationPage({ data: page(23, requested).data, totalCount: Math.min(23, (requested.offset ?? 0) + 5) })
        )
      assert.deepStrictEqual(yield* idsOf(undercounting, input), expected(23))
    }))

  it.effect("fails with UnexpectedResponse if the server counts too many rows", () =>
    Effect.gen(function*() {
      const overcounting: List = (requested) =>
        Effect.succeed(new InvitationPage({ data: page(23, requested).data, totalCount: 40 }))
      assert.instanceOf(yield* Effect.flip(idsOf(overcounting, input)), UnexpectedResponse)
    }))

  it.effect("fetches a page again that is empty once", () =>
    Effect.gen(function*() {
      const emptied = yield* Ref.make(false)
      const flaky: List = (requested) =>
        Effect.flatMap(Ref.getAndSet(emptied, (requested.offset ?? 0) > 0), (before) =>
          Effect.succeed(
            (requested.offset ?? 0) > 0 && !before
              ? new InvitationPage({ data: [], totalCount: 23 })
              : page(23, requested)
          ))
      assert.deepStrictEqual(yield* idsOf(flaky, input), expected(23))
    }))

  it.effect("emits all rows if the server sorts in an unknown order", () =>
    Effect.gen(function*() {
      // For example, a collation that ignores punctuation.
      const rows = expected(40).map((_, index) => row((index * 17) % 40))
      const unsorted: List = ({ limit = 10, offset = 0 }) =>
        Effect.succeed(new InvitationPage({ data: rows.slice(offset, offset + limit), totalCount: 40 }))
      assert.deepStrictEqual(
        yield* idsOf(unsorted, { ...input, orderBy: "email_address" }),
        rows.map(({ id }) => String(id))
      )
    }))

  it.effect("prefetches no more pages than `concurrency` while the consumer is slow", () =>
    Effect.gen(function*() {
      const requested = yield* Ref.make(0)
      const list: List = (params) =>
        Effect.zipRight(Ref.update(requested, (n) => n + 1), Effect.succeed(page(1000, params)))
      const reached = yield* Deferred.make<boolean>()
      const fiber = yield* serviceOf(list).stream(input).pipe(
        Stream.runForEach(() => Effect.zipRight(Deferred.succeed(reached, true), Effect.never)),
        Effect.fork
      )
      yield* Deferred.await(reached)
      for (let tick = 0; tick < 100; tick++) yield* Effect.yieldNow()
      assert.isTrue((yield* Ref.get(requested)) <= 1 + input.concurrency)
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("finds its place again if rows are removed from a list without a total, in pages longer than requested", () =>
    Effect.gen(function*() {
      // The server ignores the limit and sends eleven rows. After six pages, 25 of the rows emitted are gone.
      const pages = yield* Ref.make(0)
      const shrinking: List = ({ offset = 0 }) =>
        Effect.map(Ref.updateAndGet(pages, (n) => n + 1), (n) => {
          const rows = expected(100).map((_, index) => row(index)).slice(n > 6 ? 25 : 0)
          const data = rows.slice(offset, offset + 11)
          return new InvitationPage({ data, totalCount: offset + data.length, totalIsKnown: false })
        })
      assert.deepStrictEqual(yield* idsOf(shrinking, input), expected(100))
    }))

  it.effect("interrupts the pages in flight when the consumer has enough, and when it is interrupted", () =>
    Effect.gen(function*() {
      const inFlight = yield* Ref.make(0)
      // Only the first page responds.
      const list: List = (params) =>
        (params.offset ?? 0) === 0
          ? Effect.succeed(page(1000, params))
          : Effect.acquireUseRelease(
            Ref.update(inFlight, (n) => n + 1),
            () => Effect.never,
            () => Ref.update(inFlight, (n) => n - 1)
          )
      const first = yield* serviceOf(list).stream(input).pipe(Stream.take(5), Stream.runCount)
      assert.strictEqual(first, 5)
      assert.strictEqual(yield* Ref.get(inFlight), 0)

      const fiber = yield* Effect.fork(Stream.runDrain(serviceOf(list).stream(input)))
      while ((yield* Ref.get(inFlight)) < input.concurrency) yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* Ref.get(inFlight), 0)
    }))
})

describe("paging", () => {
  it.effect("has as many pages in flight as `concurrency` allows", () =>
    Effect.gen(function*() {
      const most = yield* Ref.make(0)
      const inFlight = yield* Ref.make(0)
      const list: List = (params) =>
        Effect.acquireUseRelease(
          Effect.flatMap(Ref.updateAndGet(inFlight, (n) => n + 1), (n) => Ref.update(most, (m) => Math.max(m, n))),
          () => Effect.as(Effect.yieldNow(), page(300, params)),
          () => Ref.update(inFlight, (n) => n - 1)
        )
      assert.strictEqual(yield* Stream.runCount(serviceOf(list).stream({ pageSize: 10, concurrency: 6 })), 300)
      assert.strictEqual(yield* Ref.get(most), 6)
    }))

  it.effect("keeps pages in memory, not rows", () =>
    Effect.gen(function*() {
      const before = heapInUse()
      let most = 0
      let pages = 0
      const list: List = (params) =>
        Effect.sync(() => {
          if (++pages % 50 === 0) most = Math.max(most, heapInUse() - before)
          return page(250_000, params)
        })
      assert.strictEqual(yield* Stream.runCount(serviceOf(listOf(1000)).stream()), 1000)
      assert.strictEqual(yield* Stream.runCount(serviceOf(list).stream({ concurrency: 4 })), 250_000)
      assert.isTrue(pages < 530, `${pages} pages`)
      assert.isTrue(most < 32, `${most} MiB`)
    }), 60_000)
})
