import { InvitationsService } from "@effect-clerk/core"
import { InvitationsTenants } from "@effect-clerk/http"
import type { InvitationsHttp } from "@effect-clerk/http"
import { HttpClient } from "@effect/platform"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Clock, ConfigError, Context, Data, Duration, Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { eventLoopTurns, runStubWithClock, stubTurns } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { throttled } from "../utils/stubbedCalls.js"
import { page } from "../utils/wire.js"

const keyOf = ({ headers }: stub.Seen): string => (headers["authorization"] ?? "").replace("Bearer sk_test_", "")

/** Tenants over a stub that reacts to the key of a request, and the requests that the stub saw. */
const over = <E = never>(
  react: (key: string) => stub.Reaction,
  options: InvitationsTenants.Options<string, E>["options"] = (tenant) => ({ secretKey: keyFor(tenant) }),
  idleTimeToLive?: InvitationsTenants.Options<string>["idleTimeToLive"]
) => {
  const { client, seen } = stub.make((request) => react(keyOf(request)))
  return InvitationsTenants.make({ options, idleTimeToLive }).pipe(
    Effect.provideService(HttpClient.HttpClient, client),
    Effect.map((tenants) => ({ tenants, seen, list: listOf(tenants) }))
  )
}

const keyFor = (tenant: string) => Redacted.make(`sk_test_${tenant}`)

const list = Effect.flatMap(InvitationsService, (invitations) => invitations.list())

const listOf = <E>(tenants: InvitationsTenants.InvitationsTenants<string, E>) => (tenant: string) =>
  Effect.provide(list, tenants.get(tenant))

const ok = (): stub.Reaction => ({ body: page([]) })

const requestsOf = (seen: ReadonlyArray<stub.Seen>, tenant: string) => seen.filter((one) => keyOf(one) === tenant)

/** Whether a request fails: the first `count` do. */
const failures = (count: number) => () => count-- > 0

describe("InvitationsTenants", () => {
  it.effect("sends the key of each tenant, over one client", () =>
    Effect.gen(function*() {
      const { list, seen } = yield* over(ok)
      yield* Effect.forEach(["acme", "globex", "acme"], list)
      assert.deepStrictEqual(seen.map(keyOf), ["acme", "globex", "acme"])
    }))

  it.effect("one tenant's retry budget is no other's", () =>
    Effect.gen(function*() {
      const isFailure = failures(2)
      const { list, seen } = yield* over(
        (key) => key === "down" || (key === "shaky" && isFailure()) ? { status: 503 } : ok(),
        (tenant) => ({ secretKey: keyFor(tenant), retryBudget: 10 })
      )
      const attempts = (tenant: string) =>
        Effect.zipRight(runStubWithClock(Effect.either(list(tenant))), Effect.sync(() => seen.splice(0).length))
      assert.strictEqual(yield* attempts("down"), 3)
      assert.strictEqual(yield* attempts("down"), 1)
      assert.strictEqual(yield* attempts("shaky"), 3)
    }))

  it.effect("a cooldown delays the calls of its tenant only", () =>
    Effect.gen(function*() {
      let throttledOnce = false
      const { list, seen } = yield* over((key) => {
        if (key !== "busy" || throttledOnce) return ok()
        throttledOnce = true
        return throttled("5")
      })
      const busy = yield* Effect.fork(list("busy"))
      yield* eventLoopTurns(stubTurns)
      yield* list("acme")
      assert.strictEqual(yield* Clock.currentTimeMillis, 0)
      yield* runStubWithClock(Effect.zip(list("busy"), Fiber.join(busy), { concurrent: true }))
      for (const { at } of requestsOf(seen, "busy").slice(1)) assert.isAtLeast(at, 5000)
    }))

  it.effect("the rate limits of a tenant count its calls only, from one use to the next", () =>
    Effect.gen(function*() {
      const once = { limit: 1, window: Duration.hours(1) }
      const { list, seen } = yield* over(ok, (tenant) => ({
        secretKey: keyFor(tenant),
        rateLimit: { limits: { all: once, create: once, createBulk: once }, maxWait: 0 }
      }))
      yield* list("acme")
      yield* list("globex")
      assert.strictEqual((yield* Effect.flip(list("acme")))._tag, "RateLimited")
      assert.lengthOf(seen, 2)
    }))

  it.effect("an invalid key fails the calls of its tenant only, without the key in the error", () =>
    Effect.gen(function*() {
      const { list, seen } = yield* over(
        ok,
        (tenant) => ({ secretKey: tenant === "bad" ? Redacted.make("hunter2 hunter2") : keyFor(tenant) })
      )
      const error = yield* Effect.flip(list("bad"))
      assert(ConfigError.isConfigError(error) && error._op === "InvalidData")
      assert.match(error.message, /^secretKey must be a Redacted secret key/)
      assert.notMatch(error.message, /hunter2/)
      yield* list("acme")
      assert.deepStrictEqual(seen.map(keyOf), ["acme"])
    }))

  it.effect("a tenant whose options fail is built again by the next call", () =>
    Effect.gen(function*() {
      class NoTenant extends Data.TaggedError("NoTenant")<{ readonly tenant: string }> {}
      const known = new Set<string>()
      const { list } = yield* over(ok, (tenant) =>
        known.has(tenant) ? Effect.succeed({ secretKey: keyFor(tenant) }) : Effect.fail(new NoTenant({ tenant })))
      const error = yield* Effect.flip(list("acme"))
      assert.instanceOf(error, NoTenant)
      assert.strictEqual(error.tenant, "acme")
      known.add("acme")
      yield* list("acme")
    }))

  it.effect("one hundred calls of one tenant read its options once", () =>
    Effect.gen(function*() {
      let reads = 0
      const { list, seen } = yield* over(ok, (tenant) =>
        Effect.delay(Effect.sync(() => ({ secretKey: keyFor(`${tenant}${++reads}`) })), "1 second"))
      yield* runStubWithClock(
        Effect.forEach(Array.from({ length: 100 }), () =>
          list("acme"), { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(seen.map(keyOf), Array.from({ length: 100 }, () => "acme1"))
    }))

  it.effect("the interruption of the first call does not fail the others", () =>
    Effect.gen(function*() {
      let reads = 0
      const { list, seen } = yield* over(ok, (tenant) =>
        Effect.delay(Effect.sync(() => ({ secretKey: keyFor(`${tenant}${++reads}`) })), "1 second"))
      const first = yield* Effect.fork(list("acme"))
      yield* Effect.yieldNow()
      const others = yield* Effect.forEach([1, 2], () =>
        Effect.fork(list("acme")))
      yield* eventLoopTurns(stubTurns)
      yield* Fiber.interrupt(first)
      yield* runStubWithClock(Fiber.join(Fiber.all(others)))
      assert.deepStrictEqual(seen.map(keyOf), ["acme1", "acme1"])
    }))

  it.effect("an idle tenant is dropped, a tenant in use is not", () =>
    Effect.gen(function*() {
      const reads: Array<string> = []
      const { list, tenants } = yield* over(ok, (tenant) =>
        Effect.sync(() => ({ secretKey: keyFor(`${tenant}${reads.push(tenant)}`) })), "10 minutes")
      yield* list("acme")
      yield* TestClock.adjust("9 minutes")
      yield* list("acme")
      assert.deepStrictEqual(reads, ["acme"])
      const job = yield* Effect.sleep("1 hour").pipe(Effect.provide(tenants.get("globex")), Effect.fork)
      yield* TestClock.adjust("10 minutes")
      yield* list("globex")
      yield* list("acme")
      assert.deepStrictEqual(reads, ["acme", "globex", "acme"])
      yield* Fiber.interrupt(job)
    }))

  it.effect("by default, a tenant is kept for longer than its hourly quotas", () =>
    Effect.gen(function*() {
      const reads: Array<string> = []
      const { list } = yield* over(ok, (tenant) =>
        Effect.sync(() => ({ secretKey: keyFor(`${tenant}${reads.push(tenant)}`) })))
      for (const [minutes, count] of [[0, 1], [69, 1], [71, 2]] as const) {
        yield* TestClock.adjust(`${minutes} minutes`)
        yield* list("acme")
        assert.lengthOf(reads, count)
      }
    }))

  it.effect("invalidate makes the next call read the options again", () =>
    Effect.gen(function*() {
      let version = 1
      const { list, seen, tenants } = yield* over(ok, (tenant) => ({ secretKey: keyFor(`${tenant}${version}`) }))
      yield* list("acme")
      version = 2
      yield* list("acme")
      yield* tenants.invalidate("acme")
      yield* list("acme")
      assert.deepStrictEqual(seen.map(keyOf), ["acme1", "acme1", "acme2"])
    }))

  it.effect("a tenant may be any value with Equal and Hash", () =>
    Effect.gen(function*() {
      const { client, seen } = stub.make(ok)
      let reads = 0
      const tenants = yield* InvitationsTenants.make({
        options: ({ region }: { readonly region: string; readonly id: number }) => ({
          secretKey: keyFor(`${region}${++reads}`)
        })
      }).pipe(Effect.provideService(HttpClient.HttpClient, client))
      for (let i = 0; i < 2; i++) yield* Effect.provide(list, tenants.get(Data.struct({ region: "eu", id: 1 })))
      assert.deepStrictEqual(seen.map(keyOf), ["eu1", "eu1"])
    }))

  for (
    const [name, options, path] of [
      ["a negative idleTimeToLive", { options: () => ({}), idleTimeToLive: -1 }, "idleTimeToLive"],
      ["an idleTimeToLive of zero", { options: () => ({}), idleTimeToLive: 0 }, "idleTimeToLive"],
      ["no options", {}, "options"],
      ["no object", undefined, "options"]
    ] as const
  ) {
    it.effect(`make fails with a ConfigError that names ${path}: ${name}`, () =>
      Effect.gen(function*() {
        const made: unknown = Reflect.apply(InvitationsTenants.make, undefined, [options])
        assert(Effect.isEffect(made))
        const error = yield* Effect.flip(Effect.provide(made, Context.unsafeMake<unknown>(new Map())))
        assert.isTrue(ConfigError.isConfigError(error))
        assert.include(String(error), `Invalid data at ${path}`)
      }))
  }
})

class Keys extends Context.Tag("test/Keys")<Keys, { readonly prefix: string }>() {}

class Tenants extends InvitationsTenants.Service<Tenants>()("test/Tenants", {
  options: (tenant: string) =>
    Effect.gen(function*() {
      const { prefix } = yield* Keys
      yield* Effect.addFinalizer(() => Effect.void)
      if (tenant === "unknown") return yield* Effect.fail("unknown" as const)
      return { secretKey: keyFor(`${prefix}${tenant}`) }
    })
}) {}

describe("InvitationsTenants.Service", () => {
  it.effect("is a tag with a layer, get and invalidate", () =>
    Effect.gen(function*() {
      const { client, seen } = stub.make(ok)
      const Live = Tenants.layer.pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
        Layer.provide(Layer.succeed(Keys, { prefix: "layer_" }))
      )
      yield* Effect.gen(function*() {
        yield* Effect.provide(list, Tenants.get("acme"))
        yield* Tenants.invalidate("acme")
        const tenants = yield* Tenants
        yield* Effect.provide(list, tenants.get("acme"))
        assert.strictEqual(yield* Effect.flip(Effect.provide(list, Tenants.get("unknown"))), "unknown")
      }).pipe(Effect.provide(Live))
      assert.deepStrictEqual(seen.map(keyOf), ["layer_acme", "layer_acme"])
    }))

  it.effect("builds with the services of its layer, not of the caller", () =>
    Effect.gen(function*() {
      const { client, seen } = stub.make(ok)
      const other = stub.make(ok)
      yield* Effect.provide(list, Tenants.get("acme")).pipe(
        Effect.provideService(Keys, { prefix: "caller_" }),
        Effect.provideService(HttpClient.HttpClient, other.client),
        Effect.provide(Tenants.layer),
        Effect.provideService(Keys, { prefix: "layer_" }),
        Effect.provideService(HttpClient.HttpClient, client)
      )
      assert.deepStrictEqual([seen.map(keyOf), other.seen], [["layer_acme"], []])
    }))

  it("has exact types", () => {
    expectTypeOf(Tenants.layer).toEqualTypeOf<
      Layer.Layer<Tenants, ConfigError.ConfigError, HttpClient.HttpClient | Keys>
    >()
    expectTypeOf(Tenants.get).toEqualTypeOf<
      (tenant: string) => Layer.Layer<InvitationsService, "unknown" | ConfigError.ConfigError, Tenants>
    >()
    const plain = InvitationsTenants.make({
      options: (_: number): InvitationsHttp.Options => ({ secretKey: keyFor("") })
    })
    expectTypeOf(plain).toEqualTypeOf<
      Effect.Effect<InvitationsTenants.InvitationsTenants<number>, ConfigError.ConfigError, HttpClient.HttpClient>
    >()
  })
})
