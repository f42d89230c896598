/**
 * `InvitationsService` in memory, for tests. It behaves as Clerk does, without a network. Times come from Effect's
 * `Clock`, so `TestClock.adjust` lets invitations expire.
 *
 * @since 0.1.0
 */
import type { InstanceRefusalCode } from "@effect-clerk/core/ErrorDetail"
import { InvitationAttempts } from "@effect-clerk/core/InvitationAttempts"
import type { Operation } from "@effect-clerk/core/InvitationError"
import { ConnectionError, Timeout } from "@effect-clerk/core/InvitationError"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import type { RateLimits } from "@effect-clerk/core/RateLimits"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Fault from "./Fault.js"
import type { CallFailure } from "./internal/call/call.js"
import { listError } from "./internal/call/listError.js"
import type { AttemptFailure } from "./internal/client/attemptFailure.js"
import { attemptFailure } from "./internal/client/attemptFailure.js"
import * as Body from "./internal/client/body.js"
import * as Monotonic from "./internal/client/monotonic.js"
import { decodeResponse } from "./internal/client/response.js"
import * as ApiError from "./internal/emulator/apiError.js"
import * as Instance from "./internal/emulator/instance.js"
import { traceHeader } from "./internal/emulator/traceHeader.js"
import { createError, revokeError } from "./internal/write/writeError.js"
import { InvitationsControl } from "./InvitationsControl.js"

/**
 * The options of the in-memory layer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The rate limits to enforce. Defaults to `"off"`.
   */
  readonly rateLimits?: RateLimits | "off" | undefined
  /**
   * Whether a rejected call counts against the rate limits. Clerk does not document it. Defaults to `true`.
   */
  readonly countRejected?: boolean | undefined
  /**
   * The addresses that may not be invited: addresses, and whole domains such as `*@example.com`. Defaults to none.
   */
  readonly blocklist?: Iterable<string> | undefined
  /**
   * The code with which the instance refuses every create, and with `authorization_invalid` every call. Defaults to
   * `"off"`.
   */
  readonly instanceRefusal?: InstanceRefusalCode | "off" | undefined
  /**
   * How the ids of invitations, the ids of users and the trace ids are made. `"random"`: those of two layers differ.
   * `"sequential"`: each kind is numbered from 1, so that a test can expect `inv_000000000000000000000000001`. A `reset`
   * does not start again at 1, because a client does not accept the same new invitation twice. The keys of the accept
   * links are random in both cases; `Effect.withRandom` around the build of the layer repeats them. Defaults to
   * `"random"`.
   */
  readonly ids?: "random" | "sequential" | undefined
}

// The default of `timeout.attempt` of the HTTP layer.
const attemptTimeout = Duration.seconds(10)

/**
 * Fails as the HTTP layer does after a response with this status and body.
 */
const respondWith = (
  operation: Operation,
  { body, retryAfter, status, traceId }: {
    readonly status: number
    readonly body: Body.Body
    readonly traceId: string
    readonly retryAfter?: string | undefined
  }
): Effect.Effect<never, AttemptFailure> =>
  Effect.flatMap(
    Monotonic.moment,
    (receivedAt) =>
      decodeResponse(
        { operation, status, headers: { "retry-after": retryAfter, [traceHeader]: traceId }, body, receivedAt },
        () => Option.none(),
        Either.right
      )
  )

const respondWithError = (
  operation: Operation,
  error: ApiError.ApiError,
  traceId: string
): Effect.Effect<never, AttemptFailure> =>
  respondWith(operation, {
    status: error.status,
    retryAfter: error.retryAfter,
    body: Body.json(ApiError.toJson(error, traceId)),
    traceId
  })

const loseConnection = (operation: Operation): Effect.Effect<never, AttemptFailure> =>
  Effect.fail(
    attemptFailure("Unknown", new ConnectionError({ operation, reason: "Lost", code: Option.some("ECONNRESET") }))
  )

/**
 * Fails as the HTTP layer does after an injected response. Succeeds for `Drip`, which only slows the response down.
 */
const injectFault = (
  operation: Operation,
  response: Fault.Response,
  traceId: string,
  untilReset: Effect.Effect<void>
): Effect.Effect<void, AttemptFailure> =>
  Fault.Response.$match(response, {
    Status: ({ code, html, retryAfter, status }) =>
      html === true
        ? respondWith(operation, { status, retryAfter, body: Body.parse("<html></html>"), traceId })
        : respondWithError(
          operation,
          { ...ApiError.status(status, code ?? "internal_clerk_error"), retryAfter },
          traceId
        ),
    Body: ({ body, status = 200 }) => respondWith(operation, { status, body: Body.parse(body), traceId }),
    Truncated: () => loseConnection(operation),
    Reset: () => loseConnection(operation),
    Stall: () =>
      Effect.raceFirst(
        Effect.delay(
          Effect.fail(
            attemptFailure("Unknown", new Timeout({ operation, limit: "attempt", duration: attemptTimeout }))
          ),
          attemptTimeout
        ),
        Effect.zipRight(untilReset, loseConnection(operation))
      ),
    Drip: () => Effect.void
  })

const primitives = (
  clerk: Instance.Instance
): InvitationsPrimitives => {
  const attempt = <A>(
    operation: Operation,
    call: Effect.Effect<Instance.CallResult<A>>
  ): Effect.Effect<A, AttemptFailure> =>
    Effect.gen(function*() {
      const { fault, intended } = yield* call
      const untilReset = clerk.untilReset()
      const traceId = yield* clerk.traceId
      if (Option.isSome(fault)) yield* injectFault(operation, fault.value, traceId, untilReset)
      const result = Option.getOrElse(intended, () => Either.left(ApiError.status(500, "internal_clerk_error")))
      return Either.isRight(result) ? result.right : yield* respondWithError(operation, result.left, traceId)
    })

  const run = <A, E>(
    operation: Operation,
    call: Effect.Effect<Instance.CallResult<A>>,
    toError: (failure: CallFailure) => E
  ): Effect.Effect<A, E> =>
    Effect.mapError(
      attempt(operation, call),
      ({ disposition, error }) => toError({ error, maybeCommitted: disposition === "Unknown", candidates: [] })
    )

  return {
    create: (request) => run("create", clerk.create(request), createError("create", { requests: [request] })),
    createBulk: (requests) => run("createBulk", clerk.createBulk(requests), createError("createBulk", { requests })),
    list: (params) => run("list", clerk.list(params), listError),
    revoke: (id) => run("revoke", clerk.revoke(id), revokeError("revoke", id)),
    delete: (id) => run("delete", clerk.delete(id), revokeError("delete", id))
  }
}

// Each primitive makes one attempt already.
const makeAttempts = ({ create, createBulk, list, revoke }: InvitationsPrimitives): InvitationAttempts.Service => ({
  create,
  createBulk,
  list: (params) =>
    Effect.zipWith(list(params), Clock.currentTimeMillis, ({ data, totalCount }, now) => ({
      data,
      totalCount,
      serverTime: Option.some(now)
    })),
  revoke
})

/**
 * Makes the service, the calls of one attempt, and the control that changes the state from outside. The scope ends the work that runs in the
 * background: commits of faults that are still to come.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options?: Options
): Effect.Effect<
  {
    readonly service: InvitationsService.Service
    readonly attempts: InvitationAttempts.Service
    readonly control: InvitationsControl.Service
  },
  never,
  Scope.Scope
> =>
  Effect.map(Instance.make(options), (clerk) => {
    const calls = primitives(clerk)
    return {
      service: InvitationsService.fromPrimitives(calls),
      attempts: makeAttempts(calls),
      control: clerk.control
    }
  })

/**
 * Provides the service, `InvitationAttempts`, and `InvitationsControl` for what happens outside of it: an invitation is accepted, a user
 * signs up, the server fails. Every build of the layer starts with its own, empty store.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { InvitationsMemory } from "@effect-clerk/http"
 * import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
 * import { Effect } from "effect"
 *
 * const test = Effect.gen(function*() {
 *   const invitations = yield* InvitationsService
 *   const control = yield* InvitationsControl
 *   const { id } = yield* invitations.create({ emailAddress: "ada@example.com" })
 *   yield* control.accept(id)
 *   return yield* invitations.findById(id) // status: "accepted"
 * }).pipe(Effect.provide(InvitationsMemory.layer()))
 * ```
 */
export const layer = (options?: Options): Layer.Layer<InvitationsService | InvitationAttempts | InvitationsControl> =>
  Layer.scopedContext(
    Effect.map(make(options), ({ attempts, control, service }) =>
      Context.make(InvitationsService, service).pipe(
        Context.add(InvitationAttempts, attempts),
        Context.add(InvitationsControl, control)
      ))
  )
