import type { InviteOutcome } from "@effect-clerk/core"
import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { Forbidden, Unauthorized } from "@effect-clerk/core/InvitationError"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Stream, TestClock } from "effect"
import { makeFake, serverError } from "../utils.js"
import { people, responseFields, tags } from "./fixtures.js"

const noRows = new InvitationPage({ data: [], totalCount: 0 })

const refusedInstance = new Forbidden({
  ...responseFields,
  operation: "createBulk",
  status: 403,
  errors: [new ErrorDetail({ code: "quota_exceeded", message: "", longMessage: "", meta: {} })]
})

// Every look-up is a query of its own, whose n-th answer (from 0) takes `millis(n)`.
const slowList = (
  millis: (n: number) => number,
  answer: (n: number) => ReturnType<InvitationsPrimitives["list"]> = () => Effect.succeed(noRows)
): InvitationsPrimitives["list"] => {
  let queries = 0
  return ({ query }) =>
    Effect.suspend(() => {
      if (query === undefined) return Effect.fail(serverError)
      const n = queries++
      return Effect.delay(answer(n), millis(n))
    })
}

const runJob = <E>(stream: Stream.Stream<InviteOutcome.InviteOutcome, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(Effect.exit(Stream.runCollect(stream)))
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

describe("inviteMany that ends while look-ups are in flight", () => {
  it.effect("stops with the error of one look-up", () =>
    Effect.gen(function*() {
      const unauthorized = new Unauthorized({ ...responseFields, operation: "list", status: 401 })
      const list = slowList(
        (n) => n === 1 ? 20 : 200,
        (n) => n === 1 ? Effect.fail(unauthorized) : Effect.succeed(noRows)
      )
      const { service } = yield* makeFake([], () => ({ list }))
      const exit = yield* runJob(service.inviteMany(people(5)))
      assert(Exit.isSuccess(exit), "the job ends with outcomes")
      assert.deepStrictEqual(tags(exit.value), [...people(5).map(() => "NotAttempted"), "Stopped"])
    }))

  it.effect("stops with the refusal of a create", () =>
    Effect.gen(function*() {
      const refuse = () => Effect.fail(refusedInstance)
      const list = slowList((n) => n < 10 ? 5 : 300)
      const { service } = yield* makeFake([], () => ({ list, create: refuse, createBulk: refuse }))
      const exit = yield* runJob(service.inviteMany(people(30)))
      assert(Exit.isSuccess(exit), "the job ends with outcomes")
      assert.strictEqual(tags(exit.value).at(-1), "Stopped")
      assert.isTrue(tags(exit.value).slice(0, -1).every((tag) => tag === "NotAttempted"))
    }))

  it.effect("fails with the defect of the input", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake([], () => ({ list: slowList(() => 100) }))
      const source = Stream.concat(Stream.fromIterable(people(1)), Stream.dieMessage("the source is broken"))
      const exit = yield* runJob(service.inviteMany(source))
      assert(Exit.isFailure(exit), "the job fails")
      assert.isFalse(Cause.isInterruptedOnly(exit.cause))
      assert.include(Cause.pretty(exit.cause), "the source is broken")
    }))
})
