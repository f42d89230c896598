import type { Invitation } from "@effect-clerk/core/Invitation"
import { isDuplicate } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Equal, Fiber, Ref } from "effect"
import { duplicate, makeFake, makeInvitation, notFound, serverError } from "../utils.js"
import { emailAddress, forbidden, methodsOf } from "./utils.js"

const statuses = (fake: { readonly rows: Ref.Ref<ReadonlyArray<Invitation>> }) =>
  Effect.map(Ref.get(fake.rows), (rows) => rows.map(({ id, status }) => `${id} ${status}`))

const old = makeInvitation(1, { emailAddress: "ADA@example.com" })

describe("resend", () => {
  it.effect("revokes every pending invitation of the address, then creates one with the fields of the request", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([
        old,
        makeInvitation(2, { emailAddress }),
        makeInvitation(3, { emailAddress: `x${emailAddress}` })
      ])
      const created = yield* fake.service.resend({ emailAddress, expiresInDays: 7, ignoreExisting: true })
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "list", "revoke", "revoke", "create"])
      assert.deepStrictEqual((yield* fake.calls).at(-1)?.input, {
        emailAddress,
        expiresInDays: 7,
        ignoreExisting: false
      })
      assert.sameMembers(yield* statuses(fake), [
        "inv_1 revoked",
        "inv_2 revoked",
        "inv_3 pending",
        `${created.id} pending`
      ])
    }))

  it.effect("creates the first invitation of an address", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      assert.strictEqual((yield* fake.service.resend({ emailAddress })).emailAddress, emailAddress)
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "list", "create"])
    }))

  it.effect("tells the layer which invitations are not the new one, those of an earlier resend too", () =>
    Effect.gen(function*() {
      const known: Array<ReadonlyArray<string>> = []
      const revoked = makeInvitation(2, { emailAddress, status: "revoked" })
      const fake = yield* makeFake([old, revoked], ({ create }) => ({
        create: (request, options) => {
          known.push(options?.known ?? [])
          return create(request)
        }
      }))
      yield* fake.service.resend({ emailAddress })
      assert.deepStrictEqual(known.map((ids) => [...ids].sort()), [["inv_1", "inv_2"]])
    }))

  it.effect("says what was revoked if the create fails, and the next call finishes the job", () =>
    Effect.gen(function*() {
      const fails = yield* Ref.make(true)
      const fake = yield* makeFake([old], ({ create }) => ({
        create: (request) =>
          Effect.flatMap(Ref.getAndSet(fails, false), (fail) => fail ? Effect.fail(forbidden) : create(request))
      }))
      const error = yield* Effect.flip(fake.service.resend({ emailAddress }))
      assert(error._tag === "ResendIncomplete")
      assert.deepStrictEqual(error.revoked, [old.id])
      assert.isTrue(Equal.equals(error.error, forbidden))
      assert.include(error.message, "resend revoked the pending invitation and then failed; call it again.")
      assert.notInclude(error.message, emailAddress)

      const created = yield* fake.service.resend({ emailAddress })
      assert.sameMembers(yield* statuses(fake), ["inv_1 revoked", `${created.id} pending`])
    }))

  it.effect("fails with the error itself if nothing was revoked", () =>
    Effect.gen(function*() {
      const unlisted = yield* makeFake([old], () => ({ list: () => Effect.fail(serverError) }))
      assert.isTrue(Equal.equals(yield* Effect.flip(unlisted.service.resend({ emailAddress })), serverError))
      assert.deepStrictEqual(yield* methodsOf(unlisted.calls), ["list"])

      const refused = yield* makeFake([old], () => ({ revoke: () => Effect.fail(forbidden) }))
      assert.isTrue(Equal.equals(yield* Effect.flip(refused.service.resend({ emailAddress })), forbidden))
      assert.deepStrictEqual(yield* methodsOf(refused.calls), ["list", "list", "revoke"])
    }))

  it.effect("goes on if an invitation is not pending any more", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([old], (_, rows) => ({
        revoke: () => Effect.zipRight(Ref.set(rows, []), Effect.fail(notFound("revoke")))
      }))
      yield* fake.service.resend({ emailAddress })
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "list", "revoke", "create"])
    }))

  it.effect("looks again if Clerk rejects a duplicate, once", () =>
    Effect.gen(function*() {
      const stale = yield* Ref.make(2)
      const fake = yield* makeFake([old], ({ list }) => ({
        list: (params) =>
          Effect.flatMap(Ref.getAndUpdate(stale, (count) => count - 1), (count) =>
            list(count > 0 ? { ...params, query: "nobody" } : params))
      }))
      yield* fake.service.resend({ emailAddress })
      assert.deepStrictEqual(yield* methodsOf(fake.calls), [
        "list",
        "list",
        "create",
        "list",
        "list",
        "revoke",
        "create"
      ])

      const blind = yield* makeFake([old], () => ({
        create: () =>
          Effect.fail(duplicate(emailAddress))
      }))
      const error = yield* Effect.flip(blind.service.resend({ emailAddress }))
      assert(error._tag === "ResendIncomplete")
      assert.isTrue(isDuplicate(error.error))
      assert.deepStrictEqual(yield* methodsOf(blind.calls), [
        "list",
        "list",
        "revoke",
        "create",
        "list",
        "list",
        "create"
      ])
    }))

  it.effect("reserves the rate limit of the create before the first revoke", () =>
    Effect.gen(function*() {
      const reserved = yield* Deferred.make<boolean>()
      const fake = yield* makeFake([old], () => ({
        withRequiredReservation: () => (self) => Effect.zipRight(Deferred.await(reserved), self)
      }))
      const fiber = yield* Effect.fork(fake.service.resend({ emailAddress }))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(yield* methodsOf(fake.calls), [])
      yield* Deferred.succeed(reserved, true)
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "list", "revoke", "create"])
    }))
})
