import { InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { InviteCampaigns } from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import { FileSystem, HttpServer } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { LibsqlClient } from "@effect/sql-libsql"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Emulator, run } from "./utils.js"

/** The environment of a recipe: the emulator, and an empty database. */
const environment = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const directory = yield* files.makeTempDirectoryScoped({ prefix: "campaign-" })
  return {
    CLERK_SECRET_KEY: "sk_test_local",
    CLERK_API_URL: yield* HttpServer.addressFormattedWith(Effect.succeed),
    DATABASE_URL: `file:${directory}/campaigns.db`
  }
})

/** Campaigns of the same database. They send nothing by themselves. */
const Campaigns = (url: string) =>
  InviteCampaignsSql.layer().pipe(
    Layer.provide(LibsqlClient.layer({ url })),
    Layer.provide(InvitationsMemory.layer())
  )

describe("a durable campaign", () => {
  it.scopedLive("invites everybody once, although the program runs twice", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const env = yield* environment
      const first = yield* run("recipes/campaign/inviteAll.ts", [], env)
      assert.deepStrictEqual([first.code, first.stderr], [0, ""])
      assert.match(first.stdout, /^completed: 2 of 2\n$/m)

      const second = yield* run("recipes/campaign/inviteAll.ts", [], env)
      assert.deepStrictEqual(second, { code: 0, stderr: "", stdout: "completed: 2 of 2\n" })
      const emails = (yield* control.outbox).map(({ to }) => to)
      assert.sameMembers(emails, ["ada@example.com", "grace@example.com"])
    }).pipe(Effect.provide(Layer.merge(Emulator, NodeContext.layer))), 30_000)

  it.scopedLive("is continued by a scheduled program, which ends after a slice", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const env = yield* environment
      yield* Effect.flatMap(InviteCampaigns, ({ start }) =>
        start({ id: "spring", people: [{ emailAddress: "ada@example.com" }] })).pipe(
          Effect.provide(Campaigns(env.DATABASE_URL))
        )
      assert.deepStrictEqual(yield* control.outbox, [])

      const first = yield* run("recipes/campaign/scheduled.ts", [], env)
      assert.deepStrictEqual(first, { code: 0, stderr: "", stdout: "slices: 1\n" })
      assert.deepStrictEqual(
        (yield* control.outbox).map(({ to }) =>
          to
        ),
        ["ada@example.com"]
      )
      const { state } = yield* Effect.flatMap(InviteCampaigns, ({ get }) => get("spring")).pipe(
        Effect.provide(Campaigns(env.DATABASE_URL))
      )
      assert.strictEqual(state, "completed")
    }).pipe(Effect.provide(Layer.merge(Emulator, NodeContext.layer))), 30_000)
})
