import type { InvitationsService, RevokeMany, RevokeOutcome } from "@effect-clerk/core"
import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { invalidRequest, issuesOf } from "../service/utils.js"
import { makeFake, makeInvitation, makeInvitations } from "../utils.js"

const only = "must be the only one of ids, emailAddresses, query and allPending"
const target = "must be an iterable or a Stream of ids, " +
  "or an object with exactly one of ids, emailAddresses, query and allPending"

/** The ids that a job revokes, and the queries of its look-ups. */
const run = Effect.fnUntraced(function*(
  revokeMany: (
    service: InvitationsService.Service
  ) => Stream.Stream<RevokeOutcome.RevokeOutcome, RevokeMany.RevokeManyError>,
  rows: ReadonlyArray<Invitation> = makeInvitations(3)
) {
  const { calls, service } = yield* makeFake(rows)
  const outcomes = yield* Stream.runCollect(revokeMany(service))
  const inputs = (method: string) =>
    Effect.map(calls, (all) => all.flatMap((call) => call.method === method ? [call.input] : []))
  assert.deepStrictEqual(
    Array.from(outcomes, ({ position }) => position).sort(),
    (yield* inputs("revoke")).map((_, n) => n)
  )
  return {
    revoked: Array.from(outcomes, ({ id }) => id).sort(),
    lists: yield* inputs("list")
  }
})

describe("the targets of revokeMany", () => {
  it.effect("are ids in an iterable or a Stream, bare or in an object", () =>
    Effect.gen(function*() {
      const ids = ["inv_1", "inv_3"]
      for (
        const { lists, revoked } of [
          yield* run((service) => service.revokeMany(ids)),
          yield* run((service) => service.revokeMany(new Set(ids))),
          yield* run((service) => service.revokeMany(Stream.fromIterable(ids))),
          yield* run((service) => service.revokeMany({ ids })),
          yield* run((service) => service.revokeMany({ ids: new Set(ids), query: undefined })),
          yield* run((service) => service.revokeMany({ ids: Stream.fromIterable(ids) }))
        ]
      ) {
        assert.deepStrictEqual(revoked, ids)
        assert.deepStrictEqual(lists, [])
      }
    }))

  it.effect("are whole addresses in any case, each looked up once", () =>
    Effect.gen(function*() {
      const rows = [
        makeInvitation(1, { emailAddress: "joann@example.com" }),
        makeInvitation(2, { emailAddress: "Ann@example.com" }),
        makeInvitation(3, { emailAddress: "ann@example.com.au" }),
        makeInvitation(4, { emailAddress: "bob@example.com" }),
        makeInvitation(5, { emailAddress: "ann@example.com", status: "expired" }),
        makeInvitation(6, { emailAddress: "ann@example.com" })
      ]
      const { lists, revoked } = yield* run(
        (service) =>
          service.revokeMany({
            emailAddresses: ["ann@example.com", "ANN@example.com", "bob@example.com", "new@example.com"]
          }),
        rows
      )
      assert.deepStrictEqual(revoked, ["inv_2", "inv_4", "inv_6"])
      assert.strictEqual(lists.length, 3)
    }))

  it.effect("are no addresses: nothing is sent", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* run((service) => service.revokeMany({ emailAddresses: [] })), {
        revoked: [],
        lists: []
      })
    }))

  it.effect("are a query, which selects pending invitations unless it has a status", () =>
    Effect.gen(function*() {
      const rows = [
        makeInvitation(1, { emailAddress: "joann@example.com" }),
        makeInvitation(2, { emailAddress: "ann@example.com", status: "expired" }),
        makeInvitation(3, { emailAddress: "bob@example.com" })
      ]
      const pending = yield* run((service) => service.revokeMany({ query: "ann@example.com" }), rows)
      assert.deepStrictEqual(pending.revoked, ["inv_1"])
      const expired = yield* run((service) => service.revokeMany({ query: "ann@", status: "expired" }), rows)
      assert.deepStrictEqual(expired.revoked, ["inv_2"])
    }))

  it.effect("are all pending invitations", () =>
    Effect.gen(function*() {
      const rows = [...makeInvitations(2), makeInvitation(3, { status: "accepted" })]
      const { revoked } = yield* run((service) => service.revokeMany({ allPending: true }), rows)
      assert.deepStrictEqual(revoked, ["inv_1", "inv_2"])
    }))

  it.effect.each<readonly [input: unknown, ...issues: ReadonlyArray<readonly [path: string, message: string]>]>([
    [{}, ["target", target]],
    ["inv_1", ["target", target]],
    [undefined, ["target", target]],
    [null, ["target", target]],
    [7, ["target", target]],
    [{ status: "expired" }, ["target", target]],
    [{ query: undefined }, ["target.query", "must be defined"]],
    [{ ids: undefined }, ["target.ids", "must be defined"]],
    [{ emailAddresses: undefined }, ["target.emailAddresses", "must be defined"]],
    [{ allPending: undefined }, ["target.allPending", "must be defined"]],
    [{ query: "" }, ["target.query", "must be a text, not empty"]],
    [{ query: " " }, ["target.query", "must be a text, not empty"]],
    [{ query: null }, ["target.query", "must be a text, not empty"]],
    [{ query: "ann", status: "snoozed" }, [
      "target.status",
      "must be \"pending\", \"accepted\", \"revoked\" or \"expired\""
    ]],
    [{ ids: "inv_1" }, ["target.ids", "must be an iterable or a Stream of ids"]],
    [{ ids: null }, ["target.ids", "must be an iterable or a Stream of ids"]],
    [{ emailAddresses: "ann@example.com" }, ["target.emailAddresses", "must be an array of e-mail addresses"]],
    [{ emailAddresses: ["ann@example.com", "ann"] }, [
      "target.emailAddresses[1]",
      "must be an e-mail address (name@domain, no white space, at most 254 characters)"
    ]],
    [{ allPending: false }, ["target.allPending", "must be true"]],
    [{ allPending: true, status: "expired" }, ["target.status", "must be combined with query"]],
    [{ ids: ["inv_1"], query: "ann" }, ["target.ids", only], ["target.query", only]],
    [{ emailAddresses: ["ann@example.com"], allPending: true }, ["target.emailAddresses", only], [
      "target.allPending",
      only
    ]],
    [{ allPending: true, extra: 1 }, ["target.extra", "is not a field of this request"]]
  ])("are not %o", ([input, ...issues]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(issuesOf(yield* invalidRequest("revokeMany", input)), issues)
    }))
})

describe("the types of the targets of revokeMany", () => {
  // The compiler checks the types; the function is never called.
  const calls = (service: InvitationsService.Service) => {
    const ids: ReadonlyArray<InvitationId> = []
    expectTypeOf(service.revokeMany(ids)).toEqualTypeOf<ReturnType<typeof service.revokeMany<never, never>>>()
    const failing: Stream.Stream<string, "broken", number> = Stream.fail("broken")
    expectTypeOf(service.revokeMany(failing)).toEqualTypeOf<
      ReturnType<typeof service.revokeMany<"broken", number>>
    >()
    expectTypeOf(service.revokeMany({ ids: failing })).toEqualTypeOf<
      ReturnType<typeof service.revokeMany<"broken", number>>
    >()
    return [
      service.revokeMany({ ids }),
      service.revokeMany({ emailAddresses: ["ann@example.com"] }),
      service.revokeMany({ query: "ann", status: "expired" }),
      service.revokeMany({ allPending: true }),
      // @ts-expect-error -- A string is an iterable of its characters.
      service.revokeMany("inv_1"),
      // @ts-expect-error -- The same in an object.
      service.revokeMany({ ids: "inv_1" }),
      // @ts-expect-error -- An empty object must not select everything.
      service.revokeMany({}),
      // @ts-expect-error -- An undefined query must not select everything.
      service.revokeMany({ query: undefined }),
      // @ts-expect-error -- Two targets.
      service.revokeMany({ ids, query: "ann" }),
      // @ts-expect-error -- Two targets.
      service.revokeMany({ emailAddresses: ["ann@example.com"], allPending: true }),
      // @ts-expect-error -- A status without a query.
      service.revokeMany({ allPending: true, status: "expired" }),
      // @ts-expect-error -- Only `true`.
      service.revokeMany({ allPending: false }),
      // @ts-expect-error -- A string of addresses.
      service.revokeMany({ emailAddresses: "ann@example.com" })
    ]
  }

  it("are checked by the compiler", () => {
    expectTypeOf(calls).toBeFunction()
  })
})
