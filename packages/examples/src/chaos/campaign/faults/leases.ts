/**
 * Records in the database which machine takes which lease, and when.
 */
import { PgClient } from "@effect/sql-pg"
import { Effect, Option, Schema } from "effect"

const Lease = Schema.Struct({
  campaign: Schema.String,
  fence: Schema.NumberFromString,
  /** The name of the machine, without the id of its process. */
  machine: Schema.String,
  pid: Schema.NumberFromString,
  /** By the clock of the database, in Unix milliseconds. */
  at: Schema.NumberFromString
})
export type Lease = typeof Lease.Type

const decode = Schema.decodeUnknown(Schema.Array(Lease))

/** Begins to record. The tables of the campaigns must exist. */
export const record = Effect.flatMap(PgClient.PgClient, (sql) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`
      CREATE TABLE chaos_leases (campaign TEXT NOT NULL, fence BIGINT NOT NULL, machine TEXT NOT NULL, at BIGINT NOT NULL)`
    yield* sql`
      CREATE FUNCTION chaos_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO chaos_leases VALUES (
          NEW.id, NEW.fence, current_setting('application_name'), extract(epoch FROM clock_timestamp()) * 1000
        );
        RETURN NEW;
      END $$`
    yield* sql`
      CREATE TRIGGER chaos_lease AFTER UPDATE ON effect_clerk_campaigns FOR EACH ROW WHEN (NEW.fence > OLD.fence)
      EXECUTE FUNCTION chaos_lease()`
  })))

const columns = `
  l.campaign, l.fence::text AS fence, split_part(l.machine, ':', 1) AS machine, split_part(l.machine, ':', 2) AS pid, l.at::text AS at`

/** The lease of a campaign that lasts now. */
export const current = (campaign: string) =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    const rows = yield* sql`
      SELECT ${
      sql.literal(columns)
    } FROM chaos_leases l JOIN effect_clerk_campaigns c ON c.id = l.campaign AND c.fence = l.fence
      WHERE l.campaign = ${campaign} AND c.lease_owner IS NOT NULL
      AND c.lease_until > extract(epoch FROM clock_timestamp()) * 1000`
    return Option.fromNullable((yield* decode(rows))[0])
  })

/** All leases so far, in the order of their times. */
export const all = Effect.gen(function*() {
  const sql = yield* PgClient.PgClient
  return yield* decode(yield* sql`SELECT ${sql.literal(columns)} FROM chaos_leases l ORDER BY l.at, l.fence`)
})

/** Whether a transaction has locked a campaign. */
export const isLocked = (campaign: string) =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    const rows = yield* sql`SELECT id FROM effect_clerk_campaigns WHERE id = ${campaign} FOR UPDATE SKIP LOCKED`
    return rows.length === 0
  })
