import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type { InvitationId } from "../../Invitation.js"
import { Invitation } from "../../Invitation.js"
import type { Metadata } from "../../Metadata.js"
import { idPattern } from "./field.js"

/**
 * A row that looks as Clerk's nearly always do: every field is there, and none has to be turned into another.
 */
export interface PlainRow {
  readonly object: "invitation"
  readonly id: InvitationId
  readonly email_address: string
  readonly public_metadata: Metadata
  readonly status: string
  readonly revoked: boolean
  readonly url: string
  readonly expires_at: number
  readonly created_at: number
  readonly updated_at: number
}

const isId = (value: unknown): value is InvitationId => typeof value === "string" && idPattern.test(value)

const isTime = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= -8.64e15 && value <= 8.64e15

/**
 * Whether a row is plain. It must accept nothing that the schema refuses.
 */
export const isPlainRow = (row: unknown): row is PlainRow =>
  Predicate.isRecord(row) &&
  row["object"] === "invitation" &&
  isId(row["id"]) &&
  typeof row["email_address"] === "string" &&
  typeof row["status"] === "string" &&
  typeof row["revoked"] === "boolean" &&
  typeof row["url"] === "string" &&
  isTime(row["expires_at"]) &&
  isTime(row["created_at"]) &&
  isTime(row["updated_at"]) &&
  Predicate.isRecord(row["public_metadata"])

/**
 * A constructor of instances with this prototype that assigns the fields and does nothing else: no copies, no checks. Whoever
 * uses it proves by a property test that they equal what the proper constructor makes.
 */
const unsafeConstructor = <Args extends ReadonlyArray<unknown>, A extends object>(
  prototype: unknown,
  assign: (this: { -readonly [K in keyof A]: A[K] }, ...args: Args) => void
): new(...args: Args) => A => {
  const constructor: unknown = assign
  assign.prototype = prototype
  // eslint-disable-next-line no-restricted-syntax -- TypeScript knows no function as a constructor; its prototype is the one given.
  return constructor as new(...args: Args) => A
}

/**
 * `Option.some` of a `Redacted`, which is made when it is first looked at. Few links ever are, while making a `Redacted` costs
 * as much as all the rest of an invitation. Until then the link is in a private field, which nothing prints.
 */
class LazyRedacted {
  readonly #link: string
  #redacted: Redacted.Redacted | undefined
  constructor(link: string) {
    this.#link = link
  }
  get value(): Redacted.Redacted {
    return this.#redacted ??= Redacted.make(this.#link)
  }
}

const some: unknown = Object.getPrototypeOf(Option.some(0))
if (typeof some === "object") Object.setPrototypeOf(LazyRedacted.prototype, some)

/**
 * The option of a link.
 */
const lazyRedactedOption = (link: string): Option.Option<Redacted.Redacted> => {
  const hidden: unknown = new LazyRedacted(link)
  // eslint-disable-next-line no-restricted-syntax -- It has the prototype of a Some, and the value is what the type says.
  return hidden as Option.Option<Redacted.Redacted>
}

const timePrototype: unknown = Object.getPrototypeOf(DateTime.unsafeMake(0))

const Time = unsafeConstructor<[epochMillis: number], DateTime.Utc>(timePrototype, function(epochMillis) {
  // There is no -0 in time.
  this.epochMillis = epochMillis + 0
})

const PlainInvitation = unsafeConstructor<[row: PlainRow], Invitation>(Invitation.prototype, function(row) {
  this.object = row.object
  this.id = row.id
  this.emailAddress = row.email_address
  this.publicMetadata = row.public_metadata
  this.status = row.status
  this.revoked = row.revoked
  this.url = lazyRedactedOption(row.url)
  this.expiresAt = Option.some(new Time(row.expires_at))
  this.createdAt = new Time(row.created_at)
  this.updatedAt = new Time(row.updated_at)
})

/**
 * The invitation of a plain row: what the schema decodes it to, many times as fast.
 */
export const fromPlainRow = (row: PlainRow): Invitation => new PlainInvitation(row)
