import type { InvitationId } from "@effect-clerk/core/Invitation"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { StoreError } from "../../../InviteCampaignError.js"
import type { Booking, Quota } from "../model/quota.js"
import type { CampaignRow, CampaignState, Counts, NewPerson, PersonRow, PersonState } from "../model/row.js"

/**
 * The lease ended, or another process has taken it, or the campaign was paused, cancelled or deleted. The write that
 * failed with it changed nothing.
 */
export class LeaseLost extends Data.TaggedError("LeaseLost") {}

/**
 * The right to work on a campaign until `leaseUntil` of its row. A write with a lease fails with `LeaseLost` if the campaign has
 * another fence or another load: a campaign that was removed and begun again may have the same fence.
 */
export interface Lease {
  readonly id: string
  /** `null` for a campaign that was cancelled while its people were loaded. */
  readonly load: number | null
  readonly fence: number
}

/**
 * The answer to an attempt to book calls: an id for each booking, in their order, or the time at which enough calls of every
 * quota are free. Nothing is booked unless everything is.
 */
export type Booked =
  | { readonly _tag: "Booked"; readonly calls: ReadonlyArray<number>; readonly now: number }
  | { readonly _tag: "Full"; readonly until: number; readonly now: number }

/**
 * A person that is about to be posted.
 */
export interface Post {
  readonly position: number
  /** Replaces `known` of a person whose posts all have known outcomes. */
  readonly known: ReadonlyArray<InvitationId>
}

/**
 * What becomes of a person:
 *
 * - an outcome, which is final;
 * - `pending`: the person is certainly not created, and is sent again in a batch of at most `batch`. `keepDoubt` is true
 *   if an earlier post may still turn out to have created the invitation;
 * - `sending`: the outcome is still unknown, and the invitations are looked up at `checkAt`.
 *
 * An outcome replaces `invitationId` and `problem` and sets `decidedAt`. It clears `checkAt`, and `firstPostedAt` except that of
 * `Unknown`. The request is dropped for `AlreadyInvited`, `UserExists`, and `Created` without a follow-up. Of `pending`, an absent `batch` keeps the
 * stored one, and `posts` becomes 0 unless `keepDoubt` is true. Of `sending`, an absent `checkAt` keeps the stored one.
 */
export interface Settlement {
  readonly position: number
  readonly state: PersonState
  readonly batch?: number | undefined
  readonly keepDoubt?: boolean | undefined
  readonly checkAt?: number | undefined
  readonly invitationId?: string | undefined
  readonly problem?: string | undefined
}

/**
 * What becomes of a person whose invitation was created by the campaign, and is followed up:
 *
 * - `accepted`: the invitation was accepted. A person that is about to be invited again is `Created` again.
 * - `closed`: the person is left alone from now on.
 * - `again`: the person is pending, and is invited again.
 */
export interface FollowUp {
  readonly position: number
  readonly decision: "accepted" | "closed" | "again"
}

/**
 * What a slice leaves behind in its campaign.
 */
export interface SliceEnd {
  readonly state: CampaignState
  readonly wakeAt: number | null
  readonly failures: number
  readonly sendAt: number | null
  readonly problem: string | null
  readonly stalledReason: string | null
}

/**
 * The people that a page of `people` shows.
 */
export interface PeopleQuery {
  /** All people if `undefined`. */
  readonly states?: ReadonlyArray<PersonState> | undefined
  /** The last position of the previous page, -1 for the first page. */
  readonly after: number
  readonly limit: number
}

/**
 * Which campaigns a process works on: those of at most this version, and with this key or without one. All keys if `key` is
 * `undefined`.
 */
export interface Worker {
  readonly version: number
  readonly key?: string | undefined
}

/**
 * The people of a campaign that are not done with.
 */
export interface Remaining {
  readonly pending: number
  readonly sending: number
  /** When the next person in the state `sending` is looked up. `null` if no person is in it. */
  readonly checkAt: number | null
  /** When the next person in the state `Created` is followed up. `null` if no person is. */
  readonly followUpAt: number | null
}

/**
 * Which people are taken to be sent: `fresh` may be part of a full batch, `suspect` were part of a batch that was refused
 * without naming an address.
 */
export type Candidates = "fresh" | "suspect"

/**
 * Campaigns, people, quotas and calls. Every operation is atomic, and either happens or fails with `StoreError`; after a
 * `StoreError` of a write it is not known whether it happened.
 */
export interface CampaignStore {
  /** The current time by the clock of the store, in Unix milliseconds. */
  readonly now: Effect.Effect<number, StoreError>

  /** Stores a campaign in the state `loading`, unless one with this id exists. Returns the stored one. */
  readonly begin: (
    campaign: {
      readonly id: string
      readonly key?: string | undefined
      readonly version: number
      readonly settings: string
    }
  ) => Effect.Effect<CampaignRow, StoreError>
  /** Begins a load, which no other process may remove for `lease` milliseconds. */
  readonly openLoad: (id: string, lease: number) => Effect.Effect<number, StoreError>
  /**
   * Stores people, and renews the load. An address that the load already has becomes `Repeated`: without a request, and decided
   * now. Fails if the lease of the load is over, or if the load was discarded, removed or published.
   */
  readonly addPeople: (
    load: number,
    people: ReadonlyArray<NewPerson>,
    lease: number
  ) => Effect.Effect<void, StoreError | LeaseLost>
  /**
   * Starts a campaign in the state `loading` with the people of a load, and makes it due now. Returns `None` if the campaign is
   * not in that state any more, or if `addPeople` would fail.
   */
  readonly publish: (
    id: string,
    load: number,
    campaign: { readonly digest: string; readonly total: number }
  ) => Effect.Effect<Option.Option<CampaignRow>, StoreError>
  /**
   * Removes at most `limit` people of a load that is not that of a campaign, and ends its lease. Returns true once the load is
   * gone. Removes nothing of a load that a campaign has, and returns true.
   */
  readonly discardLoad: (load: number, limit: number) => Effect.Effect<boolean, StoreError>
  /** Removes a campaign in the state `loading` without a live load. */
  readonly abandon: (id: string) => Effect.Effect<void, StoreError>
  /** The loads that no process renews and no campaign has. */
  readonly staleLoads: (limit: number) => Effect.Effect<ReadonlyArray<number>, StoreError>

  readonly get: (id: string) => Effect.Effect<Option.Option<CampaignRow>, StoreError>
  /** Campaigns in the order of their ids, which is that of `<` on strings. */
  readonly list: (
    query: {
      readonly states?: ReadonlyArray<CampaignState> | undefined
      readonly after?: string | undefined
      readonly limit: number
    }
  ) => Effect.Effect<ReadonlyArray<CampaignRow>, StoreError>
  /** Campaigns whose `endedAt` is less than `before`, in the order of their ids. */
  readonly ended: (before: number, limit: number) => Effect.Effect<ReadonlyArray<string>, StoreError>
  readonly counts: (load: number) => Effect.Effect<Counts, StoreError>
  /** People in the order of their positions. */
  readonly people: (load: number, query: PeopleQuery) => Effect.Effect<ReadonlyArray<PersonRow>, StoreError>
  /** The person with an address that is not `Repeated`. */
  readonly person: (load: number, folded: string) => Effect.Effect<Option.Option<PersonRow>, StoreError>

  /**
   * Moves a campaign from one of these states to another, sets the time at which it is due, and clears `sendAt`. A live lease stays. Returns
   * `None` if the campaign is in none of them.
   */
  readonly transition: (
    id: string,
    change: {
      readonly from: ReadonlyArray<CampaignState>
      readonly to: CampaignState
      /** `now` makes it due at once. */
      readonly wake: "now" | "never"
      /** Sets `endedAt` to now, or clears it. `startedAt` is always the time of `publish`. */
      readonly end?: "ends" | "restarts" | undefined
    }
  ) => Effect.Effect<Option.Option<CampaignRow>, StoreError>
  /**
   * Makes people with these outcomes pending again, as new people except for `firstPostedAt`, `postedAt` and `known`, and the
   * campaign run at once. Its `endedAt`, `failures`, `sendAt`, `problem`, `suspicion` and `stalledReason` are cleared. Returns the
   * campaign, or `None` if it is in none of the states, or if its people are being removed by `purge`.
   */
  readonly retry: (
    id: string,
    outcomes: ReadonlyArray<PersonState>,
    from: ReadonlyArray<CampaignState>
  ) => Effect.Effect<Option.Option<CampaignRow>, StoreError>
  /** Removes a campaign with its people and all its loads. Returns false if it does not exist. */
  readonly remove: (id: string) => Effect.Effect<boolean, StoreError>

  /**
   * The worker's campaigns that are due and have no live lease, by `turn`, those first that have none, then by
   * `wakeAt`, then by id. A lease is live while `leaseUntil` is more than now.
   */
  readonly due: (
    query: Worker & { readonly limit: number }
  ) => Effect.Effect<ReadonlyArray<CampaignRow>, StoreError>
  /** The settings of the worker's campaigns that run and are due, also of those with a live lease. */
  readonly competing: (
    query: Worker & { readonly limit: number }
  ) => Effect.Effect<ReadonlyArray<string>, StoreError>
  /** When the worker's next campaign is due or its lease ends. `None` if none will be. */
  readonly nextDue: (worker: Worker) => Effect.Effect<Option.Option<number>, StoreError>
  /** Takes the lease of a due campaign without a live one. Returns `None` if another process was faster. */
  readonly acquire: (
    id: string,
    lease: { readonly owner: string; readonly duration: number }
  ) => Effect.Effect<Option.Option<CampaignRow>, StoreError>
  /**
   * Ends the lease and the slice. The end only takes effect on a campaign that is still in the state in which the lease
   * was taken: a pause or cancel wins. A campaign with people that are not decided, or are to be followed up, does not become
   * `completed`, because a retry can make people pending at any time: it stays in its state and is due now. `endedAt` becomes
   * now if the state is one that has ended and it is not set yet. Fails if the fence is older than that of the campaign; a lease whose time is over can still be released.
   */
  readonly release: (
    lease: Lease,
    end: SliceEnd & { readonly from: CampaignState }
  ) => Effect.Effect<void, StoreError | LeaseLost>

  /** Pending people, the first positions first; `suspect` with the smallest batches first. */
  readonly candidates: (
    load: number,
    query: { readonly kind: Candidates; readonly limit: number; readonly except: ReadonlyArray<number> }
  ) => Effect.Effect<ReadonlyArray<PersonRow>, StoreError>
  /** People in the state `sending` whose invitations are to be looked up by `now`, by `checkAt`, then by position. */
  readonly doubtful: (load: number, query: { readonly now: number; readonly limit: number }) => Effect.Effect<
    ReadonlyArray<PersonRow>,
    StoreError
  >
  /** People in the state `Created` that are to be followed up by `now`, by `followUpAt`, then by position. */
  readonly dueFollowUps: (load: number, query: { readonly now: number; readonly limit: number }) => Effect.Effect<
    ReadonlyArray<PersonRow>,
    StoreError
  >
  /** How many people have no outcome, when the next of them is looked up, and when the next person is followed up. */
  readonly remaining: (load: number) => Effect.Effect<Remaining, StoreError>

  /** How many calls of a quota are free, and if none are, when the first will be; otherwise `until` is now. */
  readonly room: (quota: Quota) => Effect.Effect<{ readonly free: number; readonly until: number }, StoreError>
  /**
   * Renews the lease and books calls. The calls count until they are answered, at most for `timeout` milliseconds, and one
   * window longer. Fails if the lease has ended by the clock of the store. If calls are missing, only the lease is renewed.
   */
  readonly book: (
    lease: Lease,
    work: {
      readonly duration: number
      readonly timeout: number
      readonly bookings: ReadonlyArray<Booking>
      /**
       * If given, marks these people as `sending` in the same transaction, and requires the state `running`. Fails if one of
       * them is not `pending`: a person that was posted or decided meanwhile must not be posted again.
       */
      readonly posts?: ReadonlyArray<Post> | undefined
      /**
       * When the outcomes of the posts are looked up if no answer is stored, in milliseconds from now. Defaults to `timeout`.
       */
      readonly checkAfter?: number | undefined
      /** How long the posts last at the share of the campaign, in milliseconds: moves `turn`. Defaults to 0. */
      readonly lasts?: number | undefined
    }
  ) => Effect.Effect<Booked, StoreError | LeaseLost>
  /**
   * Stores outcomes of people in the state `from`, and that calls are answered. Others are left alone. Requires the fence
   * only, because an outcome that is known must not be lost by a pause. `suspicion` replaces that of the campaign.
   */
  readonly settle: (
    lease: Lease,
    work: {
      readonly from: "pending" | "sending"
      readonly settlements: ReadonlyArray<Settlement>
      readonly answered: ReadonlyArray<number>
      readonly suspicion?: string | null | undefined
      /** If given, people that become `Created` are followed up after so many milliseconds, and keep their requests. */
      readonly followUpAfter?: number | undefined
    }
  ) => Effect.Effect<void, StoreError | LeaseLost>
  /**
   * Stores what becomes of people that are followed up, and that calls are answered. Leaves alone who is not `Created` and due to
   * be followed up; `accepted` also takes people that are pending. Requires the state `running`, so that no person of a
   * campaign that has ended becomes pending.
   */
  readonly followUp: (
    lease: Lease,
    work: { readonly followUps: ReadonlyArray<FollowUp>; readonly answered: ReadonlyArray<number> }
  ) => Effect.Effect<void, StoreError | LeaseLost>
  /** Lets no call of a quota through for `millis` milliseconds. */
  readonly close: (quota: Quota, millis: number) => Effect.Effect<void, StoreError>

  /**
   * Removes at most `limit` people of an ended campaign and stores its final counts, in the first step already. Returns true once
   * all are removed. Fails if the campaign has begun again.
   */
  readonly purge: (lease: Lease, counts: string, limit: number) => Effect.Effect<boolean, StoreError | LeaseLost>
}
