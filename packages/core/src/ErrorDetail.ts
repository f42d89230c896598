/**
 * @since 0.1.0
 */
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { ReceivedMetadata } from "./Metadata.js"

/**
 * The error codes that Clerk documents for invitations. The set is open: any other string is accepted too.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/errors/backend-api
 */
export type ErrorCode =
  | "authentication_invalid"
  | "authorization_header_format_invalid"
  | "authorization_invalid"
  | "bad_request"
  | "bulk_size_exceeded"
  | "clerk_key_invalid"
  | "conflict"
  | "duplicate_record"
  | "form_identifier_exists"
  | "form_param_format_invalid"
  | "form_param_missing"
  | "form_param_type_invalid"
  | "form_param_unknown"
  | "form_param_value_invalid"
  | "form_param_value_too_large"
  | "internal_clerk_error"
  | "invitation_already_accepted"
  | "invitation_already_revoked"
  | "invitations_not_supported"
  | "not_allowed_access"
  | "quota_exceeded"
  | "request_body_invalid"
  | "resource_locked"
  | "resource_not_found"
  | "revoked_invitation"
  | "service_unavailable"
  | "too_many_requests"
  | (string & {})

const ErrorCode: Schema.Schema<ErrorCode, string> = Schema.String

/**
 * One entry of `errors` in Clerk's error response.
 *
 * `message`, `longMessage` and `meta` may contain addresses. Read them as properties; `toJSON`, `toString` and
 * `inspect` show only the code and the name of the field.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/errors/overview
 */
export class ErrorDetail extends Schema.Class<ErrorDetail>("@effect-clerk/core/ErrorDetail")({
  /** The error code, for programs. */
  code: ErrorCode,
  /** Clerk's short message, for people. Defaults to an empty string. */
  message: Schema.optionalWith(Schema.String, { default: () => "", nullable: true }),
  /** Clerk's long message, for people. Defaults to an empty string. */
  longMessage: Schema.optionalWith(Schema.String, { default: () => "", nullable: true }).pipe(
    Schema.fromKey("long_message")
  ),
  /** Further data of the error, for example `param_name`, `email_addresses` or `resets_in`. Defaults to `{}`. */
  meta: Schema.optionalWith(ReceivedMetadata, {
    default: () => ({}),
    nullable: true
  })
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
   * The field of the request that the error is about; `None` if Clerk names no field.
   *
   * @since 0.1.0
   */
  get paramName(): Option.Option<string> {
    const name = this.meta["param_name"]
    return typeof name === "string" && /^[\w.[\]-]{1,64}$/.test(name) ? Option.some(name) : Option.none()
  }

  /**
   * The addresses that the error is about; empty if Clerk names no address.
   *
   * @since 0.1.0
   */
  get emailAddresses(): ReadonlyArray<string> {
    const addresses = this.meta["email_addresses"]
    return Array.isArray(addresses) ? addresses.filter(Predicate.isString) : []
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
