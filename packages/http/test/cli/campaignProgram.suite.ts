import * as Fault from "@effect-clerk/http/Fault"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import type * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Option, Ref, Schedule } from "effect"
import { libsqlClient, postgresClient, postgresUrl } from "../campaign/stores.js"
import { emulator, inDirectory, linkDriver, linkPostgres, objects, programLine, shell, startIn } from "./utils.js"

const timeout = 120_000

const addresses = Array.makeBy(20, (index) => `person-${index + 1}@example.com`)

const people = ["email_address", ...addresses].map((line) => `${line}\n`).join("")

const invited = Effect.map(
  Effect.flatMap(InvitationsControl, ({ invitations }) => invitations),
  (invitations) => invitations.map(({ emailAddress }) => emailAddress)
)

// Waits until so many people are invited.
const untilInvited = (count: number) =>
  Effect.repeat(invited, { until: (all) => all.length === count, schedule: Schedule.spaced("50 millis") })

// Half a minute later: the lease of the process that was killed is over, and the look-up of its last call is due.
const expireLease = (file: string) =>
  Effect.flatMap(libsqlClient(file), (sql: SqlClient.SqlClient) =>
    Effect.zipRight(
      sql`UPDATE effect_clerk_campaigns SET lease_until = 0, wake_at = 0`,
      sql`UPDATE effect_clerk_people SET check_at = 0 WHERE state = 'sending'`
    ))

describe("the program effect-clerk campaign", () => {
  it.scopedLive("says which package a database needs", () =>
    inDirectory((path, fs) =>
      Effect.gen(function*() {
        yield* fs.writeFileString(path("people.csv"), people)
        const run = (line: string) => shell(`${programLine} campaign ${line}`, { directory: path(".") })
        assert.deepStrictEqual(yield* run("start people.csv --id spring --database campaigns.db --quiet"), {
          code: 2,
          stdout: "",
          stderr: "SQLite needs the package @libsql/client, which is not installed. Type:\n" +
            "npx -p @effect-clerk/http -p @libsql/client effect-clerk campaign …\n"
        })
        assert.isFalse(yield* fs.exists(path("campaigns.db")))
        assert.deepStrictEqual(yield* run("list --database postgres://ada:5ecret@127.0.0.1/x"), {
          code: 2,
          stdout: "",
          stderr: "Postgres needs the package pg, which is not installed. Type:\n" +
            "npx -p @effect-clerk/http -p pg effect-clerk campaign …\n"
        })
        yield* linkDriver(path("."))
        assert.strictEqual((yield* run("start people.csv --id spring --database campaigns.db")).code, 0)
      })
    ).pipe(Effect.provide(emulator())), timeout)

  it.scopedLive(
    "continues a campaign after a kill, and invites each address once",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          yield* linkDriver(path("."))
          yield* fs.writeFileString(path("people.csv"), people)
          const start = ["campaign", "start", "people.csv", "--id", "spring", "--database", "campaigns.db", "--run"]
          // The second bulk call commits, and gets no response before the process is killed.
          const writes = yield* Ref.make(0)
          yield* control.setFaultPolicy((operation) =>
            Effect.gen(function*() {
              if (!operation.startsWith("create")) return Option.none()
              return (yield* Ref.updateAndGet(writes, (count) => count + 1)) < 2
                ? Option.none()
                : Option.some(Fault.make(Fault.Response.Stall({ at: "headers" }), "before"))
            })
          )
          const process = yield* startIn(path("."), [...start, "--no-singles"])
          yield* untilInvited(addresses.length)
          yield* Effect.ignore(process.kill("SIGKILL"))
          assert.strictEqual((yield* Effect.exit(process.exitCode))._tag, "Failure")
          yield* control.setFaultPolicy(() => Effect.succeedNone)
          yield* expireLease(path("campaigns.db"))

          const run = yield* shell(`${programLine} campaign run --until-done --database campaigns.db --json`, {
            directory: path(".")
          })
          assert.strictEqual(run.code, 0, run.stderr)
          assert.deepInclude(objects(run.stdout).at(-1), { state: "completed", done: addresses.length })
          assert.deepStrictEqual((yield* invited).slice().sort(), addresses.slice().sort())
          // The program that was killed left no file that others may read.
          for (const name of (yield* fs.readDirectory(path("."))).filter((name) => name.startsWith("campaigns.db"))) {
            assert.strictEqual((yield* fs.stat(path(name))).mode & 0o077, 0, name)
          }
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "works until it is interrupted, which is a success",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          yield* linkDriver(path("."))
          yield* fs.writeFileString(path("people.csv"), "email_address\nada@example.com\n")
          yield* shell(`${programLine} campaign start people.csv --id spring --database campaigns.db`, {
            directory: path(".")
          })
          const process = yield* startIn(path("."), ["campaign", "run", "--database", "campaigns.db"])
          yield* untilInvited(1)
          yield* process.kill("SIGTERM")
          assert.strictEqual(yield* process.exitCode, 0)
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive.skipIf(postgresUrl === undefined)(
    `stores campaigns in Postgres${postgresUrl === undefined ? " (skipped: POSTGRES_URL is not set)" : ""}`,
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const url = new URL(postgresUrl ?? "")
          const { client } = yield* postgresClient(url.href)
          const name = `effect_clerk_cli_${process.pid}`
          yield* Effect.acquireRelease(
            client.unsafe(`CREATE DATABASE ${name}`),
            () => Effect.ignore(client.unsafe(`DROP DATABASE ${name} WITH (FORCE)`))
          )
          url.pathname = name
          yield* linkPostgres(path("."))
          yield* fs.writeFileString(path("people.csv"), people)
          const run = (line: string) =>
            shell(`EFFECT_CLERK_DATABASE='${url.href}' ${programLine} campaign ${line}`, { directory: path(".") })
          const started = yield* run("start people.csv --id spring --run")
          assert.strictEqual(started.code, 0, started.stderr)
          assert.notInclude(started.stdout + started.stderr, url.href)
          assert.deepStrictEqual((yield* invited).slice().sort(), addresses.slice().sort())
          assert.lengthOf(objects((yield* run("people spring --outcome Created --json")).stdout), addresses.length)
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )
})
