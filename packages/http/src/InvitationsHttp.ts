/**
 * `InvitationsService` over HTTP.
 *
 * @since 0.1.0
 */
import { InvitationAttempts } from "@effect-clerk/core/InvitationAttempts"
import { InvitationCalls } from "@effect-clerk/core/InvitationCalls"
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as HttpOptions from "./internal/client/httpOptions.js"
import * as ClientOptions from "./internal/client/options.js"
import * as Overrides from "./internal/client/overrides.js"
import * as FromOptions from "./internal/limiter/fromOptions.js"
import * as Attempts from "./internal/write/attempts.js"
import * as Client from "./internal/write/client.js"
import * as Primitives from "./internal/write/primitives.js"
import type * as RateLimiting from "./RateLimiting.js"
import type * as RetryPolicy from "./RetryPolicy.js"
import type * as Timeouts from "./Timeouts.js"

/**
 * Options of the HTTP layer. Only `secretKey` is required.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The secret key of the Clerk instance, `sk_test_…` or `sk_live_…`; or an effect that reads it, so that keys can
   * rotate without a restart. The effect runs once per call, and all attempts of the call use the same key; cache it
   * with `Effect.cachedWithTTL`. Its time counts against `timeout.total`. If it fails, or if its key is malformed, the
   * call fails with an `InvalidRequest` that names `secretKey`, and nothing is sent.
   */
  readonly secretKey: Redacted.Redacted | Effect.Effect<Redacted.Redacted, ConfigError>
  /**
   * The URL of the API without `/v1`: http or https, without user, query or fragment. Defaults to
   * `https://api.clerk.com`.
   */
  readonly apiUrl?: string | undefined
  /**
   * The version of the API, sent in the header `Clerk-API-Version`. Defaults to `2026-05-12`.
   *
   * @see https://clerk.com/docs/backend-requests/versioning/overview
   */
  readonly apiVersion?: string | undefined
  /**
   * When a failed attempt is retried, and how long a write with an unknown outcome is reconciled: options, a schedule,
   * or `"none"`. Defaults to 3 attempts; see `RetryPolicy`.
   */
  readonly retry?: RetryPolicy.Input | undefined
  /**
   * The tokens of the retry budget, which all calls of this layer share. A retry withdraws 5 tokens and a successful
   * call deposits 1. If the budget has fewer than 5 tokens, a call that would be retried fails with the error of its
   * last attempt. Defaults to 500.
   */
  readonly retryBudget?: number | "unlimited" | undefined
  /**
   * How many attempts of this layer may be in flight at a time: a whole number of at least 1, or `Infinity`. Further
   * attempts wait in the order of their arrival; that time counts against `timeout.total`, not against
   * `timeout.attempt`. Look-ups that reconcile a write count as attempts. Defaults to 64.
   */
  readonly maxConcurrentAttempts?: number | undefined
  /**
   * Client-side rate limits: calls wait instead of being rejected by the server with a 429. Defaults to `"off"`: calls
   * wait only after a 429. See `RateLimiting`.
   */
  readonly rateLimit?: RateLimiting.Input | undefined
  /**
   * How long an attempt and a whole call may take, without the waits for `rateLimit`. Defaults to 10 seconds per
   * attempt and 60 seconds per call; see `Timeouts`. A look-up of `findById`, `findByEmail`, `ensure` or `resend` counts as one
   * call, however many pages it reads.
   */
  readonly timeout?: Timeouts.Options | undefined
  /**
   * Whether requests carry the trace context of their span in the headers `traceparent` and `b3`. Defaults to `false`, because
   * Clerk is a third party. A region of code with `HttpClient.currentTracerPropagation` set to `false` sends none either.
   */
  readonly propagateTrace?: boolean | undefined
  /**
   * Transforms the HTTP client, for example to add a header or to log requests. The result must send its requests through the
   * given client, which follows no redirect. The client runs once per attempt, so a client that retries by itself breaks the
   * promise that a create is committed at most once.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/**
 * Makes the service and the calls of one attempt. They share the state of the client: permits, cooldowns, connections,
 * retry budget and secret key.
 */
const makeClient = (options: Options) =>
  Effect.map(
    Client.make(options, (client) => FromOptions.make(options.rateLimit ?? "off", client)),
    ({ endpoints, recentlyCreated, state }) => ({
      service: InvitationsService.fromPrimitives(Primitives.make(state, endpoints, recentlyCreated)),
      attempts: Attempts.make(state, endpoints, recentlyCreated)
    })
  )

/**
 * Makes the service. Fails with a `ConfigError` if an option is missing or invalid. The error names the option by its
 * path, for example `rateLimit.limits.create.window`, and the requirement, and does not quote the value.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { InvitationsHttp } from "@effect-clerk/http"
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const invitations = yield* InvitationsHttp.make({ secretKey: Redacted.make("sk_test_…") })
 *   return yield* invitations.create({ emailAddress: "ada@example.com" })
 * }).pipe(Effect.provide(FetchHttpClient.layer))
 * ```
 * @example
 * ```ts
 * import { InvitationsHttp } from "@effect-clerk/http"
 * import { Config, Effect } from "effect"
 *
 * // The key is read again after five minutes, here from the configuration.
 * const program = Effect.gen(function*() {
 *   const secretKey = yield* Effect.cachedWithTTL(Config.redacted("CLERK_SECRET_KEY"), "5 minutes")
 *   return yield* InvitationsHttp.make({ secretKey })
 * })
 * ```
 */
export const make = (
  options: Options
): Effect.Effect<InvitationsService.Service, ConfigError, HttpClient.HttpClient> =>
  Effect.map(makeClient(options), ({ service }) => service)

/**
 * Provides the service, and `InvitationAttempts` over the same client. Requires an `HttpClient`: on Node use `NodeHttpClient.layerUndici`, which reuses connections;
 * `NodeHttpClient.layer` opens a connection for every request.
 *
 * Fails as `make` does.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { InvitationsHttp } from "@effect-clerk/http"
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 *
 * const InvitationsLive = InvitationsHttp.layer({
 *   secretKey: Redacted.make("sk_test_…"),
 *   timeout: { attempt: "5 seconds" }
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 */
export const layer = (
  options: Options
): Layer.Layer<InvitationsService | InvitationAttempts, ConfigError, HttpClient.HttpClient> =>
  Layer.effectContext(
    Effect.map(makeClient(options), ({ attempts, service }) =>
      Context.make(InvitationsService, service).pipe(Context.add(InvitationAttempts, attempts)))
  )

/**
 * Options of `layerCalls`: those of `layer` without client-side rate limits.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallsOptions extends Omit<Options, "rateLimit"> {
  /**
   * `"off"`: this layer has no client-side rate limits.
   */
  readonly rateLimit?: "off" | undefined
}

/**
 * Provides `InvitationCalls`, the calls without the derived methods and without client-side rate limits. They have the
 * same promises as those of the service: validation, timeouts, retries, reconciliation, spans and metrics. A bundle has
 * none of the code of the rest.
 *
 * Fails as `make` does, and if `rateLimit` is not `"off"`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { InvitationCalls } from "@effect-clerk/core/InvitationCalls"
 * import * as InvitationsHttp from "@effect-clerk/http/InvitationsHttp"
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer, Redacted } from "effect"
 *
 * const CallsLive = InvitationsHttp.layerCalls({ secretKey: Redacted.make("sk_test_…") }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 *
 * const program = Effect.flatMap(InvitationCalls, (invitations) => invitations.create({ emailAddress: "ada@example.com" }))
 *
 * export const invited = Effect.provide(program, CallsLive)
 * ```
 */
export const layerCalls = (
  options: CallsOptions
): Layer.Layer<InvitationCalls, ConfigError, HttpClient.HttpClient> =>
  Layer.effect(
    InvitationCalls,
    Effect.map(
      Client.make(options, () =>
        ClientOptions.check("rateLimit", options.rateLimit, (input) =>
          input === "off", "must be \"off\"").pipe(
            Either.mapBoth({ onLeft: ClientOptions.toConfigError, onRight: () => undefined })
          )),
      ({ endpoints, recentlyCreated, state }) =>
        InvitationCalls.fromPrimitives(Primitives.make(state, endpoints, recentlyCreated))
    )
  )

/**
 * Options of `layerConfig`: a `Config` for the key, the URL and the version, and the other options of the layer as
 * values.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConfigOptions extends Omit<Options, "secretKey" | "apiUrl" | "apiVersion"> {
  /**
   * The secret key. Defaults to the setting `CLERK_SECRET_KEY`.
   */
  readonly secretKey?: Config.Config<Redacted.Redacted> | undefined
  /**
   * The URL of the API without `/v1`. Defaults to `CLERK_API_URL`, or `https://api.clerk.com` if that is absent or empty.
   */
  readonly apiUrl?: Config.Config<string> | undefined
  /**
   * The version of the API. Defaults to `2026-05-12`.
   */
  readonly apiVersion?: Config.Config<string> | undefined
}

const validateConfigs = (options: ConfigOptions) =>
  Either.gen(function*() {
    yield* ClientOptions.required("options", options, ClientOptions.isOptions, "must be an object")
    for (const name of ["secretKey", "apiUrl", "apiVersion"] as const) {
      yield* ClientOptions.check(name, options[name], Config.isConfig, "must be a Config")
    }
  })

/**
 * Provides the same as `layer`, and reads the key and the URL with `Config`: by default `CLERK_SECRET_KEY` and `CLERK_API_URL`
 * of the environment, when the layer is built. An empty setting counts as absent. Fails with a `ConfigError` if one is missing or invalid. Requires an `HttpClient`, as `layer`
 * does.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { InvitationsHttp } from "@effect-clerk/http"
 * import { FetchHttpClient } from "@effect/platform"
 * import { Config, Layer } from "effect"
 *
 * const InvitationsLive = InvitationsHttp.layerConfig({
 *   secretKey: Config.redacted("MY_CLERK_KEY"),
 *   rateLimit: "clerk"
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 */
export const layerConfig = (
  options: ConfigOptions = {}
): Layer.Layer<InvitationsService | InvitationAttempts, ConfigError, HttpClient.HttpClient> =>
  Layer.unwrapEffect(Effect.gen(function*() {
    yield* Either.mapLeft(validateConfigs(options), ClientOptions.toConfigError)
    const { apiUrl, apiVersion, secretKey, ...others } = options
    const config = yield* Config.all({
      secretKey: secretKey ?? Config.redacted(Config.nonEmptyString("CLERK_SECRET_KEY")),
      apiUrl: apiUrl ?? Config.withDefault(Config.nonEmptyString("CLERK_API_URL"), HttpOptions.defaultApiUrl),
      apiVersion: apiVersion ?? Config.succeed(HttpOptions.defaultApiVersion)
    })
    return layer({ ...others, ...config })
  }))

/**
 * Sets the timeouts for the calls of an effect. An absent option is that of the enclosing region of code, or else that
 * of the layer. A call with an invalid option fails with an `InvalidRequest` that names it, and is not sent.
 *
 * For a stream, wrap the effect that runs it.
 *
 * @since 0.1.0
 * @category regions
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { InvitationsHttp } from "@effect-clerk/http"
 * import { Effect } from "effect"
 *
 * // The timeout of an attempt remains that of the layer.
 * const quick = Effect.flatMap(InvitationsService, (_) => _.list()).pipe(
 *   InvitationsHttp.withTimeout({ total: "3 seconds" })
 * )
 * ```
 */
export const withTimeout: {
  (overrides: Timeouts.Options): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, overrides: Timeouts.Options): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, overrides: Timeouts.Options): Effect.Effect<A, E, R> =>
    Overrides.withTimeout(overrides)(self)
)

/**
 * Sets the retry policy for the calls of an effect. An absent option is that of the enclosing region of code, or else
 * that of the layer. `attempts` and `schedule` replace each other: `attempts` also removes the schedule of the layer. A
 * call with an invalid option fails with an `InvalidRequest` that names it, and is not sent.
 *
 * For a stream, wrap the effect that runs it.
 *
 * @since 0.1.0
 * @category regions
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { InvitationsHttp } from "@effect-clerk/http"
 * import { Effect } from "effect"
 *
 * const once = Effect.flatMap(InvitationsService, (_) => _.list()).pipe(InvitationsHttp.withRetry("none"))
 * ```
 */
export const withRetry: {
  (overrides: RetryPolicy.Input): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, overrides: RetryPolicy.Input): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, overrides: RetryPolicy.Input): Effect.Effect<A, E, R> =>
    Overrides.withRetry(overrides)(self)
)

/**
 * Sets how long an attempt may wait for the client-side rate limits, for the calls of an effect: a job can wait for an
 * hour, a request handler cannot. If the wait would be longer, the call fails with `RateLimited`. A call with an
 * invalid duration fails with an `InvalidRequest` that names `rateLimit.maxWait`, and is not sent.
 *
 * For a stream, wrap the effect that runs it.
 *
 * @since 0.1.0
 * @category regions
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { InvitationsHttp } from "@effect-clerk/http"
 * import { Effect } from "effect"
 *
 * const invite = Effect.flatMap(InvitationsService, (_) => _.create({ emailAddress: "ada@example.com" })).pipe(
 *   InvitationsHttp.withMaxRateLimitWait("2 seconds"),
 *   Effect.catchTag("RateLimited", ({ retryAfter }) => Effect.log("later", retryAfter))
 * )
 * ```
 */
export const withMaxRateLimitWait: {
  (duration: Duration.DurationInput): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, duration: Duration.DurationInput): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, duration: Duration.DurationInput): Effect.Effect<A, E, R> =>
    Overrides.withMaxRateLimitWait(duration)(self)
)
