import { AmbiguousWrite, RateLimited } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { assertSome } from "@effect/vitest/utils"
import { Cause, Clock, Duration, Effect, Exit, Option } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { answering, invite, limits, perHour, second, tokenAway } from "../utils/limits.js"
import * as stub from "../utils/stub.js"
import { page, row } from "../utils/wire.js"
import { endOf } from "./utils.js"

describe("maxWait", () => {
  /** Asserts that the error is a `RateLimited`, and returns its `retryAfter` in milliseconds. */
  const retryAfterOf = (error: unknown, reason: RateLimited["reason"]): Option.Option<number> => {
    assert.instanceOf(error, RateLimited)
    assert.strictEqual(error.reason, reason)
    return Option.map(error.retryAfter, Duration.toMillis)
  }

  it.effect("fails at once with the time until the next reservation", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering({ limits: perHour(1), maxWait: "1 minute" })
      yield* runStubWithClock(Effect.gen(function*() {
        yield* invitations.create(invite(0))
        yield* Effect.sleep("10 minutes")
        const error = yield* Effect.flip(invitations.create(invite(1)))
        assertSome(retryAfterOf(error, "maxWait"), tokenAway - 600 * second)
        assert.strictEqual(yield* Clock.currentTimeMillis, 600 * second)
      }))
      assert.strictEqual(seen.length, 1)
    }))

  it.effect("can be set for a region of code, and the calls that fail do not delay later ones", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering({ limits: perHour(1) })
      const end = yield* runStubWithClock(Effect.gen(function*() {
        yield* invitations.create(invite(0))
        for (const n of [1, 2, 3, 4, 5, 6]) {
          const error = yield* Effect.flip(
            InvitationsHttp.withMaxRateLimitWait(invitations.create(invite(n)), "1 second")
          )
          assert.isTrue(Option.isSome(retryAfterOf(error, "maxWait")))
        }
        return yield* endOf(invitations.create(invite(7)))
      }))
      assert.strictEqual(end, tokenAway)
    }))

  it.effect("after an attempt with an unknown outcome leaves the write ambiguous unless reconciliation finds it", () =>
    Effect.gen(function*() {
      for (const found of [false, true]) {
        const { invitations } = yield* stub.service(
          ({ at, operation, url }) =>
            operation === "list"
              ? {
                body: page(found && !url.searchParams.has("status") ? [row(1, { created_at: at })] : [])
              }
              : { status: 503 },
          { rateLimit: { limits: perHour(1), maxWait: "1 minute" } }
        )
        const exit = yield* runStubWithClock(Effect.exit(invitations.create(invite(1))))
        if (found) assert.isTrue(Exit.isSuccess(exit))
        else {
          const error = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
          assert.instanceOf(error, AmbiguousWrite)
          assert.strictEqual(error.lastFailure._tag, "RateLimited")
        }
      }
    }))
})

describe("options", () => {
  it.effect("that are invalid fail with a ConfigError that names them", () =>
    Effect.gen(function*() {
      const invalid = [
        { limits: perHour(0) },
        { limits: perHour(1.5) },
        { limits: limits({ all: { limit: 1, window: Duration.zero } }) },
        { limits: limits({ all: { limit: 1, window: Duration.infinity } }) },
        { localShare: 0 },
        { localShare: 2 }
      ]
      for (const rateLimit of invalid) {
        const error = yield* Effect.flip(answering(rateLimit))
        assert.isTrue(error._op === "InvalidData" && error.path.join().startsWith("rateLimit."))
      }
    }))
})
