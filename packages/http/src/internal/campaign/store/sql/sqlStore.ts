import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { StoreError } from "../../../../InviteCampaignError.js"
import type { CampaignState } from "../../model/row.js"
import { endStates } from "../../model/row.js"
import type { Booked, CampaignStore, Lease, Worker } from "../store.js"
import { LeaseLost } from "../store.js"
import * as Database from "./database.js"
import * as Migrations from "./migrations.js"
import * as People from "./people.js"
import * as Quotas from "./quotas.js"
import type { Row } from "./rows.js"
import * as Rows from "./rows.js"

// A campaign whose state this version does not know is not taken.
const knownStates: ReadonlyArray<CampaignState> = ["loading", "running", "paused", ...endStates]

/**
 * Makes a store over a SQL database, and creates the tables that are missing.
 */
export const make = (
  options: Database.Options
): Effect.Effect<CampaignStore, StoreError, SqlClient.SqlClient> =>
  Effect.gen(function*() {
    const database = yield* Database.make(options)
    yield* Migrations.migrate(database)
    const { forUpdate, now, prefix, read, sql, write, writeWithLease } = database
    const campaigns = sql(`${prefix}_campaigns`)
    const loads = sql(`${prefix}_loads`)
    const people = People.make(database)
    const quotas = Quotas.make(database)

    const none = sql.literal("")

    const isOf = ({ key, version }: Worker) =>
      key === undefined
        ? sql`version <= ${version}`
        : sql`version <= ${version} AND (instance_key = ${key} OR instance_key IS NULL)`

    const find = (id: string) =>
      Effect.flatMap(sql<Row>`SELECT * FROM ${campaigns} WHERE id = ${id}`, Rows.firstCampaign)

    const hasLoad = (load: number | null) => load === null ? sql.literal("load_id IS NULL") : sql`load_id = ${load}`

    /** The first statement of a write with a lease: on Postgres it locks the campaign. */
    const fenced = ({ fence, id, load }: Lease) =>
      Effect.flatMap(
        Effect.flatMap(
          sql<Row>`SELECT * FROM ${campaigns} WHERE id = ${id} AND fence = ${fence} AND ${hasLoad(load)} ${forUpdate}`,
          Rows.firstCampaign
        ),
        Option.match({ onNone: () => new LeaseLost(), onSome: Effect.succeed })
      )

    const orLost = (rows: ReadonlyArray<Row>) => rows.length === 0 ? new LeaseLost() : Effect.void

    // On Postgres, an `UPDATE` that has waited for its row still sees the other rows as they were before. Operations that depend
    // on a load and on its campaign therefore lock first, and then read the clock. The order is: campaign, load, people.
    const lockCampaign = (id: string) => sql`SELECT id FROM ${campaigns} WHERE id = ${id} ${forUpdate}`

    const lockLoad = (load: number) => sql`SELECT load_id FROM ${loads} WHERE load_id = ${load} ${forUpdate}`

    // A load that no campaign has.
    const unpublished = sql`NOT EXISTS (SELECT 1 FROM ${campaigns} WHERE ${campaigns}.load_id = ${loads}.load_id)`

    const renewLoad = (load: number, from: number, until: number) =>
      sql<Row>`
        UPDATE ${loads} SET lease_until = ${until} WHERE load_id = ${load} AND lease_until > ${from} AND ${unpublished}
        RETURNING load_id`

    return {
      now: read("now")(now),

      begin: ({ id, key, settings, version }) =>
        write("begin")(Effect.gen(function*() {
          const createdAt = yield* now
          yield* sql`
            INSERT INTO ${campaigns} (id, instance_key, version, state, settings, created_at)
            VALUES (${id}, ${
            key ?? null
          }, ${version}, 'loading', ${settings}, ${createdAt}) ON CONFLICT (id) DO NOTHING`
          return yield* Effect.flatten(find(id))
        })),
      openLoad: (id, lease) =>
        write("openLoad")(Effect.gen(function*() {
          const until = (yield* now) + lease
          const [row] = yield* sql<Row>`
            INSERT INTO ${loads} (campaign_id, lease_until) VALUES (${id}, ${until}) RETURNING load_id`
          return Number(row?.["load_id"])
        })),
      addPeople: (load, rows, lease) =>
        writeWithLease("addPeople")(Effect.gen(function*() {
          yield* lockLoad(load)
          const time = yield* now
          yield* Effect.flatMap(renewLoad(load, time, time + lease), orLost)
          yield* people.add(load, rows, time)
        })),
      publish: (id, load, { digest, total }) =>
        write("publish")(Effect.gen(function*() {
          yield* lockCampaign(id)
          yield* lockLoad(load)
          const time = yield* now
          return yield* Effect.flatMap(
            sql<Row>`
              UPDATE ${campaigns} SET state = 'running', load_id = ${load}, digest = ${digest}, total = ${total},
                started_at = ${time}, wake_at = ${time}
              WHERE id = ${id} AND state = 'loading' AND EXISTS (
                SELECT 1 FROM ${loads} WHERE load_id = ${load} AND campaign_id = ${id} AND lease_until > ${time}
                AND ${unpublished}
              ) RETURNING *`,
            Rows.firstCampaign
          )
        })),
      discardLoad: (load, limit) =>
        write("discardLoad")(Effect.gen(function*() {
          yield* lockLoad(load)
          const time = yield* now
          const rows = yield* sql`
            UPDATE ${loads} SET lease_until = CASE WHEN lease_until < ${time} THEN lease_until ELSE ${time} END
            WHERE load_id = ${load} AND ${unpublished} RETURNING load_id`
          if (rows.length === 0) return true
          if (!(yield* people.remove(load, limit))) return false
          yield* sql`DELETE FROM ${loads} WHERE load_id = ${load}`
          return true
        })),
      abandon: (id) =>
        write("abandon")(Effect.flatMap(now, (time) =>
          Effect.asVoid(sql`
            DELETE FROM ${campaigns} WHERE id = ${id} AND state = 'loading' AND NOT EXISTS (
              SELECT 1 FROM ${loads} WHERE campaign_id = ${id} AND lease_until > ${time}
            )`))),
      staleLoads: (limit) =>
        read("staleLoads")(Effect.flatMap(now, (time) =>
          Effect.map(
            sql<Row>`
              SELECT load_id FROM ${loads} WHERE lease_until <= ${time} AND ${unpublished} ORDER BY load_id LIMIT ${limit}`,
            (rows) => rows.map((row) => Number(row["load_id"]))
          ))),

      get: (id) => read("get")(find(id)),
      list: ({ after, limit, states }) =>
        read("list")(Effect.map(
          sql<Row>`
            SELECT * FROM ${campaigns} WHERE ${sql.in("state", states ?? knownStates)}
            ${after === undefined ? none : sql`AND id > ${after}`} ORDER BY id LIMIT ${limit}`,
          Rows.campaigns
        )),
      ended: (before, limit) =>
        read("ended")(Effect.map(
          sql<Row>`
            SELECT id FROM ${campaigns} WHERE ended_at IS NOT NULL AND ended_at < ${before} ORDER BY id LIMIT ${limit}`,
          (rows) => rows.map((row) => String(row["id"]))
        )),
      counts: (load) => read("counts")(people.counts(load)),
      people: (load, query) => read("people")(people.page(load, query)),
      person: (load, folded) => read("person")(people.find(load, folded)),

      transition: (id, { end, from, to, wake }) =>
        write("transition")(Effect.gen(function*() {
          const time = yield* now
          return yield* Effect.flatMap(
            sql<Row>`
              UPDATE ${campaigns} SET state = ${to}, wake_at = ${wake === "now" ? time : null}, send_at = NULL
              ${
              end === undefined ? none : end === "ends" ? sql`, ended_at = ${time}` : sql.literal(", ended_at = NULL")
            }
              WHERE id = ${id} AND ${sql.in("state", from)} RETURNING *`,
            Rows.firstCampaign
          )
        })),
      retry: (id, outcomes, from) =>
        write("retry")(Effect.gen(function*() {
          const time = yield* now
          const changed = yield* Effect.flatMap(
            sql<Row>`
              UPDATE ${campaigns} SET state = 'running', wake_at = ${time}, ended_at = NULL, failures = 0, send_at = NULL, problem = NULL,
                suspicion = NULL, stalled_reason = NULL
              WHERE id = ${id} AND ${sql.in("state", from)} AND final_counts IS NULL RETURNING *`,
            Rows.firstCampaign
          )
          if (Option.isSome(changed) && changed.value.load !== null) yield* people.retry(changed.value.load, outcomes)
          return changed
        })),
      remove: (id) =>
        write("remove")(Effect.gen(function*() {
          const rows = yield* sql`DELETE FROM ${campaigns} WHERE id = ${id} RETURNING id`
          const ids = yield* sql<Row>`DELETE FROM ${loads} WHERE campaign_id = ${id} RETURNING load_id`
          yield* people.removeAll(ids.map((row) => Number(row["load_id"])))
          return rows.length > 0
        })),

      due: ({ limit, ...worker }) =>
        read("due")(Effect.flatMap(now, (time) =>
          Effect.map(
            sql<Row>`
              SELECT * FROM ${campaigns} WHERE ${isOf(worker)} AND ${sql.in("state", knownStates)}
              AND wake_at <= ${time} AND (lease_until IS NULL OR lease_until <= ${time})
              ORDER BY COALESCE(turn, 0), wake_at, id LIMIT ${limit}`,
            Rows.campaigns
          ))),
      competing: ({ limit, ...worker }) =>
        read("competing")(Effect.flatMap(now, (time) =>
          Effect.map(
            sql<Row>`
              SELECT settings FROM ${campaigns} WHERE ${isOf(worker)} AND state = 'running' AND wake_at <= ${time}
              LIMIT ${limit}`,
            (rows) => rows.map((row) => String(row["settings"]))
          ))),
      nextDue: (worker) =>
        read("nextDue")(Effect.map(
          sql<Row>`
            SELECT MIN(CASE WHEN lease_until > wake_at THEN lease_until ELSE wake_at END) AS next FROM ${campaigns}
            WHERE ${isOf(worker)} AND ${sql.in("state", knownStates)} AND wake_at IS NOT NULL`,
          ([row]) => Option.map(Option.fromNullable(row?.["next"]), Number)
        )),
      acquire: (id, { duration, owner }) =>
        write("acquire")(Effect.gen(function*() {
          const time = yield* now
          return yield* Effect.flatMap(
            sql<Row>`
              UPDATE ${campaigns} SET lease_owner = ${owner}, lease_until = ${time + duration}, fence = fence + 1
              WHERE id = ${id} AND wake_at <= ${time} AND (lease_until IS NULL OR lease_until <= ${time}) RETURNING *`,
            Rows.firstCampaign
          )
        })),
      release: ({ fence, id, load }, { failures, from, problem, sendAt, stalledReason, state, wakeAt }) =>
        writeWithLease("release")(Effect.gen(function*() {
          const time = yield* now
          const campaign = yield* Effect.flatMap(
            sql<Row>`
              UPDATE ${campaigns} SET lease_owner = NULL, lease_until = NULL
              WHERE id = ${id} AND fence = ${fence} AND ${hasLoad(load)} RETURNING *`,
            Rows.firstCampaign
          )
          if (Option.isNone(campaign)) return yield* new LeaseLost()
          if (campaign.value.state !== from) return
          // People may be pending again by a retry.
          const isEarly = state === "completed" && load !== null && !(yield* people.isDecided(load))
          const next = isEarly ? from : state
          yield* sql`
            UPDATE ${campaigns} SET state = ${next}, wake_at = ${isEarly ? time : wakeAt}, failures = ${failures},
              send_at = ${sendAt}, problem = ${problem}, stalled_reason = ${stalledReason},
              ended_at = ${endStates.includes(next) ? sql`COALESCE(ended_at, ${time})` : sql.literal("NULL")}
            WHERE id = ${id}`
        })),

      candidates: (load, query) => read("candidates")(people.candidates(load, query)),
      doubtful: (load, query) => read("doubtful")(people.doubtful(load, query)),
      dueFollowUps: (load, query) => read("dueFollowUps")(people.dueFollowUps(load, query)),
      remaining: (load) => read("remaining")(people.remaining(load)),

      room: (quota) => read("room")(quotas.room(quota)),
      book: (lease, { bookings, checkAfter, duration, lasts = 0, posts = [], timeout }) =>
        writeWithLease("book")(Effect.gen(function*() {
          const time = yield* now
          yield* Effect.flatMap(
            sql<Row>`
              UPDATE ${campaigns} SET lease_until = ${time + duration}
              WHERE id = ${lease.id} AND fence = ${lease.fence} AND ${hasLoad(lease.load)} AND lease_until > ${time}
              ${posts.length === 0 ? none : sql.literal("AND state = 'running'")} RETURNING id`,
            orLost
          )
          const until = yield* quotas.freeAt(bookings, time)
          if (until > time) return { _tag: "Full", until, now: time } satisfies Booked
          if (posts.length > 0 && lease.load !== null) {
            const isPosted = yield* people.post(lease.load, posts, {
              now: time,
              checkAt: time + (checkAfter ?? timeout)
            })
            if (!isPosted) return yield* new LeaseLost()
          }
          if (lasts > 0) {
            yield* sql`
              UPDATE ${campaigns} SET turn = CASE WHEN turn > ${time} THEN turn ELSE ${time} END + ${lasts}
              WHERE id = ${lease.id}`
          }
          const calls = bookings.length === 0 ? [] : yield* quotas.book(bookings, time, timeout)
          return { _tag: "Booked", calls, now: time } satisfies Booked
        })),
      settle: (lease, { answered, followUpAfter, from, settlements, suspicion }) =>
        writeWithLease("settle")(Effect.gen(function*() {
          const time = yield* now
          const campaign = yield* fenced(lease)
          if (suspicion !== undefined && suspicion !== campaign.suspicion) {
            yield* sql`UPDATE ${campaigns} SET suspicion = ${suspicion} WHERE id = ${lease.id}`
          }
          if (lease.load !== null) yield* people.settle(lease.load, from, settlements, { now: time, followUpAfter })
          yield* quotas.answer(answered, time)
        })),
      followUp: (lease, { answered, followUps }) =>
        writeWithLease("followUp")(Effect.gen(function*() {
          const time = yield* now
          const { state } = yield* fenced(lease)
          if (state !== "running") return yield* new LeaseLost()
          if (lease.load !== null) yield* people.followUp(lease.load, followUps)
          yield* quotas.answer(answered, time)
        })),
      close: (quota, millis) => write("close")(quotas.close(quota, millis)),

      purge: (lease, counts, limit) =>
        writeWithLease("purge")(Effect.gen(function*() {
          yield* Effect.flatMap(
            sql<Row>`
              UPDATE ${campaigns} SET final_counts = ${counts}
              WHERE id = ${lease.id} AND fence = ${lease.fence} AND ${hasLoad(lease.load)}
              AND ${sql.in("state", endStates)} RETURNING id`,
            orLost
          )
          return lease.load === null || (yield* people.remove(lease.load, limit))
        }))
    }
  })
