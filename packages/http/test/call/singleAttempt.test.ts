import { InvitationId } from "@effect-clerk/core/Invitation"
import { RateLimited, Timeout, TooManyRequests } from "@effect-clerk/core/InvitationError"
import { ClerkMetrics, InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { assertSome } from "@effect/vitest/utils"
import { Clock, Duration, Effect, Fiber, Metric, Redacted, TestClock } from "effect"
import { eventLoopTurns, runStubWithClock, stubTurns } from "../utils/clock.js"
import { limits } from "../utils/limits.js"
import * as stub from "../utils/stub.js"
import { ambiguousWrite, reactFirst, succeed, throttled } from "../utils/stubbedCalls.js"
import { recordingTracer } from "../utils/tracer.js"
import { row } from "../utils/wire.js"

const request = { emailAddress: "person1@example.com" }

const other = { emailAddress: "person2@example.com" }

describe("a single attempt", () => {
  it.effect("does not wait for the client-side rate limits", () =>
    Effect.gen(function*() {
      const window = Duration.hours(1)
      const rateLimit = { limits: limits({ create: { limit: 1, window } }), maxWait: 0 }
      const { attempts, invitations, seen } = yield* stub.attempts(succeed, { rateLimit })
      yield* invitations.create(request)
      assert.instanceOf(yield* Effect.flip(invitations.create(other)), RateLimited)
      for (let n = 3; n <= 5; n++) yield* attempts.create({ emailAddress: `person${n}@example.com` })
      assert.deepStrictEqual(seen.map(({ at }) => at), [0, 0, 0, 0])
    }))

  it.effect("fails during a cooldown with the rest of the cooldown, and sends nothing", () =>
    Effect.gen(function*() {
      const { attempts, seen } = yield* stub.attempts(reactFirst(1, "create", throttled("5")))
      assert.instanceOf(yield* Effect.flip(attempts.create(request)), TooManyRequests)
      yield* TestClock.adjust("2 seconds")
      const error = yield* Effect.flip(attempts.create(request))
      assert.instanceOf(error, RateLimited)
      assert.strictEqual(error.reason, "maxWait")
      assertSome(error.retryAfter, Duration.seconds(3))
      assert.lengthOf(seen, 1)
      // Other operations have no cooldown.
      yield* attempts.list({})
      yield* TestClock.adjust("3 seconds")
      yield* attempts.create(request)
      assert.deepStrictEqual(seen.map(({ at, operation }) => [operation, at]), [
        ["create", 0],
        ["list", 2000],
        ["create", 5000]
      ])
    }))

  it.effect("shares its cooldown with the service, whose calls wait", () =>
    Effect.gen(function*() {
      const { attempts, invitations, seen } = yield* stub.attempts(reactFirst(1, "list", throttled("5")))
      yield* Effect.flip(attempts.list({}))
      yield* runStubWithClock(invitations.list())
      assert.lengthOf(seen, 2)
      assert.isAtLeast(seen[1]?.at ?? 0, 5000)
    }))

  it.effect("fails if a cooldown starts while it waits for a permit", () =>
    Effect.gen(function*() {
      const { attempts, seen } = yield* stub.attempts(
        () => Effect.delay(Effect.succeed(throttled("5")), "1 second"),
        { maxConcurrentAttempts: 1 }
      )
      const create = Effect.flip(attempts.create(request))
      const errors = yield* runStubWithClock(Effect.all([create, create], { concurrency: 2 }))
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag), ["TooManyRequests", "RateLimited"])
      assert.lengthOf(seen, 1)
    }))

  it.effect("waits for a permit until the total timeout", () =>
    Effect.gen(function*() {
      const { attempts, seen } = yield* stub.attempts(() => "stall", {
        maxConcurrentAttempts: 1,
        timeout: { attempt: "30 seconds", total: "20 seconds" }
      })
      const first = yield* Effect.fork(Effect.flip(attempts.create(request)))
      yield* eventLoopTurns(stubTurns)
      yield* TestClock.adjust("10 seconds")
      const second = yield* Effect.fork(
        Effect.flip(InvitationsHttp.withTimeout(attempts.list({}), { total: "5 seconds" }))
      )
      yield* eventLoopTurns(stubTurns)
      yield* TestClock.adjust("5 seconds")
      const error = yield* Fiber.join(second)
      assert.instanceOf(error, Timeout)
      assert.strictEqual(error.limit, "total")
      assert.lengthOf(seen, 1)
      yield* TestClock.adjust("5 seconds")
      assert.instanceOf(ambiguousWrite(yield* Fiber.join(first)).lastFailure, Timeout)
    }))

  it.effect("has the timeout of an attempt", () =>
    Effect.gen(function*() {
      const { attempts, seen } = yield* stub.attempts(() => "stall", { timeout: { attempt: "3 seconds" } })
      const error = yield* runStubWithClock(Effect.flip(attempts.create(request)))
      const { lastFailure } = ambiguousWrite(error)
      assert.instanceOf(lastFailure, Timeout)
      assert.strictEqual(lastFailure.limit, "attempt")
      assert.strictEqual(yield* Clock.currentTimeMillis, 3000)
      assert.lengthOf(seen, 1)
    }))

  it.effect("reads the key once and fails with InvalidRequest if the key is invalid", () =>
    Effect.gen(function*() {
      const { attempts, seen } = yield* stub.attempts(succeed, { secretKey: Effect.succeed(Redacted.make("")) })
      assert.strictEqual((yield* Effect.flip(attempts.list({})))._tag, "InvalidRequest")
      assert.lengthOf(seen, 0)
    }))

  it.effect("fails with AmbiguousWrite and the answered ids after the response to another request", () =>
    Effect.gen(function*() {
      const { attempts, seen } = yield* stub.attempts(() => ({ body: row(7, { email_address: other.emailAddress }) }))
      const error = ambiguousWrite(yield* Effect.flip(attempts.create(request)))
      assert.deepStrictEqual(error.candidates, [InvitationId.make("inv_7")])
      assert.lengthOf(seen, 1)
    }))

  it.effect("fails with AmbiguousWrite if a response repeats an earlier one of the layer", () =>
    Effect.gen(function*() {
      const { attempts, invitations } = yield* stub.attempts(() => ({ body: row(1) }))
      yield* attempts.create(request)
      assert.deepStrictEqual(ambiguousWrite(yield* Effect.flip(attempts.create(request))).candidates, [])
      // The service knows the invitation as well.
      const error = yield* Effect.flip(InvitationsHttp.withRetry(invitations.create(request), "none"))
      assert.deepStrictEqual(ambiguousWrite(error).candidates, [])
    }))

  it.effect("has one span and counts in the metrics", () =>
    Effect.gen(function*() {
      const { attempts } = yield* stub.attempts(reactFirst(1, "create", { status: 503 }))
      const { spans, tracer } = recordingTracer()
      const count = (operation: string, outcome: string) =>
        Metric.value(
          ClerkMetrics.requests.pipe(Metric.tagged("operation", operation), Metric.tagged("outcome", outcome))
        )
      const counts = Effect.all([
        count("create", "AmbiguousWrite"),
        count("create", "success"),
        count("list", "success")
      ])
      const before = yield* counts
      yield* Effect.all([Effect.flip(attempts.create(request)), attempts.create(request), attempts.list({})]).pipe(
        Effect.withTracer(tracer),
        Effect.withTracerEnabled(true)
      )
      const after = yield* counts
      assert.deepStrictEqual(after.map((counter, index) => counter.count - (before[index]?.count ?? 0)), [1, 1, 1])
      assert.deepStrictEqual(spans.map(({ name }) => name), [
        "POST /v1/invitations",
        "POST /v1/invitations",
        "GET /v1/invitations"
      ])
      assert.notInclude(JSON.stringify(spans.map(({ attributes }) => [...attributes])), request.emailAddress)
    }))
})
