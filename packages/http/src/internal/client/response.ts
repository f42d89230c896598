import type { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import type { Operation } from "@effect-clerk/core/InvitationError"
import {
  BadRequest,
  ClientError,
  Conflict,
  Forbidden,
  hasCode,
  NotFound,
  ServerError,
  TooManyRequests,
  Unauthorized,
  UnexpectedResponse,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Decode from "../wire/decode.js"
import type { AttemptFailure } from "./attemptFailure.js"
import { attemptFailure } from "./attemptFailure.js"
import type * as Body from "./body.js"
import type { Check } from "./check.js"
import type { Moment } from "./monotonic.js"
import { excerpt } from "./redactedExcerpt.js"
import * as RetryAfter from "./retryAfter.js"

/**
 * A response whose body has been read completely.
 */
export interface RawResponse {
  readonly operation: Operation
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: Body.Body
  /** When the headers arrived. */
  readonly receivedAt: Moment
}

// The API takes at most ten invitations a request, so a response has few errors.
const maxDetails = 100

const detailsOf = (json: unknown): ReadonlyArray<ErrorDetail> =>
  Predicate.hasProperty(json, "errors") && Array.isArray(json.errors)
    ? json.errors.slice(0, maxDetails).flatMap((error) => Option.toArray(Decode.errorDetail(error)))
    : []

const jsonOf = ({ body }: RawResponse): unknown => body._tag === "Json" ? body.value : undefined

// The form of Clerk's and Cloudflare's ids. Text of another form could be personal or secret.
const isTraceId = (id: unknown): id is string => typeof id === "string" && /^(?!sk_|pk_|eyJ)[\w-]{1,64}$/.test(id)

const traceIdOf = (response: RawResponse): Option.Option<string> => {
  const json = jsonOf(response)
  return Option.firstSomeOf(
    [
      Predicate.hasProperty(json, "clerk_trace_id") ? json.clerk_trace_id : undefined,
      response.headers["x-clerk-trace-id"],
      response.headers["cf-ray"]
    ].map(Option.liftPredicate(isTraceId))
  )
}

const retryAfterOf = (response: RawResponse, errors: ReadonlyArray<ErrorDetail>): Option.Option<Duration.Duration> =>
  Option.orElse(
    RetryAfter.parse(response.headers, DateTime.unsafeMake(response.receivedAt.wall)),
    () => Option.firstSomeOf(errors.map((error) => RetryAfter.fromMeta(error.meta["resets_in"])))
  )

const unexpected = (response: RawResponse, reason: string): UnexpectedResponse =>
  new UnexpectedResponse({
    operation: response.operation,
    status: response.status,
    reason,
    excerpt: excerpt(response.body),
    traceId: traceIdOf(response)
  })

// With these statuses a gateway rejects a request that it does not forward.
const gatewayRejections = new Set([401, 403, 407, 411, 413, 414, 415, 421, 429, 431])

/**
 * Maps a response without a 2xx status to its error. All operations have their errors from here.
 *
 * A response without an entry of Clerk's `errors` may come from a gateway that forwarded the request. If the status does
 * not rule that out, the outcome of a write is unknown.
 */
export const toFailure = (response: RawResponse): AttemptFailure => {
  const { operation, status } = response
  const errors = detailsOf(jsonOf(response))
  const failure = failureOf(response, errors)
  if (errors.length > 0) return failure
  const isUnknown = operation !== "list" && !gatewayRejections.has(status)
  return {
    ...failure,
    disposition: isUnknown ? "Unknown" : failure.disposition,
    notClerk: status !== 429 && status < 500
  }
}

const failureOf = (response: RawResponse, errors: ReadonlyArray<ErrorDetail>): AttemptFailure => {
  const { operation, status } = response
  const retryAfter = retryAfterOf(response, errors)
  const fields = { operation, status, errors, traceId: traceIdOf(response) }
  switch (status) {
    case 400:
      return attemptFailure("Rejected", new BadRequest(fields))
    case 401:
      return attemptFailure("Rejected", new Unauthorized(fields))
    case 403:
      return attemptFailure("Rejected", new Forbidden(fields))
    case 404:
      return attemptFailure("Rejected", new NotFound(fields))
    case 409: {
      const error = new Conflict(fields)
      return attemptFailure(hasCode(error, "resource_locked") ? "Throttled" : "Rejected", error, retryAfter)
    }
    case 422:
      return attemptFailure("Rejected", new Unprocessable(fields))
    case 429:
      return attemptFailure("Throttled", new TooManyRequests({ ...fields, retryAfter }), retryAfter)
  }
  if (status >= 500 && status <= 599) {
    return attemptFailure("Unknown", new ServerError({ ...fields, retryAfter }), retryAfter)
  }
  if (status >= 400 && status <= 499) {
    // A gateway can respond with 408 after it has forwarded the request.
    return attemptFailure(status === 408 ? "Unknown" : "Rejected", new ClientError(fields))
  }
  return status >= 300 && status <= 399
    ? attemptFailure("Rejected", unexpected(response, "a redirect, which is not followed"))
    : attemptFailure("Unknown", unexpected(response, "an unknown status"))
}

/**
 * The server's time when it sent the response, in Unix milliseconds, by the `Date` header. `None` without that header.
 */
export const serverTime = (response: RawResponse): Option.Option<number> =>
  Option.map(RetryAfter.fromDate(response.headers["date"] ?? ""), DateTime.toEpochMillis)

/**
 * Decodes and checks the body of a 2xx response, and maps any other response to its error. A 2xx response that cannot
 * be decoded, or that belongs to another request, leaves the outcome unknown.
 */
export const decodeResponse = <A>(
  response: RawResponse,
  decode: (body: unknown) => Option.Option<A>,
  check: Check<A>
): Either.Either<A, AttemptFailure> => {
  const { body, status } = response
  if (status < 200 || status > 299) return Either.left(toFailure(response))
  if (body._tag === "Unreadable") {
    return Either.left({ ...attemptFailure("Unknown", unexpected(response, body.problem)), notClerk: true })
  }
  const decoded = decode(body.value)
  if (Option.isNone(decoded)) {
    return Either.left(attemptFailure("Unknown", unexpected(response, "a body of another form")))
  }
  return Either.mapLeft(check(decoded.value), ({ answered, reason }) => ({
    ...attemptFailure("Unknown", unexpected(response, reason)),
    answered
  }))
}
