import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"

import type { InvitationId } from "../Invitation.js"
import { Invitation } from "../Invitation.js"
import type { Metadata } from "../Metadata.js"
import { hiddenLink } from "./hiddenLink.js"
import { idPattern } from "./idPattern.js"
import { instances } from "./instances.js"

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

const timePrototype: unknown = Object.getPrototypeOf(DateTime.unsafeMake(0))

const Time = instances<[epochMillis: number], DateTime.Utc>(timePrototype, function(epochMillis) {
  // There is no -0 in time.
  this.epochMillis = epochMillis + 0
})

const PlainInvitation = instances<[row: PlainRow], Invitation>(Invitation.prototype, function(row) {
  this.object = row.object
  this.id = row.id
  this.emailAddress = row.email_address
  this.publicMetadata = row.public_metadata
  this.status = row.status
  this.revoked = row.revoked
  this.url = hiddenLink(row.url)
  this.expiresAt = Option.some(new Time(row.expires_at))
  this.createdAt = new Time(row.created_at)
  this.updatedAt = new Time(row.updated_at)
})

/**
 * The invitation of a plain row: what the schema decodes it to, many times as fast.
 */
export const fromPlainRow = (row: PlainRow): Invitation => new PlainInvitation(row)
