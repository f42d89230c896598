/**
 * Every error of the service: one class per way to recover. The `message` of an error is one sentence and never
 * contains an e-mail address, metadata, an accept link or a secret key.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { ErrorDetail } from "./ErrorDetail.js"
import * as ErrorMessage from "./internal/errorMessage.js"
import { InvitationId } from "./Invitation.js"

/**
 * The API calls that an error can report.
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

const apiErrorFields = {
  /** The call that failed. */
  operation: Operation,
  /** The HTTP status of the response. */
  status: Schema.Int,
  /** The errors in Clerk's response body; empty if the body was not Clerk's, for example a gateway's error page. */
  errors: Schema.Array(ErrorDetail),
  /** Clerk's trace id of the request, which its support asks for. */
  traceId: Schema.Option(Schema.String)
}

/**
 * 400: the request conflicts with the current state, for example a pending invitation for the address exists. Find out
 * with `isDuplicate`, `isAlreadyRevoked` and `isAlreadyAccepted`. Nothing was changed.
 *
 * @since 0.1.0
 * @category errors
 * @see https://clerk.com/docs/errors/backend-api
 */
export class BadRequest extends Schema.TaggedError<BadRequest>("@effect-clerk/core/BadRequest")(
  "BadRequest",
  apiErrorFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 401: the secret key is missing, malformed or invalid. Nothing was changed.
 *
 * @since 0.1.0
 * @category errors
 * @see https://clerk.com/docs/errors/backend-api
 */
export class Unauthorized extends Schema.TaggedError<Unauthorized>("@effect-clerk/core/Unauthorized")(
  "Unauthorized",
  apiErrorFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 403: the secret key has no permission for the call, Clerk does not allow the address, or a quota of the plan is used
 * up. Nothing was changed.
 *
 * @since 0.1.0
 * @category errors
 * @see https://clerk.com/docs/errors/backend-api
 */
export class Forbidden extends Schema.TaggedError<Forbidden>("@effect-clerk/core/Forbidden")(
  "Forbidden",
  apiErrorFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 404: the invitation does not exist.
 *
 * @since 0.1.0
 * @category errors
 * @see https://clerk.com/docs/errors/backend-api
 */
export class NotFound extends Schema.TaggedError<NotFound>("@effect-clerk/core/NotFound")(
  "NotFound",
  apiErrorFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 409: the request conflicts with a concurrent change. With the code `resource_locked` a later call may succeed, see
 * `isTransient`. Nothing was changed.
 *
 * @since 0.1.0
 * @category errors
 * @see https://clerk.com/docs/errors/backend-api
 */
export class Conflict extends Schema.TaggedError<Conflict>("@effect-clerk/core/Conflict")(
  "Conflict",
  apiErrorFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 422: Clerk rejected a field of the request, or the address belongs to a user (see `isUserExists`). `paramName` of an
 * entry in `errors` is the field. Nothing was changed.
 *
 * @since 0.1.0
 * @category errors
 * @see https://clerk.com/docs/errors/backend-api
 */
export class Unprocessable extends Schema.TaggedError<Unprocessable>("@effect-clerk/core/Unprocessable")(
  "Unprocessable",
  apiErrorFields
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 429: a rate limit of Clerk is used up. Nothing was changed.
 *
 * @since 0.1.0
 * @category errors
 * @see https://clerk.com/docs/backend-requests/resources/rate-limits
 */
export class TooManyRequests extends Schema.TaggedError<TooManyRequests>("@effect-clerk/core/TooManyRequests")(
  "TooManyRequests",
  {
    ...apiErrorFields,
    /** The parsed `Retry-After` header; `None` if it was absent or invalid. */
    retryAfter: Schema.Option(Schema.DurationFromMillis)
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * A 4xx status without a class of its own, for example 402, 405, 410, 413 or 415, and a 4xx that is none of the operation's
 * own errors, for example a 409 of `list`. Nothing was changed. A write with status 408, or with a response that has no
 * error of Clerk, fails with {@link AmbiguousWrite}, because a gateway may have forwarded it.
 *
 * @since 0.1.0
 * @category errors
 * @see https://clerk.com/docs/errors/backend-api
 */
export class ClientError extends Schema.TaggedError<ClientError>("@effect-clerk/core/ClientError")(
  "ClientError",
  apiErrorFields
) {
  /**
   * The code of the first entry in `errors`; `None` if Clerk sent no entry.
   *
   * @since 0.1.0
   */
  get code(): Option.Option<ErrorDetail["code"]> {
    return Option.map(Option.fromNullable(this.errors[0]), ({ code }) => code)
  }

  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * 5xx: Clerk, or a gateway in front of it, failed. Only reads fail with this error; a write that gets a 5xx is
 * reconciled and fails with `AmbiguousWrite` if its outcome stays unknown.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServerError extends Schema.TaggedError<ServerError>("@effect-clerk/core/ServerError")(
  "ServerError",
  {
    ...apiErrorFields,
    /** The parsed `Retry-After` header; `None` if it was absent or invalid. */
    retryAfter: Schema.Option(Schema.DurationFromMillis)
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return ErrorMessage.apiErrorMessage(this)
  }
}

/**
 * One invalid field of an input, or one invalid option.
 *
 * @since 0.1.0
 * @category models
 */
export class InvalidField extends Schema.Class<InvalidField>("@effect-clerk/core/InvalidField")({
  /**
   * The path of the field, for example `expiresInDays` or `requests[3].emailAddress`; empty for the input itself. Of an
   * option, for example `secretKey` or `timeout.total`.
   */
  path: Schema.String,
  /** The requirement and its limit, for example `must be true or false`; never the value. */
  message: Schema.String
}) {}

/**
 * The input of a call, or an option that applies to the call, is invalid, for example a `secretKey` that was read for
 * the call. Nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>("@effect-clerk/core/InvalidRequest")(
  "InvalidRequest",
  {
    /** The method that was called. */
    operation: Schema.String,
    /** The invalid fields; never empty. */
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
 * The connection failed. With the reason `"Lost"` it broke after the request may have been sent; with every other
 * reason nothing was sent. With the reason `"Local"` this machine could not open a connection: no file descriptor,
 * local port or memory was free. A write fails with `"Lost"` only if reconciliation showed that it did not happen.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConnectionError extends Schema.TaggedError<ConnectionError>("@effect-clerk/core/ConnectionError")(
  "ConnectionError",
  {
    /** The call that failed. */
    operation: Operation,
    /** The stage at which the connection failed. */
    reason: Schema.Literal("Dns", "Refused", "Unreachable", "ConnectTimeout", "Tls", "Local", "Lost", "InvalidUrl"),
    /** The platform's error code, for example `ECONNREFUSED`; `None` if it has none. */
    code: Schema.Option(Schema.String)
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    const code = this.code._tag === "Some" ? ` (${this.code.value})` : ""
    switch (this.reason) {
      case "Dns":
        return `${this.operation} was not sent: the host name of the API URL could not be resolved${code}`
      case "Refused":
        return `${this.operation} was not sent: the connection was refused${code}`
      case "Unreachable":
        return `${this.operation} was not sent: the host is unreachable${code}`
      case "ConnectTimeout":
        return `${this.operation} was not sent: the connection attempt timed out${code}`
      case "Tls":
        return `${this.operation} was not sent: a secure (TLS) connection could not be established${code}`
      case "Local":
        return `${this.operation} was not sent: this machine has no file descriptor, port or memory left for a connection${code}`
      case "InvalidUrl":
        return `${this.operation} was not sent: the API URL is invalid; check apiUrl${code}`
      case "Lost":
        return `The connection was lost during ${this.operation}${code}`
    }
  }
}

/**
 * A timeout of the layer elapsed. A write fails with this error only if it did not happen.
 *
 * @since 0.1.0
 * @category errors
 */
export class Timeout extends Schema.TaggedError<Timeout>("@effect-clerk/core/Timeout")("Timeout", {
  /** The call that failed. */
  operation: Operation,
  /** The timeout that elapsed: of one attempt, or of the whole call with its retries. */
  limit: Schema.Literal("attempt", "total"),
  /** The configured timeout. */
  duration: Schema.DurationFromMillis
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.operation} took longer than ${ErrorMessage.duration(this.duration)} (${
      this.limit === "attempt" ? "the timeout of one attempt" : "the timeout of the whole call"
    })`
  }
}

/**
 * Clerk's response is invalid: a body that does not match the schema or belongs to another request, a status that the
 * API does not document, or pages that contradict each other.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedResponse
  extends Schema.TaggedError<UnexpectedResponse>("@effect-clerk/core/UnexpectedResponse")("UnexpectedResponse", {
    /** The call that failed. */
    operation: Operation,
    /** The HTTP status of the response. */
    status: Schema.Int,
    /** The part of the response that is invalid. */
    reason: Schema.String,
    /** The kind and the size of the body, for example `JSON object` or `HTML, 1,234 bytes`; no part of the body. */
    excerpt: Schema.String,
    /** Clerk's trace id of the request, which its support asks for. */
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
 * The client-side rate limit did not admit the call. Nothing was sent. Only a layer with rate limits fails with this
 * error, and `InvitationAttempts` during a cooldown; a 429 from Clerk is a {@link TooManyRequests}.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimited extends Schema.TaggedError<RateLimited>("@effect-clerk/core/RateLimited")("RateLimited", {
  /** The call that was not sent. */
  operation: Operation,
  /**
   * `"maxWait"` if the call would have to wait longer than `maxWait`, which is 0 for `InvitationAttempts`; `"store"` if
   * the rate-limit store is unavailable.
   */
  reason: Schema.Literal("maxWait", "store"),
  /** The time from now until the limit admits the call; `None` if it is unknown. */
  retryAfter: Schema.Option(Schema.DurationFromMillis)
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const reason = this.reason === "maxWait"
      ? "the wait for the rate limit would exceed maxWait"
      : "the rate-limit store is unavailable"
    return `${this.operation} was not sent: ${reason}${ErrorMessage.retryAfterSuffix(this.retryAfter)}`
  }
}

/**
 * The error of the last attempt, or of the last lookup, of a write with an unknown outcome.
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
  ClientError,
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
 * The outcome of a write is unknown: it may have happened, or may still happen. Before you repeat a create, check the
 * list. A revoke or a delete can be repeated.
 *
 * @since 0.1.0
 * @category errors
 */
export class AmbiguousWrite extends Schema.TaggedError<AmbiguousWrite>("@effect-clerk/core/AmbiguousWrite")(
  "AmbiguousWrite",
  {
    /** The write whose outcome is unknown. */
    operation: Schema.Literal("create", "createBulk", "revoke", "delete"),
    /** The addresses to invite; empty for `revoke` and `delete`. */
    emailAddresses: Schema.Redacted(Schema.Array(Schema.String)),
    /** The invitation to revoke or delete; `None` for `create` and `createBulk`. */
    id: Schema.Option(InvitationId),
    /**
     * Invitations that the write may have created: found by reconciliation, or in a response with another address. Empty
     * if there was no such invitation.
     */
    candidates: Schema.Array(InvitationId),
    /** The error of the last attempt, or of the last lookup. */
    lastFailure: LastFailure
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    const candidates = this.candidates.length === 0 ? "" : `; ${this.candidates.length} candidate(s) found`
    return `The outcome of ${this.operation} is unknown${candidates}. Check the list before you retry. ` +
      `Last failure: ${this.lastFailure.message}`
  }
}

// The errors that every call can fail with.
const common = [
  InvalidRequest,
  BadRequest,
  Unauthorized,
  Forbidden,
  NotFound,
  TooManyRequests,
  ClientError,
  ConnectionError,
  Timeout,
  UnexpectedResponse,
  RateLimited
] as const

/**
 * The errors of reads: `list`, `stream`, `findById` and `findByEmail`. As a schema it carries them through an `HttpApi`, an
 * RPC, a queue or a workflow.
 *
 * @since 0.1.0
 * @category errors
 */
export const ListError = Schema.Union(...common, Unprocessable, ServerError).annotations({ identifier: "ListError" })

/**
 * @since 0.1.0
 * @category errors
 */
export type ListError = typeof ListError.Type

/**
 * The errors of `create`, `createBulk` and `ensure`. `ServerError` is not among them: after a 5xx a create may have
 * happened, so it fails with {@link AmbiguousWrite}.
 *
 * @since 0.1.0
 * @category errors
 */
export const CreateError = Schema.Union(...common, Conflict, Unprocessable, AmbiguousWrite).annotations({
  identifier: "CreateError"
})

/**
 * @since 0.1.0
 * @category errors
 */
export type CreateError = typeof CreateError.Type

/**
 * A resend has revoked the pending invitations of the address, and then failed: the address may have no invitation. Call
 * `resend` again to finish it.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResendIncomplete extends Schema.TaggedError<ResendIncomplete>("@effect-clerk/core/ResendIncomplete")(
  "ResendIncomplete",
  {
    /** The ids of the invitations that were revoked. Their accept links no longer work. */
    revoked: Schema.NonEmptyArray(InvitationId),
    /** Why the resend failed. After an `AmbiguousWrite` of the create, the new invitation may exist. */
    error: Schema.Union(...CreateError.members, ServerError)
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    const count = this.revoked.length === 1 ? "the pending invitation" : `${this.revoked.length} pending invitations`
    return `resend revoked ${count} and then failed; call it again. Last failure: ${this.error.message}`
  }
}

/**
 * The errors of `resend`. Unless it is a {@link ResendIncomplete}, nothing was revoked or created, or the error is an
 * {@link AmbiguousWrite}. A `ServerError` is that of the look-up.
 *
 * @since 0.1.0
 * @category errors
 */
export const ResendError = Schema.Union(...CreateError.members, ServerError, ResendIncomplete).annotations({
  identifier: "ResendError"
})

/**
 * @since 0.1.0
 * @category errors
 */
export type ResendError = typeof ResendError.Type

/**
 * The errors of `revoke`. After a 5xx the revoke may have happened, so it fails with {@link AmbiguousWrite}.
 *
 * @since 0.1.0
 * @category errors
 */
export const RevokeError = Schema.Union(...common, Conflict, AmbiguousWrite).annotations({ identifier: "RevokeError" })

/**
 * @since 0.1.0
 * @category errors
 */
export type RevokeError = typeof RevokeError.Type

/**
 * The errors of `delete`. After a 5xx the delete may have happened, so it fails with {@link AmbiguousWrite}.
 *
 * @since 0.1.0
 * @category errors
 */
export const DeleteError = Schema.Union(...common, Conflict, AmbiguousWrite).annotations({ identifier: "DeleteError" })

/**
 * @since 0.1.0
 * @category errors
 */
export type DeleteError = typeof DeleteError.Type

/**
 * The errors of all writes.
 *
 * @since 0.1.0
 * @category errors
 */
export type WriteError = CreateError | RevokeError

/**
 * A predicate on what code may catch: an error, a `Cause`, or the `FiberFailure` that `Effect.runPromise` rejects with. It
 * narrows an error's type; for a `Cause`, a `FiberFailure` or a value of type `unknown` it returns a plain boolean, because
 * the error is inside.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorPredicate<A extends { readonly _tag: string }> {
  /* eslint-disable @typescript-eslint/unified-signatures -- The signatures differ in what they narrow. */
  /** Whether the first failure of the cause is such an error. */
  (cause: Cause.Cause<unknown>): boolean
  /** Whether this is such an error. */
  (error: { readonly _tag: string }): error is A
  /** Whether this is such an error, or a `FiberFailure` with one. */
  (caught: unknown): boolean
  // Type inference uses the last signature, so that `Effect.catchIf` narrows too.
  /** Whether this is such an error. */
  (error: { readonly _tag: string }): error is A
  /* eslint-enable @typescript-eslint/unified-signatures */
}

// The error inside a `Cause` or a `FiberFailure`; any other value as it is.
const unwrap = (caught: unknown): unknown => {
  const cause = Runtime.isFiberFailure(caught) ? caught[Runtime.FiberFailureCauseId] : caught
  return Cause.isCause(cause) ? Option.getOrUndefined(Cause.failureOption(cause)) : cause
}

const predicate =
  <A extends { readonly _tag: string }>(is: (error: unknown) => error is A): ErrorPredicate<A> =>
  (caught: unknown): caught is A => is(unwrap(caught))

const detailsOf = (caught: unknown): ReadonlyArray<ErrorDetail> => {
  const error = unwrap(caught)
  return Predicate.hasProperty(error, "errors") && Array.isArray(error.errors)
    ? error.errors.filter((detail) => detail instanceof ErrorDetail)
    : []
}

/**
 * Whether one of the `errors` of an API error has this code. The error may be inside a `Cause` or a `FiberFailure`. Returns
 * false for any other value.
 *
 * @since 0.1.0
 * @category predicates
 * @see https://clerk.com/docs/errors/backend-api
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { hasCode } from "@effect-clerk/core/InvitationError"
 * import { Effect } from "effect"
 *
 * const count = Effect.flatMap(InvitationsService, (invitations) => invitations.list({ limit: 1 })).pipe(
 *   Effect.map(({ totalCount }) => totalCount),
 *   Effect.catchTag("Forbidden", (error) =>
 *     hasCode(error, "quota_exceeded") ? Effect.succeed(0) : Effect.fail(error))
 * )
 * ```
 */
export const hasCode = (error: unknown, code: ErrorDetail["code"]): boolean =>
  detailsOf(error).some((detail) => detail.code === code)

/**
 * An API error with at least one entry in `errors`. The type is narrower than the class, so that `Effect.catchIf` with
 * a predicate such as `isDuplicate` keeps the other errors of the class in the error type.
 *
 * @since 0.1.0
 * @category models
 */
export type WithDetails<E extends BadRequest | Unprocessable | Conflict | ClientError> = E & {
  readonly errors: NonEmptyReadonlyArray<ErrorDetail>
}

/**
 * Whether Clerk rejected a create because a pending invitation exists for the address, or for one of a batch.
 *
 * @since 0.1.0
 * @category predicates
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { isDuplicate } from "@effect-clerk/core/InvitationError"
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
export const isDuplicate: ErrorPredicate<WithDetails<BadRequest>> = predicate((
  error
): error is WithDetails<BadRequest> => error instanceof BadRequest && hasCode(error, "duplicate_record"))

/**
 * The addresses that already have a pending invitation. Empty if the error is no duplicate or names no address.
 *
 * @since 0.1.0
 * @category utils
 */
export const duplicateEmails = (error: unknown): ReadonlyArray<string> =>
  isDuplicate(error)
    ? detailsOf(error).flatMap((detail) => detail.code === "duplicate_record" ? detail.emailAddresses : [])
    : []

/**
 * Whether Clerk rejected a revoke because the invitation is already revoked.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isAlreadyRevoked: ErrorPredicate<WithDetails<BadRequest>> = predicate((
  error
): error is WithDetails<BadRequest> => error instanceof BadRequest && hasCode(error, "invitation_already_revoked"))

/**
 * Whether Clerk rejected a revoke because the invitation is already accepted.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isAlreadyAccepted: ErrorPredicate<WithDetails<BadRequest>> = predicate((
  error
): error is WithDetails<BadRequest> => error instanceof BadRequest && hasCode(error, "invitation_already_accepted"))

/**
 * Whether Clerk rejected a create because an address belongs to a user.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isUserExists: ErrorPredicate<WithDetails<Unprocessable>> = predicate((
  error
): error is WithDetails<Unprocessable> => error instanceof Unprocessable && hasCode(error, "form_identifier_exists"))

/**
 * The errors after which the call did not happen and a later call may succeed. `Conflict` and `ClientError` are transient only
 * with the code `resource_locked`.
 *
 * @since 0.1.0
 * @category errors
 */
export type TransientError =
  | TooManyRequests
  | RateLimited
  | ConnectionError
  | Timeout
  | ServerError
  | WithDetails<Conflict | ClientError>

/**
 * Whether the call did not happen and a later call may succeed, so that a retry makes sense.
 *
 * @since 0.1.0
 * @category predicates
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { isTransient } from "@effect-clerk/core/InvitationError"
 * import { Effect, Schedule } from "effect"
 *
 * const revoke = (id: string) =>
 *   Effect.flatMap(InvitationsService, (invitations) => invitations.revoke(id)).pipe(
 *     Effect.retry({ schedule: Schedule.exponential("1 minute"), times: 5, while: isTransient })
 *   )
 * ```
 */
export const isTransient: ErrorPredicate<TransientError> = predicate((error): error is TransientError =>
  error instanceof TooManyRequests || error instanceof RateLimited || error instanceof ConnectionError ||
  error instanceof Timeout || error instanceof ServerError ||
  ((error instanceof Conflict || error instanceof ClientError) && hasCode(error, "resource_locked"))
)

/**
 * How long to wait before the call is worth repeating: the `Retry-After` of Clerk, or the time until the client-side rate
 * limit admits a call. `None` if the error has no such time. The error may be inside a `Cause` or a `FiberFailure`.
 *
 * @since 0.1.0
 * @category utils
 */
export const retryAfter = (error: unknown): Option.Option<Duration.Duration> => {
  const failure = unwrap(error)
  return failure instanceof TooManyRequests || failure instanceof ServerError || failure instanceof RateLimited
    ? failure.retryAfter
    : Option.none()
}
