import type { InvitationsService } from "@effect-clerk/core"
import type { CreateError, ListError } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect } from "effect"
import { eventLoopTurns, interruptAtOnce, runStubWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { page, row } from "../utils/wire.js"

const emailAddress = "absent@example.com"

type LookUp = (service: InvitationsService.Service) => Effect.Effect<unknown, CreateError | ListError>

const lookUps: { readonly [name: string]: LookUp } = {
  findById: (service) => service.findById("inv_absent"),
  findByEmail: (service) => service.findByEmail(emailAddress),
  ensure: (service) => service.ensure({ emailAddress })
}

/** Every page takes a second, and has a row that matches no look-up. */
const slow = (request: stub.Seen): Effect.Effect<stub.Reaction> => {
  const offset = Number(request.url.searchParams.get("offset"))
  const limit = Number(request.url.searchParams.get("limit"))
  const rows = Array.from({ length: limit }, (_, index) => row(offset + index, { created_at: 1e12 - offset - index }))
  return Effect.delay(Effect.succeed({ body: page(rows, 1e9) }), "1 second")
}

const timeout = { attempt: "2 seconds", total: "3 seconds" } as const

describe("the deadline of a look-up", () => {
  for (const [name, lookUp] of Object.entries(lookUps)) {
    it.effect(`${name} fails with Timeout after timeout.total, however many calls it makes`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(slow, { timeout })
        const error = yield* runStubWithClock(Effect.flip(lookUp(invitations)))
        assert.deepInclude<object>(error, { _tag: "Timeout", operation: "list", limit: "total" })
        assert.strictEqual(yield* Clock.currentTimeMillis, 3000)
        assert.isAtMost(seen.length, 20)
      }))
  }

  it.effect("is that of the region of code", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(slow)
      const error = yield* runStubWithClock(
        Effect.flip(invitations.findById("inv_absent").pipe(InvitationsHttp.withTimeout({ total: "1500 millis" })))
      )
      assert.deepInclude<object>(error, { _tag: "Timeout", limit: "total" })
      assert.strictEqual(yield* Clock.currentTimeMillis, 1500)
    }))

  it.effect("is postponed by waits for the client-side rate limits", () =>
    Effect.gen(function*() {
      const limit = { limit: 1, window: Duration.seconds(10) }
      const { invitations } = yield* stub.service(() => ({ body: page([]) }), {
        timeout,
        rateLimit: { limits: { all: limit, create: limit, createBulk: limit } }
      })
      assert.deepStrictEqual(yield* runStubWithClock(invitations.findByEmail(emailAddress)), [])
      assert.isAbove(yield* Clock.currentTimeMillis, 3000)
    }))

  it.effect("does not delay an interruption", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(() => "stall")
      const fiber = yield* Effect.fork(invitations.findByEmail(emailAddress))
      yield* eventLoopTurns(5)
      yield* interruptAtOnce(fiber)
    }))
})
