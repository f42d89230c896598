import { assert, describe, it } from "@effect/vitest"
import type { Tracer } from "effect"
import { Effect, Option, Tracer as Tracing } from "effect"
import { makeFake, makeInvitation, makeInvitations } from "../utils.js"
import { callMethod, emailAddress, type Method } from "./utils.js"

describe("spans of the service", () => {
  /** Returns all spans that start while the effect runs. */
  const spansOf = Effect.fnUntraced(function*<A, E>(effect: Effect.Effect<A, E>) {
    const native = yield* Effect.tracer
    const spans: Array<Tracer.Span> = []
    const tracer = Tracing.make({
      span: (...options) => {
        const span = native.span(...options)
        spans.push(span)
        return span
      },
      context: (f, fiber) => native.context(f, fiber)
    })
    yield* Effect.exit(effect).pipe(Effect.withSpan("caller"), Effect.withTracer(tracer))
    return spans
  })

  const inputs: Record<Method, unknown> = {
    create: { emailAddress },
    createBulk: [{ emailAddress }],
    list: { query: emailAddress },
    revoke: "inv_1",
    delete: "inv_1",
    stream: { query: emailAddress },
    findById: "inv_1",
    findByEmail: emailAddress,
    ensure: { emailAddress },
    resend: { emailAddress },
    inviteMany: [{ emailAddress }],
    revokeMany: ["inv_1"]
  }
  const names: ReadonlyArray<Method> = [
    "create",
    "createBulk",
    "list",
    "revoke",
    "delete",
    "stream",
    "findById",
    "findByEmail",
    "ensure",
    "resend",
    "inviteMany",
    "revokeMany"
  ]

  it.effect.each(names)(
    "%s runs in a span of its name, a child of the caller's span",
    (method) =>
      Effect.gen(function*() {
        const fake = yield* makeFake(makeInvitations(1))
        const all = yield* spansOf(callMethod(method, fake.service, inputs[method]))
        // The steps of a bulk job have their own spans, children of the method's span.
        const steps = all.filter(({ name }) => name.startsWith(`InvitationsService.${method}.`))
        const spans = all.filter((span) => !steps.includes(span))
        assert.isTrue(steps.every(({ parent }) => Option.exists(parent, ({ spanId }) => spanId === spans[1]?.spanId)))
        assert.deepStrictEqual(spans.map(({ name }) => name), ["caller", `InvitationsService.${method}`])
        assert.deepStrictEqual(
          spans.map(({ parent }) => Option.getOrNull(Option.map(parent, ({ spanId }) => spanId))),
          [null, spans[0]?.spanId]
        )
        assert.isTrue(all.every(({ status }) => status._tag === "Ended"))
        const calls = yield* fake.calls
        assert.isTrue(calls.length > 0)
        const expected = steps.length > 0 ? steps.map(({ name }) => name) : [`InvitationsService.${method}`]
        assert.isTrue(calls.every(({ span }) => expected.includes(span)))
      })
  )

  it.effect.each(names)("the span of %s has no address in its attributes", (method) =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress })])
      const spans = yield* spansOf(callMethod(method, fake.service, inputs[method]))
      assert.isTrue(spans.length >= 2)
      for (const { attributes } of spans) {
        assert.isFalse([...attributes].map(String).join().includes("ada"))
      }
    }))

  it.effect("an invalid input ends the span with the failure", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      const spans = yield* spansOf(fake.service.create({ emailAddress: "ada" }))
      const span = spans.find(({ name }) => name === "InvitationsService.create")
      assert(span?.status._tag === "Ended")
      assert.strictEqual(span.status.exit._tag, "Failure")
    }))
})
