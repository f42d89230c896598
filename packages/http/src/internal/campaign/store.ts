import type { InvitationId } from "@effect-clerk/core/Invitation"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { StoreError } from "../../InviteCampaignError.js"
import type { CampaignRow, CampaignState, Counts, NewPerson, PersonRow, PersonState } from "./row.js"

/**
 * The lease ended, or another process has taken it, or the campaign was paused, cancelled or deleted. The write that
 * failed with it changed nothing.
 */
export class LeaseLost extends Data.TaggedError("LeaseLost") {}

/**
 * The right to work on a campaign until `until`.
 */
export interface Lease {
  readonly id: string
  readonly load: number
  readonly fence: number
}

/**
 * A limit on calls, shared by all campaigns whose quotas have the same name.
 */
export interface Quota {
  readonly name: string
  readonly limit: number
  /** In milliseconds. */
  readonly window: number
}

/**
 * Calls that are booked together. A booked call counts until the window after its answer is over.
 */
export interface Booking {
  readonly quota: Quota
  readonly amount: number
}

/**
 * The answer to an attempt to book calls: the ids of the booked calls, or the time at which enough are free. Nothing is
 * booked unless everything is.
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
 * What a slice leaves behind in its campaign.
 */
export interface SliceEnd {
  readonly state: CampaignState
  readonly wakeAt: number | null
  readonly failures: number
  readonly problem: string | null
  readonly stalledReason: string | null
}

/**
 * The people that a page of `people` shows.
 */
export interface PeopleQuery {
  /** All people if `undefined`. */
  readonly states?: ReadonlyArray<PersonState> | undefined
  readonly after: number
  readonly limit: number
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
    campaign: { readonly id: string; readonly version: number; readonly settings: string }
  ) => Effect.Effect<CampaignRow, StoreError>
  /** Begins a load, which nobody else may remove for `lease` milliseconds. */
  readonly openLoad: (id: string, lease: number) => Effect.Effect<number, StoreError>
  /** Stores people, and renews the load. An address that the load already has becomes `Repeated`. */
  readonly addPeople: (
    load: number,
    people: ReadonlyArray<NewPerson>,
    lease: number
  ) => Effect.Effect<void, StoreError | LeaseLost>
  /**
   * Starts a campaign in the state `loading` with the people of a load. Returns `None` if the campaign is not in that
   * state any more.
   */
  readonly publish: (
    id: string,
    load: number,
    campaign: { readonly digest: string; readonly total: number }
  ) => Effect.Effect<Option.Option<CampaignRow>, StoreError>
  /**
   * Removes at most `limit` people of a load that is not that of a campaign. Returns true once the load is gone.
   */
  readonly discardLoad: (load: number, limit: number) => Effect.Effect<boolean, StoreError>
  /** Removes a campaign in the state `loading` without a live load. */
  readonly abandon: (id: string) => Effect.Effect<void, StoreError>
  /** The loads that no process renews and no campaign has. */
  readonly staleLoads: (limit: number) => Effect.Effect<ReadonlyArray<number>, StoreError>

  readonly get: (id: string) => Effect.Effect<Option.Option<CampaignRow>, StoreError>
  /** Campaigns in the order of their ids. */
  readonly list: (
    query: {
      readonly states?: ReadonlyArray<CampaignState> | undefined
      readonly after?: string | undefined
      readonly limit: number
    }
  ) => Effect.Effect<ReadonlyArray<CampaignRow>, StoreError>
  /** Campaigns that ended before a time, in the order of their ids. */
  readonly ended: (before: number, limit: number) => Effect.Effect<ReadonlyArray<string>, StoreError>
  readonly counts: (load: number) => Effect.Effect<Counts, StoreError>
  /** People in the order of their positions. */
  readonly people: (load: number, query: PeopleQuery) => Effect.Effect<ReadonlyArray<PersonRow>, StoreError>
  /** The person with an address that is not `Repeated`. */
  readonly person: (load: number, folded: string) => Effect.Effect<Option.Option<PersonRow>, StoreError>

  /**
   * Moves a campaign from one of these states to another, and sets the time at which it is due. Returns `None` if the
   * campaign is in none of them.
   */
  readonly transition: (
    id: string,
    change: {
      readonly from: ReadonlyArray<CampaignState>
      readonly to: CampaignState
      /** `now` makes it due at once. */
      readonly wake: "now" | "never"
      /** Whether the campaign ends, begins again, or neither. */
      readonly end?: "ends" | "restarts" | undefined
    }
  ) => Effect.Effect<Option.Option<CampaignRow>, StoreError>
  /**
   * Makes people with these outcomes pending again, and the campaign run. Returns the campaign, or `None` if it is in none
   * of the states.
   */
  readonly retry: (
    id: string,
    outcomes: ReadonlyArray<PersonState>,
    from: ReadonlyArray<CampaignState>
  ) => Effect.Effect<Option.Option<CampaignRow>, StoreError>
  /** Removes a campaign with its people. Returns false if it does not exist. */
  readonly remove: (id: string) => Effect.Effect<boolean, StoreError>

  /** Campaigns of at most this version that are due and have no live lease, those that have waited longest first. */
  readonly due: (
    query: { readonly version: number; readonly limit: number }
  ) => Effect.Effect<ReadonlyArray<CampaignRow>, StoreError>
  /** When the next campaign is due or its lease ends. `None` if none will be. */
  readonly nextDue: (version: number) => Effect.Effect<Option.Option<number>, StoreError>
  /** Takes the lease of a due campaign without a live one. Returns `None` if another process was faster. */
  readonly acquire: (
    id: string,
    lease: { readonly owner: string; readonly duration: number }
  ) => Effect.Effect<Option.Option<CampaignRow>, StoreError>
  /**
   * Ends the lease and the slice. The end only takes effect on a campaign that is still in the state in which the lease
   * was taken: a pause or cancel wins. Fails if the fence is older than that of the campaign.
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
  /** People in the state `sending` whose invitations are to be looked up by `now`. */
  readonly doubtful: (load: number, query: { readonly now: number; readonly limit: number }) => Effect.Effect<
    ReadonlyArray<PersonRow>,
    StoreError
  >
  /** When the next of them is to be looked up, and how many people are pending. */
  readonly remaining: (load: number) => Effect.Effect<
    { readonly pending: number; readonly sending: number; readonly checkAt: number | null },
    StoreError
  >

  /** How many calls of a quota are free, and if none are, when the first will be. */
  readonly room: (quota: Quota) => Effect.Effect<{ readonly free: number; readonly until: number }, StoreError>
  /**
   * Renews the lease and books calls. The calls count until they are answered, at most for `timeout` milliseconds, and one
   * window longer.
   */
  readonly book: (
    lease: Lease,
    work: {
      readonly duration: number
      readonly timeout: number
      readonly bookings: ReadonlyArray<Booking>
      /** If given, marks these people as `sending` in the same transaction, and requires the state `running`. */
      readonly posts?: ReadonlyArray<Post> | undefined
      /** When the outcomes of the posts are looked up if no answer is stored, in milliseconds from now. */
      readonly checkAfter?: number | undefined
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
    }
  ) => Effect.Effect<void, StoreError | LeaseLost>
  /** Lets no call of a quota through for `millis` milliseconds. */
  readonly close: (quota: Quota, millis: number) => Effect.Effect<void, StoreError>

  /**
   * Removes at most `limit` people of an ended campaign and stores its final counts. Returns true once all are removed.
   */
  readonly purge: (lease: Lease, counts: string, limit: number) => Effect.Effect<boolean, StoreError | LeaseLost>
}
