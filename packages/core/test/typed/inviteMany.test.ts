import type { InviteMany, InviteOutcome } from "@effect-clerk/core"
import { InvalidRequest } from "@effect-clerk/core/InvitationError"
import * as Outcome from "@effect-clerk/core/InviteOutcome"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Schema, Stream } from "effect"
import { untyped } from "../utils.js"
import { fit, makeView, type Membership, withMetadata } from "./utils.js"

const request = (n: number, team = "engines") => ({
  emailAddress: `person${n}@example.com`,
  publicMetadata: { team, seats: n } satisfies Membership
})

const collect = <E>(outcomes: Stream.Stream<InviteOutcome.InviteOutcome, E>) =>
  Effect.map(Stream.runCollect(outcomes), Chunk.toReadonlyArray)

/** What a test compares of an outcome: its tag, its position, and the message of its error. */
const summary = (outcome: InviteOutcome.InviteOutcome) => [
  outcome._tag,
  outcome._tag === "Stopped" ? -1 : outcome.position,
  ..."error" in outcome ? [outcome.error.message] : []
]

const rejection = "inviteMany was not sent: publicMetadata.team must be a non empty string"

describe("inviteMany of a view", () => {
  const requests = [request(1), request(2, ""), request(1), request(3)]
  const expected = [["Created", 0], ["Rejected", 1, rejection], ["Repeated", 2], ["Created", 3]]

  it.effect.each([
    { form: "an array", source: requests },
    { form: "a set", source: new Set(requests) },
    { form: "a chunk", source: Chunk.fromIterable(requests) },
    { form: "an iterator", source: requests.values() },
    { form: "a stream", source: Stream.fromIterable(requests) }
  ])(
    "encodes each input of $form, and rejects an input that cannot be encoded",
    ({ source }) =>
      Effect.gen(function*() {
        const { calls, view } = yield* makeView()
        const outcomes = yield* collect(view.inviteMany(source, { ordered: true }))
        assert.deepStrictEqual<unknown>(outcomes.map(summary), expected)
        const sent = (yield* calls).flatMap(({ input, method }) => method === "list" ? [] : [input].flat())
        assert.sameDeepMembers(
          sent,
          [1, 3].map((n) => ({
            emailAddress: `person${n}@example.com`,
            publicMetadata: { team: "engines", seats: String(n) }
          }))
        )
      })
  )

  it.effect("reports the other invalid fields of an input that cannot be encoded", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView()
      const [outcome] = yield* collect(view.inviteMany([{ ...request(1, ""), emailAddress: "ada" }]))
      assert(outcome?._tag === "Rejected" && outcome.error instanceof InvalidRequest)
      assert.deepStrictEqual(outcome.error.issues.map(({ path }) => path), ["publicMetadata.team", "emailAddress"])
    }))

  it.effect("rejects the input of a rejected outcome again, also after the outcome was stored", () =>
    Effect.gen(function*() {
      const { calls, service, view } = yield* makeView()
      const [outcome] = yield* collect(view.inviteMany([request(1, "")]))
      assert(outcome?._tag === "Rejected")
      const stored = Schema.decodeUnknownSync(Outcome.InviteOutcome)(
        JSON.parse(JSON.stringify(Schema.encodeSync(Outcome.InviteOutcome)(outcome)))
      )
      assert(stored._tag === "Rejected")
      const again = yield* collect(service.inviteMany([outcome.input, stored.input]))
      assert.deepStrictEqual(again.map(({ _tag }) => _tag), ["Rejected", "Repeated"])
      assert.deepStrictEqual((yield* collect(service.inviteMany([stored.input]))).map(({ _tag }) => _tag), ["Rejected"])
      assert.deepStrictEqual(yield* calls, [])
    }))

  it.effect("names the path in the outcomes of onIncomplete too", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView()
      const reports: Array<InviteMany.Incomplete> = []
      yield* Stream.runHead(view.inviteMany([request(1, ""), request(2, "")], {
        onIncomplete: (incomplete) => Effect.sync(() => reports.push(incomplete))
      }))
      assert.deepStrictEqual(reports.map(({ outcomes }) => outcomes.map(summary)), [[["Rejected", 1, rejection]]])
    }))

  it.effect("reads an endless input only as fast as outcomes are taken", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView()
      let read = 0
      const endless = function*() {
        for (;;) yield request(++read, "")
      }
      assert.strictEqual((yield* collect(Stream.take(view.inviteMany(endless()), 5))).length, 5)
      assert.isBelow(read, 5000)
    }))

  it.effect("fails with the error of the input, after the outcomes known by then", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView()
      const seen: Array<unknown> = []
      const source = Stream.concat(Stream.succeed(request(1)), Stream.fail("unreadable" as const))
      const error = yield* Effect.flip(
        Stream.runForEach(view.inviteMany(source), ({ _tag }) => Effect.sync(() => seen.push(_tag)))
      )
      assert.deepStrictEqual<unknown>([seen, error], [["Created"], "unreadable"])
    }))

  it.effect("decodes the invitation of an outcome", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView([withMetadata(2, fit)])
      const outcomes = yield* collect(view.inviteMany([request(1), request(2)], { ordered: true }))
      const [created, existing] = outcomes
      assert(created?._tag === "Created" && existing?._tag === "AlreadyInvited")
      assert.strictEqual((yield* view.decode(created.invitation)).publicMetadata.seats, 1)
      assert(existing.invitation._tag === "Some")
      assert.strictEqual((yield* view.decode(existing.invitation.value)).publicMetadata.seats, 3)
    }))

  it.effect.each([undefined, null, 7, "text", {}])(
    "fails with InvalidRequest for the input %j",
    (source) =>
      Effect.gen(function*() {
        const { calls, view } = yield* makeView()
        const error = yield* Effect.flip(Stream.runDrain(view.inviteMany(untyped<Iterable<never>>(source))))
        assert.instanceOf(error, InvalidRequest)
        assert.deepStrictEqual(error.issues.map(({ path }) => path), ["requests"])
        assert.deepStrictEqual(yield* calls, [])
      })
  )
})
