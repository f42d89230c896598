/**
 * A service for each tenant, for products whose customers have Clerk instances of their own. All tenants share one
 * `HttpClient`. Each has its own key, rate limits, retry budget and cooldowns.
 *
 * @since 0.1.0
 */
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import type * as HttpClient from "@effect/platform/HttpClient"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as ClientOptions from "./internal/client/options.js"
import * as KeyedCache from "./internal/tenants/keyedCache.js"
import * as InvitationsHttp from "./InvitationsHttp.js"

/**
 * The options of the tenants.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<in K, out E = never, out R = never> {
  /**
   * The options of a tenant's service, or an effect that reads them, for example from a database. The effect runs at the
   * first use of a tenant and after `invalidate`, with the services of the layer. Its scope closes after it. Use
   * `Effect.timeout` to bound its time, which no timeout of the client includes.
   */
  readonly options: (tenant: K) => InvitationsHttp.Options | Effect.Effect<InvitationsHttp.Options, E, R>
  /**
   * How long a tenant without users stays in memory. The next use of any tenant drops it, and with it what its rate limits,
   * retry budget and cooldowns remember. Defaults to 70 minutes, which is longer than Clerk's hourly quotas and
   * every cooldown.
   */
  readonly idleTimeToLive?: Duration.DurationInput | undefined
}

/**
 * The services of all tenants. `K` is the type of a tenant's name: a string, or a value with `Equal` and `Hash`.
 *
 * @since 0.1.0
 * @category models
 */
export interface InvitationsTenants<in K, out E = never> {
  /**
   * A layer with the service of a tenant. All layers of one tenant share one service, which the first of them builds.
   *
   * Fails with the error of the tenant's options, or with a `ConfigError` if an option is invalid. Users that wait for the
   * same build fail too, and the next one builds again. Other tenants are not affected.
   */
  readonly get: (tenant: K) => Layer.Layer<InvitationsService, E | ConfigError>
  /**
   * Makes the next use of a tenant read its options again, with new rate limits, retry budget and cooldowns. Present
   * users keep their service.
   */
  readonly invalidate: (tenant: K) => Effect.Effect<void>
}

const defaultIdleTimeToLive = Duration.minutes(70)

const validateOptions = <K, E, R>(options: Options<K, E, R>) =>
  Either.gen(function*() {
    yield* ClientOptions.required("options", options, ClientOptions.isOptions, "must be an object")
    return {
      optionsOf: yield* ClientOptions.required("options", options.options, Predicate.isFunction, "must be a function"),
      idleTimeToLive: (yield* ClientOptions.positiveDuration("idleTimeToLive", options.idleTimeToLive)) ??
        defaultIdleTimeToLive
    }
  })

/**
 * Makes the services of all tenants, without building one. Fails with a `ConfigError` if `idleTimeToLive` is no duration
 * above zero or `options` is no function.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { InvitationsTenants } from "@effect-clerk/http"
 * import { Effect, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const tenants = yield* InvitationsTenants.make({
 *     options: (tenant: string) => ({ secretKey: Redacted.make(`sk_test_${tenant}`) })
 *   })
 *   return yield* Effect.flatMap(InvitationsService, (invitations) => invitations.list()).pipe(
 *     Effect.provide(tenants.get("acme"))
 *   )
 * })
 * ```
 */
export const make = <K, E = never, R = never>(
  options: Options<K, E, R>
): Effect.Effect<InvitationsTenants<K, E>, ConfigError, HttpClient.HttpClient | Exclude<R, Scope.Scope>> =>
  Effect.gen(function*() {
    const { idleTimeToLive, optionsOf } = yield* Either.mapLeft(validateOptions(options), ClientOptions.toConfigError)
    // The service of a tenant must not depend on the services of the caller that happens to build it.
    const context = yield* Effect.context<HttpClient.HttpClient | Exclude<R, Scope.Scope>>()
    const build = (tenant: K) =>
      Effect.suspend(() => {
        const given = optionsOf(tenant)
        return Effect.isEffect(given) ? Effect.scoped(given) : Effect.succeed(given)
      }).pipe(Effect.flatMap(InvitationsHttp.make), Effect.provide(context))
    const services = KeyedCache.make(build, Duration.toMillis(idleTimeToLive))
    return {
      get: (tenant) => Layer.scoped(InvitationsService, services.get(tenant)),
      invalidate: services.invalidate
    }
  })

/**
 * The class that `Service` makes: a tag, with the layer that provides it, and the methods of `InvitationsTenants`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServiceClass<in out Self, in out Id extends string, in out K, in out E, in out R>
  extends Context.TagClass<Self, Id, InvitationsTenants<K, E>>
{
  /**
   * Provides the services of all tenants. Fails as `make` does.
   */
  readonly layer: Layer.Layer<Self, ConfigError, HttpClient.HttpClient | Exclude<R, Scope.Scope>>
  /**
   * A layer with the service of a tenant; see `InvitationsTenants`.
   */
  readonly get: (tenant: K) => Layer.Layer<InvitationsService, E | ConfigError, Self>
  /**
   * Makes the next use of a tenant read its options again; see `InvitationsTenants`.
   */
  readonly invalidate: (tenant: K) => Effect.Effect<void, never, Self>
}

/**
 * Makes a tag for the services of all tenants, as `LayerMap.Service` does.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { InvitationsTenants } from "@effect-clerk/http"
 * import { FetchHttpClient } from "@effect/platform"
 * import { Config, Effect, Layer } from "effect"
 *
 * class Tenants extends InvitationsTenants.Service<Tenants>()("app/Tenants", {
 *   options: (tenant: string) =>
 *     Effect.map(Config.redacted(`CLERK_SECRET_KEY_${tenant}`), (secretKey) => ({ secretKey, retryBudget: 100 }))
 * }) {}
 *
 * const invite = (tenant: string, emailAddress: string) =>
 *   Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress })).pipe(
 *     Effect.provide(Tenants.get(tenant))
 *   )
 *
 * const program = invite("ACME", "ada@example.com").pipe(
 *   Effect.provide(Tenants.layer.pipe(Layer.provide(FetchHttpClient.layer)))
 * )
 * ```
 */
export const Service = <Self>() =>
<const Id extends string, K, E = never, R = never>(
  id: Id,
  options: Options<K, E, R>
): ServiceClass<Self, Id, K, E, R> => {
  const tag = Context.Tag(id)<Self, InvitationsTenants<K, E>>()
  return Object.assign(tag, {
    layer: Layer.effect(tag, make(options)),
    get: (tenant: K) => Layer.unwrapEffect(Effect.map(tag, (tenants) => tenants.get(tenant))),
    invalidate: (tenant: K) => Effect.flatMap(tag, (tenants) => tenants.invalidate(tenant))
  })
}
