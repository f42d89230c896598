import { InvitationCodec, InvitationPage, InvitationsService, UnexpectedResponse } from "@effect-clerk/core"
import type { Invitation, InvitationsPrimitives, ListInvitations, StreamInvitations } from "@effect-clerk/core"
import { describe, it } from "@effect/vitest"
import { assertInstanceOf, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Chunk, Deferred, Effect, Either, Fiber, Ref, Stream } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

const wireRow = (index: number) => ({
  object: "invitation",
  id: `inv_${index}`,
  email_address: `person${index}@example.com`,
  public_metadata: {},
  revoked: false,
  status: "pending",
  url: "https://example.com",
  expires_at: 1_700_000_000_000,
  created_at: 1_600_000_000_000 - index,
  updated_at: 1_600_000_000_000
})

const row = (index: number): Invitation => Either.getOrThrow(InvitationCodec.decodeInvitationEither(wireRow(index)))

const page = (count: number, { limit = 10, offset = 0 }: ListInvitations): InvitationPage =>
  new InvitationPage({
    data: Array.from({ length: Math.max(0, Math.min(limit, count - offset)) }, (_, index) => row(offset + index)),
    totalCount: count
  }, { disableValidation: true })

type List = InvitationsPrimitives["list"]

const unused = () => Effect.dieMessage("not a part of a walk")

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

describe.each(sizes)("a walk with pages of $pageSize, $concurrency at once", (params) => {
  it.effect("of a server that gives fewer rows than it is asked for is complete", () =>
    Effect.gen(function*() {
      const capped: List = (asked) => Effect.succeed(page(23, { ...asked, limit: Math.min(3, asked.limit ?? 10) }))
      deepStrictEqual(yield* idsOf(capped, params), expected(23))
    }))

  it.effect("of a server that gives more rows than it is asked for is complete", () =>
    Effect.gen(function*() {
      const lavish: List = (asked) => Effect.succeed(page(23, { ...asked, limit: 11 }))
      deepStrictEqual(yield* idsOf(lavish, params), expected(23))
    }))

  it.effect("of a server that ignores the offset fails typed, and neither ends early nor goes on for ever", () =>
    Effect.gen(function*() {
      const stuck: List = (asked) => Effect.succeed(page(23, { ...asked, offset: 0 }))
      assertInstanceOf(yield* Effect.flip(idsOf(stuck, params)), UnexpectedResponse)
    }))

  it.effect("of a server that says too few rows in all is complete", () =>
    Effect.gen(function*() {
      const modest: List = (asked) =>
        Effect.succeed(
          new InvitationPage({ data: page(23, asked).data, totalCount: Math.min(23, (asked.offset ?? 0) + 5) })
        )
      deepStrictEqual(yield* idsOf(modest, params), expected(23))
    }))

  it.effect("of a server that says too many rows in all fails typed", () =>
    Effect.gen(function*() {
      const boastful: List = (asked) =>
        Effect.succeed(new InvitationPage({ data: page(23, asked).data, totalCount: 40 }))
      assertInstanceOf(yield* Effect.flip(idsOf(boastful, params)), UnexpectedResponse)
    }))

  it.effect("asks again for a page that comes empty once", () =>
    Effect.gen(function*() {
      const emptied = yield* Ref.make(false)
      const flaky: List = (asked) =>
        Effect.flatMap(Ref.getAndSet(emptied, (asked.offset ?? 0) > 0), (before) =>
          Effect.succeed(
            (asked.offset ?? 0) > 0 && !before ? new InvitationPage({ data: [], totalCount: 23 }) : page(23, asked)
          ))
      deepStrictEqual(yield* idsOf(flaky, params), expected(23))
    }))

  it.effect("of a server that sorts in a way of its own is complete", () =>
    Effect.gen(function*() {
      // A collation that ignores punctuation, say: no order that could be foreseen.
      const rows = expected(40).map((_, index) => row((index * 17) % 40))
      const odd: List = ({ limit = 10, offset = 0 }) =>
        Effect.succeed(new InvitationPage({ data: rows.slice(offset, offset + limit), totalCount: 40 }))
      deepStrictEqual(yield* idsOf(odd, { ...params, orderBy: "email_address" }), rows.map(({ id }) => String(id)))
    }))

  it.effect("fetches no further than it may while the consumer is slow", () =>
    Effect.gen(function*() {
      const asked = yield* Ref.make(0)
      const list: List = (each) => Effect.zipRight(Ref.update(asked, (n) => n + 1), Effect.succeed(page(1000, each)))
      const reached = yield* Deferred.make<boolean>()
      const fiber = yield* serviceOf(list).stream(params).pipe(
        Stream.runForEach(() => Effect.zipRight(Deferred.succeed(reached, true), Effect.never)),
        Effect.fork
      )
      yield* Deferred.await(reached)
      for (let turn = 0; turn < 100; turn++) yield* Effect.yieldNow()
      assertTrue((yield* Ref.get(asked)) <= 1 + params.concurrency)
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("cancels what is under way when enough is taken, and when it is interrupted", () =>
    Effect.gen(function*() {
      const underWay = yield* Ref.make(0)
      // Every page but the first never comes.
      const list: List = (each) =>
        (each.offset ?? 0) === 0
          ? Effect.succeed(page(1000, each))
          : Effect.acquireUseRelease(
            Ref.update(underWay, (n) => n + 1),
            () => Effect.never,
            () => Ref.update(underWay, (n) => n - 1)
          )
      const first = yield* serviceOf(list).stream(params).pipe(Stream.take(5), Stream.runCount)
      strictEqual(first, 5)
      strictEqual(yield* Ref.get(underWay), 0)

      const fiber = yield* Effect.fork(Stream.runDrain(serviceOf(list).stream(params)))
      while ((yield* Ref.get(underWay)) < params.concurrency) yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      strictEqual(yield* Ref.get(underWay), 0)
    }))
})

describe("a walk", () => {
  it.effect("asks for pages ahead, as many at once as it is told", () =>
    Effect.gen(function*() {
      const most = yield* Ref.make(0)
      const underWay = yield* Ref.make(0)
      const list: List = (each) =>
        Effect.acquireUseRelease(
          Effect.flatMap(Ref.updateAndGet(underWay, (n) => n + 1), (n) => Ref.update(most, (m) => Math.max(m, n))),
          () => Effect.as(Effect.yieldNow(), page(300, each)),
          () => Ref.update(underWay, (n) => n - 1)
        )
      strictEqual(yield* Stream.runCount(serviceOf(list).stream({ pageSize: 10, concurrency: 6 })), 300)
      strictEqual(yield* Ref.get(most), 6)
    }))

  it.effect("over a million rows holds pages, not rows", () =>
    Effect.gen(function*() {
      const before = heapInUse()
      let most = 0
      let pages = 0
      const list: List = (each) =>
        Effect.sync(() => {
          if (++pages % 250 === 0) most = Math.max(most, heapInUse() - before)
          return page(1_000_000, each)
        })
      strictEqual(yield* Stream.runCount(serviceOf(listOf(1000)).stream()), 1000)
      strictEqual(yield* Stream.runCount(serviceOf(list).stream({ concurrency: 4 })), 1_000_000)
      assertTrue(pages < 2100, `${pages} pages`)
      assertTrue(most < 32, `${most} MiB`)
    }), 60_000)
})
