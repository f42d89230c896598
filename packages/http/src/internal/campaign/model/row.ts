import type { InvitationId } from "@effect-clerk/core/Invitation"
import type { CampaignState, PersonState } from "../../../InviteCampaign.js"

export type { CampaignState, PersonState }

/**
 * The number of people in each state, and of those that have accepted. A count of 0 is absent.
 */
export type Counts = { readonly [Count in PersonState | "accepted"]?: number }

/**
 * A campaign as it is stored. Times are Unix milliseconds by the clock of the store.
 */
export interface CampaignRow {
  readonly id: string
  /** The name of the Clerk instance that sends the campaign. `null` if every instance may. */
  readonly key: string | null
  /** The version of the settings and of the rows of the people. A process leaves a newer version to newer processes. */
  readonly version: number
  readonly state: CampaignState
  /** The people of the campaign. `null` until they are loaded. */
  readonly load: number | null
  /** The digest of the people, in order. `null` until they are loaded. */
  readonly digest: string | null
  /** The settings as JSON, see `settings.ts`. */
  readonly settings: string
  /** The number of people, repeated addresses included. */
  readonly total: number
  /** When a process has something to do for the campaign. `null` if nothing is due. */
  readonly wakeAt: number | null
  readonly leaseOwner: string | null
  readonly leaseUntil: number | null
  /** Increases with every lease. A write with an older fence is refused. */
  readonly fence: number
  readonly createdAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** The number of slices in a row that ended with a failure of the connection or of the server. */
  readonly failures: number
  /** When people may be posted again after a failure. `null` if at once. Look-ups do not wait for it. */
  readonly sendAt: number | null
  /**
   * Until when the posts of the campaign last at its share of the limits, in Unix milliseconds. Campaigns that are due work in the
   * order of their turns. `null` before the first post.
   */
  readonly turn: number | null
  /** The latest failure as JSON, see `problem.ts`. */
  readonly problem: string | null
  /** Refusals in a row that may concern the whole instance, as JSON, see `memo.ts`. */
  readonly suspicion: string | null
  /** Why the latest slice could not continue, although the campaign is due. */
  readonly stalledReason: string | null
  /** The final counts as JSON, once the people are removed. */
  readonly finalCounts: string | null
}

/**
 * A person as it is stored.
 */
export interface PersonRow {
  /** The index of the input, from 0. */
  readonly position: number
  readonly emailAddress: string
  /** The request as JSON. `null` once it is not needed. */
  readonly request: string | null
  readonly state: PersonState
  /** The size of the largest batch that the person may be part of. */
  readonly batch: number
  /** The number of posts since the outcomes of all posts were known. */
  readonly posts: number
  /** When the first post whose outcome is not known was booked. `null` if the outcomes of all posts are known. */
  readonly firstPostedAt: number | null
  /** When the latest post was booked. */
  readonly postedAt: number | null
  /** When the invitations of a person in the state `sending` are looked up next. */
  readonly checkAt: number | null
  /** The invitations for the address that are older than the first post. */
  readonly known: ReadonlyArray<InvitationId>
  readonly invitationId: string | null
  /** The error of `Rejected` and `Unknown` as JSON, see `problem.ts`. */
  readonly problem: string | null
  readonly decidedAt: number | null
  /** How often the person was invited again. */
  readonly followUps: number
  /** When it is looked up whether the person has accepted. `null` if it is not. */
  readonly followUpAt: number | null
  /** Whether the person is known to have accepted an invitation of the campaign. */
  readonly isAccepted: boolean
}

/**
 * A person to store.
 */
export interface NewPerson {
  readonly position: number
  readonly emailAddress: string
  /** The address by which duplicates are found. */
  readonly folded: string
  readonly request: string
}

/**
 * The states of a campaign that has ended.
 */
export const endStates: ReadonlyArray<CampaignState> = ["completed", "failed", "cancelled"]

export const hasEnded = (state: CampaignState): boolean => endStates.includes(state)
