/**
 * @since 0.1.0
 */
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { ReceivedMetadata } from "./Metadata.js"

/**
 * The error codes that Clerk documents for invitations.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/errors/backend-api
 */
export const KnownErrorCode = Schema.Literal(
  "api_version_invalid",
  "authentication_invalid",
  "authorization_header_format_invalid",
  "authorization_invalid",
  "bad_request",
  "bulk_size_exceeded",
  "clerk_key_invalid",
  "conflict",
  "dev_monthly_email_limit_exceeded",
  "duplicate_record",
  "form_identifier_exists",
  "form_param_exceeds_allowed_size",
  "form_param_format_invalid",
  "form_param_missing",
  "form_param_type_invalid",
  "form_param_unknown",
  "form_param_value_invalid",
  "form_param_value_too_large",
  "internal_clerk_error",
  "invitation_already_accepted",
  "invitation_already_revoked",
  "invitations_not_supported",
  "malformed_request_parameters",
  "not_allowed_access",
  "quota_exceeded",
  "request_body_invalid",
  "request_body_too_large",
  "request_invalid_for_instance",
  "resource_locked",
  "resource_not_found",
  "revoked_invitation",
  "service_unavailable",
  "too_many_requests",
  "unsupported_content_type",
  "unsupported_subscription_plan_features"
).annotations({ identifier: "KnownErrorCode" })

/**
 * @since 0.1.0
 * @category models
 */
export type KnownErrorCode = typeof KnownErrorCode.Type

/**
 * The error codes with which a whole instance refuses: every other create would be refused too, until the instance, its
 * plan or its key changes.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/errors/backend-api
 */
export const InstanceRefusalCode = Schema.Literal(
  "authorization_invalid",
  "dev_monthly_email_limit_exceeded",
  "invitations_not_supported",
  "quota_exceeded",
  "request_invalid_for_instance",
  "unsupported_subscription_plan_features"
).annotations({ identifier: "InstanceRefusalCode" })

/**
 * @since 0.1.0
 * @category models
 */
export type InstanceRefusalCode = typeof InstanceRefusalCode.Type

/**
 * The code of a received error. The set is open, so that a code that Clerk adds later does not fail the decoding.
 *
 * @since 0.1.0
 * @category models
 */
export type ErrorCode = KnownErrorCode | (string & {})

const ErrorCode: Schema.Schema<ErrorCode, string> = Schema.String

// For example `email_address` or `[3].public_metadata.name`. Text of another form could be personal or secret.
const fieldPath = /^(?:\[\d{1,3}\]\.)?[a-z_]{1,32}(?:\[\d{1,3}\]|\.[a-z_]{1,32}){0,3}$/i

// The encoded fields. `message`, `longMessage` and `meta` are not among them, because they can contain addresses.
class ErrorDetailFields extends Schema.Class<ErrorDetailFields>("@effect-clerk/core/ErrorDetailFields")({
  /** The error code, for programs. */
  code: ErrorCode,
  /** The field of the request that the error is about; `None` if Clerk names no field. */
  paramName: Schema.optionalWith(Schema.String.pipe(Schema.pattern(fieldPath)), { as: "Option" }).pipe(
    Schema.withConstructorDefault(() => Option.none())
  )
}) {}

/**
 * One entry of `errors` in Clerk's error response.
 *
 * `message`, `longMessage` and `meta` may contain addresses. Read them as properties; `toJSON`, `toString`, `inspect` and
 * the encoded form contain only the code and the name of the field.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/errors/overview
 */
export class ErrorDetail extends ErrorDetailFields.transformOrFail<ErrorDetail>("@effect-clerk/core/ErrorDetail")({
  /** Clerk's short message, for people; an empty string if Clerk sent none. */
  message: Schema.String,
  /** Clerk's long message, for people; an empty string if Clerk sent none. */
  longMessage: Schema.String,
  /** Further data of the error, for example `email_addresses` or `resets_in`; `{}` if Clerk sent none. */
  meta: ReceivedMetadata
}, {
  decode: (fields) => ParseResult.succeed({ ...fields, message: "", longMessage: "", meta: {} }),
  encode: ({ code, paramName }) => ParseResult.succeed({ code, paramName })
}) {
  /**
   * The code if it is 1 to 64 word characters, otherwise `"unknown reason"`. Safe to log.
   *
   * @since 0.1.0
   */
  get safeCode(): string {
    return /^\w{1,64}$/.test(this.code) ? this.code : "unknown reason"
  }

  /**
   * The code if Clerk documents it; `None` if this version does not know it. Use it where a match must be exhaustive.
   *
   * @since 0.1.0
   */
  get knownCode(): Option.Option<KnownErrorCode> {
    return Option.liftPredicate(this.code, Schema.is(KnownErrorCode))
  }

  /**
   * The addresses that the error is about: `email_addresses` of `meta`, or `identifiers` if access is not allowed. Empty if
   * Clerk names no address.
   *
   * @since 0.1.0
   */
  get emailAddresses(): ReadonlyArray<string> {
    const { email_addresses: emailAddresses, identifiers } = this.meta
    const named = emailAddresses ?? (this.code === "not_allowed_access" ? identifiers : undefined)
    return Array.isArray(named) ? named.filter(Predicate.isString) : []
  }

  /**
   * @since 0.1.0
   */
  toJSON(): unknown {
    return {
      code: this.safeCode,
      ...Option.match(this.paramName, { onNone: () => ({}), onSome: (paramName) => ({ paramName }) })
    }
  }

  /**
   * @since 0.1.0
   */
  override toString(): string {
    return Inspectable.format(this.toJSON())
  }

  /**
   * @since 0.1.0
   */
  [Inspectable.NodeInspectSymbol](): unknown {
    return this.toJSON()
  }
}
