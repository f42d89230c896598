import type { RevokeMany } from "@effect-clerk/core"
import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import type { TooManyRequests } from "@effect-clerk/core/InvitationError"
import { BadRequest, Forbidden } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Schedule, Stream, TestClock } from "effect"
import { makeFake, makeInvitation, makeInvitations, untyped } from "../utils.js"
import { ambiguous, responseFields, tooMany } from "./fixtures.js"

const refused = (code: string) =>
  new BadRequest({
    ...responseFields,
    operation: "revoke",
    status: 400,
    errors: [new ErrorDetail({ code, message: "", longMessage: "", meta: {} })]
  })

describe("revokeMany", () => {
  it.effect("revokes the invitations that match a query, the pending ones by default", () =>
    Effect.gen(function*() {
      const rows = [
        makeInvitation(1),
        makeInvitation(2, { emailAddress: "late@example.com", status: "expired" }),
        makeInvitation(3),
        makeInvitation(4, { emailAddress: "else@example.com" })
      ]
      const { calls, service } = yield* makeFake(rows)
      const revoked = (target: RevokeMany.Target) =>
        Effect.map(
          Stream.runCollect(service.revokeMany(target)),
          (outcomes) => Array.from(outcomes, ({ _tag, id, position }) => `${position} ${id} ${_tag}`).sort()
        )
      assert.deepStrictEqual(yield* revoked({ query: "person" }), ["0 inv_1 Revoked", "1 inv_3 Revoked"])
      assert.deepStrictEqual(yield* revoked({ query: "late", status: "expired" }), ["0 inv_2 Revoked"])
      assert.deepStrictEqual(yield* revoked({ query: "nobody" }), [])
      assert.deepStrictEqual(yield* revoked({ allPending: true }), ["0 inv_4 Revoked"])
      assert.deepStrictEqual(
        (yield* calls).flatMap(({ input, method }) => method === "revoke" ? [input] : []),
        ["inv_1", "inv_3", "inv_2", "inv_4"]
      )
    }))

  it.effect("has an outcome for each id", () =>
    Effect.gen(function*() {
      const failures: Record<string, BadRequest | TooManyRequests> = {
        inv_2: refused("invitation_already_revoked"),
        inv_3: refused("invitation_already_accepted"),
        inv_5: refused("form_param_value_invalid"),
        inv_6: tooMany(Option.none())
      }
      const { service } = yield* makeFake(makeInvitations(1), ({ revoke }) => ({
        revoke: (id) => {
          const failure = failures[id]
          return failure === undefined ? revoke(id) : Effect.fail(failure)
        }
      }))
      const ids = ["inv_1", "inv_2", "inv_3", "inv_4", "inv_5", "inv_6", "no id"]
      const outcomes = yield* Stream.runCollect(service.revokeMany(ids, { ordered: true, retry: Schedule.stop }))
      assert.deepStrictEqual(Array.from(outcomes, (outcome) => [outcome._tag, outcome.id, outcome.position]), [
        ["Revoked", "inv_1", 0],
        ["AlreadyRevoked", "inv_2", 1],
        ["AlreadyAccepted", "inv_3", 2],
        ["NotFound", "inv_4", 3],
        ["Rejected", "inv_5", 4],
        ["Rejected", "inv_6", 5],
        ["Rejected", "no id", 6]
      ])
      assert.deepStrictEqual(
        Array.from(outcomes, (outcome) => outcome._tag === "Rejected" ? outcome.error._tag : undefined).slice(4),
        ["BadRequest", "TooManyRequests", "InvalidRequest"]
      )
      assert.deepStrictEqual(
        Array.from(outcomes, (outcome) =>
          outcome._tag === "Revoked" ? Option.getOrUndefined(outcome.invitation)?.id : undefined).slice(0, 2),
        ["inv_1", undefined]
      )
    }))

  it.effect("rejects invalid options and targets before anything is sent", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake()
      const cases = [
        [[], { concurrency: 0 }, "options.concurrency must be a whole number of calls from 1 to 32"],
        [[], { concurrency: 33 }, "options.concurrency must be a whole number of calls from 1 to 32"],
        [[], { ordered: "yes" }, "options.ordered must be true or false"],
        [{ query: 3 }, {}, "target.query must be a text, not empty"],
        [{ query: "a", status: 3 }, {}, "target.status must be \"pending\", \"accepted\", \"revoked\" or \"expired\""]
      ] as const
      for (const [target, options, issue] of cases) {
        const error = yield* Effect.flip(
          Stream.runDrain(
            service.revokeMany(untyped<RevokeMany.Target>(target), untyped<RevokeMany.Options>(options))
          )
        )
        assert.strictEqual(error.message, `revokeMany was not sent: ${issue}`)
      }
      assert.deepStrictEqual(yield* calls, [])
      const outcomes = yield* Stream.runCollect(service.revokeMany(["no id"], { concurrency: 32 }))
      assert.deepStrictEqual(
        Array.from(outcomes, (outcome) => outcome._tag === "Rejected" ? outcome.error.message : undefined),
        ["revokeMany was not sent: id must be the id of an invitation (1 to 255 letters, digits, _ or -)"]
      )
    }))

  it.effect("revokes four invitations at once by default, and emits each outcome as soon as it is known", () =>
    Effect.gen(function*() {
      const revokes = { inFlight: 0, most: 0 }
      const { service } = yield* makeFake(makeInvitations(9), ({ revoke }) => ({
        revoke: (id) =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              revokes.most = Math.max(revokes.most, ++revokes.inFlight)
            }),
            () => Effect.delay(revoke(id), id === "inv_1" ? "1 minute" : "1 second"),
            () => Effect.sync(() => revokes.inFlight--)
          )
      }))
      for (const options of [undefined, { ordered: true, concurrency: 2 }]) {
        const positions: Array<number> = []
        revokes.most = 0
        const fiber = yield* service.revokeMany(makeInvitations(9).map(({ id }) => id), options).pipe(
          Stream.runForEach(({ position }) => Effect.sync(() => positions.push(position))),
          Effect.fork
        )
        yield* TestClock.adjust("1 hour")
        yield* Fiber.join(fiber)
        assert.strictEqual(revokes.most, options?.concurrency ?? 4)
        assert.strictEqual(positions.indexOf(0), options === undefined ? 8 : 0)
      }
    }))

  it.effect("finishes the ids before the source fails, then fails with its error", () =>
    Effect.gen(function*() {
      for (const ordered of [false, true]) {
        const { service } = yield* makeFake(makeInvitations(3), ({ revoke }) => ({
          revoke: (id) => Effect.delay(revoke(id), "1 second")
        }))
        const positions: Array<number> = []
        const source = Stream.concat(Stream.make("inv_1", "inv_2", "inv_3"), Stream.fail("the file is broken" as const))
        const fiber = yield* service.revokeMany(source, { ordered }).pipe(
          Stream.runForEach(({ position }) => Effect.sync(() => positions.push(position))),
          Effect.flip,
          Effect.fork
        )
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* Fiber.join(fiber), "the file is broken")
        assert.deepStrictEqual(ordered ? positions : positions.sort(), [0, 1, 2])
      }
    }))

  it.effect("emits the earlier outcomes in order before a fatal error", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake(makeInvitations(2), ({ revoke }) => ({
        revoke: (id) =>
          id === "inv_1"
            ? Effect.delay(revoke(id), "1 second")
            : Effect.fail(new Forbidden({ ...responseFields, operation: "revoke", status: 403 }))
      }))
      const ids: Array<string> = []
      const fiber = yield* service.revokeMany(["inv_1", "inv_2"], { ordered: true }).pipe(
        Stream.runForEach(({ id }) => Effect.sync(() => ids.push(id))),
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Forbidden")
      assert.deepStrictEqual(ids, ["inv_1"])
    }))

  it.effect("reports Unknown for a revoke whose outcome stays unknown", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake([], () => ({ revoke: () => Effect.fail(ambiguous) }))
      const outcomes = yield* Stream.runCollect(service.revokeMany(["inv_1"]))
      assert.deepStrictEqual(
        Array.from(outcomes, (outcome) => [
          outcome._tag,
          outcome.id,
          outcome.position,
          outcome._tag === "Unknown" ? outcome.error._tag : undefined
        ]),
        [["Unknown", "inv_1", 0, "AmbiguousWrite"]]
      )
    }))
})
