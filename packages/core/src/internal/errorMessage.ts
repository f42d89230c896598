import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { ErrorDetail } from "../ErrorDetail.js"

const byCode = new Map(Object.entries({
  authentication_invalid: "the secret key is not valid",
  authorization_header_format_invalid: "the authorization header is malformed",
  authorization_invalid: "the secret key may not do this",
  bulk_size_exceeded: "a bulk call takes at most 10 invitations",
  clerk_key_invalid: "the secret key is not valid; check CLERK_SECRET_KEY",
  conflict: "it clashes with something else that is going on",
  duplicate_record: "a pending invitation exists already; pass ignoreExisting to create another",
  form_identifier_exists: "an address belongs to a user already",
  form_param_format_invalid: "a field is malformed",
  form_param_missing: "a field is missing",
  form_param_type_invalid: "a field has the wrong type",
  form_param_unknown: "a field is not known to Clerk",
  form_param_value_invalid: "a field has a value that is not allowed",
  form_param_value_too_large: "a field is too large",
  internal_clerk_error: "Clerk had an internal error",
  invitation_already_accepted: "the invitation has been accepted already",
  invitation_already_revoked: "the invitation has been revoked already",
  invitations_not_supported: "this instance does not support invitations",
  not_allowed_access: "access is not allowed",
  quota_exceeded: "the quota of this instance is used up",
  request_body_invalid: "the body of the request is not valid",
  resource_locked: "somebody else is changing it just now",
  resource_not_found: "there is no such invitation",
  revoked_invitation: "the invitation is revoked",
  service_unavailable: "Clerk is not available just now",
  too_many_requests: "too many requests; Clerk asks to wait"
}))

const byStatus = (status: number): string =>
  status >= 500 ? "Clerk, or a gateway in front of it, had a problem" : "Clerk gave no reason"

const detail = (error: ErrorDetail): string =>
  `${byCode.get(error.code) ?? error.safeCode}${
    Option.match(error.paramName, { onNone: () => "", onSome: (name) => ` (${name})` })
  }`

/**
 * The trace id, where there is one, to end a message with.
 */
export const traceSuffix = (traceId: Option.Option<string>): string =>
  Option.match(traceId, { onNone: () => "", onSome: (id) => ` [trace id ${id}]` })

/**
 * The message of an error that Clerk answered with. Built from codes and field names only: what Clerk writes for people
 * quotes addresses.
 */
export const apiErrorMessage = (error: {
  readonly operation: string
  readonly status: number
  readonly errors: ReadonlyArray<ErrorDetail>
  readonly traceId: Option.Option<string>
}): string => {
  const reasons = new Set(error.errors.map(detail))
  const reason = reasons.size === 0 ? byStatus(error.status) : [...reasons].join("; ")
  return `Clerk answered ${error.operation} with status ${error.status}: ${reason}${traceSuffix(error.traceId)}`
}

/**
 * A duration for people.
 */
export const duration = (value: Duration.Duration): string =>
  Number.isSafeInteger(Math.round(Duration.toMillis(value))) ? Duration.format(value) : "a very long time"

/**
 * How long to wait, where that is known, to end a message with.
 */
export const retryAfterSuffix = (retryAfter: Option.Option<Duration.Duration>): string =>
  Option.match(retryAfter, { onNone: () => "", onSome: (value) => ` (retry after ${duration(value)})` })
