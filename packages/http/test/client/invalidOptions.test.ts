import { InvitationsHttp } from "@effect-clerk/http"
import { HttpClient } from "@effect/platform"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import type { Context } from "effect"
import { Cause, Config, ConfigError, ConfigProvider, Duration, Effect, Exit, Layer, Redacted } from "effect"
import { inspect } from "node:util"
import * as stub from "../utils/stub.js"
import { secretKey } from "../utils/wire.js"

type Make = (options: unknown) => Effect.Effect<unknown, unknown>

const provided = <A, E>(effect: Effect.Effect<A, E, HttpClient.HttpClient>) =>
  Effect.provideService(effect, HttpClient.HttpClient, stub.make(() => ({})).client)

/** Calls a function without its types, as plain JavaScript does. */
const untyped = <A extends never>(f: (options: A) => unknown) => (options: unknown): unknown =>
  Reflect.apply(f, undefined, [options])

const isEffect = (u: unknown): u is Effect.Effect<unknown, unknown, HttpClient.HttpClient> => Effect.isEffect(u)

const isLayer = (u: unknown): u is Layer.Layer<Context.Tag<never, never>, unknown, HttpClient.HttpClient> =>
  Layer.isLayer(u)

const make: Make = (options) => {
  const effect = untyped(InvitationsHttp.make)(options)
  return isEffect(effect) ? provided(effect) : Effect.dieMessage("not an effect")
}

const built = (layer: unknown): Effect.Effect<unknown, unknown> =>
  isLayer(layer) ? provided(Effect.scoped(Layer.build(layer))) : Effect.dieMessage("not a layer")

const layer: Make = (options) => built(untyped(InvitationsHttp.layer)(options))

const layerConfig: Make = (options) =>
  Effect.withConfigProvider(
    Effect.suspend(() => built(untyped(InvitationsHttp.layerConfig)(options))),
    ConfigProvider.fromMap(new Map([["CLERK_SECRET_KEY", "sk_test_any"]]))
  )

const rendered = (exit: Exit.Exit<unknown, unknown>): string =>
  [inspect(exit, { depth: null }), JSON.stringify(exit), Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""].join()

/** Expects one ConfigError that names the option and does not quote the value, which contains "hunter2" or 4242. */
const expectInvalid = (effect: Effect.Effect<unknown, unknown>, path: string) =>
  Effect.gen(function*() {
    const exit = yield* Effect.exit(effect)
    const error = yield* Effect.flip(exit)
    assert.isTrue(ConfigError.isConfigError(error) && error._op === "InvalidData")
    assert.match(String(error), new RegExp(`^\\(Invalid data at ${path.replaceAll(".", "\\.")}: "${path} \\w`))
    assert.notMatch(rendered(exit), /hunter2|4242/)
  })

const limit = { limit: 1, window: Duration.seconds(10) }

const limits = (fields: object) => ({
  rateLimit: { limits: { all: limit, create: limit, createBulk: limit, ...fields } }
})

const invalidDurations: ReadonlyArray<unknown> = [
  -4242,
  -4242n,
  NaN,
  -Infinity,
  "-4242 seconds",
  "4242",
  "4242 lightyears",
  "hunter2",
  [-4242, 0],
  [0, NaN],
  { seconds: "hunter2" },
  null,
  true
]

const durations = [
  "timeout.attempt",
  "timeout.total",
  "retry.minBackoff",
  "retry.maxBackoff",
  "retry.maxRetryAfter",
  "retry.reconcileTimeout",
  "rateLimit.maxWait",
  "rateLimit.storeTimeout"
]

/** Options with one value, at a path such as `timeout.attempt`. */
const at = (path: string, value: unknown): object => {
  const dot = path.indexOf(".")
  return dot < 0 ? { [path]: value } : { [path.slice(0, dot)]: at(path.slice(dot + 1), value) }
}

/** Invalid options that `make`, `layer` and `layerConfig` have in common. */
const invalidOptions: ReadonlyArray<readonly [path: string, options: object]> = [
  ...durations.flatMap((path) => invalidDurations.map((value) => [path, at(path, value)] as const)),
  ["timeout.attempt", at("timeout.attempt", 0)],
  ["timeout.total", at("timeout.total", "0 seconds")],
  ["timeout", { timeout: "hunter2" }],
  ["timeout", { timeout: 4242 }],
  ...[0, -4242, 4242.5, NaN, -Infinity, "4242", null, [4242]].map((value) =>
    ["retry.attempts", at("retry.attempts", value)] as const
  ),
  ["retry.schedule", at("retry.schedule", "hunter2")],
  ["retry.reconcile", at("retry.reconcile", "hunter2")],
  ["retry", { retry: "hunter2" }],
  ["retry", { retry: null }],
  ["retry", { retry: ["none"] }],
  ...[-4242, NaN, "4242", null].map((value) => ["retryBudget", at("retryBudget", value)] as const),
  ...[0, -4242, 4242.5, NaN, -Infinity, "4242", null, [4242]].map((value) =>
    ["maxConcurrentAttempts", at("maxConcurrentAttempts", value)] as const
  ),
  ...["hunter2", 4242, null].map((value) => ["propagateTrace", at("propagateTrace", value)] as const),
  ["transformClient", { transformClient: "hunter2" }],
  ["rateLimit", { rateLimit: "hunter2" }],
  ["rateLimit", { rateLimit: 4242 }],
  ["rateLimit.limiter", at("rateLimit.limiter", {})],
  ["rateLimit.key", at("rateLimit.key", 4242)],
  ["rateLimit.onStoreFailure", at("rateLimit.onStoreFailure", "hunter2")],
  ...[0, 2, -4242, NaN, "4242"].map((value) => ["rateLimit.localShare", at("rateLimit.localShare", value)] as const),
  ["rateLimit.limits", at("rateLimit.limits", "hunter2")],
  ["rateLimit.limits.all", at("rateLimit.limits", { create: limit })],
  ["rateLimit.limits.createBulk", limits({ createBulk: undefined })],
  ["rateLimit.limits.create.window", limits({ create: { limit: 4242 } })],
  ["rateLimit.limits.create.window", limits({ create: { limit: 1, window: "4242 lightyears" } })],
  ["rateLimit.limits.create.window", limits({ create: { limit: 1, window: Duration.infinity } })],
  ["rateLimit.limits.all.window", limits({ all: { limit: 1, window: 0 } })],
  ...[undefined, 0, -4242, 1.5, NaN, Infinity, "4242"].map((value) =>
    ["rateLimit.limits.create.limit", limits({ create: { ...limit, limit: value } })] as const
  )
]

const makers: ReadonlyArray<readonly [name: string, make: Make, required: object]> = [
  ["make", make, { secretKey }],
  ["layer", layer, { secretKey }],
  ["layerConfig", layerConfig, {}]
]

for (const [name, maker, required] of makers) {
  describe(`${name} of untyped options`, () => {
    it.effect("fails with one ConfigError that names the option and does not quote its value", () =>
      Effect.forEach(invalidOptions, ([path, options]) => expectInvalid(maker({ ...required, ...options }), path), {
        discard: true
      }))

    it.effect("fails if the options are not an object", () =>
      Effect.forEach([null, "hunter2", 4242, []], (options) => expectInvalid(maker(options), "options"), {
        discard: true
      }))

    it.effect("accepts valid options of all kinds", () =>
      Effect.forEach(
        [
          {},
          { timeout: {}, retry: {}, rateLimit: {} },
          { timeout: { attempt: 5n, total: [1, 0] }, retry: { attempts: Infinity, maxRetryAfter: Duration.infinity } },
          { retry: { minBackoff: 0, maxBackoff: "0 seconds", reconcileTimeout: 0, reconcile: false } },
          { retryBudget: 0.5, rateLimit: "clerk" },
          { maxConcurrentAttempts: 1 },
          { maxConcurrentAttempts: Infinity },
          { retryBudget: "unlimited", retry: "none", rateLimit: "off" },
          limits({ create: { limit: 1, window: "1 hour" } })
        ],
        (options) => maker({ ...required, ...options }),
        { discard: true }
      ))
  })
}

describe("the key, the URL and the version", () => {
  const wrongKeys = [
    undefined,
    null,
    "hunter2",
    4242,
    Redacted.make(4242),
    Redacted.make("hunter2 "),
    Redacted.make("")
  ]
  const wrongUrls = ["hunter2", 4242, {}, "ftp://hunter2", "https://hunter2:4242@example.test"]
  const wrongVersions = ["", "hunter2 ", 4242, {}]

  it.effect("of make and layer are refused if they are malformed", () =>
    Effect.gen(function*() {
      for (const maker of [make, layer]) {
        yield* expectInvalid(maker({}), "secretKey")
        for (const key of wrongKeys) yield* expectInvalid(maker({ secretKey: key }), "secretKey")
        for (const apiUrl of wrongUrls) yield* expectInvalid(maker({ secretKey, apiUrl }), "apiUrl")
        for (const apiVersion of wrongVersions) yield* expectInvalid(maker({ secretKey, apiVersion }), "apiVersion")
      }
    }))

  it.effect("a wiped key is refused", () =>
    Effect.gen(function*() {
      const wiped = Redacted.make("hunter2")
      Redacted.unsafeWipe(wiped)
      yield* expectInvalid(make({ secretKey: wiped }), "secretKey")
    }))

  it.effect("of layerConfig must be a Config, and its values are checked", () =>
    Effect.gen(function*() {
      for (const name of ["secretKey", "apiUrl", "apiVersion"]) {
        yield* expectInvalid(layerConfig({ [name]: "hunter2" }), name)
        yield* expectInvalid(layerConfig({ [name]: Config.succeed(4242) }), name)
      }
      yield* expectInvalid(layerConfig({ secretKey: Config.succeed(Redacted.make("hunter2 ")) }), "secretKey")
      yield* expectInvalid(layerConfig({ apiUrl: Config.succeed("hunter2") }), "apiUrl")
    }))
})

describe("types", () => {
  it("make, layer and layerConfig fail with a ConfigError only", () => {
    expectTypeOf<Effect.Effect.Error<ReturnType<typeof InvitationsHttp.make>>>().toEqualTypeOf<
      ConfigError.ConfigError
    >()
    expectTypeOf<Layer.Layer.Error<ReturnType<typeof InvitationsHttp.layer>>>().toEqualTypeOf<
      ConfigError.ConfigError
    >()
    expectTypeOf<Layer.Layer.Error<ReturnType<typeof InvitationsHttp.layerConfig>>>().toEqualTypeOf<
      ConfigError.ConfigError
    >()
  })
})
