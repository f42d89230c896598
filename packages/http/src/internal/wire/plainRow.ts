import type { InvitationId } from "@effect-clerk/core/Invitation"
import { Invitation, isInvitationId } from "@effect-clerk/core/Invitation"
import type { Metadata } from "@effect-clerk/core/Metadata"
import { isReceivedMetadata } from "@effect-clerk/core/Metadata"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as AcceptLink from "./acceptLink.js"
import { unsafeConstructor } from "./unsafeConstructor.js"

/**
 * A row as Clerk nearly always sends it: a created invitation has no `revoked`, a revoked one has no `url`. The fast
 * decoder reads these rows, the schema reads all others.
 */
export interface PlainRow {
  readonly object: "invitation"
  readonly id: InvitationId
  readonly email_address: string
  readonly public_metadata?: Metadata | null | undefined
  readonly status: string
  readonly revoked?: boolean | null
  readonly url?: string | null | undefined
  readonly expires_at?: number | null | undefined
  readonly created_at: number
  readonly updated_at: number
}

const isTime = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= -8.64e15 && value <= 8.64e15

/**
 * Whether a row qualifies for the fast decoder. Must never accept a row that the schema rejects.
 */
export const isPlainRow = (row: unknown): row is PlainRow =>
  Predicate.isRecord(row) &&
  row["object"] === "invitation" &&
  isInvitationId(row["id"]) &&
  typeof row["email_address"] === "string" &&
  typeof row["status"] === "string" &&
  // The schema rejects `undefined`.
  (typeof row["revoked"] === "boolean" || row["revoked"] === null || !("revoked" in row)) &&
  (Predicate.isNullable(row["url"]) || typeof row["url"] === "string") &&
  (Predicate.isNullable(row["expires_at"]) || isTime(row["expires_at"])) &&
  isTime(row["created_at"]) &&
  isTime(row["updated_at"]) &&
  (Predicate.isNullable(row["public_metadata"]) || isReceivedMetadata(row["public_metadata"]))

const timePrototype: unknown = Object.getPrototypeOf(DateTime.unsafeMake(0))

const Time = unsafeConstructor<[epochMillis: number], DateTime.Utc>(timePrototype, function(epochMillis) {
  // Turns -0 into 0, as `DateTime.unsafeMake` does.
  this.epochMillis = epochMillis + 0
})

const SomeTime = unsafeConstructor<[epochMillis: number], Option.Some<DateTime.Utc>>(
  Object.getPrototypeOf(Option.some(0)),
  function(epochMillis) {
    this.value = new Time(epochMillis)
  }
)

const PlainInvitation = unsafeConstructor<[row: PlainRow], Invitation>(Invitation.prototype, function(row) {
  this.id = row.id
  this.emailAddress = row.email_address
  this.publicMetadata = row.public_metadata ?? {}
  this.status = row.status
  if (Predicate.isNotNullable(row.revoked)) this.revoked = row.revoked
  this.url = Predicate.isNullable(row.url) ? Option.none() : AcceptLink.some(row.url)
  this.expiresAt = Predicate.isNullable(row.expires_at) ? Option.none() : new SomeTime(row.expires_at)
  this.createdAt = new Time(row.created_at)
  this.updatedAt = row.updated_at === row.created_at ? this.createdAt : new Time(row.updated_at)
})

/**
 * Decodes a plain row to the invitation that the schema decodes it to.
 */
export const fromPlainRow = (row: PlainRow): Invitation => new PlainInvitation(row)
