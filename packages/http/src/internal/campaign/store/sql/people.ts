import { maxBulkSize } from "@effect-clerk/core/CreateInvitation"
import type { SqlError } from "@effect/sql/SqlError"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { StoreError } from "../../../../InviteCampaignError.js"
import type { Counts, NewPerson, PersonRow, PersonState } from "../../model/row.js"
import type { CampaignStore, FollowUp, PeopleQuery, Post, Remaining, Settlement } from "../store.js"
import type { Database } from "./database.js"
import type { Row } from "./rows.js"
import * as Rows from "./rows.js"

type Failure = SqlError | StoreError

/**
 * The people of the loads. Every operation runs in a transaction of the caller, or reads with one statement.
 */
export interface People {
  readonly add: (load: number, people: ReadonlyArray<NewPerson>, now: number) => Effect.Effect<void, Failure>
  readonly page: (load: number, query: PeopleQuery) => Effect.Effect<ReadonlyArray<PersonRow>, Failure>
  readonly find: (load: number, folded: string) => Effect.Effect<Option.Option<PersonRow>, Failure>
  readonly counts: (load: number) => Effect.Effect<Counts, Failure>
  readonly candidates: (
    load: number,
    query: Parameters<CampaignStore["candidates"]>[1]
  ) => Effect.Effect<ReadonlyArray<PersonRow>, Failure>
  readonly doubtful: (
    load: number,
    query: Parameters<CampaignStore["doubtful"]>[1]
  ) => Effect.Effect<ReadonlyArray<PersonRow>, Failure>
  readonly dueFollowUps: (
    load: number,
    query: Parameters<CampaignStore["dueFollowUps"]>[1]
  ) => Effect.Effect<ReadonlyArray<PersonRow>, Failure>
  readonly remaining: (load: number) => Effect.Effect<Remaining, Failure>
  readonly isDecided: (load: number) => Effect.Effect<boolean, Failure>
  /** Marks pending people as posted. Returns false if one of them is not pending. */
  readonly post: (
    load: number,
    posts: ReadonlyArray<Post>,
    times: { readonly now: number; readonly checkAt: number }
  ) => Effect.Effect<boolean, Failure>
  readonly settle: (
    load: number,
    from: PersonState,
    settlements: ReadonlyArray<Settlement>,
    times: { readonly now: number; readonly followUpAfter?: number | undefined }
  ) => Effect.Effect<void, Failure>
  readonly followUp: (load: number, followUps: ReadonlyArray<FollowUp>) => Effect.Effect<void, Failure>
  readonly retry: (load: number, outcomes: ReadonlyArray<PersonState>) => Effect.Effect<void, Failure>
  /** Removes at most `limit` people. Returns whether all are removed. */
  readonly remove: (load: number, limit: number) => Effect.Effect<boolean, Failure>
  readonly removeAll: (loads: ReadonlyArray<number>) => Effect.Effect<void, Failure>
}

const decisions = ["accepted", "closed", "again"] as const

export const make = ({ prefix, sql }: Database): People => {
  const people = sql(`${prefix}_people`)

  const insert = (load: number, rows: ReadonlyArray<NewPerson>) =>
    rows.length === 0 ?
      Effect.void :
      sql`INSERT INTO ${people} ${
        sql.insert(rows.map(({ emailAddress, folded, position, request }) => ({
          load_id: load,
          position,
          email_address: emailAddress,
          folded,
          request,
          state: "pending",
          batch: maxBulkSize
        })))
      }`

  const insertRepeated = (load: number, rows: ReadonlyArray<NewPerson>, now: number) =>
    rows.length === 0 ? Effect.void : sql`INSERT INTO ${people} ${
      sql.insert(rows.map(({ emailAddress, position }) => ({
        load_id: load,
        position,
        email_address: emailAddress,
        state: "Repeated",
        batch: maxBulkSize,
        decided_at: now
      })))
    }`

  const settleOne = (load: number, from: PersonState, settlement: Settlement, now: number) => {
    const { position, state } = settlement
    const where = sql`WHERE load_id = ${load} AND position = ${position} AND state = ${from}`
    switch (state) {
      case "pending":
        return sql`
          UPDATE ${people} SET state = ${state}, batch = COALESCE(${settlement.batch ?? null}, batch), check_at = NULL
          ${
          settlement.keepDoubt === true ? sql.literal("") : sql.literal(", first_posted_at = NULL, posts = 0")
        } ${where}`
      case "sending":
        return sql`
          UPDATE ${people} SET state = ${state}, check_at = COALESCE(${settlement.checkAt ?? null}, check_at) ${where}`
      case "Rejected":
        return sql`
          UPDATE ${people} SET state = ${state}, check_at = NULL, first_posted_at = NULL,
            invitation_id = ${settlement.invitationId ?? null}, problem = ${
          settlement.problem ?? null
        }, decided_at = ${now}
          ${where}`
      case "Unknown":
        return sql`
          UPDATE ${people} SET state = ${state}, check_at = NULL,
            invitation_id = ${settlement.invitationId ?? null}, problem = ${
          settlement.problem ?? null
        }, decided_at = ${now}
          ${where}`
      default:
        return sql`
          UPDATE ${people} SET state = ${state}, request = NULL, check_at = NULL, first_posted_at = NULL,
            invitation_id = ${settlement.invitationId ?? null}, problem = ${
          settlement.problem ?? null
        }, decided_at = ${now}
          ${where}`
    }
  }

  /** Most people of a batch are created, so one statement stores all of them. */
  const settleCreated = (
    load: number,
    from: PersonState,
    settlements: ReadonlyArray<Settlement>,
    { followUpAfter, now }: { readonly now: number; readonly followUpAfter?: number | undefined }
  ) => {
    if (settlements.length === 0) return Effect.void
    const ids = settlements.map(({ invitationId, position }) => sql`WHEN ${position} THEN ${invitationId ?? null}`)
    return sql`
      UPDATE ${people} SET state = 'Created', check_at = NULL, first_posted_at = NULL,
        ${followUpAfter === undefined ? sql`request = NULL` : sql`follow_up_at = ${now + followUpAfter}`},
        invitation_id = CASE position ${sql.join(" ", false)(ids)} END, problem = NULL, decided_at = ${now}
      WHERE load_id = ${load} AND ${
      sql.in("position", settlements.map(({ position }) => position))
    } AND state = ${from}`
  }

  const postSame = (
    load: number,
    { known, positions }: { readonly known: string | null; readonly positions: ReadonlyArray<number> },
    { checkAt, now }: { readonly now: number; readonly checkAt: number }
  ) =>
    Effect.map(
      sql<Row>`
        UPDATE ${people} SET state = 'sending', posts = posts + 1, posted_at = ${now}, check_at = ${checkAt},
          known = CASE WHEN first_posted_at IS NULL THEN ${known} ELSE known END,
          first_posted_at = COALESCE(first_posted_at, ${now})
        WHERE load_id = ${load} AND ${sql.in("position", positions)} AND state = 'pending' RETURNING position`,
      (rows) => rows.length === positions.length
    )

  const isDue = sql.literal("(state = 'Created' AND follow_up_at IS NOT NULL)")

  const changes = {
    accepted: sql.literal("state = 'Created', request = NULL, first_posted_at = NULL, accepted = 1"),
    closed: sql.literal("request = NULL"),
    again: sql`state = 'pending', batch = ${maxBulkSize}, posts = 0, follow_ups = follow_ups + 1`
  } as const

  return {
    add: (load, rows, now) =>
      Effect.gen(function*() {
        if (rows.length === 0) return
        const stored = yield* sql<Row>`
          SELECT folded FROM ${people} WHERE load_id = ${load} AND ${
          sql.in("folded", rows.map(({ folded }) => folded))
        }`
        const seen = new Set(stored.map((row) => row["folded"]))
        const repeated: Array<NewPerson> = []
        const fresh = rows.filter((row) => {
          if (seen.has(row.folded)) {
            repeated.push(row)
            return false
          }
          seen.add(row.folded)
          return true
        })
        yield* insert(load, fresh)
        yield* insertRepeated(load, repeated, now)
      }),
    page: (load, { after, limit, states }) =>
      Effect.flatMap(
        sql<Row>`
          SELECT * FROM ${people} WHERE load_id = ${load} AND position > ${after}
          ${states === undefined ? sql.literal("") : sql`AND ${sql.in("state", states)}`}
          ORDER BY position LIMIT ${limit}`,
        Rows.people
      ),
    find: (load, folded) =>
      Effect.flatMap(
        sql<Row>`SELECT * FROM ${people} WHERE load_id = ${load} AND folded = ${folded}`,
        (rows) => Effect.map(Rows.people(rows), ([person]) => Option.fromNullable(person))
      ),
    counts: (load) =>
      Effect.map(
        sql<Row>`
          SELECT state, COUNT(*) AS people, SUM(accepted) AS accepted FROM ${people} WHERE load_id = ${load} GROUP BY state`,
        (rows): Counts => {
          const accepted = rows.reduce((sum, row) => sum + Number(row["accepted"]), 0)
          return {
            ...Object.fromEntries(rows.map((row) => [String(row["state"]), Number(row["people"])] as const)),
            ...(accepted === 0 ? {} : { accepted })
          }
        }
      ),
    candidates: (load, { except, kind, limit }) =>
      Effect.flatMap(
        sql<Row>`
          SELECT * FROM ${people} WHERE load_id = ${load} AND state = 'pending'
          AND ${kind === "fresh" ? sql`batch = ${maxBulkSize}` : sql`batch < ${maxBulkSize}`}
          ${except.length === 0 ? sql.literal("") : sql`AND NOT ${sql.in("position", except)}`}
          ORDER BY batch, position LIMIT ${limit}`,
        Rows.people
      ),
    doubtful: (load, { limit, now }) =>
      Effect.flatMap(
        sql<Row>`
          SELECT * FROM ${people} WHERE load_id = ${load} AND state = 'sending' AND check_at <= ${now}
          ORDER BY check_at, position LIMIT ${limit}`,
        Rows.people
      ),
    dueFollowUps: (load, { limit, now }) =>
      Effect.flatMap(
        sql<Row>`
          SELECT * FROM ${people} WHERE load_id = ${load} AND follow_up_at <= ${now}
          ORDER BY follow_up_at, position LIMIT ${limit}`,
        Rows.people
      ),
    remaining: (load) =>
      Effect.map(
        sql<Row>`
          SELECT
            (SELECT COUNT(*) FROM ${people} WHERE load_id = ${load} AND state = 'pending') AS pending,
            (SELECT MIN(follow_up_at) FROM ${people} WHERE load_id = ${load} AND follow_up_at IS NOT NULL) AS follow_up_at,
            COUNT(*) AS sending, MIN(check_at) AS check_at
          FROM ${people} WHERE load_id = ${load} AND state = 'sending'`,
        ([row]) => ({
          pending: Number(row?.["pending"] ?? 0),
          sending: Number(row?.["sending"] ?? 0),
          checkAt: Rows.numberOrNull(row?.["check_at"]),
          followUpAt: Rows.numberOrNull(row?.["follow_up_at"])
        })
      ),
    isDecided: (load) =>
      Effect.map(
        sql`
          SELECT 1 FROM ${people} WHERE load_id = ${load} AND ${sql.in("state", ["pending", "sending"])}
          UNION ALL SELECT 1 FROM ${people} WHERE load_id = ${load} AND follow_up_at IS NOT NULL LIMIT 1`,
        (rows) => rows.length === 0
      ),
    post: (load, posts, times) =>
      Effect.gen(function*() {
        const byKnown = new Map<string | null, Array<number>>()
        for (const { known, position } of posts) {
          const json = Rows.knownToJson(known)
          byKnown.set(json, [...(byKnown.get(json) ?? []), position])
        }
        for (const [known, positions] of byKnown) {
          if (!(yield* postSame(load, { known, positions }, times))) return false
        }
        return true
      }),
    settle: (load, from, settlements, times) => {
      const [others, created] = Arr.partition(
        settlements,
        ({ problem, state }) => state === "Created" && problem === undefined
      )
      return Effect.zipRight(
        settleCreated(load, from, created, times),
        Effect.forEach(others, (settlement) => settleOne(load, from, settlement, times.now), { discard: true })
      )
    },
    followUp: (load, followUps) =>
      Effect.forEach(decisions, (decision) => {
        const positions = followUps.flatMap((followUp) => followUp.decision === decision ? [followUp.position] : [])
        return positions.length === 0 ? Effect.void : sql`
          UPDATE ${people} SET ${changes[decision]}, follow_up_at = NULL
          WHERE load_id = ${load} AND ${sql.in("position", positions)} AND ${
          decision === "accepted" ? sql`(${isDue} OR (state = 'pending' AND invitation_id IS NOT NULL))` : isDue
        }`
      }, { discard: true }),
    retry: (load, outcomes) =>
      outcomes.length === 0 ? Effect.void : Effect.asVoid(sql`
        UPDATE ${people} SET state = 'pending', batch = ${maxBulkSize}, posts = 0, check_at = NULL, problem = NULL,
          decided_at = NULL
        WHERE load_id = ${load} AND ${sql.in("state", outcomes)}`),
    remove: (load, limit) =>
      Effect.gen(function*() {
        yield* sql`
          DELETE FROM ${people} WHERE load_id = ${load} AND position IN (
            SELECT position FROM ${people} WHERE load_id = ${load} ORDER BY position LIMIT ${limit}
          )`
        const rest = yield* sql`SELECT position FROM ${people} WHERE load_id = ${load} LIMIT 1`
        return rest.length === 0
      }),
    removeAll: (loads) =>
      loads.length === 0 ? Effect.void : Effect.asVoid(sql`DELETE FROM ${people} WHERE ${sql.in("load_id", loads)}`)
  }
}
