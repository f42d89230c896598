/**
 * `InvitationsService` over HTTP.
 *
 * @since 0.1.0
 */
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Arr from "effect/Array"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Call from "./internal/call/call.js"
import * as Context from "./internal/call/context.js"
import * as Cooldown from "./internal/call/cooldown.js"
import { listError } from "./internal/call/listError.js"
import * as RetryBudget from "./internal/call/retryBudget.js"
import type { AttemptFailure } from "./internal/client/attemptFailure.js"
import * as AttemptSpan from "./internal/client/attemptSpan.js"
import * as ClientOptions from "./internal/client/options.js"
import * as Requests from "./internal/client/requests.js"
import type { RawResponse } from "./internal/client/response.js"
import { clockSkew, decodeResponse } from "./internal/client/response.js"
import { recordCall } from "./internal/client/telemetry.js"
import * as Transport from "./internal/client/transport.js"
import * as FromOptions from "./internal/limiter/fromOptions.js"
import * as Decode from "./internal/wire/decode.js"
import * as Confirm from "./internal/write/confirm.js"
import * as Create from "./internal/write/create.js"
import * as LookUp from "./internal/write/lookUp.js"
import { revokeError } from "./internal/write/writeError.js"
import type * as RateLimiting from "./RateLimiting.js"
import * as RetryPolicy from "./RetryPolicy.js"
import * as Timeouts from "./Timeouts.js"

/**
 * Options of the HTTP layer. Only `secretKey` is required.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The secret key of the Clerk instance, `sk_test_…` or `sk_live_…`.
   */
  readonly secretKey: Redacted.Redacted
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
   * Client-side rate limits: calls wait instead of being rejected by the server with a 429. Defaults to `"off"`: calls
   * wait only after a 429. See `RateLimiting`.
   */
  readonly rateLimit?: RateLimiting.Input | undefined
  /**
   * How long an attempt and a whole call may take, without the waits for `rateLimit`. Defaults to 10 seconds per
   * attempt and 60 seconds per call; see `Timeouts`.
   */
  readonly timeout?: Timeouts.Options | undefined
  /**
   * Transforms the HTTP client, for example to add a header or to log requests. The client runs once per attempt, so a
   * client that retries by itself breaks the promise that a create is committed at most once.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

const defaultApiUrl = "https://api.clerk.com"

const defaultApiVersion = "2026-05-12"

const defaultRetryBudget = 500

/**
 * Makes the service. Fails with a `ConfigError` if `secretKey`, `apiUrl`, `apiVersion` or `rateLimit` is invalid; the
 * error does not quote the key.
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
 */
export const make = (
  options: Options
): Effect.Effect<InvitationsService.Service, ConfigError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const client = yield* HttpClient.HttpClient
    const baseUrl = yield* ClientOptions.baseUrl(options.apiUrl ?? defaultApiUrl)
    const secretKey = yield* ClientOptions.secretKey(options.secretKey)
    const apiVersion = yield* ClientOptions.apiVersion(options.apiVersion ?? defaultApiVersion)

    const send = Transport.make(options.transformClient?.(client) ?? client, {
      baseUrl,
      headers: Headers.fromInput({
        accept: "application/json",
        authorization: `Bearer ${secretKey}`,
        "clerk-api-version": apiVersion,
        "user-agent": "effect-clerk"
      })
    })

    const timeouts = Timeouts.make(options.timeout)

    const state: Context.ClientState = {
      policy: RetryPolicy.make(options.retry),
      timeouts,
      cooldown: Cooldown.make(),
      retryBudget: options.retryBudget === "unlimited"
        ? RetryBudget.unlimited
        : RetryBudget.make(options.retryBudget ?? defaultRetryBudget),
      limiter: yield* FromOptions.make(options.rateLimit ?? "off", { attempt: timeouts.attempt, secretKey })
    }

    const withSpan = AttemptSpan.make(baseUrl)

    const exchange =
      <A>(request: Transport.Request, read: (response: RawResponse) => Either.Either<A, AttemptFailure>) =>
      (attempt: Transport.Attempt): Effect.Effect<A, AttemptFailure> =>
        withSpan(request, attempt, (span) => Effect.flatMap(send(request, attempt, span), read))

    const attempt = <A>(request: Transport.Request, decode: (body: unknown) => Option.Option<A>) =>
      exchange(request, (response) => decodeResponse(response, decode))

    const lookUp = LookUp.make((params) =>
      exchange(Requests.list(params), (response) =>
        Either.map(
          decodeResponse(response, Decode.page(0)),
          ({ data }) => ({ data, clockSkew: clockSkew(response) })
        ))({
          index: 0,
          limit: "attempt",
          duration: timeouts.attempt,
          remaining: timeouts.attempt
        }), state)

    const create = Create.make(state, lookUp)

    const run = <A>(call: Call.Call<A>) =>
      Effect.flatMap(Context.start(state), (context) => Call.run(state, context, call))

    return InvitationsService.fromPrimitives({
      withReservation: state.limiter?.withReservation,
      create: (request) =>
        Effect.map(
          create({
            operation: "create",
            requests: [request],
            attempt: attempt(Requests.create(request), Decode.created)
          }),
          Arr.headNonEmpty
        ),
      createBulk: (requests) =>
        create({
          operation: "createBulk",
          requests,
          attempt: attempt(Requests.createBulk(requests), Decode.createdBulk(requests.length))
        }),
      list: (params) =>
        Effect.mapError(
          run({
            operation: "list",
            attempt: attempt(Requests.list(params), Decode.page(params.offset ?? 0)),
            repeatable: true
          }),
          listError
        ).pipe(recordCall("list")),
      revoke: (id) =>
        Effect.mapError(
          run({
            operation: "revoke",
            attempt: attempt(Requests.revoke(id), Decode.invitation),
            repeatable: true,
            reconcile: Confirm.revoked(lookUp, id)
          }),
          revokeError("revoke", id)
        ).pipe(recordCall("revoke")),
      delete: (id) =>
        Effect.mapError(
          run({
            operation: "delete",
            attempt: attempt(Requests.remove(id), Decode.deleted),
            repeatable: true,
            reconcile: Confirm.deleted(id)
          }),
          revokeError("delete", id)
        ).pipe(recordCall("delete"))
    })
  })

/**
 * Provides the service. Requires an `HttpClient`: on Node use `NodeHttpClient.layerUndici`, which reuses connections;
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
): Layer.Layer<InvitationsService, ConfigError, HttpClient.HttpClient> =>
  Layer.effect(InvitationsService, make(options))

/**
 * Options of `layerConfig`: a `Config` for the key, the URL and the version, and the other options of the layer as
 * values.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConfigOptions extends Omit<Options, "secretKey" | "apiUrl" | "apiVersion"> {
  /**
   * The secret key. Defaults to `Config.redacted("CLERK_SECRET_KEY")`.
   */
  readonly secretKey?: Config.Config<Redacted.Redacted> | undefined
  /**
   * The URL of the API without `/v1`. Defaults to `CLERK_API_URL`, or `https://api.clerk.com` if that is not set.
   */
  readonly apiUrl?: Config.Config<string> | undefined
  /**
   * The version of the API. Defaults to `2026-05-12`.
   */
  readonly apiVersion?: Config.Config<string> | undefined
}

/**
 * Provides the service, and reads the key and the URL with `Config`: by default `CLERK_SECRET_KEY` and `CLERK_API_URL`
 * of the environment. Fails with a `ConfigError` if one is missing or invalid. Requires an `HttpClient`, as `layer`
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
  { apiUrl, apiVersion, secretKey, ...options }: ConfigOptions = {}
): Layer.Layer<InvitationsService, ConfigError, HttpClient.HttpClient> =>
  Layer.unwrapEffect(
    Effect.map(
      Config.all({
        secretKey: secretKey ?? Config.redacted("CLERK_SECRET_KEY"),
        apiUrl: apiUrl ?? Config.withDefault(Config.string("CLERK_API_URL"), defaultApiUrl),
        apiVersion: apiVersion ?? Config.succeed(defaultApiVersion)
      }),
      (config) => layer({ ...options, ...config })
    )
  )
