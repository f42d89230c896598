import { InvitationError } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import type { Tracer } from "effect"
import { Cause, Effect, Option } from "effect"
import { makeFake } from "../utils.js"

const file = "callSite.test.ts"

/** Returns the span of a method call that fails, and the printed cause. */
const fail = Effect.gen(function*() {
  const { service } = yield* makeFake()
  const native = yield* Effect.tracer
  const spans: Array<Tracer.Span> = []
  const cause = yield* service.create({ emailAddress: "ada" }).pipe(
    Effect.sandbox,
    Effect.flip,
    Effect.withTracer({
      ...native,
      span: (...options) => {
        const span = native.span(...options)
        spans.push(span)
        return span
      }
    })
  )
  return { spans, cause }
})

describe("the call site of a method", () => {
  it.effect("is in the span of a call that fails", () =>
    Effect.gen(function*() {
      const { spans } = yield* fail
      assert.lengthOf(spans, 1)
      assert.include(String(spans[0]?.attributes.get("code.stacktrace")), file)
    }))

  it.effect("is in the printed cause of a call that fails", () =>
    Effect.gen(function*() {
      const { cause } = yield* fail
      assert.match(Cause.pretty(cause), new RegExp(`at InvitationsService\\.create \\(.*${file}`))
    }))

  it.effect("is not in the span of a call that succeeds", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake()
      const native = yield* Effect.tracer
      const spans: Array<Tracer.Span> = []
      yield* Effect.withTracer(service.list(), {
        ...native,
        span: (...options) => {
          const span = native.span(...options)
          spans.push(span)
          return span
        }
      })
      assert.deepStrictEqual(spans.map(({ attributes }) => [...attributes.keys()]), [[]])
    }))
})

describe("the span of a method", () => {
  const parent = Effect.map(Effect.option(Effect.currentSpan), Option.getOrUndefined)

  it.effect("is the current span during the call only: after a success, a failure and an interruption", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake()
      const before = yield* parent
      yield* service.list()
      assert.strictEqual(yield* parent, before)
      const error = yield* Effect.flip(service.create({ emailAddress: "ada" }))
      assert.instanceOf(error, InvitationError.InvalidRequest)
      assert.strictEqual(yield* parent, before)
    }).pipe(Effect.withSpan("caller")))
})
