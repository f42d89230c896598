import type { InvitationId } from "@effect-clerk/core/Invitation"
import { InvitationId as InvitationIdSchema } from "@effect-clerk/core/Invitation"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { CampaignState, PersonState } from "../../../../InviteCampaign.js"
import { StoreError } from "../../../../InviteCampaignError.js"
import type { CampaignRow, PersonRow } from "../../model/row.js"
import { unreadable } from "./failure.js"

/**
 * A row of the database. Drivers return integers as numbers, bigints or text.
 */
export interface Row {
  readonly [column: string]: unknown
}

const number = (value: unknown): number => Number(value)

export const numberOrNull = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value)

const text = (value: unknown): string => Predicate.isString(value) ? value : ""

const textOrNull = (value: unknown): string | null => Predicate.isString(value) ? value : null

const isCampaignState = Schema.is(CampaignState)

const isPersonState = Schema.is(PersonState)

const KnownJson = Schema.parseJson(Schema.Array(InvitationIdSchema))

const decodeKnown = Schema.decodeOption(KnownJson)

const nothingKnown: ReadonlyArray<InvitationId> = []

/**
 * The stored form of the known invitations. `null` if the list is empty.
 */
export const knownToJson = (known: ReadonlyArray<InvitationId>): string | null =>
  known.length === 0 ? null : JSON.stringify(known)

/**
 * `None` if the state is one of a later version.
 */
export const campaign = (row: Row): Option.Option<CampaignRow> => {
  const state = row["state"]
  return isCampaignState(state)
    ? Option.some({
      id: text(row["id"]),
      key: textOrNull(row["instance_key"]),
      version: number(row["version"]),
      state,
      load: numberOrNull(row["load_id"]),
      digest: textOrNull(row["digest"]),
      settings: text(row["settings"]),
      total: number(row["total"]),
      wakeAt: numberOrNull(row["wake_at"]),
      leaseOwner: textOrNull(row["lease_owner"]),
      leaseUntil: numberOrNull(row["lease_until"]),
      fence: number(row["fence"]),
      createdAt: number(row["created_at"]),
      startedAt: numberOrNull(row["started_at"]),
      endedAt: numberOrNull(row["ended_at"]),
      failures: number(row["failures"]),
      sendAt: numberOrNull(row["send_at"]),
      turn: numberOrNull(row["turn"]),
      problem: textOrNull(row["problem"]),
      suspicion: textOrNull(row["suspicion"]),
      stalledReason: textOrNull(row["stalled_reason"]),
      finalCounts: textOrNull(row["final_counts"])
    })
    : Option.none()
}

const person = (row: Row): Option.Option<PersonRow> => {
  const state = row["state"]
  const known = row["known"]
  return isPersonState(state)
    ? Option.map(Predicate.isString(known) ? decodeKnown(known) : Option.some(nothingKnown), (known) => ({
      position: number(row["position"]),
      emailAddress: text(row["email_address"]),
      request: textOrNull(row["request"]),
      state,
      batch: number(row["batch"]),
      posts: number(row["posts"]),
      firstPostedAt: numberOrNull(row["first_posted_at"]),
      postedAt: numberOrNull(row["posted_at"]),
      checkAt: numberOrNull(row["check_at"]),
      known,
      invitationId: textOrNull(row["invitation_id"]),
      problem: textOrNull(row["problem"]),
      decidedAt: numberOrNull(row["decided_at"]),
      followUps: number(row["follow_ups"]),
      followUpAt: numberOrNull(row["follow_up_at"]),
      isAccepted: number(row["accepted"]) === 1
    }))
    : Option.none()
}

const orUnreadable = <A>(option: Option.Option<A>): Effect.Effect<A, StoreError> =>
  Option.match(option, {
    onNone: () => new StoreError({ operation: "decode", code: Option.some(unreadable) }),
    onSome: Effect.succeed
  })

/**
 * Reads the first row. Fails with `UNREADABLE_ROW` if its state is one of a later version.
 */
export const firstCampaign = (
  rows: ReadonlyArray<Row>
): Effect.Effect<Option.Option<CampaignRow>, StoreError> => {
  const [row] = rows
  return row === undefined ? Effect.succeedNone : Effect.asSome(orUnreadable(campaign(row)))
}

/**
 * Leaves rows of later versions out.
 */
export const campaigns = (rows: ReadonlyArray<Row>): ReadonlyArray<CampaignRow> =>
  rows.flatMap((row) => Option.toArray(campaign(row)))

/**
 * Fails with `UNREADABLE_ROW` if the state of a person is one of a later version.
 */
export const people = (rows: ReadonlyArray<Row>): Effect.Effect<ReadonlyArray<PersonRow>, StoreError> =>
  Effect.forEach(rows, (row) => orUnreadable(person(row)))
