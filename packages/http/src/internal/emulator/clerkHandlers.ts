import { DeletedInvitation, Invitation } from "@effect-clerk/core/Invitation"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import { maxLimit } from "@effect-clerk/core/ListInvitations"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { EmulatorApi } from "../../EmulatorApi.js"
import * as ApiError from "./apiError.js"
import { faultResponse } from "./faultResponse.js"
import type { CallResult, Instance } from "./instance.js"
import * as RequestBody from "./requestBody.js"
import { isOwnPath } from "./sameOrigin.js"

const encodeInvitation = Schema.encodeSync(Invitation)
const encodeInvitations = Schema.encodeSync(Schema.Array(Invitation))
const encodePage = Schema.encodeSync(InvitationPage)
const encodeDeleted = Schema.encodeSync(DeletedInvitation)

// What a fault spoils when the call had no effect, so that there is no proper body.
const noBody = JSON.stringify({ object: "invitation", id: "inv_0", status: "pending" })

const answer = <A>(
  clerk: Instance,
  request: HttpServerRequest.HttpServerRequest,
  outcome: CallResult<A>,
  encode: (value: A) => unknown
): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.flatMap(clerk.traceId, (traceId) => {
    const result = Option.getOrUndefined(outcome.intended)
    const refusal = result !== undefined && Either.isLeft(result) ? result.left : undefined
    const body = result === undefined
      ? noBody
      : Either.match(result, {
        onLeft: (left) => ApiError.body(left, traceId),
        onRight: (value) => JSON.stringify(encode(value))
      })
    if (Option.isSome(outcome.fault)) {
      clerk.requestLog.injected(request, outcome.fault.value)
      return faultResponse(request, outcome.fault.value, body, traceId)
    }
    return Effect.succeed(
      HttpServerResponse.text(body, {
        status: refusal?.status ?? 200,
        contentType: "application/json",
        headers: refusal?.retryAfter === undefined ? {} : { "retry-after": refusal.retryAfter }
      })
    )
  })

const text = (clerk: Instance, request: HttpServerRequest.HttpServerRequest): Effect.Effect<string> =>
  Effect.tap(Effect.orDie(request.text), (body) => Effect.sync(() => clerk.requestLog.read(request, body)))

/**
 * The handlers of the five endpoints. The bodies are read and written here, since Clerk's own way of complaining about them is
 * part of what is emulated.
 */
export const layer = (clerk: Instance) =>
  HttpApiBuilder.group(EmulatorApi, "invitations", (handlers) =>
    handlers
      .handleRaw("create", ({ request }) =>
        Effect.gen(function*() {
          const body = RequestBody.readCreate(yield* text(clerk, request))
          const outcome = yield* Either.isRight(body) ? clerk.create(body.right) : clerk.refuse("create", body.left)
          return yield* answer(clerk, request, outcome, encodeInvitation)
        }))
      .handleRaw("createBulk", ({ request }) =>
        Effect.gen(function*() {
          const body = RequestBody.readCreateBulk(yield* text(clerk, request))
          const outcome = yield* Either.isRight(body)
            ? clerk.createBulk(body.right)
            : clerk.refuse("createBulk", body.left)
          return yield* answer(clerk, request, outcome, encodeInvitations)
        }))
      .handle("list", ({ request, urlParams: { limit, order_by, paginated, ...params } }) =>
        Effect.flatMap(
          clerk.list({
            ...params,
            orderBy: order_by,
            // As Clerk does it, silently.
            limit: limit === undefined || limit > maxLimit ? undefined : limit
          }),
          (outcome) =>
            answer(clerk, request, outcome, (page) => {
              const { data, total_count } = encodePage(page)
              return paginated === true ? { data, total_count } : data
            })
        ))
      .handle("revoke", ({ path, request }) =>
        Effect.flatMap(
          clerk.revoke(path.invitation_id),
          (outcome) => answer(clerk, request, outcome, encodeInvitation)
        ))
      .handle(
        "delete",
        ({ path, request }) =>
          Effect.flatMap(clerk.delete(path.invitation_id), (outcome) => answer(clerk, request, outcome, encodeDeleted))
      ))

/**
 * Complains about the query of a list as Clerk does. It is the only thing of Clerk's that is not read by the handlers themselves.
 */
export const queryErrors = (clerk: Instance) =>
<E, R>(
  app: Effect.Effect<HttpServerResponse.HttpServerResponse, E | HttpApiError.HttpApiDecodeError, R>
): Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  E | HttpApiError.HttpApiDecodeError,
  R | HttpServerRequest.HttpServerRequest
> =>
  Effect.catchIf(
    app,
    (error): error is HttpApiError.HttpApiDecodeError => Predicate.isTagged(error, "HttpApiDecodeError"),
    (error) => {
      const name = error.issues[0]?.path.find(Predicate.isString) ?? "query"
      return Effect.gen(function*() {
        const request = yield* HttpServerRequest.HttpServerRequest
        if (isOwnPath(request.url)) return yield* error
        const outcome = yield* clerk.refuse("list", ApiError.param("form_param_value_invalid", name))
        return yield* answer(clerk, request, outcome, (value) => value)
      })
    }
  )
