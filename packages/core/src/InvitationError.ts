/**
 * Everything that can go wrong, one class per way to recover. The `message` of each is a sentence that quotes no
 * address, metadata, accept link or key.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { ErrorDetail } from "./ErrorDetail.js"
import * as ErrorMessage from "./internal/errorMessage.js"
import { InvitationId } from "./Invitation.js"

/**
 * The call that an error is about.
 *
 * @since 0.1.0
 * @category models
 */
export const Operation = Schema.Literal("create", "createBulk", "list", "revoke", "delete")

/**
 * @since 0.1.0
 * @category models
 */
export type Operation = typeof Operation.Type

const answeredFields = {
  /** The call that was answered. */
  operation: Operation,
  /** The HTTP status of the answer. */
  status: Schema.Int,
  /** What Clerk says went wrong; empty where a gateway answered in its place. */
  errors: Schema.Array(ErrorDetail),
  /** The id that Clerk's support asks for. */
  traceId: Schema.Option(Schema.String)
}

/**
 * 400: the request cannot be done as things stand, for example a pending invitation for the address exists.
 *
 * @since 0.1.0
 * @category errors
 * @see https://clerk.com/docs/errors/backend-api
 */
export class BadRequest extends Schema.TaggedError<BadRequest>("@effect-clerk/core/BadRequest")(
  "BadRequest",
  answeredFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 401: the secret key is missing, malformed or not valid.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends Schema.TaggedError<Unauthorized>("@effect-clerk/core/Unauthorized")(
  "Unauthorized",
  answeredFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 403: the key is valid, but may not do this, or a quota of the plan is used up.
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends Schema.TaggedError<Forbidden>("@effect-clerk/core/Forbidden")(
  "Forbidden",
  answeredFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 404: there is no such invitation.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends Schema.TaggedError<NotFound>("@effect-clerk/core/NotFound")(
  "NotFound",
  answeredFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 409: it clashes with something else that is going on.
 *
 * @since 0.1.0
 * @category errors
 */
export class Conflict extends Schema.TaggedError<Conflict>("@effect-clerk/core/Conflict")(
  "Conflict",
  answeredFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 422: a field of the request is not acceptable, or the address belongs to a user already.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unprocessable extends Schema.TaggedError<Unprocessable>("@effect-clerk/core/Unprocessable")(
  "Unprocessable",
  answeredFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 429: a rate limit is used up.
 *
 * @since 0.1.0
 * @category errors
 * @see https://clerk.com/docs/backend-requests/resources/rate-limits
 */
export class TooManyRequests extends Schema.TaggedError<TooManyRequests>("@effect-clerk/core/TooManyRequests")(
  "TooManyRequests",
  {
    ...answeredFields,
    /** How long Clerk asks to wait; none where it did not say, or said something that is no time. */
    retryAfter: Schema.Option(Schema.DurationFromMillis)
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `${ErrorMessage.apiErrorMessage(this)}${ErrorMessage.retryAfterSuffix(this.retryAfter)}`
  }
}

/**
 * 5xx: Clerk, or a gateway in front of it, had a problem.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServerError extends Schema.TaggedError<ServerError>("@effect-clerk/core/ServerError")(
  "ServerError",
  {
    ...answeredFields,
    /** How long Clerk asks to wait; none where it did not say. */
    retryAfter: Schema.Option(Schema.DurationFromMillis)
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `${ErrorMessage.apiErrorMessage(this)}${ErrorMessage.retryAfterSuffix(this.retryAfter)}`
  }
}

/**
 * One thing that is wrong with an input.
 *
 * @since 0.1.0
 * @category models
 */
export class InvalidField extends Schema.Class<InvalidField>("@effect-clerk/core/InvalidField")({
  /** Where it is, for example `expiresInDays` or `requests[3].emailAddress`; empty for the input itself. */
  path: Schema.String,
  /** What it must be, with the limit. */
  message: Schema.String
}) {}

/**
 * The input is not acceptable. Nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>("@effect-clerk/core/InvalidRequest")(
  "InvalidRequest",
  {
    /** The method that was called. */
    operation: Schema.String,
    /** What is wrong, field by field; never empty. */
    issues: Schema.NonEmptyArray(InvalidField)
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    const issues = this.issues.map(({ message, path }) => path === "" ? `the input ${message}` : `${path} ${message}`)
    return `${this.operation} was not sent: ${issues.join("; ")}`
  }
}

/**
 * The server could not be reached: nothing was sent. Only with the reason `"Lost"` did the connection break after the request
 * may have been sent; a write fails with that only if a look showed that it did not happen.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConnectionError extends Schema.TaggedError<ConnectionError>("@effect-clerk/core/ConnectionError")(
  "ConnectionError",
  {
    /** The call that failed. */
    operation: Operation,
    /** What stood in the way. */
    reason: Schema.Literal("Dns", "Refused", "Unreachable", "ConnectTimeout", "Tls", "Lost", "InvalidUrl"),
    /** The code of the platform, for example `ECONNREFUSED`. */
    code: Schema.Option(Schema.String)
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    const code = this.code._tag === "Some" ? ` (${this.code.value})` : ""
    switch (this.reason) {
      case "Dns":
        return `${this.operation} was not sent: the host name of the API was not found${code}`
      case "Refused":
        return `${this.operation} was not sent: the connection was refused${code}`
      case "Unreachable":
        return `${this.operation} was not sent: the host cannot be reached${code}`
      case "ConnectTimeout":
        return `${this.operation} was not sent: connecting took too long${code}`
      case "Tls":
        return `${this.operation} was not sent: no secure connection could be made${code}`
      case "InvalidUrl":
        return `${this.operation} was not sent: the URL of the API is not valid${code}`
      case "Lost":
        return `The connection was lost during ${this.operation}${code}`
    }
  }
}

/**
 * The time allowed is used up. A write fails with this only if it is certain that it did not happen.
 *
 * @since 0.1.0
 * @category errors
 */
export class Timeout extends Schema.TaggedError<Timeout>("@effect-clerk/core/Timeout")("Timeout", {
  /** The call that took too long. */
  operation: Operation,
  /** Which limit it was: that of one attempt, or that of the whole call. */
  limit: Schema.Literal("attempt", "total"),
  /** The limit. */
  duration: Schema.DurationFromMillis
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.operation} took longer than ${ErrorMessage.duration(this.duration)} (${
      this.limit === "attempt" ? "the limit of one attempt" : "the limit of the whole call"
    })`
  }
}

/**
 * The answer makes no sense: a body that cannot be read, or a status that the API does not have.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedResponse
  extends Schema.TaggedError<UnexpectedResponse>("@effect-clerk/core/UnexpectedResponse")("UnexpectedResponse", {
    /** The call that was answered. */
    operation: Operation,
    /** The HTTP status of the answer. */
    status: Schema.Int,
    /** What was expected and not found. */
    reason: Schema.String,
    /** The beginning of the body with everything that may be personal or secret taken out; at most 200 characters. */
    excerpt: Schema.String,
    /** The id that Clerk's support asks for. */
    traceId: Schema.Option(Schema.String)
  })
{
  /** @since 0.1.0 */
  override get message(): string {
    return `Clerk answered ${this.operation} with status ${this.status} and ${this.reason}${
      ErrorMessage.traceSuffix(this.traceId)
    }`
  }
}

/**
 * A rate limit that is kept on this side stood in the way: nothing was sent. Only a layer that was told to keep limits fails
 * with this. A 429 of the server is a {@link TooManyRequests}.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimited extends Schema.TaggedError<RateLimited>("@effect-clerk/core/RateLimited")("RateLimited", {
  /** The call that was not made. */
  operation: Operation,
  /** Why it was not waited for: it would take longer than is allowed, or the store that keeps count cannot be asked. */
  reason: Schema.Literal("maxWait", "store"),
  /** When there is room again, from now on; none where that is not known. */
  retryAfter: Schema.Option(Schema.DurationFromMillis)
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const reason = this.reason === "maxWait"
      ? "waiting for the rate limit would take longer than maxWait"
      : "the store of the rate limit cannot be asked"
    return `${this.operation} was not sent: ${reason}${ErrorMessage.retryAfterSuffix(this.retryAfter)}`
  }
}

/**
 * What a write last failed with before it was given up.
 *
 * @since 0.1.0
 * @category models
 */
export const LastFailure = Schema.Union(
  BadRequest,
  Unauthorized,
  Forbidden,
  NotFound,
  Conflict,
  Unprocessable,
  TooManyRequests,
  ServerError,
  ConnectionError,
  Timeout,
  UnexpectedResponse,
  RateLimited
)

/**
 * @since 0.1.0
 * @category models
 */
export type LastFailure = typeof LastFailure.Type

/**
 * A write whose outcome cannot be told: it may have happened, or may still happen. Look before you send it again.
 *
 * @since 0.1.0
 * @category errors
 */
export class AmbiguousWrite extends Schema.TaggedError<AmbiguousWrite>("@effect-clerk/core/AmbiguousWrite")(
  "AmbiguousWrite",
  {
    /** The write. */
    operation: Schema.Literal("create", "createBulk", "revoke", "delete"),
    /** The addresses that were to be invited; empty for `revoke` and `delete`. */
    emailAddresses: Schema.Redacted(Schema.Array(Schema.String)),
    /** The invitation that was to be revoked or deleted. */
    id: Schema.Option(InvitationId),
    /** Invitations that may be what the write made, if looking showed any. */
    candidates: Schema.Array(InvitationId),
    /** What the last attempt, or the last look, failed with. */
    lastFailure: LastFailure
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    const candidates = this.candidates.length === 0 ? "" : `; ${this.candidates.length} candidate(s) found`
    return `It is not known whether ${this.operation} happened${candidates}. Look before you send it again. ` +
      `Last failure: ${this.lastFailure.message}`
  }
}

/**
 * What any call can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CommonError =
  | InvalidRequest
  | BadRequest
  | Unauthorized
  | Forbidden
  | NotFound
  | Conflict
  | Unprocessable
  | TooManyRequests
  | ConnectionError
  | Timeout
  | UnexpectedResponse
  | RateLimited

/**
 * What a list can fail with. A read changes nothing, so there is nothing ambiguous about it.
 *
 * @since 0.1.0
 * @category errors
 */
export type ListError = CommonError | ServerError

/**
 * What a write can fail with. There is no `ServerError` among them: a write that a 5xx answered may have happened, and
 * that is an {@link AmbiguousWrite}.
 *
 * @since 0.1.0
 * @category errors
 */
export type WriteError = CommonError | AmbiguousWrite

/**
 * What `create`, `createBulk` and `ensure` can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CreateError = WriteError

/**
 * What `revoke` can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type RevokeError = WriteError

/**
 * What `delete` can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type DeleteError = WriteError

const details = (error: unknown): ReadonlyArray<ErrorDetail> =>
  Predicate.hasProperty(error, "errors") && Array.isArray(error.errors)
    ? error.errors.filter((detail) => detail instanceof ErrorDetail)
    : []

/**
 * Whether the answer carries this code.
 *
 * @since 0.1.0
 * @category predicates
 */
export const hasCode = (error: unknown, code: ErrorDetail["code"]): boolean =>
  details(error).some((detail) => detail.code === code)

/**
 * An answer that says what is wrong. It is narrower than the class, so that handling a duplicate does not take the other
 * failures of that class out of the type.
 *
 * @since 0.1.0
 * @category models
 */
export type WithDetails<E extends BadRequest | Unprocessable> = E & {
  readonly errors: NonEmptyReadonlyArray<ErrorDetail>
}

/**
 * Whether a pending invitation for the address, or for one of a bulk, exists already.
 *
 * @since 0.1.0
 * @category predicates
 * @example
 * ```ts
 * import { InvitationsService, isDuplicate } from "@effect-clerk/core"
 * import { Effect } from "effect"
 *
 * const invite = Effect.gen(function*() {
 *   const invitations = yield* InvitationsService
 *   return yield* invitations.create({ emailAddress: "ada@example.com" })
 * }).pipe(
 *   Effect.catchIf(isDuplicate, () => Effect.log("already invited"))
 * )
 * ```
 */
export const isDuplicate = (error: unknown): error is WithDetails<BadRequest> =>
  error instanceof BadRequest && hasCode(error, "duplicate_record")

/**
 * The addresses that have a pending invitation already, where that is what the error says; otherwise empty.
 *
 * @since 0.1.0
 * @category utils
 */
export const duplicateEmails = (error: unknown): ReadonlyArray<string> =>
  isDuplicate(error)
    ? error.errors.flatMap((detail) => detail.code === "duplicate_record" ? detail.emailAddresses : [])
    : []

/**
 * Whether the invitation was revoked before.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isAlreadyRevoked = (error: unknown): error is WithDetails<BadRequest> =>
  error instanceof BadRequest && hasCode(error, "invitation_already_revoked")

/**
 * Whether the invitation was accepted before.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isAlreadyAccepted = (error: unknown): error is WithDetails<BadRequest> =>
  error instanceof BadRequest && hasCode(error, "invitation_already_accepted")

/**
 * Whether an address belongs to a user already.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isUserExists = (error: unknown): error is WithDetails<Unprocessable> =>
  error instanceof Unprocessable && hasCode(error, "form_identifier_exists")

/**
 * A failure that is certain to have had no effect and that may pass with time. `Conflict` is transient only with the code
 * `resource_locked`.
 *
 * @since 0.1.0
 * @category errors
 */
export type TransientError = TooManyRequests | RateLimited | ConnectionError | Timeout | ServerError | Conflict

/**
 * Whether a failure may pass with time, so that the call is worth repeating.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isTransient = (error: WriteError | ServerError): error is TransientError => {
  switch (error._tag) {
    case "TooManyRequests":
    case "RateLimited":
    case "ConnectionError":
    case "Timeout":
    case "ServerError":
      return true
    default:
      return error instanceof Conflict && hasCode(error, "resource_locked")
  }
}
