/**
 * The service in memory, for unit tests: it behaves as Clerk does, without a network. Time is Effect's `Clock`, so that
 * `TestClock` moves invitations past their expiry.
 *
 * @since 0.1.0
 */
import type { ListError, Operation } from "@effect-clerk/core/InvitationError"
import { ConnectionError, Timeout } from "@effect-clerk/core/InvitationError"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import type { RateLimits } from "@effect-clerk/core/RateLimits"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Fault from "./Fault.js"
import type { AttemptFailure } from "./internal/client/attemptFailure.js"
import { attemptFailure } from "./internal/client/attemptFailure.js"
import { decodeResponse } from "./internal/client/response.js"
import * as ApiError from "./internal/emulator/apiError.js"
import * as Instance from "./internal/emulator/instance.js"
import { writeError } from "./internal/write/writeError.js"
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
}

const givesUpAfter = Duration.seconds(10)

/**
 * What a client makes of an answer with this status and body.
 */
const answered = (
  operation: Operation,
  { body, retryAfter, status }: {
    readonly status: number
    readonly body: string
    readonly retryAfter?: string | undefined
  }
): Effect.Effect<never, AttemptFailure> =>
  Effect.flatMap(
    DateTime.now,
    (receivedAt) =>
      decodeResponse(
        { operation, status, headers: { "retry-after": retryAfter }, text: body, receivedAt },
        () => Option.none()
      )
  )

const toAttemptFailure = (
  operation: Operation,
  refusal: ApiError.ApiError,
  traceId: string
): Effect.Effect<never, AttemptFailure> => answered(operation, { ...refusal, body: ApiError.body(refusal, traceId) })

const lost = (operation: Operation): Effect.Effect<never, AttemptFailure> =>
  Effect.fail(
    attemptFailure("Unknown", new ConnectionError({ operation, reason: "Lost", code: Option.some("ECONNRESET") }))
  )

/**
 * What a client makes of a fault; none if it only takes longer.
 */
const struck = (
  operation: Operation,
  fault: Fault.Response,
  traceId: string
): Effect.Effect<Option.Option<never>, AttemptFailure> =>
  Fault.Response.$match(fault, {
    Status: ({ code, html, retryAfter, status }) => {
      const refusal = { ...ApiError.status(status, code ?? "internal_clerk_error"), retryAfter }
      return html === true
        ? answered(operation, { ...refusal, body: "<html></html>" })
        : toAttemptFailure(operation, refusal, traceId)
    },
    Body: ({ body, status = 200 }) => answered(operation, { status, body }),
    Truncated: () => lost(operation),
    Reset: () => lost(operation),
    Stall: () =>
      Effect.delay(
        Effect.fail(attemptFailure("Unknown", new Timeout({ operation, limit: "attempt", duration: givesUpAfter }))),
        givesUpAfter
      ),
    Drip: () => Effect.succeedNone
  })

const primitives = (
  clerk: Instance.Instance
): InvitationsPrimitives => {
  const ask = <A>(
    operation: Operation,
    call: Effect.Effect<Instance.CallResult<A>>
  ): Effect.Effect<A, AttemptFailure> =>
    Effect.gen(function*() {
      const { fault, intended: proper } = yield* call
      const traceId = yield* clerk.traceId
      if (Option.isSome(fault)) yield* struck(operation, fault.value, traceId)
      const result = Option.getOrElse(proper, () => Either.left(ApiError.status(500, "internal_clerk_error")))
      return Either.isRight(result) ? result.right : yield* toAttemptFailure(operation, result.left, traceId)
    })

  const write = <A>(
    operation: "create" | "createBulk" | "revoke" | "delete",
    attempted: Parameters<typeof writeError>[1],
    call: Effect.Effect<Instance.CallResult<A>>
  ) =>
    Effect.mapError(
      ask(operation, call),
      ({ error, disposition: outcome }) =>
        writeError(operation, attempted)({ error, maybeCommitted: outcome === "Unknown", candidates: [] })
    )

  return {
    create: (request) => write("create", { requests: [request] }, clerk.create(request)),
    createBulk: (requests) => write("createBulk", { requests }, clerk.createBulk(requests)),
    list: (params) => Effect.mapError(ask("list", clerk.list(params)), ({ error }): ListError => error),
    revoke: (id) => write("revoke", { id }, clerk.revoke(id)),
    delete: (id) => write("delete", { id }, clerk.delete(id))
  }
}

/**
 * Makes the service and its control.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options?: Options
): Effect.Effect<
  { readonly service: InvitationsService.Service; readonly control: InvitationsControl.Service },
  never,
  Scope.Scope
> =>
  Effect.map(Instance.make(options), (clerk) => ({
    service: InvitationsService.fromPrimitives(primitives(clerk)),
    control: clerk.control
  }))

/**
 * The service in memory, and the control that plays the world around it.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { InvitationsControl, InvitationsMemory } from "@effect-clerk/http"
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
export const layer = (options?: Options): Layer.Layer<InvitationsService | InvitationsControl> =>
  Layer.scopedContext(
    Effect.map(make(options), ({ control, service }) =>
      Context.make(InvitationsService, service).pipe(Context.add(InvitationsControl, control)))
  )
