import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Array, Effect } from "effect"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { emulator, linkDriver, linkPostgres, objects, programLine, shell } from "../cli/utils.js"
import { blocks, chapter } from "./operationsPage.js"
import { databaseFile, libsqlClient, postgresClient, postgresUrl } from "./stores.js"

const timeout = 180_000

const addresses = Array.makeBy(20, (index) => `person-${index + 1}@example.com`)

/** The URL of a new database of the Postgres server. */
const postgresDatabase = Effect.gen(function*() {
  const url = new URL(postgresUrl ?? "")
  const { client, prefix } = yield* postgresClient(url.href)
  const name = `${prefix}_operations`
  yield* Effect.acquireRelease(
    client.unsafe(`CREATE DATABASE ${name}`),
    () => Effect.ignore(client.unsafe(`DROP DATABASE ${name} WITH (FORCE)`))
  )
  url.pathname = name
  return url.href
})

/** A database with the campaign `spring`, and a shell in which the commands of the page run. */
const place = (dialect: "Postgres" | "SQLite") =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped({ prefix: "operations-" })
    const url = dialect === "Postgres" ? yield* postgresDatabase : join(directory, "campaigns.db")
    yield* (dialect === "Postgres" ? linkPostgres : linkDriver)(directory)
    // The program that the alias of the page stands for.
    yield* fs.writeFileString(join(directory, "effect-clerk"), `#!/bin/sh\nexec ${programLine} "$@"\n`)
    yield* fs.chmod(join(directory, "effect-clerk"), 0o755)
    yield* fs.writeFileString(
      join(directory, "people.csv"),
      ["email_address", ...addresses].map((line) => `${line}\n`).join("")
    )
    /** Runs lines of the page, which must succeed, and returns their output. */
    const run = (lines: string) =>
      Effect.map(
        shell(`set -e; export PATH="$PWD:$PATH" EFFECT_CLERK_DATABASE='${url}'\n${lines}`, { directory }),
        ({ code, stderr, stdout }) => {
          assert.strictEqual(code, 0, `${lines}\n${stdout}${stderr}`)
          return stdout
        }
      )
    yield* run("effect-clerk campaign start people.csv --id spring")
    const sql = dialect === "Postgres" ? (yield* postgresClient(url)).client : yield* libsqlClient(url)
    return { run, sql }
  })

// The blocks that a test has run.
const ran = new Set<string>()

/** The block that contains a text; the one at `index` of several. */
const block = (part: string, index?: number): string => {
  const found = blocks("sh").filter((code) => code.includes(part))
  assert.isTrue(index === undefined ? found.length === 1 : found.length > index, `${part} is in ${found.length} blocks`)
  const code = found[index ?? 0] ?? ""
  ran.add(code)
  return code
}

const emails = Effect.map(
  Effect.flatMap(InvitationsControl, ({ outbox }) => outbox),
  (all) => all.map(({ to }) => to).sort()
)

// The blocks that other tests run, by the beginnings of their last lines: those of the program, of the emulator, of processes.ts
// and of backups.
const commandsOfOtherTests = [
  "alias effect-clerk='npx -p",
  "npx -y pnpm@10",
  "npx -y pnpm@10",
  "pg_dump --format=custom --table='effect_clerk_*'",
  "pg_restore --clean --if-exists"
]

const hasPostgres = postgresUrl !== undefined

const hasDump = spawnSync("pg_dump", ["--version"]).status === 0

if (!hasPostgres) console.log("The tests of OPERATIONS.md over Postgres are skipped: POSTGRES_URL is not set")
else if (!hasDump) console.log("The tests of backups in OPERATIONS.md are skipped: pg_dump is not installed")

describe("OPERATIONS.md", () => {
  it.scopedLive(
    "every command that acts on a campaign succeeds, and everybody is invited once",
    () =>
      Effect.gen(function*() {
        const { run, sql } = yield* place(hasPostgres ? "Postgres" : "SQLite")
        ran.clear()
        assert.include(yield* run(block("campaign list\neffect-clerk campaign status spring")), "spring  running")
        assert.include(yield* run(block("campaign pause spring")), "spring  running")
        yield* sql`UPDATE effect_clerk_campaigns SET state = 'failed', ended_at = 0, wake_at = 9999999999999`
        assert.include(yield* run(block("--state failed")), "\"state\":\"failed\"")
        assert.include(yield* run(block("campaign resume spring\neffect-clerk campaign status")), "spring  running")
        assert.strictEqual(yield* run(block("--state failed")), "")

        const control = yield* InvitationsControl
        yield* control.setBlocklist(addresses.slice(0, 1))
        // Without the flag, the command ends when it is interrupted, which another test does. The campaign has a rejection.
        assert.strictEqual(block("campaign run"), "effect-clerk campaign run")
        yield* run(`${block("campaign run")} --until-done || test $? = 4`)
        assert.include(yield* run(block("--outcome Unknown")), `${addresses[0]},Rejected`)
        yield* control.setBlocklist([])
        yield* run(block("campaign retry"))
        yield* run(`${block("campaign run")} --until-done`)
        deepStrictEqual(yield* emails, addresses.slice().sort())

        yield* run(block("campaign prune"))
        assert.strictEqual(yield* run("effect-clerk campaign list --json"), "")
        yield* run(block("seq -f"))
        const [spring] = objects(yield* run("effect-clerk campaign list --json"))
        assert.deepInclude(spring, { id: "spring", total: 400 })
        const remove = block("campaign delete spring --yes", 0)
        yield* run(remove)
        assert.strictEqual(yield* run("effect-clerk campaign list --json"), "")
        deepStrictEqual(
          blocks("sh").filter((code) => !ran.has(code)).map((code) => code.split("\n").at(-1)?.split(" ", 3).join(" ")),
          commandsOfOtherTests
        )
      }).pipe(Effect.provide(emulator())),
    timeout
  )
})

for (const dialect of ["Postgres", "SQLite"] as const) {
  describe.skipIf(dialect === "Postgres" && !hasPostgres)(`OPERATIONS.md over ${dialect}`, () => {
    it.scopedLive("every statement runs, and only reads", () =>
      Effect.gen(function*() {
        const { sql } = yield* place(dialect)
        yield* sql`UPDATE effect_clerk_campaigns SET failures = 1, wake_at = 0`
        yield* sql`INSERT INTO effect_clerk_quotas (name, closed_until) VALUES ('clerk:all', 1)`
        yield* sql`INSERT INTO effect_clerk_calls (quota, amount, hold, frees_at) VALUES ('clerk:all', 1, 1, 1)`
        const statements = blocks("sql").filter((code) => !code.startsWith("-- ") || code.startsWith(`-- ${dialect}\n`))
        assert.isAtLeast(statements.length, 6)
        // This one lists transactions that last for long.
        const mayBeEmpty = (code: string) => code.includes("xact_start")
        for (const code of statements) {
          if (code.includes("VACUUM INTO")) {
            const copy = yield* databaseFile
            yield* sql.unsafe(code.replace("campaigns-backup.db", copy))
            const people = yield* Effect.flatMap(
              libsqlClient(copy),
              (sql) => sql`SELECT state FROM effect_clerk_people`
            )
            assert.lengthOf(people, addresses.length)
            continue
          }
          if (dialect === "SQLite") {
            yield* sql.unsafe("PRAGMA query_only = ON")
            assert.isNotEmpty(yield* sql.unsafe(code), code)
            yield* sql.unsafe("PRAGMA query_only = OFF")
          } else {
            const rows = yield* sql.withTransaction(
              Effect.zipRight(sql.unsafe("SET TRANSACTION READ ONLY"), sql.unsafe(code))
            )
            assert.isTrue(mayBeEmpty(code) || rows.length > 0, code)
          }
        }
      }).pipe(Effect.provide(emulator())), timeout)

    it.scopedLive("describes every table and column", () =>
      Effect.gen(function*() {
        const { sql } = yield* place(dialect)
        const columns = yield* sql.unsafe<{ readonly t: string; readonly c: string }>(
          dialect === "Postgres"
            ? "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = 'public'"
            : "SELECT m.name AS t, p.name AS c FROM sqlite_master m, pragma_table_info(m.name) p " +
              "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        )
        assert.isAbove(columns.length, 40)
        const described = new Map(
          Array.fromIterable(chapter("The tables").matchAll(/^\| `(\w+)` \| (.*) \|$/gm)).map(
            ([, table = "", text = ""]) => [table, text]
          )
        )
        deepStrictEqual(
          Array.fromIterable(described.keys()).sort(),
          Array.dedupe(columns.map(({ t }) => t)).sort()
        )
        deepStrictEqual(
          columns.filter(({ c, t }) => described.get(t)?.includes(`\`${c}\``) !== true),
          []
        )
      }).pipe(Effect.provide(emulator())), timeout)
  })
}

describe.skipIf(!hasPostgres || !hasDump)("a backup of Postgres", () => {
  it.scopedLive(
    "is restored as the page says, and nobody who was invited meanwhile gets a second e-mail",
    () =>
      Effect.gen(function*() {
        const { run, sql } = yield* place("Postgres")
        yield* run(block("pg_dump"))
        yield* run("effect-clerk campaign run --until-done")
        deepStrictEqual(yield* emails, addresses.slice().sort())
        yield* run(block("pg_restore"))
        deepStrictEqual(yield* sql`SELECT state FROM effect_clerk_campaigns`, [{ state: "running" }])
        yield* run("effect-clerk campaign run --until-done")
        deepStrictEqual(yield* emails, addresses.slice().sort())
        deepStrictEqual(
          yield* sql`SELECT DISTINCT state FROM effect_clerk_people`,
          [{ state: "AlreadyInvited" }]
        )
      }).pipe(Effect.provide(emulator())),
    timeout
  )
})
