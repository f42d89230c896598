import { Acceptance } from "@effect-clerk/core"
import type { ListError } from "@effect-clerk/core/InvitationError"
import { TooManyRequests, Unauthorized } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { assertSome } from "@effect/vitest/utils"
import { Duration, Effect, Either, Fiber, Option, Schema, TestClock } from "effect"
import { serverError, untyped } from "../utils.js"
import { filtersOf, makeWorld, row } from "./utils.js"

const pending = row("inv_1", { at: 0, expires: 1000 })

const responseFields = { operation: "list" as const, errors: [], traceId: Option.none() }

/** `await` in a fiber that has polled once. */
const awaitInFiber = Effect.fnUntraced(function*(
  { provide }: Effect.Effect.Success<ReturnType<typeof makeWorld>>,
  options?: Acceptance.AwaitOptions
) {
  const fiber = yield* Effect.fork(provide(Effect.either(Acceptance.await("inv_1", options))))
  yield* TestClock.adjust(0)
  return fiber
})

const isWaiting = <A, E>(fiber: Fiber.RuntimeFiber<A, E>) => Effect.map(Fiber.poll(fiber), Option.isNone)

const reasonOf = <A>(result: Either.Either<A, Acceptance.AwaitError>): string =>
  Either.match(result, {
    onLeft: (error) => error._tag === "AcceptanceFailed" ? error.reason : error._tag,
    onRight: () => "accepted"
  })

describe("await", () => {
  it.effect("polls every 30 seconds by default, and returns the accepted invitation", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([pending])
      const fiber = yield* awaitInFiber(world)
      yield* world.put(row("inv_1", { at: 5, status: "accepted" }))
      yield* TestClock.adjust("29 seconds")
      assert.isTrue(yield* isWaiting(fiber))
      yield* TestClock.adjust("1 second")
      const accepted = Either.getOrThrow(yield* Fiber.join(fiber))
      assert.deepStrictEqual([accepted.id, accepted.status], ["inv_1", "accepted"])
      assert.deepStrictEqual(filtersOf(yield* world.calls), ["inv_1 not revoked", "inv_1 not revoked"])
    }))

  it.effect.each([
    row("inv_1", { at: 5, status: "revoked" }),
    row("inv_1", { at: 0, expires: 1000, status: "expired" })
  ])("fails once the invitation is $status", (end) =>
    Effect.gen(function*() {
      const world = yield* makeWorld([pending])
      const fiber = yield* awaitInFiber(world)
      yield* world.put(end)
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(reasonOf(yield* Fiber.join(fiber)), end.status)
    }))

  it.effect("fails if the invitation is deleted, which two polls in a row confirm", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([pending])
      const fiber = yield* awaitInFiber(world, { pollEvery: "1 second" })
      yield* world.remove("inv_1")
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* isWaiting(fiber))
      yield* world.put(pending)
      yield* TestClock.adjust("1 second")
      yield* world.remove("inv_1")
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* isWaiting(fiber))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(reasonOf(yield* Fiber.join(fiber)), "deleted")
    }))

  it.effect("waits on while the status is one that Clerk adds later", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([row("inv_1", { at: 0, status: "snoozed" })])
      const fiber = yield* awaitInFiber(world)
      yield* TestClock.adjust("2 minutes")
      assert.isTrue(yield* isWaiting(fiber))
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("fails at the timeout, even between two polls and during a call", () =>
    Effect.gen(function*() {
      for (const list of [undefined, () => Effect.never]) {
        const world = yield* makeWorld([pending], () => list === undefined ? {} : { list })
        const fiber = yield* awaitInFiber(world, { timeout: "40 seconds" })
        yield* TestClock.adjust("39 seconds")
        assert.isTrue(yield* isWaiting(fiber))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(reasonOf(yield* Fiber.join(fiber)), "AcceptanceTimeout")
        assert.strictEqual((yield* world.calls).length, list === undefined ? 3 : 1)
      }
    }))

  it.effect("polls at the timeout, also if that is less than the time between two polls", () =>
    Effect.gen(function*() {
      for (const timeout of ["1 millis", "30 minutes"] as const) {
        const world = yield* makeWorld([pending])
        const fiber = yield* awaitInFiber(world, { pollEvery: "1 hour", timeout })
        yield* world.put(row("inv_1", { at: 5, status: "accepted" }))
        yield* TestClock.adjust(timeout)
        assert.strictEqual(reasonOf(yield* Fiber.join(fiber)), "accepted")
        assert.strictEqual((yield* world.calls).length, 2)
      }
    }))

  it.effect("lets the poll at the timeout take 10 seconds", () =>
    Effect.gen(function*() {
      let calls = 0
      const world = yield* makeWorld([pending], ({ list }) => ({
        list: (params) => Effect.suspend(() => calls++ === 0 ? list(params) : Effect.never)
      }))
      const fiber = yield* awaitInFiber(world, { timeout: "20 seconds" })
      yield* TestClock.adjust("29 seconds")
      assert.isTrue(yield* isWaiting(fiber))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(reasonOf(yield* Fiber.join(fiber)), "AcceptanceTimeout")
    }))

  it.effect("survives transient errors, and waits for their Retry-After of at most 2 hours", () =>
    Effect.gen(function*() {
      const failures: Array<ListError> = []
      const world = yield* makeWorld([pending], ({ list }) => ({
        list: (params) =>
          Effect.suspend(() => {
            const error = failures.shift()
            return error === undefined ? list(params) : Effect.fail(error)
          })
      }))
      const tooMany = (retryAfter: Duration.DurationInput) =>
        new TooManyRequests({
          ...responseFields,
          status: 429,
          retryAfter: Option.some(Duration.decode(retryAfter))
        })
      failures.push(serverError, tooMany("1 second"), tooMany("5 minutes"), tooMany("1 day"))
      const fiber = yield* awaitInFiber(world)
      const calls = Effect.map(world.calls, ({ length }) => length)
      for (const wait of ["30 seconds", "30 seconds", "5 minutes", "2 hours"] as const) {
        const before = yield* calls
        yield* TestClock.adjust(Duration.subtract(wait, "1 millis"))
        assert.strictEqual(yield* calls, before)
        yield* TestClock.adjust(1)
        assert.strictEqual(yield* calls, before + 1)
      }
      yield* world.put(row("inv_1", { at: 5, status: "accepted" }))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(reasonOf(yield* Fiber.join(fiber)), "accepted")
    }))

  it.effect("fails at once with an error that is not transient", () =>
    Effect.gen(function*() {
      const unauthorized = new Unauthorized({ ...responseFields, status: 401 })
      const world = yield* makeWorld([], () => ({ list: () => Effect.fail(unauthorized) }))
      const error = yield* Effect.flip(world.provide(Acceptance.await("inv_1")))
      assert.strictEqual(error._tag, "Unauthorized")
      assert.strictEqual((yield* world.calls).length, 1)
    }))

  it.effect("rejects an invalid id or option, and sends nothing", () =>
    Effect.gen(function*() {
      const pollEvery = "options.pollEvery must be a duration from 1 second to 1 day"
      const timeout = "options.timeout must be a duration of at least 1 millisecond"
      const world = yield* makeWorld([pending])
      const cases = [
        ["inv 1", {}, "id must be the id of an invitation (1 to 255 letters, digits, _ or -)"],
        ["inv_1", { pollEvery: "999 millis" }, pollEvery],
        ["inv_1", { pollEvery: "25 hours" }, pollEvery],
        ["inv_1", { pollEvery: -1 }, pollEvery],
        ["inv_1", { pollEvery: NaN }, pollEvery],
        ["inv_1", { pollEvery: "soon" }, pollEvery],
        ["inv_1", { timeout: 0 }, timeout],
        ["inv_1", { timeout: "-1 second" }, timeout],
        ["inv_1", { every: 3 }, "options.every is not a field of this request"]
      ] as const
      for (const [id, options, issue] of cases) {
        const error = yield* Effect.flip(
          world.provide(Acceptance.await(id, untyped<Acceptance.AwaitOptions>(options)))
        )
        assert.strictEqual(error._tag, "InvalidRequest")
        assert.strictEqual(error.message, `Acceptance.await was not sent: ${issue}`)
      }
      assert.deepStrictEqual(yield* world.calls, [])
    }))
})

describe("the errors of await", () => {
  const id = pending.id
  const failed = (["revoked", "expired", "deleted"] as const).map((reason) =>
    new Acceptance.AcceptanceFailed({ id, reason })
  )
  const timeout = new Acceptance.AcceptanceTimeout({ id, duration: Duration.minutes(90) })

  it("say what happened, without the address", () => {
    assert.deepStrictEqual([...failed, timeout].map(({ message }) => message), [
      "inv_1 can no longer be accepted: it was revoked",
      "inv_1 can no longer be accepted: it has expired",
      "inv_1 can no longer be accepted: it was deleted",
      "inv_1 was not accepted within 1h 30m"
    ])
  })

  it("survive JSON", () => {
    for (const error of [...failed, timeout, new Unauthorized({ ...responseFields, status: 401 })]) {
      const text = JSON.stringify(Schema.encodeSync(Acceptance.AwaitError)(error))
      const read = Schema.decodeUnknownOption(Acceptance.AwaitError)(JSON.parse(text))
      assertSome(Option.map(read, ({ message }) => message), error.message)
    }
  })
})
