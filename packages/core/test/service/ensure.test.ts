import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { BadRequest, isDuplicate } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Equal, Option, Ref } from "effect"
import { duplicate, makeFake, makeInvitation, makeInvitations, notFound, serverError } from "../utils.js"
import { emailAddress, forbidden, methodsOf } from "./utils.js"

describe("ensure", () => {
  it.effect("returns the existing pending invitation, and writes nothing", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress: "ADA@example.com" })])
      const invitation = yield* fake.service.ensure({ emailAddress, publicMetadata: { other: true } })
      assert.strictEqual(invitation.id, "inv_1")
      assert.deepStrictEqual(invitation.publicMetadata, {})
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list"])
    }))

  it.effect("creates an invitation if none is pending, with ignoreExisting false", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(2))
      const request = { emailAddress, expiresInDays: 7, notify: false }
      const invitation = yield* fake.service.ensure(request)
      assert.strictEqual(invitation.emailAddress, emailAddress)
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create"])
      assert.deepStrictEqual((yield* fake.calls).at(-1)?.input, { ...request, ignoreExisting: false })
    }))

  it.effect("returns the same invitation the second time", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      const first = yield* fake.service.ensure({ emailAddress })
      const second = yield* fake.service.ensure({ emailAddress: "ADA@EXAMPLE.COM" })
      assert.strictEqual(second.id, first.id)
      assert.strictEqual((yield* Ref.get(fake.rows)).length, 1)
    }))

  it.effect.each(["accepted", "revoked", "expired"])(
    "creates an invitation if the existing one is %s",
    (status) =>
      Effect.gen(function*() {
        const fake = yield* makeFake([makeInvitation(1, { emailAddress, status })])
        assert.strictEqual((yield* fake.service.ensure({ emailAddress })).id, "inv_2")
      })
  )

  it.effect("creates an invitation if the query has only partial matches", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress: `x${emailAddress}` })])
      assert.strictEqual((yield* fake.service.ensure({ emailAddress })).emailAddress, emailAddress)
    }))

  it.effect("returns the invitation that a concurrent client created", () =>
    Effect.gen(function*() {
      const concurrent = makeInvitation(7, { emailAddress })
      const fake = yield* makeFake([], ({ create }, rows) => ({
        create: (request) => Effect.zipRight(Ref.set(rows, [concurrent]), create(request))
      }))
      assert.strictEqual((yield* fake.service.ensure({ emailAddress })).id, "inv_7")
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create", "list"])
      assert.strictEqual((yield* Ref.get(fake.rows)).length, 1)
    }))

  it.effect("fails with the duplicate if the second list does not contain it", () =>
    Effect.gen(function*() {
      const clash = duplicate(emailAddress)
      const fake = yield* makeFake([], () => ({ create: () => Effect.fail(clash) }))
      assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.ensure({ emailAddress })), clash))
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create", "list"])
    }))

  it.effect("creates an invitation if the list fails with a server error, and lets Clerk reject duplicates", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([], () => ({ list: () => Effect.fail(serverError) }))
      assert.strictEqual(
        (yield* fake.service.ensure({ emailAddress, ignoreExisting: true })).emailAddress,
        emailAddress
      )
      assert.deepStrictEqual((yield* fake.calls).at(-1)?.input, { emailAddress, ignoreExisting: false })
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create"])
    }))

  it.effect("fails with the duplicate if both lists fail with a server error", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress })], () => ({
        list: () => Effect.fail(serverError)
      }))
      const failure = yield* Effect.flip(fake.service.ensure({ emailAddress }))
      assert.isTrue(isDuplicate(failure))
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create", "list"])
    }))

  it.effect("returns the existing invitation if only the first list fails with a server error", () =>
    Effect.gen(function*() {
      const lists = yield* Ref.make(0)
      const fake = yield* makeFake([makeInvitation(1, { emailAddress })], ({ list }) => ({
        list: (params) =>
          Effect.flatMap(
            Ref.getAndUpdate(lists, (n) => n + 1),
            (n) => n === 0 ? Effect.fail(serverError) : list(params)
          )
      }))
      assert.strictEqual((yield* fake.service.ensure({ emailAddress })).id, "inv_1")
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create", "list"])
    }))

  it.effect("fails with every other error of the list, and writes nothing", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([], () => ({ list: () => Effect.fail(forbidden) }))
      assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.ensure({ emailAddress })), forbidden))
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list"])
    }))

  it.effect("fails with every other error of the create, without another list", () =>
    Effect.gen(function*() {
      const refused = new BadRequest({
        operation: "create",
        status: 400,
        errors: [new ErrorDetail({ code: "bad_request", message: "", longMessage: "", meta: {} })],
        traceId: Option.none()
      })
      for (const error of [refused, forbidden, notFound("revoke")]) {
        const fake = yield* makeFake([], () => ({ create: () => Effect.fail(error) }))
        assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.ensure({ emailAddress })), error))
        assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create"])
      }
    }))
})
