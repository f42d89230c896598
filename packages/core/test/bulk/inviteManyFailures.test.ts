import type { InviteMany, InviteOutcome } from "@effect-clerk/core"
import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { BadRequest, Forbidden, Timeout } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import {
  Cause,
  Clock,
  Deferred,
  Duration,
  Effect,
  Either,
  Exit,
  Fiber,
  Option,
  Random,
  Ref,
  Schedule,
  Stream,
  TestClock
} from "effect"
import { makeFake, makeInvitations } from "../utils.js"
import { ambiguous, endless, inputOutcomes, people, person, responseFields, tags, tooMany } from "./fixtures.js"

describe("inviteMany on failures", () => {
  it.effect("waits for Retry-After, then sends the same batch again", () =>
    Effect.gen(function*() {
      let rejections = 2
      const sent: Array<number> = []
      const { service } = yield* makeFake([], ({ createBulk }) => ({
        createBulk: (requests) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            sent.push(now)
            return rejections-- > 0
              ? Effect.fail(tooMany(Option.some(Duration.minutes(40))))
              : createBulk(requests)
          })
      }))
      const fiber = yield* Effect.fork(
        Stream.runCollect(service.inviteMany(people(10), { useSingleCreates: false, concurrency: 1 }))
      )
      yield* TestClock.adjust("3 hours")
      assert.deepStrictEqual(tags(yield* Fiber.join(fiber)), people(10).map(() => "Created"))
      assert.deepStrictEqual(sent, [0, 40, 80].map((minutes) => minutes * 60_000))
    }))

  it.effect("rejects the addresses, and does not fail the job, when the schedule ends", () =>
    Effect.gen(function*() {
      const timeout = new Timeout({ operation: "createBulk", limit: "total", duration: Duration.seconds(1) })
      let calls = 0
      const { service } = yield* makeFake([], () => ({
        createBulk: () =>
          Effect.suspend(() => {
            calls++
            return Effect.fail(timeout)
          })
      }))
      const outcomes = yield* Stream.runCollect(
        service.inviteMany(people(10), { useSingleCreates: false, retry: Schedule.recurs(3) })
      )
      assert.deepStrictEqual(
        Array.from(outcomes, (outcome) => outcome._tag === "Rejected" && outcome.error._tag === "Timeout"),
        [
          ...people(10).map(() => true)
        ]
      )
      assert.strictEqual(calls, 4)
    }))

  it.effect("survives an outage of an hour with minimum jitter by default, and rejects after a longer one", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake([], ({ createBulk }) => ({
        createBulk: (requests) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            now < 60 * 60_000 || requests.length < 10
              ? Effect.fail(tooMany(Option.none()))
              : createBulk(requests))
      }))
      const fiber = yield* Effect.fork(
        Stream.runCollect(service.inviteMany(people(11), { useSingleCreates: false, concurrency: 2, ordered: true }))
          .pipe(
            // Minimum jitter.
            Effect.withRandom(Random.fixed([0]))
          )
      )
      yield* TestClock.adjust("3 hours")
      assert.deepStrictEqual(tags(yield* Fiber.join(fiber)), [...people(10).map(() => "Created"), "Rejected"])
    }))

  it.effect("reports Unknown for a batch whose outcome stays unknown", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake([], () => ({ createBulk: () => Effect.fail(ambiguous) }))
      const outcomes = yield* Stream.runCollect(service.inviteMany(people(10), { useSingleCreates: false }))
      assert.isTrue(
        Array.from(outcomes).every((outcome) => outcome._tag === "Unknown" && outcome.error.operation === "createBulk")
      )
      assert.strictEqual(outcomes.length, 10)
    }))

  it.effect("passes outcomes, unknown and unsent inputs to onIncomplete when interrupted", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<boolean>()
      const interrupted = yield* Ref.make(0)
      const { service } = yield* makeFake([], ({ createBulk }) => ({
        createBulk: (requests) =>
          requests[0]?.emailAddress === "person1@example.com"
            ? createBulk(requests)
            : Effect.zipRight(Deferred.succeed(started, true), Effect.never).pipe(
              Effect.onInterrupt(() => Ref.update(interrupted, (n) => n + 1))
            )
      }))
      const seen: Array<InviteOutcome.InviteOutcome> = []
      let left: InviteMany.Incomplete = { outcomes: [], unknown: [], unsent: [] }
      const fiber = yield* service.inviteMany(people(25), {
        useSingleCreates: false,
        concurrency: 1,
        onIncomplete: (incomplete) =>
          Effect.sync(() => {
            left = incomplete
          })
      }).pipe(
        Stream.runForEach((outcome) => Effect.sync(() => seen.push(outcome))),
        Effect.fork
      )
      yield* Deferred.await(started)
      for (let n = 0; n < 50; n++) yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* Ref.get(interrupted), 1)
      assert.sameMembers(inputOutcomes(seen).map(({ position }) => position), people(10).map((_, n) => n))
      assert.deepStrictEqual(left.outcomes, [])
      assert.deepStrictEqual(left.unknown.map(({ position }) => position), people(10).map((_, n) => n + 10))
      assert.deepStrictEqual(left.unsent.map(({ position }) => position), people(5).map((_, n) => n + 20))
    }))

  it.effect("reports a batch as unsent if a revoke before its create fails", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake(makeInvitations(2), ({ revoke }) => ({
        revoke: (id) =>
          id === "inv_1"
            ? revoke(id)
            : Effect.fail(new Forbidden({ ...responseFields, operation: "revoke", status: 403 }))
      }))
      let left: InviteMany.Incomplete = { outcomes: [], unknown: [], unsent: [] }
      const error = yield* Effect.flip(Stream.runDrain(service.inviteMany(people(3), {
        useSingleCreates: false,
        onExisting: "resend",
        onInstanceRefusal: "fail",
        onIncomplete: (incomplete) =>
          Effect.sync(() => {
            left = incomplete
          })
      })))
      assert.strictEqual(error._tag, "Forbidden")
      assert.deepStrictEqual(left.unknown, [])
      // The revoked invitation is reported although nothing was sent.
      assert.deepStrictEqual(
        left.unsent.map(({ position, replaced }) => [position, ...replaced]).sort(),
        [[0, "inv_1"], [1], [2]]
      )
    }))

  it.effect("can be interrupted without onIncomplete", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<boolean>()
      const { service } = yield* makeFake([], () => ({
        createBulk: () => Effect.zipRight(Deferred.succeed(started, true), Effect.never)
      }))
      const fiber = yield* Effect.fork(Stream.runDrain(service.inviteMany(people(10), { useSingleCreates: false })))
      yield* Deferred.await(started)
      const exit = yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
    }))

  it.effect("does not call onIncomplete when every outcome is taken", () =>
    Effect.gen(function*() {
      let runs = 0
      const { service } = yield* makeFake()
      yield* Stream.runDrain(service.inviteMany(people(12), { onIncomplete: () => Effect.sync(() => runs++) }))
      assert.strictEqual(runs, 0)
    }))

  it.effect("finishes the inputs before the source fails, then fails with its error", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake()
      const seen: Array<InviteOutcome.InviteOutcome> = []
      const input = Stream.concat(Stream.fromIterable(people(13)), Stream.fail("the file is broken" as const))
      const error = yield* service.inviteMany(input).pipe(
        Stream.runForEach((outcome) => Effect.sync(() => seen.push(outcome))),
        Effect.flip
      )
      assert.strictEqual(error, "the file is broken")
      assert.strictEqual(seen.length, 13)
    }))

  it.effect("passes on a defect of the layer and of the source", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake([], () => ({ createBulk: () => Effect.die("a bug") }))
      const fromLayer = yield* Effect.exit(Stream.runDrain(service.inviteMany(people(10), { useSingleCreates: false })))
      assert.deepStrictEqual(Exit.match(fromLayer, { onSuccess: () => [], onFailure: (_) => [...Cause.defects(_)] }), [
        "a bug"
      ])
      const fromSource = yield* Effect.exit(Stream.runDrain(service.inviteMany(Stream.die("another"))))
      assert.deepStrictEqual(Exit.match(fromSource, { onSuccess: () => [], onFailure: (_) => [...Cause.defects(_)] }), [
        "another"
      ])
    }))

  it.effect("ends the job on errors that concern every call, but not on not_allowed_access", () =>
    Effect.gen(function*() {
      const forbidden = (code: string) =>
        new Forbidden({
          ...responseFields,
          operation: "create",
          status: 403,
          errors: [new ErrorDetail({ code, message: "", longMessage: "", meta: {} })]
        })
      const failing = (error: Forbidden | BadRequest, onInstanceRefusal: "report" | "fail" = "report") =>
        Effect.flatMap(
          makeFake([], () => ({ create: () => Effect.fail(error), createBulk: () => Effect.fail(error) })),
          ({ service }) => Effect.either(Stream.runCollect(service.inviteMany(people(3), { onInstanceRefusal })))
        )
      for (
        const error of [
          forbidden("authorization_invalid"),
          new BadRequest({
            ...responseFields,
            operation: "create",
            status: 400,
            errors: [new ErrorDetail({ code: "invitations_not_supported", message: "", longMessage: "", meta: {} })]
          })
        ]
      ) {
        const failed = yield* failing(error, "fail")
        assert.strictEqual(failed._tag === "Left" ? failed.left.message : undefined, error.message)
        const reported = Array.from(Either.getOrThrow(yield* failing(error)))
        assert.deepStrictEqual(tags(reported), ["NotAttempted", "NotAttempted", "NotAttempted", "Stopped"])
        assert.isTrue(reported.some((outcome) => outcome._tag === "Stopped" && outcome.error.message === error.message))
      }
      const single = yield* failing(forbidden("not_allowed_access"))
      assert.deepStrictEqual(single._tag === "Right" ? tags(single.right) : [], ["Rejected", "Rejected", "Rejected"])
    }))

  it.effect("waits for no rate limit, retry or further input once the job has stopped, but for calls in flight", () =>
    Effect.gen(function*() {
      const forbidden = new Forbidden({ ...responseFields, operation: "create", status: 403 })
      let batches = 0
      const { rows, service } = yield* makeFake([], ({ createBulk }) => ({
        create: () => Effect.delay(Effect.fail(forbidden), "1 minute"),
        createBulk: (requests) =>
          batches++ === 0
            ? Effect.delay(createBulk(requests), "5 minutes")
            : Effect.fail(tooMany(Option.some(Duration.hours(1))))
      }))
      const input = Stream.concat(Stream.fromIterable(people(20)), Stream.concat(Stream.make(person(21)), Stream.never))
      const fiber = yield* Effect.fork(
        Stream.runCollect(service.inviteMany(input, { checkExisting: false, ordered: true }))
      )
      yield* TestClock.adjust("1 minute")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("4 minutes")
      const outcomes = Array.from(yield* Fiber.join(fiber))
      assert.strictEqual(outcomes.at(-1)?._tag, "Stopped")
      const created = (yield* Ref.get(rows)).length
      assert.strictEqual(created, 10)
      assert.deepStrictEqual(inputOutcomes(outcomes).map(({ position }) => position), people(21).map((_, n) => n))
      assert.strictEqual(tags(outcomes).filter((tag) => tag === "Created").length, created)
      assert.strictEqual(tags(outcomes).filter((tag) => tag === "NotAttempted").length, 11)
    }))

  const quota = new Forbidden({ ...responseFields, operation: "createBulk", status: 403 })

  it.effect("makes no call after the refusal, at any concurrency", () =>
    Effect.gen(function*() {
      for (const concurrency of [1, 2, 5]) {
        const { calls, service } = yield* makeFake([], () => ({ createBulk: () => Effect.fail(quota) }))
        const outcomes = yield* Stream.runCollect(
          service.inviteMany(people(10), { useSingleCreates: false, concurrency, checkExisting: false })
        )
        assert.deepStrictEqual(tags(outcomes), [...people(10).map(() => "NotAttempted"), "Stopped"])
        assert.strictEqual((yield* calls).length, 1)
      }
    }))

  it.effect("revokes nothing more for a resend after the refusal, also when the stop ends the wait for a retry", () =>
    Effect.gen(function*() {
      for (const isLimited of [false, true]) {
        let batches = 0
        const { calls, service } = yield* makeFake(makeInvitations(20), ({ revoke }) => ({
          createBulk: () => Effect.delay(Effect.fail(quota), batches++ === 0 ? "1 second" : "1 hour"),
          revoke: (id) =>
            Effect.zipRight(
              Effect.sleep(batches === 0 ? 0 : "900 millis"),
              isLimited && batches > 0 ? Effect.fail(tooMany(Option.some(Duration.hours(1)))) : revoke(id)
            )
        }))
        const fiber = yield* Effect.fork(Stream.runCollect(
          service.inviteMany(people(20), { useSingleCreates: false, onExisting: "resend", concurrency: 2 })
        ))
        yield* TestClock.adjust("2 hours")
        const outcomes = Array.from(yield* Fiber.join(fiber))
        assert.deepStrictEqual(tags(outcomes), [...people(20).map(() => "NotAttempted"), "Stopped"])
        const made = yield* calls
        assert.strictEqual(made.filter(({ method }) => method === "createBulk").length, 1)
        assert.isBelow(made.filter(({ method }) => method === "revoke").length, 20)
      }
    }))

  it.effect("reads nothing more from a slow source after the refusal, and leaves nothing incomplete", () =>
    Effect.gen(function*() {
      let read = 0
      let runs = 0
      const { service } = yield* makeFake([], ({ list }) => ({
        list: (params) => Effect.delay(list(params), "1 minute"),
        create: () => Effect.delay(Effect.fail(quota), "1 second")
      }))
      const source = Stream.fromIterable([...people(5), person(1), ...people(500)]).pipe(
        Stream.rechunk(1),
        Stream.tap(() => Effect.sync(() => read++)),
        Stream.mapEffect((input) => read > 6 ? Effect.delay(Effect.succeed(input), "1 hour") : Effect.succeed(input))
      )
      const fiber = yield* service.inviteMany(source, { onIncomplete: () => Effect.sync(() => runs++) }).pipe(
        Stream.tap(() => Effect.sleep("1 minute")),
        Stream.runCollect,
        Effect.fork
      )
      yield* TestClock.adjust("10 hours")
      const outcomes = Array.from(yield* Fiber.join(fiber))
      assert.strictEqual(runs, 0)
      assert.deepStrictEqual(
        inputOutcomes(outcomes).map(({ position }) => position).sort((a, b) => a - b),
        Array.from({ length: 6 }, (_, position) => position)
      )
      assert.strictEqual(outcomes.at(-1)?._tag, "Stopped")
      assert.isAtMost(read, 7)
    }))

  it.effect("takes no more items once it is interrupted, although a call in flight ends slowly", () =>
    Effect.gen(function*() {
      const started: Array<number> = []
      const { service } = yield* makeFake([], ({ createBulk }) => ({
        createBulk: (requests) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            started.push(now)
            return Effect.uninterruptible(Effect.delay(createBulk(requests), `${started.length} seconds`))
          })
      }))
      const fiber = yield* service.inviteMany(endless().iterable, {
        useSingleCreates: false,
        concurrency: 4,
        checkExisting: false
      }).pipe(Stream.runDrain, Effect.fork)
      yield* TestClock.adjust("500 millis")
      const interruption = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(interruption)
      assert.deepStrictEqual(started, [0, 0, 0, 0])
    }))

  it.effect("sends nothing after the job has failed, even if the consumer is slow", () =>
    Effect.gen(function*() {
      let creates = 0
      const { service } = yield* makeFake([], ({ create }) => ({
        create: (request) => Effect.tap(Effect.delay(create(request), "10 millis"), () => creates++),
        createBulk: () =>
          Effect.delay(
            Effect.fail(new Forbidden({ ...responseFields, operation: "createBulk", status: 403 })),
            "1 second"
          )
      }))
      const { iterable, pulled } = endless()
      const fiber = yield* service.inviteMany(iterable, {
        checkExisting: false,
        concurrency: 1,
        onInstanceRefusal: "fail"
      }).pipe(
        Stream.runForEach(() => Effect.sleep("1 second")),
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("1 second")
      const before = { creates, pulled: pulled.count }
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Forbidden")
      assert.isTrue(creates <= before.creates + 1)
      assert.isTrue(pulled.count <= before.pulled + 1)
    }))
})
