import type { InstanceRefusalCode } from "@effect-clerk/core/ErrorDetail"

/**
 * An error response of Clerk: its status, and the single entry of `errors` in its body.
 */
export interface ApiError {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly longMessage: string
  readonly meta: { readonly [key: string]: unknown }
  /** The `Retry-After` header. */
  readonly retryAfter?: string | undefined
}

const apiError = (
  status: number,
  code: string,
  message: string,
  longMessage: string = message,
  meta: ApiError["meta"] = {}
): ApiError => ({ status, code, message, longMessage, meta })

export const duplicateRecord = (emailAddresses: ReadonlyArray<string>): ApiError =>
  apiError(
    400,
    "duplicate_record",
    "duplicate invitation",
    `There are already pending invitations for the following email addresses: ${emailAddresses.join(", ")}`,
    { email_addresses: emailAddresses }
  )

// Which address of a bulk create belongs to a user is not told.
export const userExists: ApiError = apiError(
  422,
  "form_identifier_exists",
  "That email address is taken. Please try another.",
  "That email address is taken. Please try another.",
  { param_name: "email_address" }
)

export const notAllowed = (identifiers: ReadonlyArray<string>): ApiError =>
  apiError(
    403,
    "not_allowed_access",
    "Access not allowed.",
    `${identifiers.join(", ")} is not allowed to access this application.`,
    { identifiers }
  )

const instanceRefusals: { readonly [code in InstanceRefusalCode]: ApiError } = {
  dev_monthly_email_limit_exceeded: apiError(
    400,
    "dev_monthly_email_limit_exceeded",
    "Monthly email limit exceeded",
    "You have reached your monthly limit of 100 emails for this development instance.",
    { dev_monthly_email_limit: 100 }
  ),
  invitations_not_supported: apiError(
    400,
    "invitations_not_supported",
    "Invitations are not supported on this instance"
  ),
  request_invalid_for_instance: apiError(
    400,
    "request_invalid_for_instance",
    "Request is not valid for this instance"
  ),
  unsupported_subscription_plan_features: apiError(
    402,
    "unsupported_subscription_plan_features",
    "Unsupported plan features",
    "Some features are not supported in your current plan.",
    { unsupported_features: ["invitations"] }
  ),
  quota_exceeded: apiError(403, "quota_exceeded", "Quota exceeded", "You have reached the quota of this instance."),
  authorization_invalid: apiError(
    403,
    "authorization_invalid",
    "Unauthorized request",
    "You are not authorized to perform this request."
  )
}

/**
 * The error with which an instance refuses every create.
 */
export const instanceRefusal = (code: InstanceRefusalCode): ApiError => instanceRefusals[code]

export const notFound = (id: string): ApiError =>
  apiError(404, "resource_not_found", "not found", `No invitation was found with id ${id}.`)

export const alreadyRevoked: ApiError = apiError(
  400,
  "invitation_already_revoked",
  "Invitation is already revoked."
)

export const alreadyAccepted: ApiError = apiError(
  400,
  "invitation_already_accepted",
  "Invitation is already accepted."
)

export const bulkSizeExceeded = (limit: number): ApiError =>
  apiError(
    400,
    "bulk_size_exceeded",
    "bulk size exceeded",
    `Parameters exceed the maximum allowed bulk processing size of ${limit}.`
  )

export const bodyInvalid: ApiError = apiError(
  400,
  "request_body_invalid",
  "request body invalid",
  "The request body is not the JSON that is expected"
)

export const bodyTooLarge: ApiError = apiError(
  413,
  "request_body_too_large",
  "request body too large",
  "The request body is larger than 1 MB"
)

// Clerk has no such error: it names the setting of the emulator.
export const hostNotAllowed: ApiError = apiError(
  403,
  "host_not_allowed",
  "host not allowed",
  "The emulator rejects this Host header. Allow the name with the option allowedHosts or the flag --allowed-host"
)

export const unsupportedContentType: ApiError = apiError(
  415,
  "unsupported_content_type",
  "unsupported content type",
  "The request body must be sent as application/json."
)

const paramMessages = {
  form_param_missing: ["is missing", (name: string) => `${name} must be included.`],
  form_param_unknown: ["is unknown", (name: string) => `${name} is not a valid parameter for this request.`],
  form_param_format_invalid: [
    "is invalid",
    (name: string) => `${name} must be a valid ${name === "email_address" ? "email address" : "URL"}.`
  ],
  form_param_type_invalid: ["is invalid", (name: string) => `${name} does not have the right type.`],
  form_param_value_invalid: ["is invalid", (name: string) => `${name} does not match one of the allowed values.`],
  form_param_exceeds_allowed_size: [
    "exceeds allowed size",
    (name: string) => `${name} exceeds the maximum allowed size of 8 KB.`
  ]
} as const

export type ParamCode = keyof typeof paramMessages

export const param = (code: ParamCode, name: string): ApiError => {
  const [message, longMessage] = paramMessages[code]
  return apiError(422, code, message, longMessage(name), { param_name: name })
}

export const tooManyRequests = (millis: number): ApiError => {
  const seconds = Math.ceil(millis / 1000)
  return {
    ...apiError(
      429,
      "too_many_requests",
      "Too many requests. Please try again in a bit.",
      "Too many requests. Please try again in a bit.",
      { resets_in: seconds }
    ),
    retryAfter: String(seconds)
  }
}

export const authorizationHeaderInvalid: ApiError = apiError(
  401,
  "authorization_header_format_invalid",
  "Invalid Authorization header format",
  "Invalid Authorization header format. Must be \"Bearer <YOUR_API_KEY>\""
)

export const keyInvalid: ApiError = apiError(
  401,
  "clerk_key_invalid",
  "The provided Clerk Secret Key is invalid",
  "The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct."
)

export const status = (code: number, errorCode: string): ApiError => apiError(code, errorCode, errorCode)

/**
 * The entry of `errors` in the body.
 */
export const toRow = ({ code, longMessage, message, meta }: ApiError): unknown => ({
  message,
  long_message: longMessage,
  code,
  meta
})

/**
 * The body that Clerk sends, before it is serialized.
 */
export const toJson = (error: ApiError, traceId: string): unknown => ({
  errors: [toRow(error)],
  clerk_trace_id: traceId
})

/**
 * The JSON body of an error response.
 */
export const body = (error: ApiError, traceId: string): string => JSON.stringify(toJson(error, traceId))
