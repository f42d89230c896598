import { RateLimits } from "@effect-clerk/core"
import { InvitationsMemory } from "@effect-clerk/http"
import type { InviteCampaigns } from "@effect-clerk/http/InviteCampaigns"
import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Layer, type Option, type Redacted } from "effect"
import * as SafeFile from "../files/safeFile.js"
import { InvitationsLive, limits } from "../settings/service.js"
import { exitUsage } from "../terminal/exitCode.js"
import * as Database from "./database.js"
import { client } from "./driver.js"
import { fromOpenFailure } from "./failure.js"

/**
 * The flag of every command of campaigns.
 */
export interface DatabaseFlag {
  readonly database: Option.Option<Redacted.Redacted>
}

/**
 * What a command does with the campaigns.
 */
export interface Access {
  /** Whether a database file that does not exist is created. Only its owner may read it, since it holds addresses. */
  readonly create?: boolean
  /** Whether invitations are sent, which needs the key. */
  readonly sends?: boolean
}

const prepareFile = ({ name, path }: { readonly name: string; readonly path: string }, { create = false }: Access) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    if (create) return yield* Effect.mapError(SafeFile.probe(path), SafeFile.of(name))
    if (yield* fs.exists(path)) return
    return yield* exitUsage(
      `${name}: no such file. Make it with: effect-clerk campaign start, or choose another with --database.`
    )
  })

/**
 * Opens the database, and provides its campaigns. A command that sends nothing needs no key: its campaigns are opened with the
 * in-memory service, which is never called.
 */
export const layer = (flag: DatabaseFlag, access: Access = {}) =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const database = yield* Database.fromSetting(flag.database)
    const sql = yield* client(database)
    if (database._tag === "File") yield* prepareFile(database, access)
    // Most instances are production instances.
    const ofInstance = yield* access.sends === true ? limits : Effect.orElseSucceed(limits, () => RateLimits.production)
    const campaigns = InviteCampaignsSql.layer({ limits: ofInstance }).pipe(Layer.provide(sql))
    // The driver of SQLite throws if the file cannot be opened.
    const opened: Layer.Layer<
      InviteCampaigns,
      ReturnType<ReturnType<typeof fromOpenFailure>>,
      Layer.Layer.Context<typeof campaigns>
    > = Layer.catchAllCause(campaigns, (cause) => Layer.fail(fromOpenFailure(database)(cause)))
    return access.sends === true
      ? Layer.provide(opened, InvitationsLive)
      : Layer.provide(opened, InvitationsMemory.layer())
  }))
