import { InvitationsService } from "@effect-clerk/core"
import type { CreateError, ListError } from "@effect-clerk/core/InvitationError"
import { Timeout, UnexpectedResponse } from "@effect-clerk/core/InvitationError"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Equal, Fiber, Option, TestClock } from "effect"
import { makeFake, makeInvitation } from "../utils.js"
import { emailAddress } from "./utils.js"

type LookUp = (service: InvitationsService.Service) => Effect.Effect<unknown, CreateError | ListError>

const lookUps: { readonly [name: string]: LookUp } = {
  findById: (service) => service.findById("inv_absent"),
  findByEmail: (service) => service.findByEmail(emailAddress),
  ensure: (service) => service.ensure({ emailAddress })
}

/** A server that ignores the query, and whose list has no end. */
const endless: InvitationsPrimitives["list"] = ({ limit = 10, offset = 0 }) =>
  Effect.succeed(
    new InvitationPage({
      data: Array.from(
        { length: limit },
        (_, index) => makeInvitation(offset + index, { createdAt: 1e12 - offset - index })
      ),
      totalCount: 1e9,
      totalIsKnown: true
    })
  )

const timeout = new Timeout({ operation: "list", limit: "total", duration: Duration.seconds(3) })

const primitives = (fields: Partial<InvitationsPrimitives>): InvitationsPrimitives => ({
  create: ({ emailAddress }) => Effect.succeed(makeInvitation(1, { emailAddress })),
  createBulk: () => Effect.dieMessage("not implemented"),
  list: endless,
  revoke: () => Effect.dieMessage("not implemented"),
  delete: () => Effect.dieMessage("not implemented"),
  ...fields
})

describe("the bounds of a look-up", () => {
  for (const [name, lookUp] of Object.entries(lookUps)) {
    it.effect(`${name} fails with UnexpectedResponse after 20 pages, and writes nothing`, () =>
      Effect.gen(function*() {
        const fake = yield* makeFake([], () => ({ list: endless }))
        const error = yield* Effect.flip(lookUp(fake.service))
        assert.instanceOf(error, UnexpectedResponse)
        assert.strictEqual(
          error.message,
          "Clerk answered list with status 200 and more than 20 pages for one look-up"
        )
        const methods = (yield* fake.calls).map(({ method }) => method)
        assert.deepStrictEqual(methods, Array.from({ length: 20 }, () => "list"))
      }))

    it.effect(`${name} fails with Timeout at the deadline of the layer`, () =>
      Effect.gen(function*() {
        let created = false
        const service = InvitationsService.fromPrimitives(primitives({
          create: ({ emailAddress }) =>
            Effect.sync(() => {
              created = true
              return makeInvitation(1, { emailAddress })
            }),
          list: (params) => Effect.delay(endless(params), "1 second"),
          withDeadline: (self) => Effect.timeoutFail(self, { duration: "3 seconds", onTimeout: () => timeout })
        }))
        const fiber = yield* Effect.fork(Effect.flip(lookUp(service)))
        yield* TestClock.adjust("3 seconds")
        const exit = fiber.unsafePoll()
        assert.isNotNull(exit)
        assert.isTrue(Equal.equals(yield* Fiber.join(fiber), timeout))
        assert.isFalse(created)
      }))
  }

  it.effect("findByEmail reads 20 pages, those of both lists together", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 9000 }, (_, n) => makeInvitation(n, { emailAddress: `x${emailAddress}` }))
      const fake = yield* makeFake([...rows, makeInvitation(9001, { emailAddress, status: "revoked" })])
      const found = yield* fake.service.findByEmail(emailAddress)
      assert.deepStrictEqual(found.map(({ id }) => id), ["inv_9001"])
    }))

  it.effect("the deadline of ensure does not interrupt its create", () =>
    Effect.gen(function*() {
      const service = InvitationsService.fromPrimitives(primitives({
        create: ({ emailAddress }) => Effect.delay(Effect.succeed(makeInvitation(1, { emailAddress })), "10 seconds"),
        list: () => Effect.succeed(new InvitationPage({ data: [], totalCount: 0, totalIsKnown: true })),
        withDeadline: (self) => Effect.timeoutFail(self, { duration: "3 seconds", onTimeout: () => timeout })
      }))
      const fiber = yield* Effect.fork(service.ensure({ emailAddress }))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).id, "inv_1")
    }))

  it.effect("each look-up has its own 20 pages", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 6000 }, (_, n) => makeInvitation(n, { emailAddress: `x${emailAddress}` }))
      const fake = yield* makeFake(rows)
      assert.isTrue(Option.isNone(yield* fake.service.findById("inv_x")))
      assert.deepStrictEqual(yield* fake.service.findByEmail(emailAddress), [])
      assert.deepStrictEqual(yield* fake.service.findByEmail(emailAddress), [])
    }))
})
