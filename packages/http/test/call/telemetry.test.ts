import type { Operation } from "@effect-clerk/core/InvitationError"
import { ClerkMetrics } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import { eventLoopTurns, runStubWithClock, stubTurns } from "../utils/clock.js"
import { lost } from "../utils/scriptedList.js"
import * as stub from "../utils/stub.js"
import { emailAddress, reactFirst, throttled } from "../utils/stubbedCalls.js"
import { recordingTracer } from "../utils/tracer.js"
import { page, row } from "../utils/wire.js"

/** Runs an effect. Returns its spans, its events, and by how much it increased the metrics of an operation. */
const record = (operation: Operation, self: Effect.Effect<unknown, unknown>) =>
  Effect.gen(function*() {
    const { events, spans, tracer } = recordingTracer()
    const ofOperation = (metric: Metric.Metric.Counter<number>) => Metric.tagged(metric, "operation", operation)
    const counts = Effect.all({
      retries: Metric.value(Metric.tagged(ofOperation(ClerkMetrics.retries), "cause", "ServerError")),
      seconds: Metric.value(ofOperation(ClerkMetrics.waitSeconds))
    })
    const before = yield* counts
    yield* runStubWithClock(self).pipe(Effect.withTracer(tracer), Effect.withTracerEnabled(true))
    const after = yield* counts
    return {
      spans,
      events: events.map(({ attributes, name }) => [name, attributes] as const),
      retries: after.retries.count - before.retries.count,
      seconds: after.seconds.count - before.seconds.count
    }
  })

const retry = { minBackoff: "500 millis", maxBackoff: "500 millis" } as const

describe("the telemetry of a call", () => {
  it.effect("records every retry in an event of the span and in the metrics", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(reactFirst(2, "list", { status: 503 }), { retry })
      const { events, retries, seconds } = yield* record("list", invitations.list())
      const event = ["effect_clerk.retry", { "wait.milliseconds": 500, cause: "ServerError" }] as const
      assert.deepStrictEqual(events, [event, event])
      assert.strictEqual(retries, 2)
      // The counter is a sum of fractions that other tests of the process have added to.
      assert.closeTo(seconds, 1, 1e-6)
    }))

  it.effect("numbers the attempts after the first in their spans", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(reactFirst(2, "list", { status: 503 }), { retry })
      const { spans } = yield* record("list", invitations.list())
      const attempts = spans.filter(({ name }) => name === "GET /v1/invitations")
      assert.deepStrictEqual(
        attempts.map(({ attributes }) => attributes.get("http.request.resend_count")),
        [undefined, 1, 2]
      )
    }))

  it.effect("records the wait for a cooldown in an event of the span and in the metrics", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(reactFirst(1, "list", throttled("5")), { retry: { attempts: 1 } })
      yield* Effect.flip(invitations.list())
      yield* eventLoopTurns(stubTurns)
      const { events, retries, seconds } = yield* record("list", invitations.list())
      assert.deepStrictEqual(events, [
        ["effect_clerk.cooldown", { "wait.milliseconds": 5000, cause: "TooManyRequests" }]
      ])
      assert.strictEqual(retries, 0)
      assert.closeTo(seconds, 5, 1e-6)
    }))

  it.effect("records what every reconciliation found in an event of the span", () =>
    Effect.gen(function*() {
      let lists = 0
      const { invitations } = yield* stub.service(({ operation, url }) => {
        if (operation === "create") return lost
        // The first look-up reads two lists.
        return { body: page(lists++ < 2 || url.searchParams.has("status") ? [] : [row(1)]) }
      }, { retry })
      const { events } = yield* record("create", invitations.create({ emailAddress }))
      assert.deepStrictEqual(events, [
        ["effect_clerk.reconcile", { result: "NotFound" }],
        ["effect_clerk.retry", { "wait.milliseconds": 500, cause: "ConnectionError" }],
        ["effect_clerk.reconcile", { result: "Committed" }]
      ])
    }))
})
