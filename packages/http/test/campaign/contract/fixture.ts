import { InvitationId } from "@effect-clerk/core/Invitation"
import { assert } from "@effect/vitest"
import { Effect, Option, Ref } from "effect"
import type { Scope } from "effect"
import type { Booking, Quota } from "../../../src/internal/campaign/model/quota.js"
import type {
  CampaignRow,
  CampaignState,
  NewPerson,
  PersonRow,
  PersonState
} from "../../../src/internal/campaign/model/row.js"
import type { CampaignStore, Lease, Post, Settlement } from "../../../src/internal/campaign/store/store.js"
import { LeaseLost } from "../../../src/internal/campaign/store/store.js"

/** Builds an empty store whose clock is `now`. */
export type MakeStore = (now: Effect.Effect<number>) => Effect.Effect<CampaignStore, unknown, Scope.Scope>

/** The lease of a campaign whose people are loaded. */
export interface LoadedLease extends Lease {
  readonly load: number
}

/** An empty store, and the steps that most tests begin with. */
export interface Fixture {
  readonly store: CampaignStore
  readonly advance: (millis: number) => Effect.Effect<void>
  /** Begins a campaign and opens a load for it. */
  readonly begin: (id?: string) => Effect.Effect<number, unknown>
  /** Begins and publishes a campaign of `people` people. */
  readonly start: (people: number, id?: string) => Effect.Effect<CampaignRow & { readonly load: number }, unknown>
  /** Takes the lease of a due campaign for `duration`. */
  readonly acquire: (id?: string) => Effect.Effect<LoadedLease, unknown>
  /** Starts a campaign and takes its lease. */
  readonly lease: (people: number, id?: string) => Effect.Effect<LoadedLease, unknown>
  readonly row: (id?: string) => Effect.Effect<CampaignRow, unknown>
  readonly person: (lease: LoadedLease, position: number) => Effect.Effect<PersonRow, unknown>
  /** Books calls for a campaign. */
  readonly book: (
    lease: Lease,
    ...bookings: ReadonlyArray<Booking>
  ) => ReturnType<CampaignStore["book"]>
  /** Posts people without calls. */
  readonly post: (lease: Lease, ...posts: ReadonlyArray<Post | number>) => ReturnType<CampaignStore["book"]>
  /** Settles people in the state `sending`. */
  readonly settle: (lease: Lease, ...settlements: ReadonlyArray<Settlement>) => ReturnType<CampaignStore["settle"]>
  /** Posts people and settles them. */
  readonly decide: (
    lease: Lease,
    state: PersonState,
    ...positions: ReadonlyArray<number>
  ) => Effect.Effect<void, unknown>
  /** Ends a lease and the slice. */
  readonly release: (
    lease: Lease,
    end: { readonly state?: CampaignState; readonly wakeAt?: number | null; readonly from?: CampaignState }
  ) => ReturnType<CampaignStore["release"]>
}

/** When every test begins. */
export const beginning = 1_700_000_000_000

/** The duration of a lease. */
export const duration = 60_000

/** For how long an unanswered call counts, besides the window. */
export const timeout = 10_000

/** When the invitations of a post are looked up. */
export const checkAfter = 20_000

export const quota = (name: string, limit: number, window = 100_000): Quota => ({ name, limit, window })

export const newPerson = (position: number, name = `person${position}`): NewPerson => ({
  position,
  emailAddress: `${name}@Example.com`,
  folded: `${name}@example.com`,
  request: `{"emailAddress":"${name}@Example.com"}`
})

export const newPeople = (count: number): ReadonlyArray<NewPerson> =>
  Array.from({ length: count }, (_, position) => newPerson(position))

export const invitation = (n: number): InvitationId => InvitationId.make(`inv_${n}`)

export const positionsOf = (people: ReadonlyArray<PersonRow>): ReadonlyArray<number> =>
  people.map(({ position }) => position)

export const idsOf = (campaigns: ReadonlyArray<CampaignRow>): ReadonlyArray<string> => campaigns.map(({ id }) => id)

/** Asserts that a write failed with `LeaseLost`. */
export const assertLost = (write: Effect.Effect<unknown, unknown>): Effect.Effect<void, unknown> =>
  Effect.map(Effect.flip(write), (error) => assert.instanceOf(error, LeaseLost))

/** Asserts that calls are booked, and returns their ids. */
export const assertBooked = <E>(
  book: Effect.Effect<Effect.Effect.Success<ReturnType<CampaignStore["book"]>>, E>
): Effect.Effect<ReadonlyArray<number>, E> =>
  Effect.map(book, (booked) => booked._tag === "Booked" ? booked.calls : assert.fail(`full until ${booked.until}`))

/** Asserts that calls are missing, and returns until when. */
export const assertFull = <E>(
  book: Effect.Effect<Effect.Effect.Success<ReturnType<CampaignStore["book"]>>, E>
): Effect.Effect<number, E> =>
  Effect.map(book, (booked) => booked._tag === "Full" ? booked.until : assert.fail("was booked"))

export const makeFixture = (makeStore: MakeStore): Effect.Effect<Fixture, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const time = yield* Ref.make(beginning)
    const store = yield* makeStore(Ref.get(time))

    const begin: Fixture["begin"] = (id = "campaign") =>
      Effect.zipRight(store.begin({ id, version: 1, settings: "{}" }), store.openLoad(id, duration))

    const start: Fixture["start"] = (people, id = "campaign") =>
      Effect.gen(function*() {
        const load = yield* begin(id)
        yield* store.addPeople(load, newPeople(people), duration)
        const campaign = yield* Effect.flatten(store.publish(id, load, { digest: "digest", total: people }))
        return { ...campaign, load }
      })

    const acquire: Fixture["acquire"] = (id = "campaign") =>
      Effect.map(Effect.flatten(store.acquire(id, { owner: "owner", duration })), ({ fence, load }) => ({
        id,
        load: load ?? assert.fail("the campaign has no people"),
        fence
      }))

    const post: Fixture["post"] = (lease, ...posts) =>
      store.book(lease, {
        duration,
        timeout,
        bookings: [],
        posts: posts.map((post) => typeof post === "number" ? { position: post, known: [] } : post),
        checkAfter
      })

    const settle: Fixture["settle"] = (lease, ...settlements) =>
      store.settle(lease, { from: "sending", settlements, answered: [] })

    return {
      store,
      advance: (millis) => Ref.update(time, (now) => now + millis),
      begin,
      start,
      acquire,
      lease: (people, id) => Effect.zipRight(start(people, id), acquire(id)),
      row: (id = "campaign") => Effect.flatten(store.get(id)),
      person: ({ load }, position) =>
        Effect.flatMap(
          store.people(load, { after: position - 1, limit: 1 }),
          ([person]) => Option.fromNullable(person)
        ),
      book: (lease, ...bookings) => store.book(lease, { duration, timeout, bookings }),
      post,
      settle,
      decide: (lease, state, ...positions) =>
        Effect.zipRight(
          assertBooked(post(lease, ...positions)),
          settle(lease, ...positions.map((position) => ({ position, state, problem: "{}" })))
        ),
      release: (lease, { from = "running", state = "running", wakeAt = null }) =>
        store.release(lease, { from, state, wakeAt, failures: 0, sendAt: null, problem: null, stalledReason: null })
    }
  })

/** Declares a test of a new store. */
export type Test = (title: string, body: (fixture: Fixture) => Effect.Effect<void, unknown>) => void
