import { Effect, Stream } from "effect"
import { recordingTracer } from "../utils/tracer.js"
import * as assert from "./assert.js"
import { ada, makeRequests } from "./fixtures.js"
import * as Suite from "./suite.js"

export const spans = Suite.make((test) => {
  test("every method runs in a span of its name", ({ control, invitations }) =>
    Effect.gen(function*() {
      const [seeded] = yield* control.seed(makeRequests(1))
      assert.isTrue(seeded !== undefined)
      const { spans, tracer } = recordingTracer()
      yield* Effect.all([
        invitations.create({ emailAddress: ada }),
        invitations.createBulk(makeRequests(1, 2)),
        invitations.list(),
        Stream.runDrain(invitations.stream()),
        invitations.findById(seeded.id),
        invitations.findByEmail(ada),
        invitations.ensure({ emailAddress: ada }),
        invitations.resend({ emailAddress: ada }),
        invitations.revoke(seeded.id),
        invitations.delete(seeded.id)
      ], { discard: true }).pipe(Effect.withTracer(tracer))
      assert.deepStrictEqual(spans.filter(({ isRoot }) => isRoot).map(({ name }) => name), [
        "InvitationsService.create",
        "InvitationsService.createBulk",
        "InvitationsService.list",
        "InvitationsService.stream",
        "InvitationsService.findById",
        "InvitationsService.findByEmail",
        "InvitationsService.ensure",
        "InvitationsService.resend",
        "InvitationsService.revoke",
        "InvitationsService.delete"
      ])
    }))
})
