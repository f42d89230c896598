import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { ErrorDetail } from "../ErrorDetail.js"

const byCode = new Map(Object.entries({
  api_version_invalid: "the API version is not supported; check apiVersion",
  authentication_invalid: "the secret key is invalid",
  authorization_header_format_invalid: "the Authorization header is malformed",
  authorization_invalid: "the secret key has no permission for this call",
  bulk_size_exceeded: "a bulk call takes at most 10 invitations",
  clerk_key_invalid: "the secret key is invalid; check CLERK_SECRET_KEY",
  conflict: "it conflicts with a concurrent change",
  dev_monthly_email_limit_exceeded: "the instance has sent all e-mails that a development instance may send in a month",
  duplicate_record: "a pending invitation exists already; pass ignoreExisting to create another",
  form_identifier_exists: "an address belongs to a user already",
  form_param_exceeds_allowed_size: "a field exceeds the allowed size",
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
  malformed_request_parameters: "the parameters of the request are malformed",
  not_allowed_access: "access is not allowed for this instance or address",
  quota_exceeded: "the quota of this instance is used up",
  request_body_invalid: "the request body is invalid",
  request_body_too_large: "the request body is too large",
  request_invalid_for_instance: "the settings of the instance do not allow this call",
  resource_locked: "another request is changing the same resource",
  resource_not_found: "the invitation does not exist",
  revoked_invitation: "the invitation is revoked",
  service_unavailable: "Clerk is temporarily unavailable",
  too_many_requests: "too many requests; Clerk asks to wait",
  unsupported_content_type: "Clerk does not accept the content type of the request",
  unsupported_subscription_plan_features: "the plan of the instance does not include this feature"
}))

const byStatus = (status: number): string =>
  status >= 500 ? "Clerk, or a gateway in front of it, failed" : "Clerk gave no reason"

const describe = (detail: ErrorDetail): string =>
  `${byCode.get(detail.code) ?? detail.safeCode}${
    Option.match(detail.paramName, { onNone: () => "", onSome: (name) => ` (${name})` })
  }`

/**
 * The end of a message: ` [trace id …]`, or an empty string.
 */
export const traceSuffix = (traceId: Option.Option<string>): string =>
  Option.match(traceId, { onNone: () => "", onSome: (id) => ` [trace id ${id}]` })

/**
 * A duration as text, for example `1m 30s`; "a very long time" beyond the safe integers of milliseconds.
 */
export const duration = (value: Duration.Duration): string =>
  Number.isSafeInteger(Math.round(Duration.toMillis(value))) ? Duration.format(value) : "a very long time"

/**
 * The end of a message: ` (retry after …)`, or an empty string.
 */
export const retryAfterSuffix = (retryAfter: Option.Option<Duration.Duration>): string =>
  Option.match(retryAfter, { onNone: () => "", onSome: (value) => ` (retry after ${duration(value)})` })

/**
 * The message of an API error. It is built from codes and field names only, because Clerk's own messages contain
 * addresses.
 */
export const apiErrorMessage = (error: {
  readonly operation: string
  readonly status: number
  readonly errors: ReadonlyArray<ErrorDetail>
  readonly traceId: Option.Option<string>
  readonly retryAfter?: Option.Option<Duration.Duration>
}): string => {
  const reasons = Array.from(new Set(error.errors.map(describe)))
  const reason = reasons.length === 0 ? byStatus(error.status) : reasons.join("; ")
  return `Clerk answered ${error.operation} with status ${error.status}: ${reason}` +
    traceSuffix(error.traceId) + retryAfterSuffix(error.retryAfter ?? Option.none())
}
