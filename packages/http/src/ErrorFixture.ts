/**
 * Errors as Clerk's responses give them, for tests of what a program does with an error. The in-memory layer fails with the
 * same errors, and is the better choice if the program can run with it.
 *
 * @since 0.1.0
 */
import type { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { InvitationId } from "@effect-clerk/core/Invitation"
import type { Operation } from "@effect-clerk/core/InvitationError"
import {
  AmbiguousWrite,
  BadRequest,
  ConnectionError,
  Forbidden,
  NotFound,
  TooManyRequests,
  Unauthorized,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as ApiError from "./internal/emulator/apiError.js"
import * as Decode from "./internal/wire/decode.js"

interface Fields {
  readonly operation: Operation
  readonly status: number
  readonly errors: ReadonlyArray<ErrorDetail>
  readonly traceId: Option.Option<string>
}

// The first trace id of the in-memory layer with sequential ids.
const traceId = "trace_000000000001"

const fieldsOf = (operation: Operation, error: ApiError.ApiError): Fields => ({
  operation,
  status: error.status,
  errors: Option.toArray(Decode.errorDetail(ApiError.toRow(error))),
  traceId: Option.some(traceId)
})

/**
 * 400 `duplicate_record`: pending invitations exist for these addresses. `isDuplicate` recognizes it, and
 * `duplicateEmails` returns the addresses.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { duplicateEmails } from "@effect-clerk/core/InvitationError"
 * import { ErrorFixture } from "@effect-clerk/http"
 *
 * duplicateEmails(ErrorFixture.duplicate(["ada@example.com"])) // ["ada@example.com"]
 * ```
 */
export const duplicate = (
  emailAddresses: ReadonlyArray<string>,
  operation: "create" | "createBulk" = "create"
): BadRequest => new BadRequest(fieldsOf(operation, ApiError.duplicateRecord(emailAddresses)))

/**
 * 422 `form_identifier_exists`: the address belongs to a user. `isUserExists` recognizes it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const userExists = (operation: "create" | "createBulk" = "create"): Unprocessable =>
  new Unprocessable(fieldsOf(operation, ApiError.userExists))

/**
 * 403 `not_allowed_access`: the instance does not allow these addresses.
 *
 * @since 0.1.0
 * @category constructors
 */
export const notAllowed = (
  emailAddresses: ReadonlyArray<string>,
  operation: "create" | "createBulk" = "create"
): Forbidden => new Forbidden(fieldsOf(operation, ApiError.notAllowed(emailAddresses)))

/**
 * 401 `clerk_key_invalid`: the secret key is not valid.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unauthorized = (operation: Operation = "create"): Unauthorized =>
  new Unauthorized(fieldsOf(operation, ApiError.keyInvalid))

/**
 * 404 `resource_not_found`: no invitation has the id.
 *
 * @since 0.1.0
 * @category constructors
 */
export const notFound = (id: InvitationId | string, operation: "revoke" | "delete" = "revoke"): NotFound =>
  new NotFound(fieldsOf(operation, ApiError.notFound(id)))

/**
 * 400 `invitation_already_revoked` of a revoke. `isAlreadyRevoked` recognizes it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const alreadyRevoked = (): BadRequest => new BadRequest(fieldsOf("revoke", ApiError.alreadyRevoked))

/**
 * 400 `invitation_already_accepted` of a revoke. `isAlreadyAccepted` recognizes it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const alreadyAccepted = (): BadRequest => new BadRequest(fieldsOf("revoke", ApiError.alreadyAccepted))

/**
 * 429 `too_many_requests`: a rate limit of Clerk is used up for this duration, which Clerk rounds up to whole seconds.
 *
 * @since 0.1.0
 * @category constructors
 */
export const tooManyRequests = (
  retryAfter: Duration.DurationInput,
  operation: Operation = "create"
): TooManyRequests => {
  const seconds = Math.ceil(Duration.toSeconds(retryAfter))
  return new TooManyRequests({
    ...fieldsOf(operation, ApiError.tooManyRequests(seconds * 1000)),
    retryAfter: Option.some(Duration.seconds(seconds))
  })
}

/**
 * The outcome of a create is unknown: the connection was lost after the request was sent. `candidates` are the ids of
 * invitations that the create may have made, by default none. Throws if one is not a valid id.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ambiguousCreate = (
  emailAddresses: ReadonlyArray<string>,
  candidates: ReadonlyArray<InvitationId | string> = [],
  operation: "create" | "createBulk" = "create"
): AmbiguousWrite =>
  new AmbiguousWrite({
    operation,
    emailAddresses: Redacted.make(emailAddresses),
    id: Option.none(),
    candidates: candidates.map((id) => InvitationId.make(id)),
    lastFailure: new ConnectionError({ operation, reason: "Lost", code: Option.some("ECONNRESET") })
  })
