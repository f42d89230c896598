import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import type { Operation } from "@effect-clerk/core/InvitationError"
import {
  BadRequest,
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
import * as Schema from "effect/Schema"
import type { AttemptFailure } from "./attemptFailure.js"
import { attemptFailure } from "./attemptFailure.js"
import { excerpt } from "./redactedExcerpt.js"
import * as RetryAfter from "./retryAfter.js"

/**
 * What the server said, read to its end.
 */
export interface RawResponse {
  readonly operation: Operation
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: string
  /** When it had been read. */
  readonly receivedAt: DateTime.Utc
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const decodeDetail = Schema.decodeUnknownOption(ErrorDetail)

const detailsOf = (body: unknown): ReadonlyArray<ErrorDetail> =>
  Predicate.hasProperty(body, "errors") && Array.isArray(body.errors)
    ? body.errors.flatMap((error) => Option.toArray(decodeDetail(error)))
    : []

const traceIdOf = (answer: RawResponse, body: unknown): Option.Option<string> =>
  Option.firstSomeOf(
    [Predicate.hasProperty(body, "clerk_trace_id") ? body.clerk_trace_id : undefined, answer.headers["cf-ray"]].map(
      Option.liftPredicate((id): id is string => typeof id === "string" && /^[\w.:-]{1,128}$/.test(id))
    )
  )

const retryAfterOf = (answer: RawResponse, errors: ReadonlyArray<ErrorDetail>): Option.Option<Duration.Duration> =>
  Option.orElse(
    RetryAfter.parse(answer.headers, answer.receivedAt),
    () => Option.firstSomeOf(errors.map((error) => RetryAfter.fromMeta(error.meta["resets_in"])))
  )

const unexpected = (answer: RawResponse, body: unknown, reason: string): UnexpectedResponse =>
  new UnexpectedResponse({
    operation: answer.operation,
    status: answer.status,
    reason,
    excerpt: excerpt(answer.text, body),
    traceId: traceIdOf(answer, body)
  })

/**
 * The one place where a status becomes a typed error, for all operations.
 */
const toFailure = (answer: RawResponse): AttemptFailure => {
  const body = parseJson(answer.text)
  const errors = detailsOf(body)
  const { operation, status } = answer
  const retryAfter = retryAfterOf(answer, errors)
  const fields = { operation, status, errors, traceId: traceIdOf(answer, body) }
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
  // A 408 can come from a gateway that has passed the request on.
  return attemptFailure(
    status >= 300 && status <= 499 && status !== 408 ? "Rejected" : "Unknown",
    unexpected(answer, body, status >= 300 && status <= 399 ? "a redirect, which is not followed" : "an unknown status")
  )
}

/**
 * How far the server's clock is ahead of ours at least, in milliseconds, by the `Date` of its answer.
 */
export const clockSkew = (answer: RawResponse): Option.Option<number> =>
  Option.map(
    RetryAfter.fromDate(answer.headers["date"] ?? ""),
    (date) => DateTime.toEpochMillis(date) - DateTime.toEpochMillis(answer.receivedAt)
  )

/**
 * Reads an answer: the body of a 2xx through `decode`, everything else as a failure. A 2xx that cannot be read leaves open
 * what happened.
 */
export const decodeResponse = <A>(
  answer: RawResponse,
  decode: (body: unknown) => Option.Option<A>
): Either.Either<A, AttemptFailure> => {
  if (answer.status < 200 || answer.status > 299) return Either.left(toFailure(answer))
  const body = parseJson(answer.text)
  return Either.fromOption(
    body === undefined ? Option.none() : decode(body),
    () =>
      attemptFailure(
        "Unknown",
        unexpected(answer, body, body === undefined ? "a body that is not JSON" : "a body of another form")
      )
  )
}
