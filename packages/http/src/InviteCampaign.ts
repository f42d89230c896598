/**
 * A durable campaign, and the people that it invites.
 *
 * @since 0.1.0
 */
import { InvitationId } from "@effect-clerk/core/Invitation"
import * as Schema from "effect/Schema"

/**
 * The state of a campaign. `loading`: `start` stores the people. `completed`, `failed` and `cancelled` are ends; `failed`
 * means that Clerk refuses the whole instance, and `resume` continues the campaign.
 *
 * @since 0.1.0
 * @category models
 */
export const CampaignState = Schema.Literal("loading", "running", "paused", "completed", "failed", "cancelled")
  .annotations({ identifier: "CampaignState" })

/**
 * @since 0.1.0
 * @category models
 */
export type CampaignState = typeof CampaignState.Type

/**
 * The state of a person:
 *
 * - `pending`: the person is still to be invited, or to be invited again by a follow-up.
 * - `sending`: a call was made for the person, and its outcome is being found out.
 * - `Created`: the campaign created the invitation, exactly once. Its status may have changed since. A follow-up revokes it
 *   and creates another; the outcome is then that of the latest.
 * - `AlreadyInvited`: a pending invitation of another client exists.
 * - `UserExists`: the address belongs to a user.
 * - `Rejected`: nothing was created; `problem` tells why.
 * - `Unknown`: an invitation may exist. Nothing is sent again: because Clerk would not refuse a second invitation
 *   (`ignoreExisting: true`), because eight posts within two hours were not found, or because Clerk refuses the look-up. `retry` sends
 *   it again.
 * - `Repeated`: the address occurs earlier in the campaign.
 *
 * @since 0.1.0
 * @category models
 */
export const PersonState = Schema.Literal(
  "pending",
  "sending",
  "Created",
  "AlreadyInvited",
  "UserExists",
  "Rejected",
  "Unknown",
  "Repeated"
).annotations({ identifier: "PersonState" })

/**
 * @since 0.1.0
 * @category models
 */
export type PersonState = typeof PersonState.Type

/**
 * A failure as it is stored: the tag of the error and its message, which contains no personal data.
 *
 * @since 0.1.0
 * @category models
 */
export class Problem extends Schema.Class<Problem>("@effect-clerk/http/CampaignProblem")({
  /** The tag of the error, for example `Unauthorized`. */
  tag: Schema.String,
  /** The message of the error. */
  message: Schema.String
}) {}

/**
 * The number of people in each state.
 *
 * @since 0.1.0
 * @category models
 */
export const Counts = Schema.Struct({
  pending: Schema.NonNegativeInt,
  sending: Schema.NonNegativeInt,
  Created: Schema.NonNegativeInt,
  AlreadyInvited: Schema.NonNegativeInt,
  UserExists: Schema.NonNegativeInt,
  Rejected: Schema.NonNegativeInt,
  Unknown: Schema.NonNegativeInt,
  Repeated: Schema.NonNegativeInt
}).annotations({ identifier: "CampaignCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export type Counts = typeof Counts.Type

const optionalTime = Schema.optionalWith(Schema.DateTimeUtc, { as: "Option" })

/**
 * A campaign at a moment. Times are by the clock of the store.
 *
 * @since 0.1.0
 * @category models
 */
export class Campaign extends Schema.Class<Campaign>("@effect-clerk/http/Campaign")({
  /** The id that was given to `start`. */
  id: Schema.String,
  /** The state of the campaign. */
  state: CampaignState,
  /** The number of people, repeated addresses included. 0 while they are loaded. */
  total: Schema.NonNegativeInt,
  /** The number of people in each state. */
  counts: Counts,
  /** The number of people that have accepted, as far as the follow-ups have found out. */
  accepted: Schema.optionalWith(Schema.NonNegativeInt, { default: () => 0 }),
  /** The number of people with an outcome. */
  done: Schema.NonNegativeInt,
  /** The number of people without an outcome. */
  remaining: Schema.NonNegativeInt,
  /** The average number of outcomes an hour since the start. 0 if no time has passed. */
  ratePerHour: Schema.NonNegative.pipe(Schema.finite()),
  /** When `start` was called first. */
  createdAt: Schema.DateTimeUtc,
  /** When all people were loaded. */
  startedAt: optionalTime,
  /** When the campaign was completed, failed or was cancelled. */
  endedAt: optionalTime,
  /** When the next slice begins, which is in the past while one runs. `None` if none is due. */
  nextSliceAt: optionalTime,
  /**
   * When the rate limits allow the last invitation of the people without an outcome, if nothing else is sent. Later follow-ups
   * are not included. `None` unless the campaign runs and has such people.
   */
  estimatedEnd: optionalTime,
  /** Since when the campaign is due without a process that works on it. `None` if a process works on it, or nothing is due. */
  stalledSince: optionalTime,
  /** Why the campaign stands still. `None` unless `stalledSince` has a time. */
  stalledReason: Schema.optionalWith(Schema.String, { as: "Option" }),
  /** The latest failure. `None` if the latest slice had none. */
  problem: Schema.optionalWith(Problem, { as: "Option" })
}) {
  /**
   * Whether the campaign is completed, failed or cancelled.
   *
   * @since 0.1.0
   */
  get hasEnded(): boolean {
    return this.state === "completed" || this.state === "failed" || this.state === "cancelled"
  }
}

/**
 * A person of a campaign.
 *
 * @since 0.1.0
 * @category models
 */
export class Person extends Schema.Class<Person>("@effect-clerk/http/CampaignPerson")({
  /** The index of the input, from 0. */
  position: Schema.NonNegativeInt,
  /** The address as it was given. */
  emailAddress: Schema.String,
  /** The outcome, or `pending` or `sending`. */
  state: PersonState,
  /** The invitation of `Created`, or that of `AlreadyInvited` if it is known. */
  invitationId: Schema.optionalWith(InvitationId, { as: "Option" }),
  /** The error of `Rejected` and `Unknown`. */
  problem: Schema.optionalWith(Problem, { as: "Option" }),
  /** When the outcome was stored. */
  decidedAt: optionalTime,
  /** How often the person was invited again, or is about to be. */
  followUps: Schema.optionalWith(Schema.NonNegativeInt, { default: () => 0 }),
  /** Whether a follow-up has found that the person accepted the invitation. */
  isAccepted: Schema.optionalWith(Schema.Boolean, { default: () => false })
}) {}
