import { maxBulkSize } from "@effect-clerk/core/CreateInvitation"
import { InvitationId } from "@effect-clerk/core/Invitation"
import * as InviteProgress from "@effect-clerk/core/InviteProgress"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Campaign, Counts, Person } from "../../../InviteCampaign.js"
import type { StoreError } from "../../../InviteCampaignError.js"
import * as Problem from "../model/problem.js"
import type { Quota } from "../model/quota.js"
import type { CampaignRow, Counts as StoredCounts, PersonRow } from "../model/row.js"
import * as Settings from "../model/settings.js"
import { stall } from "../model/stall.js"
import type { Tuning } from "../model/tuning.js"
import { quotasOf } from "../model/tuning.js"
import type { CampaignStore } from "../store/store.js"

const noPeople: Counts = {
  pending: 0,
  sending: 0,
  Created: 0,
  AlreadyInvited: 0,
  UserExists: 0,
  Rejected: 0,
  Unknown: 0,
  Repeated: 0
}

const CountsJson = Schema.decodeOption(Schema.parseJson(Schema.partialWith(
  Schema.Struct({ ...Counts.fields, accepted: Schema.NonNegativeInt }),
  { exact: true }
)))

const time = (millis: number | null): Option.Option<DateTime.Utc> =>
  Option.flatMap(Option.fromNullable(millis), DateTime.make)

const countsOf = (store: CampaignStore, row: CampaignRow): Effect.Effect<StoredCounts, StoreError> => {
  const final = Option.flatMap(Option.fromNullable(row.finalCounts), CountsJson)
  if (Option.isSome(final)) return Effect.succeed(final.value)
  return row.load === null ? Effect.succeed({}) : store.counts(row.load)
}

/** The number of people whose calls the limits still count. */
const usedPeople = (
  store: CampaignStore,
  tuning: Tuning,
  { useSingleCreates }: { readonly useSingleCreates: boolean }
): Effect.Effect<number, StoreError> => {
  const { create, createBulk } = quotasOf(tuning)
  const used = (quota: Quota) => Effect.map(store.room(quota), ({ free }) => quota.limit - free)
  return Effect.zipWith(
    useSingleCreates ? used(create) : Effect.succeed(0),
    used(createBulk),
    (creates, bulkCreates) => creates + maxBulkSize * bulkCreates
  )
}

/**
 * When the limits admit the last person without an outcome. A campaign that waits for a limit is due when calls are free again.
 * One that is due now may find that its calls are used up.
 */
const estimatedEnd = (
  store: CampaignStore,
  tuning: Tuning,
  { now, remaining, settings, wakeAt }: {
    readonly now: number
    readonly remaining: number
    readonly settings: { readonly useSingleCreates: boolean }
    readonly wakeAt: number
  }
): Effect.Effect<number, StoreError> =>
  Effect.map(wakeAt > now ? Effect.succeed(0) : usedPeople(store, tuning, settings), (used) =>
    Math.max(now, wakeAt) +
    Duration.toMillis(InviteProgress.estimate({
      count: remaining + used,
      limits: tuning.limits,
      useSingleCreates: settings.useSingleCreates
    })))

/**
 * A campaign as its users see it.
 */
export const campaign = (
  store: CampaignStore,
  tuning: Tuning,
  row: CampaignRow
): Effect.Effect<Campaign, StoreError> =>
  Effect.gen(function*() {
    const { accepted = 0, ...stored } = yield* countsOf(store, row)
    const counts = { ...noPeople, ...stored }
    const now = yield* store.now
    const remaining = counts.pending + counts.sending
    const done = row.load === null ? 0 : row.total - remaining
    const elapsed = row.startedAt === null ? 0 : (row.endedAt ?? now) - row.startedAt
    const stalled = stall(row, now)
    const settings = Option.getOrElse(Settings.fromJson(row.settings), () => ({ useSingleCreates: false }))
    const end = row.state === "running" && remaining > 0
      ? Option.some(yield* estimatedEnd(store, tuning, { now, remaining, settings, wakeAt: row.wakeAt ?? now }))
      : Option.none()
    return new Campaign({
      id: row.id,
      state: row.state,
      total: row.total,
      counts,
      accepted,
      done,
      remaining,
      ratePerHour: elapsed <= 0 ? 0 : done / Duration.toHours(Duration.millis(elapsed)),
      createdAt: DateTime.unsafeMake(row.createdAt),
      startedAt: time(row.startedAt),
      endedAt: time(row.endedAt),
      nextSliceAt: row.state === "running" ? time(row.wakeAt) : Option.none(),
      estimatedEnd: Option.flatMap(end, DateTime.make),
      stalledSince: Option.flatMap(stalled, ({ since }) => DateTime.make(since)),
      stalledReason: Option.map(stalled, ({ reason }) => reason),
      problem: Problem.fromJson(row.problem)
    })
  })

const toInvitationId = Schema.decodeOption(InvitationId)

/**
 * A person as its users see it.
 */
export const person = (row: PersonRow): Person =>
  new Person({
    position: row.position,
    emailAddress: row.emailAddress,
    state: row.state,
    invitationId: Option.flatMap(Option.fromNullable(row.invitationId), toInvitationId),
    problem: Problem.fromJson(row.problem),
    decidedAt: time(row.decidedAt),
    followUps: row.followUps,
    isAccepted: row.isAccepted
  })
