import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CampaignRow, CampaignState, Counts } from "../model/row.js"
import { hasEnded } from "../model/row.js"
import type { MemoryPeople } from "./memoryPeople.js"
import * as People from "./memoryPeople.js"
import * as Quotas from "./memoryQuotas.js"
import type { Booked, CampaignStore, Lease, SliceEnd, Worker } from "./store.js"
import { LeaseLost } from "./store.js"

/**
 * The people of a campaign, or of one that is being loaded.
 */
interface Load {
  readonly id: number
  readonly campaign: string
  readonly people: MemoryPeople
  /** Until when no other process may remove the load. */
  until: number
}

const byId = (one: CampaignRow, other: CampaignRow): number => one.id < other.id ? -1 : 1

const holds = ({ leaseUntil }: CampaignRow, now: number): boolean => leaseUntil !== null && leaseUntil > now

/** When a process may work on a campaign. `null` if never. */
const dueAt = ({ leaseUntil, wakeAt }: CampaignRow): number | null =>
  wakeAt === null ? null : Math.max(wakeAt, leaseUntil ?? wakeAt)

const isOf = ({ key, version }: Worker) => (campaign: CampaignRow): boolean =>
  campaign.version <= version && (key === undefined || campaign.key === null || campaign.key === key)

const created = (
  { id, key, settings, version }: Parameters<CampaignStore["begin"]>[0],
  now: number
): CampaignRow => ({
  id,
  key: key ?? null,
  version,
  state: "loading",
  load: null,
  digest: null,
  settings,
  total: 0,
  wakeAt: null,
  leaseOwner: null,
  leaseUntil: null,
  fence: 0,
  createdAt: now,
  startedAt: null,
  endedAt: null,
  failures: 0,
  sendAt: null,
  turn: null,
  problem: null,
  suspicion: null,
  stalledReason: null,
  finalCounts: null
})

const ended = (campaign: CampaignRow, end: SliceEnd, now: number): CampaignRow => ({
  ...campaign,
  state: end.state,
  wakeAt: end.wakeAt,
  failures: end.failures,
  sendAt: end.sendAt,
  problem: end.problem,
  stalledReason: end.stalledReason,
  endedAt: hasEnded(end.state) ? campaign.endedAt ?? now : null
})

const isDecided = (people: MemoryPeople): boolean =>
  (people.counts().get("pending") ?? 0) + (people.counts().get("sending") ?? 0) === 0 && people.nextFollowUp() === null

/**
 * A store in the memory of this process. It never fails with `StoreError`.
 */
export const make = (
  options: {
    /** The clock of the store, in Unix milliseconds. Defaults to the clock of Effect. */
    readonly now?: Effect.Effect<number> | undefined
  } = {}
): Effect.Effect<CampaignStore> =>
  Effect.sync(() => {
    const now = options.now ?? Clock.currentTimeMillis
    const campaigns = new Map<string, CampaignRow>()
    const loads = new Map<number, Load>()
    const quotas = Quotas.make()
    let lastLoad = 0

    // An operation reads the time first, and then runs without another fiber in between.
    const operation = <A>(f: (now: number) => A): Effect.Effect<A> => Effect.map(now, f)

    const leased = <A>(f: (now: number) => Option.Option<A>): Effect.Effect<A, LeaseLost> =>
      Effect.flatMap(operation(f), Option.match({ onNone: () => new LeaseLost(), onSome: Effect.succeed }))

    const save = (campaign: CampaignRow): CampaignRow => {
      campaigns.set(campaign.id, campaign)
      return campaign
    }

    const find = (id: string): Option.Option<CampaignRow> => Option.fromNullable(campaigns.get(id))

    const findIn = (id: string, states: ReadonlyArray<CampaignState>): Option.Option<CampaignRow> =>
      Option.filter(find(id), ({ state }) => states.includes(state))

    /**
     * The campaign of a lease, unless another process has taken it. A campaign that was removed and begun again has the same id,
     * and may have the same fence, but not the same load.
     */
    const fenced = ({ fence, id, load }: Lease): Option.Option<CampaignRow> =>
      Option.filter(find(id), (campaign) => campaign.fence === fence && campaign.load === load)

    const sorted = (keep: (campaign: CampaignRow) => boolean, limit: number): ReadonlyArray<CampaignRow> =>
      [...campaigns.values()].filter(keep).sort(byId).slice(0, limit)

    const published = ({ campaign, id }: Load): boolean => campaigns.get(campaign)?.load === id

    const liveLoad = (id: number, now: number): Option.Option<Load> =>
      Option.filter(Option.fromNullable(loads.get(id)), (load) => load.until > now && !published(load))

    const peopleOf = (load: number | null): MemoryPeople =>
      (load === null ? undefined : loads.get(load)?.people) ?? People.make()

    return {
      now,

      begin: (campaign) => operation((now) => Option.getOrElse(find(campaign.id), () => save(created(campaign, now)))),
      openLoad: (id, lease) =>
        operation((now) => {
          lastLoad += 1
          loads.set(lastLoad, { id: lastLoad, campaign: id, people: People.make(), until: now + lease })
          return lastLoad
        }),
      addPeople: (id, people, lease) =>
        leased((now) =>
          Option.map(liveLoad(id, now), (load) => {
            load.people.add(people, now)
            load.until = now + lease
          })
        ),
      publish: (id, load, { digest, total }) =>
        operation((now) =>
          Option.zipWith(
            findIn(id, ["loading"]),
            Option.filter(liveLoad(load, now), ({ campaign }) => campaign === id),
            (campaign) => save({ ...campaign, state: "running", load, digest, total, startedAt: now, wakeAt: now })
          )
        ),
      discardLoad: (id, limit) =>
        operation((now) => {
          const load = loads.get(id)
          if (load === undefined || published(load)) return true
          load.until = Math.min(load.until, now)
          return load.people.remove(limit) && loads.delete(id)
        }),
      abandon: (id) =>
        operation((now) => {
          const isLive = [...loads.values()].some(({ campaign, until }) => campaign === id && until > now)
          if (!isLive && campaigns.get(id)?.state === "loading") campaigns.delete(id)
        }),
      staleLoads: (limit) =>
        operation((now) =>
          [...loads.values()].filter((load) => load.until <= now && !published(load)).slice(0, limit)
            .map(({ id }) => id)
        ),

      get: (id) => operation(() => find(id)),
      list: ({ after, limit, states }) =>
        operation(() =>
          sorted(
            ({ id, state }) => (states === undefined || states.includes(state)) && (after === undefined || id > after),
            limit
          )
        ),
      ended: (before, limit) =>
        operation(() => sorted(({ endedAt }) => endedAt !== null && endedAt < before, limit).map(({ id }) => id)),
      counts: (load) =>
        operation((): Counts => Object.fromEntries([...peopleOf(load).counts()].filter(([, count]) => count > 0))),
      people: (load, query) => operation(() => peopleOf(load).page(query)),
      person: (load, folded) => operation(() => Option.fromNullable(peopleOf(load).find(folded))),

      transition: (id, { end, from, to, wake }) =>
        operation((now) =>
          Option.map(findIn(id, from), (campaign) =>
            save({
              ...campaign,
              state: to,
              wakeAt: wake === "now" ? now : null,
              sendAt: null,
              endedAt: end === "ends" ? now : end === "restarts" ? null : campaign.endedAt
            }))
        ),
      retry: (id, outcomes, from) =>
        operation((now) =>
          Option.map(
            Option.filter(findIn(id, from), ({ finalCounts }) => finalCounts === null),
            (campaign) => {
              peopleOf(campaign.load).retry(outcomes)
              return save({
                ...campaign,
                state: "running",
                wakeAt: now,
                endedAt: null,
                failures: 0,
                sendAt: null,
                problem: null,
                suspicion: null,
                stalledReason: null
              })
            }
          )
        ),
      remove: (id) =>
        operation(() => {
          for (const load of loads.values()) {
            if (load.campaign === id) loads.delete(load.id)
          }
          return campaigns.delete(id)
        }),

      due: ({ limit, ...worker }) =>
        operation((now) =>
          [...campaigns.values()]
            .filter(isOf(worker))
            .flatMap((campaign) => {
              const at = dueAt(campaign)
              return at !== null && at <= now ? [{ campaign, wakeAt: campaign.wakeAt ?? at }] : []
            })
            .sort((one, other) =>
              (one.campaign.turn ?? 0) - (other.campaign.turn ?? 0) || one.wakeAt - other.wakeAt ||
              byId(one.campaign, other.campaign)
            )
            .slice(0, limit)
            .map(({ campaign }) => campaign)
        ),
      competing: ({ limit, ...worker }) =>
        operation((now) =>
          [...campaigns.values()]
            .filter(isOf(worker))
            .filter(({ state, wakeAt }) => state === "running" && (wakeAt ?? Infinity) <= now)
            .slice(0, limit)
            .map(({ settings }) => settings)
        ),
      nextDue: (worker) =>
        operation(() =>
          Option.reduceCompact(
            [...campaigns.values()].filter(isOf(worker)).map((campaign) => Option.fromNullable(dueAt(campaign))),
            Option.none<number>(),
            (next, at) => Option.some(Math.min(Option.getOrElse(next, () => at), at))
          )
        ),
      acquire: (id, { duration, owner }) =>
        operation((now) =>
          Option.map(
            Option.filter(find(id), (campaign) => {
              const at = dueAt(campaign)
              return at !== null && at <= now
            }),
            (campaign) =>
              save({ ...campaign, leaseOwner: owner, leaseUntil: now + duration, fence: campaign.fence + 1 })
          )
        ),
      release: (lease, { from, ...end }) =>
        leased((now) =>
          Option.map(fenced(lease), (campaign) => {
            const released = { ...campaign, leaseOwner: null, leaseUntil: null }
            const isEarly = end.state === "completed" && !isDecided(peopleOf(campaign.load))
            const next = isEarly ? { ...end, state: from, wakeAt: now } : end
            save(campaign.state === from ? ended(released, next, now) : released)
          })
        ),

      candidates: (load, { except, kind, limit }) =>
        operation(() => peopleOf(load).candidates(kind, limit, new Set(except))),
      doubtful: (load, { limit, now }) => operation(() => peopleOf(load).doubtful(now, limit)),
      dueFollowUps: (load, { limit, now }) => operation(() => peopleOf(load).dueFollowUps(now, limit)),
      remaining: (load) =>
        operation(() => {
          const people = peopleOf(load)
          const counts = people.counts()
          return {
            pending: counts.get("pending") ?? 0,
            sending: counts.get("sending") ?? 0,
            checkAt: people.nextCheck(),
            followUpAt: people.nextFollowUp()
          }
        }),

      room: (quota) => operation((now) => quotas.room(quota, now)),
      book: (lease, { bookings, checkAfter, duration, lasts = 0, posts = [], timeout }) =>
        leased((now) => {
          const people = peopleOf(lease.load)
          return Option.map(
            Option.filter(fenced(lease), (campaign) =>
              holds(campaign, now) &&
              (posts.length === 0 || campaign.state === "running") &&
              posts.every(({ position }) => people.get(position)?.state === "pending")),
            (campaign): Booked => {
              save({ ...campaign, leaseUntil: now + duration })
              const until = quotas.freeAt(bookings, now)
              if (until > now) return { _tag: "Full", until, now }
              for (const post of posts) people.post(post, now, now + (checkAfter ?? timeout))
              if (lasts > 0) {
                save({ ...campaign, leaseUntil: now + duration, turn: Math.max(campaign.turn ?? 0, now) + lasts })
              }
              return { _tag: "Booked", calls: quotas.book(bookings, now, timeout), now }
            }
          )
        }),
      settle: (lease, { answered, followUpAfter, from, settlements, suspicion }) =>
        leased((now) =>
          Option.map(fenced(lease), (campaign) => {
            const people = peopleOf(lease.load)
            for (const settlement of settlements) people.settle(from, settlement, { now, followUpAfter })
            quotas.answer(answered, now)
            if (suspicion !== undefined) save({ ...campaign, suspicion })
          })
        ),
      followUp: (lease, { answered, followUps }) =>
        leased((now) =>
          Option.map(Option.filter(fenced(lease), ({ state }) => state === "running"), () => {
            const people = peopleOf(lease.load)
            for (const followUp of followUps) people.followUp(followUp)
            quotas.answer(answered, now)
          })
        ),
      close: (quota, millis) => operation((now) => quotas.close(quota, now + millis)),

      purge: (lease, counts, limit) =>
        leased(() =>
          Option.map(Option.filter(fenced(lease), ({ state }) => hasEnded(state)), (campaign) => {
            save({ ...campaign, finalCounts: counts })
            return peopleOf(lease.load).remove(limit)
          })
        )
    }
  })
