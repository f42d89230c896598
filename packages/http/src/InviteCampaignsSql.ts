/**
 * Durable campaigns in a SQL database, over a client of `@effect/sql`: SQLite, for example by `@effect/sql-libsql`, and
 * Postgres by `@effect/sql-pg`.
 *
 * @since 0.1.0
 */
import { InvitationAttempts } from "@effect-clerk/core/InvitationAttempts"
import type { SqlClient } from "@effect/sql/SqlClient"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as CampaignOptions from "./internal/campaign/service/options.js"
import * as CampaignService from "./internal/campaign/service/service.js"
import * as SqlStore from "./internal/campaign/store/sql/sqlStore.js"
import type { StoreError } from "./InviteCampaignError.js"
import * as InviteCampaigns from "./InviteCampaigns.js"

/**
 * Options of the layer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends InviteCampaigns.Options {
  /**
   * The prefix of the names of the tables: letters, digits and underscores, at most 40 characters. Defaults to
   * `"effect_clerk"`.
   */
  readonly prefix?: string | undefined
}

/**
 * Provides campaigns in a SQL database, and creates the tables that are missing. Any number of processes may use one database.
 * Sends nothing by itself: add `InviteCampaigns.layerPoller`, or call `runDue`.
 *
 * A SQLite client should serve the campaigns alone: the layer makes transactions of its own on the client's connection.
 *
 * Fails with a `ConfigError` if an option is invalid, and with `StoreError` if the database is out of reach or is neither SQLite
 * nor Postgres (`UNSUPPORTED_DIALECT`).
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { InvitationsHttp } from "@effect-clerk/http"
 * import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
 * import * as InviteCampaignsSql from "@effect-clerk/http/InviteCampaignsSql"
 * import { FetchHttpClient } from "@effect/platform"
 * import { LibsqlClient } from "@effect/sql-libsql"
 * import { Layer } from "effect"
 *
 * // Works on the campaigns for as long as it is provided.
 * export const CampaignsLive = InviteCampaigns.layerPoller().pipe(
 *   Layer.provideMerge(InviteCampaignsSql.layer()),
 *   Layer.provide(LibsqlClient.layer({ url: "file:campaigns.db" })),
 *   Layer.provide(InvitationsHttp.layerConfig()),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 */
export const layer = (
  options: Options = {}
): Layer.Layer<InviteCampaigns.InviteCampaigns, ConfigError | StoreError, InvitationAttempts | SqlClient> =>
  Layer.effect(
    InviteCampaigns.InviteCampaigns,
    Effect.gen(function*() {
      const attempts = yield* InvitationAttempts
      const tuning = yield* CampaignOptions.make(options)
      const prefix = yield* CampaignOptions.prefix(options.prefix)
      const store = yield* SqlStore.make({ prefix })
      return yield* CampaignService.make({ store, isShared: true, attempts, tuning })
    })
  )
