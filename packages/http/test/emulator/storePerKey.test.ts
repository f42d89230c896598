import { InvitationsService, RateLimits } from "@effect-clerk/core"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as emulator from "../utils/emulator.js"
import { send } from "../utils/emulator.js"

const as = (key: string) => ({ authorization: `Bearer ${key}` })

const create = (key: string, emailAddress: string) =>
  Effect.map(
    send("POST", "/v1/invitations", { headers: as(key), body: { email_address: emailAddress } }),
    ({ status }) => status
  )

const addresses = (key: string) =>
  Effect.map(
    send("GET", "/v1/invitations", { headers: as(key) }),
    ({ text }) => Array.from(text.matchAll(/"email_address":"([^"]*)"/g), ([, address]) => address)
  )

const state = (headers: { readonly [name: string]: string }) =>
  Effect.map(send("GET", "/_emulator/state", { headers }), ({ text }) => text)

describe("storePerKey", () => {
  it.effect("gives each key its own invitations, rate limits and request log", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      assert.deepStrictEqual(
        yield* Effect.forEach(["sk_test_a", "sk_test_a", "sk_test_b"], (key) => create(key, "ada@example.com"), {
          concurrency: "unbounded"
        }).pipe(Effect.map((statuses) => [...statuses].sort())),
        [200, 200, 400]
      )
      assert.deepStrictEqual(yield* addresses("sk_test_a"), ["ada@example.com"])
      yield* Effect.forEach(Array.from({ length: 97 }), () => addresses("sk_test_a"), { discard: true })
      assert.strictEqual(yield* create("sk_test_a", "bob@example.com"), 429)
      assert.strictEqual(yield* create("sk_test_b", "bob@example.com"), 200)
      assert.sameMembers(yield* addresses("sk_test_b"), ["ada@example.com", "bob@example.com"])
      assert.include(yield* state(as("sk_test_b")), "bob@example.com")
      assert.notInclude(yield* state({}), "@example.com")
      assert.deepStrictEqual([yield* control.invitations, yield* control.requests], [[], []])
    }).pipe(Effect.provide(emulator.layerRaw({
      storePerKey: true,
      rateLimits: { ...RateLimits.production, all: RateLimits.development.all }
    }))))

  it.effect("lets the key of a control request select the store", () =>
    Effect.gen(function*() {
      for (const key of ["sk_test_a", "sk_test_b"]) assert.strictEqual(yield* create(key, "ada@example.com"), 200)
      const user = { headers: as("sk_test_a"), body: { email_address: "eve@example.com" } }
      assert.strictEqual((yield* send("POST", "/_emulator/users", user)).status, 204)
      assert.strictEqual(yield* create("sk_test_a", "eve@example.com"), 422)
      assert.strictEqual(yield* create("sk_test_b", "eve@example.com"), 200)
      assert.strictEqual((yield* send("POST", "/_emulator/reset", { headers: as("sk_test_a") })).status, 204)
      assert.deepStrictEqual(yield* addresses("sk_test_a"), [])
      assert.strictEqual((yield* addresses("sk_test_b")).length, 2)
    }).pipe(Effect.provide(emulator.layerRaw({ storePerKey: true }))))

  it.effect("makes no store for a key that is not accepted", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      assert.strictEqual(yield* create("sk_live_a", "ada@example.com"), 401)
      assert.strictEqual((yield* control.requests).length, 1)
    }).pipe(Effect.provide(emulator.layerRaw({ storePerKey: true }))))

  it.effect("is off by default", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const control = yield* InvitationsControl
      yield* invitations.create({ emailAddress: "ada@example.com" })
      assert.strictEqual((yield* control.invitations).length, 1)
    }).pipe(Effect.provide(emulator.layer({ client: { secretKey: Redacted.make("sk_test_other") } }))))
})
