import { ClerkMetrics, InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Metric, Stream } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { answering, invite, perHour, second, tokenAway } from "../utils/limits.js"
import { recordingTracer } from "../utils/tracer.js"

describe("a wait for a reservation", () => {
  it.effect("is recorded in an event of the span and in the metrics", () =>
    Effect.gen(function*() {
      const { events, tracer } = recordingTracer()
      const { invitations } = yield* answering({ limits: perHour(1) })
      const count = (metric: Metric.Metric.Counter<number>, result?: string) => {
        const tagged = Metric.tagged(metric, "operation", "create")
        return Effect.map(
          Metric.value(result === undefined ? tagged : Metric.tagged(tagged, "result", result)),
          ({ count }) => count
        )
      }
      const counts = Effect.all({
        waited: count(ClerkMetrics.rateLimited, "waited"),
        failed: count(ClerkMetrics.rateLimited, "maxWait"),
        seconds: count(ClerkMetrics.waitSeconds)
      })
      const before = yield* counts
      yield* runStubWithClock(
        Effect.gen(function*() {
          yield* invitations.create(invite(0))
          yield* Effect.exit(InvitationsHttp.withMaxRateLimitWait(invitations.create(invite(1)), 0))
          yield* invitations.create(invite(2))
        }).pipe(Effect.withTracer(tracer), Effect.withTracerEnabled(true))
      )
      const after = yield* counts
      assert.strictEqual(after.waited - before.waited, 1)
      assert.strictEqual(after.failed - before.failed, 1)
      // The counter is a sum of fractions that other tests of the process have added to.
      assert.closeTo(after.seconds - before.seconds, tokenAway / second, 1e-6)
      assert.deepStrictEqual(events.map(({ attributes, name }) => [name, attributes]), [
        ["effect_clerk.limited", { "wait.milliseconds": tokenAway, cause: "create" }]
      ])
    }))

  it.effect("is not recorded in the span of a job, which may last forever", () =>
    Effect.gen(function*() {
      const { events, tracer } = recordingTracer()
      const limit = { limit: 1, window: Duration.hours(1) }
      const { invitations } = yield* answering({
        limits: { all: { limit: 1, window: Duration.seconds(1) }, create: limit, createBulk: limit }
      })
      yield* runStubWithClock(
        Effect.gen(function*() {
          // The look-up of the job waits for the limit of all calls.
          yield* invitations.list()
          // The stub lists no user and returns the same invitation for every create.
          yield* Stream.runDrain(invitations.inviteMany([invite(0), invite(1), invite(2)], { concurrency: 1 }))
          yield* Stream.runDrain(invitations.revokeMany(["inv_1", "inv_2", "inv_3"]))
        }).pipe(Effect.exit, Effect.withTracer(tracer), Effect.withTracerEnabled(true))
      )
      const spans = events.map(({ span }) => span)
      assert.include(spans, "InvitationsService.inviteMany.look")
      assert.include(spans, "InvitationsService.inviteMany.create")
      assert.include(spans, "InvitationsService.revokeMany.revoke")
      assert.notInclude(spans, "InvitationsService.inviteMany")
      assert.notInclude(spans, "InvitationsService.revokeMany")
    }))
})
