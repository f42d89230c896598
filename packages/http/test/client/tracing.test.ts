import type { InvitationsHttp } from "@effect-clerk/http"
import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { recordingTracer } from "../utils/tracer.js"

const traceHeaders = ["b3", "traceparent"]

/** Lists once in a region of code. Returns the trace headers of the request, and the names of the spans. */
const list = (
  options: Partial<InvitationsHttp.Options>,
  region: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = (self) => self
) =>
  Effect.gen(function*() {
    const { spans, tracer } = recordingTracer()
    const { invitations, seen } = yield* stub.service(stub.properly, options)
    yield* runStubWithClock(region(invitations.list({ query: "ada@example.com" }))).pipe(
      Effect.withTracer(tracer),
      Effect.withTracerEnabled(true)
    )
    const sent = Object.keys(seen[0]?.headers ?? {})
    return {
      headers: traceHeaders.filter((name) => sent.includes(name)),
      spans: spans.map(({ name }) => name)
    }
  })

const attemptSpan = "GET /v1/invitations"

describe("the trace context", () => {
  it.effect("is not sent by default", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* list({})).headers, [])
      assert.deepStrictEqual((yield* list({ propagateTrace: false })).headers, [])
    }))

  it.effect("is sent with propagateTrace", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* list({ propagateTrace: true })).headers, traceHeaders)
    }))

  it.effect("is not sent in a region without propagation", () =>
    Effect.gen(function*() {
      const { headers, spans } = yield* list(
        { propagateTrace: true },
        Effect.locally(HttpClient.currentTracerPropagation, false)
      )
      assert.deepStrictEqual(headers, [])
      assert.include(spans, attemptSpan)
    }))
})

describe("the span of an attempt", () => {
  it.effect("is left out in a region that disables it, as is its trace context", () =>
    Effect.gen(function*() {
      const urls: Array<string> = []
      const { headers, spans } = yield* list(
        { propagateTrace: true },
        Effect.locally(HttpClient.currentTracerDisabledWhen, ({ headers, url }) => {
          urls.push(url, ...Object.keys(headers))
          return true
        })
      )
      assert.deepStrictEqual(headers, [])
      assert.deepStrictEqual(spans, ["InvitationsService.list"])
      // The predicate gets neither the address nor the secret key.
      assert.deepStrictEqual(urls, [
        "https://api.clerk.com/v1/invitations?paginated=REDACTED&query=REDACTED"
      ])
    }))

  it.effect("is kept if the predicate of the region does not match", () =>
    Effect.gen(function*() {
      const { spans } = yield* list({}, Effect.locally(HttpClient.currentTracerDisabledWhen, () => false))
      assert.include(spans, attemptSpan)
    }))

  it.effect("has the name of the region's generator", () =>
    Effect.gen(function*() {
      const { spans } = yield* list(
        {},
        Effect.provideService(HttpClient.SpanNameGenerator, ({ method }) => `clerk ${method}`)
      )
      assert.deepStrictEqual(spans, ["InvitationsService.list", "clerk GET"])
    }))
})
