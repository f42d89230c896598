import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CreateInvitation } from "../../CreateInvitation.js"
import type { ErrorDetail } from "../../ErrorDetail.js"
import { InstanceRefusalCode } from "../../ErrorDetail.js"
import {
  BadRequest,
  ClientError,
  Conflict,
  Forbidden,
  InvalidRequest,
  NotFound,
  Unauthorized,
  Unprocessable
} from "../../InvitationError.js"

/**
 * The errors with which Clerk refuses a request.
 */
export const InstanceRefusal = Schema.Union(
  Unauthorized,
  Forbidden,
  BadRequest,
  Unprocessable,
  NotFound,
  Conflict,
  ClientError
)

/**
 * An error that would meet every other request too.
 */
export type InstanceRefusal = typeof InstanceRefusal.Type

/**
 * Errors that end a job. Its inputs are valid, so a primitive's `InvalidRequest` concerns an option of the layer, for
 * example a malformed secret key.
 */
export type Fatal = InstanceRefusal | InvalidRequest

/**
 * Whether Clerk refused a request, rather than the connection or a limit.
 */
export const isRefusal: (error: unknown) => error is InstanceRefusal = Schema.is(InstanceRefusal)

const isInstanceCode = Schema.is(InstanceRefusalCode)

const hasDetail = (error: InstanceRefusal, predicate: (detail: ErrorDetail) => boolean): boolean =>
  error.errors.some(predicate)

/**
 * Whether the error alone tells that it would meet every other request too. A 403 `not_allowed_access` concerns one
 * address.
 */
export const isFatal = (
  error: unknown
): error is InvalidRequest | Unauthorized | Forbidden | BadRequest | ClientError =>
  error instanceof Unauthorized ||
  error instanceof InvalidRequest ||
  (error instanceof Forbidden && !hasDetail(error, ({ code }) => code === "not_allowed_access")) ||
  ((error instanceof BadRequest || error instanceof ClientError) &&
    hasDetail(error, ({ code }) => isInstanceCode(code)))

const addressCodes: ReadonlySet<string> = new Set(["duplicate_record", "form_identifier_exists", "not_allowed_access"])

// `[3].public_metadata.name` is about the field `public_metadata`.
const fieldOf = (paramName: string): string => /^(?:\[\d+\]\.)?(\w+)/.exec(paramName)?.[1] ?? paramName

const toCamelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

const valueOf = (request: CreateInvitation, field: string): string | undefined =>
  JSON.stringify(new Map(Object.entries(request)).get(toCamelCase(field)))

/**
 * What a refusal may have in common with the refusal of every other request.
 */
export interface Common {
  /** The status, the codes, and the value of the field that the refusal names. */
  readonly key: string
  /** How many single creates must be refused alike, after a batch was, to prove it. */
  readonly refusals: number
}

// Without a field, the refusal of one single create may still be about its address.
const refusalsWithoutField = 3

/**
 * `None` if the refusal is about the address, or about a field that differs among the requests.
 */
export const commonOf = (
  requests: ReadonlyArray<CreateInvitation>,
  error: InstanceRefusal
): Option.Option<Common> => {
  const fields = error.errors.flatMap(({ paramName }) => Option.toArray(Option.map(paramName, fieldOf)))
  if (fields.includes("email_address") || hasDetail(error, ({ code }) => addressCodes.has(code))) return Option.none()
  const values = fields.map((field) => Arr.dedupe(requests.map((request) => valueOf(request, field))))
  if (values.some((distinct) => distinct.length > 1)) return Option.none()
  return Option.some({
    key: JSON.stringify([error.status, error.errors.map(({ code }) => code), fields, values]),
    refusals: values.some(([value]) => value !== undefined) ? 1 : refusalsWithoutField
  })
}
