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
import { DeletedRow, InvitationRow, PageBody } from "../wire/invitation.js"
import * as ApiError from "./apiError.js"
import * as BodyLimit from "./bodyLimit.js"
import { errorResponse } from "./errorResponse.js"
import { destroyConnection, faultResponse } from "./faultResponse.js"
import type { CallResult, Instance } from "./instance.js"
import type { Instances } from "./instances.js"
import * as RequestBody from "./requestBody.js"
import { isOwnPath } from "./sameOrigin.js"
import { traceHeader } from "./traceHeader.js"

const encodeInvitation = Schema.encodeSync(InvitationRow)
const encodeInvitations = Schema.encodeSync(Schema.Array(InvitationRow))
const encodePage = Schema.encodeSync(PageBody)
const encodeDeleted = Schema.encodeSync(DeletedRow)

// The body that a fault truncates if the call had no effect, so that no intended body exists.
const placeholderBody = JSON.stringify({ object: "invitation", id: "inv_0", status: "pending" })

const respond = <A>(
  clerk: Instance,
  request: HttpServerRequest.HttpServerRequest,
  { fault, intended }: CallResult<A>,
  encode: (value: A) => unknown
): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
  const untilReset = clerk.untilReset()
  return Effect.gen(function*() {
    const traceId = yield* clerk.traceId
    const result = Option.getOrUndefined(intended)
    if (Option.isSome(fault)) {
      const body = result === undefined
        ? placeholderBody
        : Either.match(result, {
          onLeft: (error) => ApiError.body(error, traceId),
          onRight: (value) => JSON.stringify(encode(value))
        })
      clerk.requestLog.injected(request, fault.value)
      return yield* faultResponse(request, fault.value, body, traceId, untilReset)
    }
    if (result !== undefined && Either.isLeft(result)) return errorResponse(result.left, traceId)
    return HttpServerResponse.text(result === undefined ? placeholderBody : JSON.stringify(encode(result.right)), {
      contentType: "application/json",
      headers: { [traceHeader]: traceId }
    })
  })
}

const isForm = ({ headers }: HttpServerRequest.HttpServerRequest): boolean =>
  /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(headers["content-type"] ?? "")

// A body that arrives only after a reset belongs to the test before it.
const readBody = <A>(
  clerk: Instance,
  request: HttpServerRequest.HttpServerRequest,
  parse: (text: string) => Either.Either<A, ApiError.ApiError>
): Effect.Effect<Either.Either<A, ApiError.ApiError>> =>
  Effect.gen(function*() {
    if (isForm(request)) return Either.left(ApiError.unsupportedContentType)
    const resets = clerk.resets()
    const text = yield* Effect.either(BodyLimit.readText(request))
    if (clerk.resets() !== resets) return yield* destroyConnection(request)
    if (Either.isLeft(text)) return Either.left(text.left)
    clerk.requestLog.bodyRead(request, text.right)
    return parse(text.right)
  })

/**
 * The handlers of Clerk's five endpoints. They read the request bodies themselves, because the platform does not report
 * invalid bodies as Clerk does.
 */
export const layer = (instances: Instances) => {
  const answer = <A, R>(
    request: HttpServerRequest.HttpServerRequest,
    call: (clerk: Instance) => Effect.Effect<CallResult<A>, never, R>,
    encode: (value: A) => unknown
  ) =>
    Effect.flatMap(
      instances.of(request.headers),
      (clerk) => Effect.flatMap(call(clerk), (result) => respond(clerk, request, result, encode))
    )

  return HttpApiBuilder.group(EmulatorApi, "invitations", (handlers) =>
    handlers
      .handleRaw("create", ({ request }) =>
        answer(request, (clerk) =>
          Effect.gen(function*() {
            const body = yield* readBody(clerk, request, RequestBody.readCreate)
            return yield* Either.isRight(body) ? clerk.create(body.right) : clerk.reject("create", body.left)
          }), encodeInvitation))
      .handleRaw("createBulk", ({ request }) =>
        answer(request, (clerk) =>
          Effect.gen(function*() {
            const body = yield* readBody(clerk, request, RequestBody.readCreateBulk)
            return yield* Either.isRight(body) ? clerk.createBulk(body.right) : clerk.reject("createBulk", body.left)
          }), encodeInvitations))
      .handle("list", ({ request, urlParams: { limit, order_by, paginated, ...params } }) =>
        answer(
          request,
          (clerk) =>
            clerk.list({
              ...params,
              orderBy: order_by,
              // Like Clerk, ignore a limit that is too large.
              limit: limit === undefined || limit > maxLimit ? undefined : limit
            }),
          (page) => {
            const { data, total_count } = encodePage(page)
            return paginated === true ? { data, total_count } : data
          }
        ))
      .handle("revoke", ({ path, request }) =>
        answer(request, (clerk) => clerk.revoke(path.invitation_id), encodeInvitation))
      .handle("delete", ({ path, request }) =>
        answer(request, (clerk) =>
          clerk.delete(path.invitation_id), encodeDeleted)))
}

/**
 * Middleware that reports an invalid query of a list as Clerk does. Every other part of a request is checked by the
 * handlers.
 */
export const queryErrors = (instances: Instances) =>
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
        const clerk = yield* instances.of(request.headers)
        const result = yield* clerk.reject("list", ApiError.param("form_param_value_invalid", name))
        return yield* respond(clerk, request, result, (value) => value)
      })
    }
  )
