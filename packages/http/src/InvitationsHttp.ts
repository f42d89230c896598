/**
 * The service over HTTP.
 *
 * @since 0.1.0
 */
import type { ListError } from "@effect-clerk/core/InvitationError"
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Arr from "effect/Array"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Call from "./internal/call/call.js"
import * as Cooldown from "./internal/call/cooldown.js"
import * as RetryBudget from "./internal/call/retryBudget.js"
import type { AttemptFailure } from "./internal/client/attemptFailure.js"
import * as AttemptSpan from "./internal/client/attemptSpan.js"
import * as Codec from "./internal/client/codec.js"
import * as ClientOptions from "./internal/client/options.js"
import * as Requests from "./internal/client/requests.js"
import type { RawResponse } from "./internal/client/response.js"
import { clockSkew, decodeResponse } from "./internal/client/response.js"
import { recordCall } from "./internal/client/telemetry.js"
import * as Transport from "./internal/client/transport.js"
import * as FromOptions from "./internal/limiter/fromOptions.js"
import * as Confirm from "./internal/write/confirm.js"
import * as Create from "./internal/write/create.js"
import * as LookUp from "./internal/write/lookUp.js"
import { writeError } from "./internal/write/writeError.js"
import type * as RateLimiting from "./RateLimiting.js"
import * as RetryPolicy from "./RetryPolicy.js"
import * as Timeouts from "./Timeouts.js"

/**
 * What the HTTP layer needs to know; all but the key has a default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The secret key of the instance, `sk_test_…` or `sk_live_…`.
   */
  readonly secretKey: Redacted.Redacted
  /**
   * Where the API is, without `/v1`. Defaults to `https://api.clerk.com`.
   */
  readonly apiUrl?: string | undefined
  /**
   * The version of the API that is asked for. Defaults to `2026-05-12`.
   */
  readonly apiVersion?: string | undefined
  /**
   * How a call is tried again. Defaults to 3 attempts; see `RetryPolicy`.
   */
  readonly retry?: RetryPolicy.Input | undefined
  /**
   * Tokens of the budget that all retries of this layer share: a retry costs 5, a success gives 1 back, and without tokens a
   * call fails at once with its last error. Defaults to 500.
   */
  readonly retryBudget?: number | "unlimited" | undefined
  /**
   * Which rate limits are kept on this side, so that calls wait and are not refused. Defaults to `"off"`: only a 429 is
   * reacted to. See `RateLimiting`.
   */
  readonly rateLimit?: RateLimiting.Input | undefined
  /**
   * How long a call may take. Waiting for `rateLimit` does not count. Defaults to 10 seconds an attempt and 60 seconds in all; see `Timeouts`.
   */
  readonly timeout?: Timeouts.Options | undefined
  /**
   * Changes the HTTP client that is used, for example to add a header or a proxy. It sees every attempt.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

const defaultApiUrl = "https://api.clerk.com"

const defaultApiVersion = "2026-05-12"

const defaultRetryBudget = 500

/**
 * Makes the service. Fails if `apiUrl`, `apiVersion`, `secretKey` or the limits cannot be used.
 *
 * @since 0.1.0
 * @category constructors
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

    const deadline = Timeouts.make(options.timeout)

    const shared: Call.ClientState = {
      policy: RetryPolicy.make(options.retry),
      timeouts: deadline,
      cooldown: Cooldown.make(),
      retryBudget: options.retryBudget === "unlimited"
        ? RetryBudget.unlimited
        : RetryBudget.make(options.retryBudget ?? defaultRetryBudget),
      limiter: yield* FromOptions.make(options.rateLimit ?? "off", { attempt: deadline.attempt, secretKey })
    }

    const inSpan = AttemptSpan.make(baseUrl)

    const exchange =
      <A>(request: Transport.Request, readAnswer: (answer: RawResponse) => Either.Either<A, AttemptFailure>) =>
      (attempt: Transport.Attempt): Effect.Effect<A, AttemptFailure> =>
        inSpan(request, attempt, (span) => Effect.flatMap(send(request, attempt, span), readAnswer))

    const attempt = <A>(request: Transport.Request, decode: (body: unknown) => Option.Option<A>) =>
      exchange(request, (answer) => decodeResponse(answer, decode))

    const lookUp = LookUp.make((params) =>
      exchange(Requests.list(params), (answer) =>
        Either.map(decodeResponse(answer, Codec.decodePage(0)), ({ data }) => ({ data, ahead: clockSkew(answer) })))({
          index: 0,
          limit: "attempt",
          duration: shared.timeouts.attempt,
          remaining: shared.timeouts.attempt
        }), shared)

    const create = Create.make(shared, lookUp)

    const run = <A>(call: Call.Call<A>) =>
      Effect.flatMap(Call.start(shared), (session) =>
        Call.run(shared, session, call))

    return InvitationsService.fromPrimitives({
      withReservation: shared.limiter?.withReservation,
      create: (request) =>
        create({
          operation: "create",
          requests: [request],
          attempt: attempt(Requests.create(request), Codec.decodeInvitation),
          toInvitations: Arr.of,
          fromInvitations: Arr.head
        }),
      createBulk: (bulk) =>
        create({
          operation: "createBulk",
          requests: bulk,
          attempt: attempt(Requests.createBulk(bulk), Codec.decodeBulk(bulk.length)),
          toInvitations: identity,
          fromInvitations: Option.some
        }),
      list: (params) =>
        Effect.mapError(
          run({
            operation: "list",
            attempt: attempt(Requests.list(params), Codec.decodePage(params.offset ?? 0)),
            repeatable: true
          }),
          ({ error }): ListError =>
            error
        ).pipe(recordCall("list")),
      revoke: (id) =>
        Effect.mapError(
          run({
            operation: "revoke",
            attempt: attempt(Requests.revoke(id), Codec.decodeInvitation),
            repeatable: true,
            reconcile: Confirm.revoked(lookUp, id)
          }),
          writeError("revoke", { id })
        ).pipe(recordCall("revoke")),
      delete: (id) =>
        Effect.mapError(
          run({
            operation: "delete",
            attempt: attempt(Requests.remove(id), Codec.decodeDeletedInvitation),
            repeatable: true,
            reconcile: Confirm.deleted(id)
          }),
          writeError("delete", { id })
        ).pipe(recordCall("delete"))
    })
  })

/**
 * The service as a layer, with the HTTP client left to choose. On Node, take `NodeHttpClient.layerUndici`: it keeps
 * connections open, while `NodeHttpClient.layer` opens one for every request.
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
 * What `layerConfig` reads, and the options that are no setting.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConfigOptions extends Omit<Options, "secretKey" | "apiUrl" | "apiVersion"> {
  /**
   * Defaults to `CLERK_SECRET_KEY`.
   */
  readonly secretKey?: Config.Config<Redacted.Redacted> | undefined
  /**
   * Defaults to `CLERK_API_URL`, and without that to `https://api.clerk.com`.
   */
  readonly apiUrl?: Config.Config<string> | undefined
  /**
   * Defaults to `2026-05-12`.
   */
  readonly apiVersion?: Config.Config<string> | undefined
}

/**
 * The service as a layer whose settings come from the configuration, by default `CLERK_SECRET_KEY` and `CLERK_API_URL`.
 *
 * @since 0.1.0
 * @category layers
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
