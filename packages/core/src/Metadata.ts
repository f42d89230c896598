/**
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Field from "./internal/schema/field.js"

/**
 * A JSON object. On sign-up Clerk copies it to the user's public metadata.
 *
 * @since 0.1.0
 * @category models
 * @see https://clerk.com/docs/users/metadata
 */
export type Metadata = { readonly [key: string]: unknown }

/**
 * Metadata as the methods accept it: {@link Metadata}, or a value of an interface, which TypeScript does not assign to
 * an index signature. Arrays, functions, dates, maps and strings are type errors. The compiler does not check nested
 * values: a value that {@link isMetadata} rejects fails with `InvalidRequest`.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { Effect } from "effect"
 *
 * interface Membership {
 *   readonly team: string
 * }
 *
 * const invite = (emailAddress: string, publicMetadata: Membership) =>
 *   Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress, publicMetadata }))
 * ```
 */
export type Input =
  | Metadata
  // Symbols tell built-in objects from plain ones without reserving a key of the caller.
  | (object & {
    readonly [Symbol.hasInstance]?: never
    readonly [Symbol.iterator]?: never
    readonly [Symbol.toPrimitive]?: never
    readonly [Symbol.toStringTag]?: never
  })

/**
 * The maximum nesting of metadata: 100 levels below the object itself. The limit also rejects cyclic objects.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxDepth = 100

/**
 * The maximum size of the metadata of an invitation: 8 KB, as 8192 bytes of JSON in UTF-8. Clerk rejects larger metadata with
 * 422 `form_param_exceeds_allowed_size`.
 *
 * @since 0.1.0
 * @category constants
 * @see https://clerk.com/docs/users/metadata
 */
export const maxSize = 8192

const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const isJson = (value: unknown, depth: number): boolean => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true
    case "number":
      return Number.isFinite(value)
    case "object":
      return value === null || (depth > 0 && isJsonContainer(value, depth - 1))
    default:
      return false
  }
}

const isJsonContainer = (value: object, depth: number): boolean =>
  Array.isArray(value)
    ? Array.from(value).every((item) => isJson(item, depth))
    : isPlainObject(value) && Object.getOwnPropertySymbols(value).length === 0 &&
      Object.values(value).every((item) => item === undefined || isJson(item, depth))

/**
 * Whether the value is an object that survives `JSON.stringify` without loss: plain objects, arrays, strings, finite
 * numbers, booleans and null, at most `maxDepth` levels deep. An `undefined` property counts as absent.
 *
 * @since 0.1.0
 * @category guards
 * @example
 * ```ts
 * import { Metadata } from "@effect-clerk/core"
 *
 * Metadata.isMetadata({ role: "admin", teams: ["a", "b"] }) // true
 * Metadata.isMetadata({ since: new Date(0) }) // false
 * ```
 */
export const isMetadata = (value: unknown): value is Metadata =>
  typeof value === "object" && value !== null && !Array.isArray(value) && isJsonContainer(value, maxDepth)

/**
 * The schema of {@link Metadata}. It rejects every value that {@link isMetadata} rejects, for example dates, functions,
 * `NaN` and cycles.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Metadata: Schema.Schema<Metadata> = Schema.declare(isMetadata).annotations({
  identifier: "Metadata",
  description: "a JSON object",
  jsonSchema: { type: "object", additionalProperties: true },
  arbitrary: () => (fc) => fc.dictionary(fc.string(), fc.jsonValue()),
  ...Field.mustBe(Field.metadataForm)
})

/**
 * Whether the JSON of metadata has at most {@link maxSize} bytes.
 *
 * @since 0.1.0
 * @category guards
 */
export const isWithinSize = (metadata: Metadata): boolean => {
  const { length } = JSON.stringify(metadata)
  // A UTF-16 code unit has one to three bytes in UTF-8.
  return length * 3 <= maxSize ||
    (length <= maxSize && new TextEncoder().encode(JSON.stringify(metadata)).length <= maxSize)
}

// Twice the depth of the metadata that this client sends.
const maxReceivedDepth = 2 * maxDepth

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null

// A loop, because a page of 500 rows decodes 4 % slower with `every` (bench row "decode").
const isWithinDepth = (value: unknown, depth: number): boolean => {
  if (!isObject(value)) return true
  if (depth < 0) return false
  for (const key in value) {
    if (!isWithinDepth(value[key], depth - 1)) return false
  }
  return true
}

/**
 * Whether a value that was parsed from JSON is metadata: an object, at most 200 levels deep. Functions that call
 * themselves for each level, `JSON.stringify` among them, fail on deeper values.
 *
 * @since 0.1.0
 * @category guards
 */
export const isReceivedMetadata = (value: unknown): value is Metadata =>
  Predicate.isRecord(value) && isWithinDepth(value, maxReceivedDepth)

/**
 * The schema of metadata in a response. It rejects every value that {@link isReceivedMetadata} rejects, and relies on
 * the value being parsed from JSON.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ReceivedMetadata: Schema.Schema<Metadata> = Schema.declare(isReceivedMetadata).annotations({
  identifier: "ReceivedMetadata",
  description: "a JSON object",
  jsonSchema: { type: "object", additionalProperties: true },
  arbitrary: () => (fc) => fc.dictionary(fc.string(), fc.jsonValue())
})

const definedKeys = (value: object): ReadonlyArray<string> =>
  Object.entries(value).flatMap(([key, item]) => item === undefined ? [] : [key])

const jsonEquals = (self: unknown, that: unknown): boolean => {
  if (typeof self !== "object" || typeof that !== "object" || self === null || that === null) {
    return self === that
  }
  if (Array.isArray(self) || Array.isArray(that)) {
    return Array.isArray(self) && Array.isArray(that) && self.length === that.length &&
      self.every((item, index) => jsonEquals(item, that[index]))
  }
  const keys = definedKeys(self)
  return keys.length === definedKeys(that).length &&
    keys.every((key) => Object.hasOwn(that, key) && jsonEquals(Reflect.get(self, key), Reflect.get(that, key)))
}

/**
 * Whether two metadata objects are equal as JSON: the order of keys is irrelevant, and an `undefined` property counts
 * as absent.
 *
 * @since 0.1.0
 * @category utils
 */
export const equals: (self: Input, that: Input) => boolean = jsonEquals
