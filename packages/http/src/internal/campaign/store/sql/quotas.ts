import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import { freeAt, margin, totals } from "../../model/quota.js"
import type { Booking, Quota } from "../../model/quota.js"
import type { Database } from "./database.js"
import type { Row } from "./rows.js"

/**
 * The quotas and their booked calls. Every operation runs in a transaction of the caller.
 */
export interface Quotas {
  readonly room: (quota: Quota) => Effect.Effect<{ readonly free: number; readonly until: number }, SqlError>
  /** When there is room for all bookings. At `now` or later. On Postgres, other bookings wait for the transaction. */
  readonly freeAt: (bookings: ReadonlyArray<Booking>, now: number) => Effect.Effect<number, SqlError>
  /** Books calls for which there is room. */
  readonly book: (
    bookings: ReadonlyArray<Booking>,
    now: number,
    timeout: number
  ) => Effect.Effect<ReadonlyArray<number>, SqlError>
  readonly answer: (calls: ReadonlyArray<number>, now: number) => Effect.Effect<void, SqlError>
  readonly close: (quota: Quota, millis: number) => Effect.Effect<void, SqlError>
}

interface Usage {
  readonly closedUntil: number
  readonly used: number
}

const usageOf = ([row]: ReadonlyArray<Row>): Usage => ({
  closedUntil: Number(row?.["closed_until"] ?? 0),
  used: Number(row?.["used"] ?? 0)
})

export const make = (database: Database): Quotas => {
  const { forUpdate, prefix, sql } = database
  const quotas = sql(`${prefix}_quotas`)
  const calls = sql(`${prefix}_calls`)

  const insert = (name: string) =>
    sql`INSERT INTO ${quotas} (name, closed_until) VALUES (${name}, 0) ON CONFLICT (name) DO NOTHING`

  // SQLite has one writer at a time.
  const lock = (name: string) =>
    sql.onDialectOrElse({
      sqlite: () => Effect.void,
      orElse: () => Effect.zipRight(insert(name), sql`SELECT name FROM ${quotas} WHERE name = ${name} ${forUpdate}`)
    })

  const usage = (name: string, now: number) =>
    Effect.map(
      sql<Row>`
        SELECT
          (SELECT closed_until FROM ${quotas} WHERE name = ${name}) AS closed_until,
          (SELECT SUM(amount) FROM ${calls} WHERE quota = ${name} AND frees_at > ${now}) AS used`,
      usageOf
    )

  /** When `amount` calls are free. */
  const due = ({ amount, quota }: Booking, { closedUntil, used }: Usage, now: number) => {
    const opens = Math.max(now, closedUntil)
    if (used + amount <= quota.limit) return Effect.succeed(opens)
    return Effect.map(
      sql<Row>`
        SELECT frees_at, amount FROM ${calls} WHERE quota = ${quota.name} AND frees_at > ${now} ORDER BY frees_at`,
      (rows) =>
        Math.max(
          opens,
          freeAt(
            { quota, amount },
            rows.map((row) => ({ amount: Number(row["amount"]), freeAt: Number(row["frees_at"]) })),
            now
          )
        )
    )
  }

  return {
    room: (quota) =>
      Effect.gen(function*() {
        const now = yield* database.now
        const used = yield* usage(quota.name, now)
        const until = yield* due({ quota, amount: 1 }, used, now)
        return { free: until > now ? 0 : quota.limit - used.used, until }
      }),
    freeAt: (bookings, now) =>
      Effect.gen(function*() {
        let at = now
        for (const booking of totals(bookings)) {
          yield* lock(booking.quota.name)
          at = Math.max(at, yield* due(booking, yield* usage(booking.quota.name, now), now))
        }
        return at
      }),
    book: (bookings, now, timeout) =>
      Effect.gen(function*() {
        yield* sql`DELETE FROM ${calls} WHERE ${sql.in("quota", totals(bookings).map(({ quota }) => quota.name))}
          AND frees_at <= ${now}`
        return yield* Effect.forEach(bookings, ({ amount, quota: { name, window } }) => {
          const hold = window + margin(window)
          return Effect.map(
            sql<Row>`
              INSERT INTO ${calls} (quota, amount, hold, frees_at)
              VALUES (${name}, ${amount}, ${hold}, ${now + timeout + hold}) RETURNING call_id`,
            ([row]) => Number(row?.["call_id"])
          )
        })
      }),
    answer: (ids, now) =>
      ids.length === 0
        ? Effect.void
        : Effect.asVoid(sql`UPDATE ${calls} SET frees_at = ${now} + hold WHERE ${sql.in("call_id", ids)}`),
    close: ({ name }, millis) =>
      Effect.gen(function*() {
        yield* insert(name)
        const until = (yield* database.now) + Math.ceil(millis)
        yield* sql`UPDATE ${quotas} SET closed_until = ${until} WHERE name = ${name} AND closed_until < ${until}`
      })
  }
}
