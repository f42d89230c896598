import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { HttpClient, HttpClientRequest, HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"
import { createServer } from "node:http"
import { changed, Instances, invite, TenantsLive, UnknownTenant } from "../src/recipes/tenants.js"

const Emulator = ClerkEmulator.layer({ storePerKey: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 })),
  Layer.orDie
)

/** The addresses that the instance of a key has invitations for. */
const addresses = (apiUrl: string, key: string) =>
  HttpClient.execute(HttpClientRequest.get(`${apiUrl}/v1/invitations`, { headers: { authorization: `Bearer ${key}` } }))
    .pipe(
      Effect.flatMap(({ text }) => text),
      Effect.map((text) => Array.from(text.matchAll(/"email_address":"([^"]*)"/g), ([, address]) => address)),
      Effect.provide(NodeHttpClient.layerUndici)
    )

it.live("invites to the instance of each tenant", () =>
  Effect.gen(function*() {
    const apiUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
    const keys = new Map([["acme", "sk_test_acme"], ["globex", "sk_test_globex"], ["broken", "not a key"]])
    const InstancesLive = Layer.succeed(Instances, {
      find: (tenant) =>
        Effect.sync(() =>
          Option.map(Option.fromNullable(keys.get(tenant)), (key) => ({ apiUrl, secretKey: Redacted.make(key) }))
        )
    })
    yield* Effect.gen(function*() {
      yield* invite("acme", "ada@example.com")
      yield* invite("globex", "grace@example.com")
      assert.strictEqual((yield* Effect.flip(invite("broken", "ada@example.com")))._tag, "ConfigError")
      assert.instanceOf(yield* Effect.flip(invite("initech", "ada@example.com")), UnknownTenant)
      keys.set("acme", "sk_test_acme2")
      yield* invite("acme", "edith@example.com")
      yield* changed("acme")
      yield* invite("acme", "joan@example.com")
      keys.set("initech", "sk_test_initech")
      yield* invite("initech", "ada@example.com")
    }).pipe(Effect.provide(TenantsLive.pipe(Layer.provide(InstancesLive))))
    assert.sameMembers(yield* addresses(apiUrl, "sk_test_acme"), ["ada@example.com", "edith@example.com"])
    assert.deepStrictEqual(yield* addresses(apiUrl, "sk_test_acme2"), ["joan@example.com"])
    assert.deepStrictEqual(yield* addresses(apiUrl, "sk_test_globex"), ["grace@example.com"])
    assert.deepStrictEqual(yield* addresses(apiUrl, "sk_test_initech"), ["ada@example.com"])
  }).pipe(Effect.provide(Emulator)))
