import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { Campaign } from "../../../InviteCampaign.js"
import type { StoreError } from "../../../InviteCampaignError.js"
import { NoSuchCampaign } from "../../../InviteCampaignError.js"
import type { Service } from "../../../InviteCampaigns.js"
import { toInvalidRequest } from "../../client/options.js"
import type { CampaignRow } from "../model/row.js"
import * as Settings from "../model/settings.js"
import type { Tools } from "../slice/slice.js"
import * as Start from "../start/start.js"
import * as AwaitDue from "./awaitDue.js"
import * as Options from "./options.js"
import * as Report from "./report.js"
import * as RunDue from "./runDue.js"
import * as Transitions from "./transitions.js"

// People and campaigns that are read at a time.
const pageSize = 500

const defaultListLimit = 100
const maxListLimit = 1000

// Only for people who look at the store: the fence alone decides.
const makeOwner = Effect.map(
  Effect.replicateEffect(Random.nextIntBetween(0, 36), 10),
  (digits) => digits.map((digit) => digit.toString(36)).join("")
)

/**
 * Makes the service over a store.
 */
export const make = (tools: Tools & { readonly isShared: boolean }): Effect.Effect<Service> =>
  Effect.map(makeOwner, (owner): Service => {
    const { isShared, store, tuning } = tools
    const nextDue = store.nextDue({ version: Settings.version, key: tuning.key })
    const waiting = AwaitDue.make(nextDue, { isShared, now: store.now })

    // A change that this process makes ends its wait for due campaigns.
    const change = <E>(self: Effect.Effect<CampaignRow, E>) =>
      Effect.flatMap(Effect.zipLeft(self, waiting.changed), report)

    const report = (row: CampaignRow) => Report.campaign(store, tuning, row)

    const row = (id: string): Effect.Effect<CampaignRow, NoSuchCampaign | StoreError> =>
      Effect.flatMap(
        store.get(id),
        (found): Effect.Effect<CampaignRow, NoSuchCampaign> =>
          Option.match(found, { onNone: () => new NoSuchCampaign({ id }), onSome: Effect.succeed })
      )

    const get = (id: string) => Effect.flatMap(row(id), report)

    const watch: Service["watch"] = (id, { every = "1 second" } = {}) =>
      Stream.repeatEffectWithSchedule(get(id), Schedule.spaced(every)).pipe(
        Stream.changesWith(isSame),
        Stream.takeUntil(({ hasEnded }) => hasEnded)
      )

    return {
      start: (options) =>
        Effect.gen(function*() {
          const settings = yield* Effect.mapError(
            Options.settings(options),
            (invalid) => toInvalidRequest("InviteCampaigns.start", invalid)
          )
          const { row, started } = yield* Start.start(store, {
            id: options.id,
            key: tuning.key,
            people: options.people,
            settings
          })
          return { campaign: yield* change(Effect.succeed(row)), started }
        }).pipe(Effect.withSpan("InviteCampaigns.start", { captureStackTrace: false })),
      get,
      list: ({ after, limit = defaultListLimit, state } = {}) =>
        Number.isInteger(limit) && limit >= 1 && limit <= maxListLimit
          ? Effect.flatMap(
            store.list({ states: state === undefined ? undefined : [state], after, limit }),
            Effect.forEach(report)
          )
          : Effect.fail(toInvalidRequest("InviteCampaigns.list", {
            path: "limit",
            requirement: `must be a whole number from 1 to ${maxListLimit}`
          })),
      watch,
      await: (id, { every = "5 seconds" } = {}) =>
        Effect.repeat(get(id), { until: ({ hasEnded }) => hasEnded, schedule: Schedule.spaced(every) }).pipe(
          Effect.zipRight(get(id))
        ),
      people: (id, { after = -1, outcome } = {}) =>
        Stream.unwrap(
          Effect.map(row(id), ({ load }) =>
            load === null ? Stream.empty : Stream.paginateChunkEffect(after, (position) =>
              Effect.map(
                store.people(load, {
                  states: outcome === undefined ? undefined : [outcome],
                  after: position,
                  limit: pageSize
                }),
                (rows) =>
                  [
                    Chunk.map(Chunk.fromIterable(rows), Report.person),
                    rows.length < pageSize ? Option.none() : Option.map(Option.fromNullable(rows.at(-1)), lastPosition)
                  ] as const
              )))
        ),
      person: (id, emailAddress) =>
        Effect.flatMap(row(id), ({ load }) =>
          load === null
            ? Effect.succeedNone
            : Effect.map(store.person(load, EmailAddress.fold(emailAddress)), Option.map(Report.person))),
      pause: (id) => change(Transitions.pause(store, id)),
      resume: (id) => change(Transitions.resume(store, id)),
      cancel: (id) => change(Transitions.cancel(store, id)),
      retry: (id, { outcomes }) => change(Transitions.retry(store, id, outcomes)),
      delete: (id) => Effect.flatMap(store.remove(id), (existed) => existed ? Effect.void : new NoSuchCampaign({ id })),
      prune: ({ endedBefore }) =>
        Effect.gen(function*() {
          let removed = 0
          while (true) {
            const ids = yield* store.ended(DateTime.toEpochMillis(endedBefore), pageSize)
            if (ids.length === 0) return removed
            for (const id of ids) if (yield* store.remove(id)) removed++
          }
        }),
      measure: RunDue.measure(tools),
      runDue: Effect.withSpan(RunDue.runDue(tools, owner), "InviteCampaigns.runDue", { captureStackTrace: false }),
      nextDue: Effect.map(nextDue, Option.flatMap(DateTime.make)),
      awaitDue: ({ every = "5 seconds" } = {}) => waiting.awaitDue(Duration.decode(every))
    }
  })

const lastPosition = ({ position }: { readonly position: number }): number => position

// The rate changes with the time, although nothing has happened.
const isSame = (self: Campaign, that: Campaign): boolean =>
  self.state === that.state && Equal.equals(self.nextSliceAt, that.nextSliceAt) &&
  Equal.equals(self.stalledSince, that.stalledSince) && Equal.equals(self.problem, that.problem) &&
  JSON.stringify(self.counts) === JSON.stringify(that.counts)
