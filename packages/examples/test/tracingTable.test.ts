import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { runStubWithClock } from "../../http/test/utils/clock.js"
import * as stub from "../../http/test/utils/stub.js"
import { recordingTracer } from "../../http/test/utils/tracer.js"
import { errors } from "../../http/test/utils/wire.js"
import { read } from "./snippets.js"

const [, section = ""] = read("packages/http/README.md").split("\n## Tracing and metrics\n")
const [chapter = ""] = section.split("\n## ")

const isListed = (name: string): boolean =>
  chapter.includes(`\`${name}\``) || chapter.includes(`\`.${name.split(".").at(-1) ?? ""}\``)

describe("the chapter about tracing", () => {
  it("lists every metric", () => {
    const source = read("packages/http/src/ClerkMetrics.ts")
    const declared = Array.from(source.matchAll(/"(effect_clerk_\w+)"/g), ([, name = ""]) => name)
    assert.lengthOf(declared, 6)
    assert.deepStrictEqual(declared.filter((name) => !isListed(name)), [])
  })

  it.effect("lists every span, event and attribute of calls and jobs", () =>
    Effect.gen(function*() {
      const { events, spans, tracer } = recordingTracer()
      const first = new Set<string>()
      const { invitations } = yield* stub.service((request) => {
        const isFirst = !first.has(request.operation)
        first.add(request.operation)
        return isFirst ? { status: 503, body: errors("internal_clerk_error") } : stub.properly(request)
      }, { rateLimit: "clerk" })
      const calls: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        invitations.create({ emailAddress: "ada@example.com" }),
        invitations.createBulk([{ emailAddress: "ada@example.com" }]),
        invitations.list(),
        invitations.revoke("inv_1"),
        invitations.delete("inv_1"),
        Stream.runDrain(invitations.inviteMany([{ emailAddress: "bob@example.com" }])),
        Stream.runDrain(invitations.revokeMany({ ids: ["inv_1"] }))
      ]
      yield* runStubWithClock(Effect.forEach(calls, Effect.ignore, { discard: true })).pipe(
        Effect.withTracer(tracer),
        Effect.withTracerEnabled(true)
      )
      const ofService = spans.map(({ name }) => name).filter((name) => name.split(".").length === 3)
      assert.deepStrictEqual(ofService.filter((name) => !isListed(name)), [])
      const attributes = new Set(spans.flatMap(({ attributes }) => Array.from(attributes.keys())))
      assert.include(Array.from(attributes), "error.type")
      assert.deepStrictEqual(Array.from(attributes).filter((name) => !isListed(name)), [])
      const eventNames = events.map(({ name }) => name)
      assert.include(eventNames, "effect_clerk.retry")
      assert.include(eventNames, "effect_clerk.reconcile")
      assert.deepStrictEqual(eventNames.filter((name) => !isListed(name)), [])
    }))
})
