import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type { ConfigError } from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Options } from "../../InvitationsHttp.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import * as Timeouts from "../../Timeouts.js"
import type { ClientState } from "../call/context.js"
import * as Cooldown from "../call/cooldown.js"
import * as Permits from "../call/permits.js"
import * as RetryBudget from "../call/retryBudget.js"
import * as ConnectionReuse from "../client/connectionReuse.js"
import type { Endpoints } from "../client/endpoints.js"
import * as EndpointsOf from "../client/endpoints.js"
import { withFetchOptions } from "../client/fetchOptions.js"
import * as HttpOptions from "../client/httpOptions.js"
import * as ClientOptions from "../client/options.js"
import type { SecretKey } from "../client/secretKey.js"
import * as Transport from "../client/transport.js"
import type { Limiter } from "../limiter/limiter.js"
import type { RecentlyCreated } from "./reconcile.js"
import { makeRecentlyCreated } from "./reconcile.js"

/**
 * The parts from which a layer makes its services.
 */
export interface Client {
  readonly state: ClientState
  readonly endpoints: Endpoints
  readonly recentlyCreated: RecentlyCreated
}

/**
 * Makes the parts of a client from the options of its layer. The caller makes the limiter, so that a layer without
 * client-side rate limits has none of their code.
 */
export const make = (
  options: Omit<Options, "rateLimit">,
  makeLimiter: (client: {
    readonly attempt: Duration.Duration
    readonly secretKey: SecretKey
  }) => Effect.Effect<Limiter | undefined, ConfigError>
): Effect.Effect<Client, ConfigError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const client = withFetchOptions(yield* HttpClient.HttpClient)
    const { apiVersion, baseUrl, maxConcurrentAttempts, propagateTrace, retryBudget, secretKey, transformClient } =
      yield* Either.mapLeft(HttpOptions.validate(options), ClientOptions.toConfigError)
    const policy = yield* RetryPolicy.make(options.retry)
    const timeouts = yield* Timeouts.make(options.timeout)

    const connectionReuse = ConnectionReuse.make()
    const send = Transport.make(transformClient?.(client) ?? client, {
      baseUrl,
      propagateTrace,
      connectionReuse,
      headers: Headers.fromInput({
        accept: "application/json",
        "clerk-api-version": apiVersion,
        "user-agent": "effect-clerk"
      })
    })

    return {
      endpoints: EndpointsOf.make(send, connectionReuse),
      recentlyCreated: makeRecentlyCreated(),
      state: {
        secretKey,
        policy,
        timeouts,
        cooldown: Cooldown.make(),
        retryBudget: retryBudget === "unlimited" ? RetryBudget.unlimited : RetryBudget.make(retryBudget),
        permits: Permits.make(maxConcurrentAttempts),
        limiter: yield* makeLimiter({ attempt: timeouts.attempt, secretKey })
      }
    }
  })
