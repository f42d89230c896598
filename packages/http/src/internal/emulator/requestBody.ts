import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { maxBulkSize } from "@effect-clerk/core/CreateInvitation"
import * as Metadata from "@effect-clerk/core/Metadata"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import { CreateBody, toCreateBody } from "../wire/request.js"
import * as ApiError from "./apiError.js"

const parseJson = (text: string): Either.Either<unknown, ApiError.ApiError> =>
  Either.try({ try: (): unknown => JSON.parse(text), catch: () => ApiError.bodyInvalid })

// The schema recurses into the values, so nesting without a limit would exhaust the stack. Metadata may have 100 levels.
const maxDepth = 1000

const isShallow = (value: unknown, depth = maxDepth): boolean =>
  typeof value !== "object" || value === null ||
  (depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1)))

const valueAt = (value: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>((inner, key) => Predicate.isObject(inner) ? Reflect.get(inner, key) : undefined, value)

// Errors of fields whose JSON type is right. The key is the name of the field and its type.
const invalidValueCodes: { readonly [name: string]: ApiError.ParamCode } = {
  "email_address:string": "form_param_format_invalid",
  "redirect_url:string": "form_param_format_invalid",
  "template_slug:string": "form_param_value_invalid",
  "expires_in_days:number": "form_param_value_invalid"
}

const codeOf = (issue: ParseResult.ArrayFormatterIssue, name: string, value: unknown): ApiError.ParamCode => {
  if (issue._tag === "Missing") return "form_param_missing"
  return name === "public_metadata" && Metadata.isMetadata(value)
    ? "form_param_exceeds_allowed_size"
    : invalidValueCodes[`${name}:${typeof value}`] ?? "form_param_type_invalid"
}

const fromIssue = (body: unknown) => (issue: ParseResult.ParseIssue): ApiError.ApiError => {
  const [first] = ParseResult.ArrayFormatter.formatIssueSync(issue)
  const name = first?.path.filter(Predicate.isString)[0]
  return first === undefined || name === undefined
    ? ApiError.bodyInvalid
    : ApiError.param(codeOf(first, name, valueAt(body, first.path)), name)
}

const decodeRequest = ParseResult.decodeUnknownEither(CreateBody)

const fieldNames: ReadonlySet<string> = new Set(Object.keys(toCreateBody({ emailAddress: "" })))

const readRequest = (body: unknown): Either.Either<CreateInvitation, ApiError.ApiError> => {
  if (!Predicate.isRecord(body)) return Either.left(ApiError.bodyInvalid)
  // Clerk reads null as absent, except for the address.
  const isPresent = (value: unknown, name: string): boolean => value !== null || name === "email_address"
  // First, because a body of 1 MB may have 100,000 fields.
  const unknown = Object.keys(body).find((name) => !fieldNames.has(name) && isPresent(body[name], name))
  if (unknown !== undefined) return Either.left(ApiError.param("form_param_unknown", unknown))
  if (!isShallow(body)) return Either.left(ApiError.bodyInvalid)
  return Either.mapLeft(decodeRequest(Record.filter(body, isPresent)), fromIssue(body))
}

/**
 * Parses the body of a create; an empty body is one without fields. The left is the error that Clerk responds with.
 */
export const readCreate = (text: string): Either.Either<CreateInvitation, ApiError.ApiError> =>
  Either.flatMap(parseJson(text.trim() === "" ? "{}" : text), readRequest)

/**
 * Parses the body of a bulk create. The left is the error that Clerk responds with.
 */
export const readCreateBulk = (text: string): Either.Either<ReadonlyArray<CreateInvitation>, ApiError.ApiError> =>
  Either.flatMap(parseJson(text), (body) => {
    if (!Array.isArray(body) || body.length === 0) return Either.left(ApiError.bodyInvalid)
    if (body.length > maxBulkSize) return Either.left(ApiError.bulkSizeExceeded(maxBulkSize))
    return Either.all(body.map(readRequest))
  })
