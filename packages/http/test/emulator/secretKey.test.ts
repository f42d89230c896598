import { InvitationsService } from "@effect-clerk/core"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import * as emulator from "../utils/emulator.js"
import { call, send } from "../utils/emulator.js"
import { apiError } from "./apiError.js"

describe("the secret key of the emulator", () => {
  const endpoints = [
    ["POST", "/v1/invitations"],
    ["POST", "/v1/invitations/bulk"],
    ["GET", "/v1/invitations?limit=0"],
    ["POST", "/v1/invitations/inv_1/revoke"],
    ["DELETE", "/v1/invitations/inv_1"]
  ] as const

  for (const [method, path] of endpoints) {
    it.effect(`is checked first by ${method} ${path}`, () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const response = yield* send(method, path, { headers: {}, ...(method === "POST" ? { body: "{" } : {}) })
        assert.deepStrictEqual(apiError(response), {
          status: 401,
          code: "authorization_header_format_invalid",
          meta: {}
        })
        assert.deepStrictEqual(yield* control.calls, [])
      }).pipe(Effect.provide(emulator.layerRaw())))
  }

  it.effect("is checked before the path", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(apiError(yield* send("GET", "/v1/nothing", { headers: {} })), {
        status: 401,
        code: "authorization_header_format_invalid",
        meta: {}
      })
      assert.strictEqual((yield* call("GET", "/v1/nothing")).status, 404)
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect.each<readonly [authorization: string, code: string]>([
    ["", "authorization_header_format_invalid"],
    ["Bearer", "authorization_header_format_invalid"],
    ["Basic sk_test_emulator", "authorization_header_format_invalid"],
    ["sk_test_emulator", "authorization_header_format_invalid"],
    ["Bearer sk_test_emulator sk_test_emulator", "authorization_header_format_invalid"],
    ["Bearer sk_live_emulator", "clerk_key_invalid"],
    ["Bearer pk_test_emulator", "clerk_key_invalid"]
  ])("is rejected for the Authorization header %j", ([authorization, code]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(apiError(yield* send("GET", "/v1/invitations", { headers: { authorization } })), {
        status: 401,
        code,
        meta: {}
      })
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("may be any test key by default", () =>
    Effect.gen(function*() {
      for (const authorization of ["Bearer sk_test_a", "bearer sk_test_b"]) {
        assert.strictEqual((yield* send("GET", "/v1/invitations", { headers: { authorization } })).status, 200)
      }
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("must be the one of the options", () =>
    Effect.gen(function*() {
      const list = (key: string) => send("GET", "/v1/invitations", { headers: { authorization: `Bearer ${key}` } })
      assert.strictEqual((yield* list("sk_live_named")).status, 200)
      for (const key of ["sk_test_emulator", "sk_live_name", "sk_live_named1", "SK_LIVE_NAMED"]) {
        const response = yield* list(key)
        assert.deepStrictEqual(apiError(response), { status: 401, code: "clerk_key_invalid", meta: {} })
        assert.isTrue(!response.text.includes(key) && !response.text.includes("sk_live_named"))
      }
    }).pipe(Effect.provide(emulator.layerRaw({ secretKey: Redacted.make("sk_live_named") }))))

  it.effect("that is wrong makes a call of the client fail with Unauthorized", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const error = yield* Effect.flip(invitations.list())
      assert(error._tag === "Unauthorized")
      assert.deepStrictEqual([error.status, error.errors.map(({ code }) => code)], [401, ["clerk_key_invalid"]])
      assert.isTrue(Option.isSome(error.traceId))
      assert.include(error.message, "the secret key is invalid; check CLERK_SECRET_KEY")
    }).pipe(
      Effect.provide(emulator.layer({ emulator: { secretKey: Redacted.make("sk_live_named") } }))
    ))
})
