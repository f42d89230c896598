import { Effect, Option, Stream, Tracer } from "effect"
import * as assert from "./assert.js"
import { ada, makeRequests } from "./fixtures.js"
import * as Suite from "./suite.js"

/** A tracer that records the names of the spans without a parent. */
const rootSpans = () => {
  const names: Array<string> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      if (Option.isNone(parent)) names.push(name)
      const attributes = new Map<string, unknown>()
      return {
        _tag: "Span",
        name,
        parent,
        context,
        links,
        kind,
        attributes,
        status: { _tag: "Started", startTime },
        spanId: "span",
        traceId: "trace",
        sampled: true,
        attribute: (key, value) => {
          attributes.set(key, value)
        },
        end: () => {},
        event: () => {},
        addLinks: () => {}
      }
    },
    context: (f) => f()
  })
  return { names, tracer }
}

export const spans = Suite.make((test) => {
  test("every method runs in a span of its name", ({ control, invitations }) =>
    Effect.gen(function*() {
      const [seeded] = yield* control.seed(makeRequests(1))
      assert.isTrue(seeded !== undefined)
      const { names, tracer } = rootSpans()
      yield* Effect.all([
        invitations.create({ emailAddress: ada }),
        invitations.createBulk(makeRequests(1, 2)),
        invitations.list(),
        Stream.runDrain(invitations.stream()),
        invitations.findById(seeded.id),
        invitations.findByEmail(ada),
        invitations.ensure({ emailAddress: ada }),
        invitations.revoke(seeded.id),
        invitations.delete(seeded.id)
      ], { discard: true }).pipe(Effect.withTracer(tracer))
      assert.deepStrictEqual(names, [
        "InvitationsService.create",
        "InvitationsService.createBulk",
        "InvitationsService.list",
        "InvitationsService.stream",
        "InvitationsService.findById",
        "InvitationsService.findByEmail",
        "InvitationsService.ensure",
        "InvitationsService.revoke",
        "InvitationsService.delete"
      ])
    }))
})
