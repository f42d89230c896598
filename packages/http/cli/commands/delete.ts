import { InvitationsService } from "@effect-clerk/core"
import { Command } from "@effect/cli"
import { Effect, Stream } from "effect"
import { confirm } from "../settings/confirm.js"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { withSettings } from "../settings/withSettings.js"
import { printInvitations } from "../terminal/render.js"
import { forEachId } from "./forEachId.js"
import { describe, help } from "./help.js"
import * as Targets from "./targets.js"

const any = { isWanted: () => true, wanted: "invitation" }

export const remove = Command.make(
  "delete",
  { ...flags.settings, dryRun: flags.dryRun, ids: Targets.ids, json: flags.json, yes: flags.yes },
  (options) =>
    Effect.gen(function*() {
      const ids = yield* Targets.check(options.ids, { addresses: false })
      if (options.dryRun) {
        const found = yield* Targets.lookUp(ids, any)
        return yield* printInvitations(Stream.fromIterable(found), { json: options.json, showUrl: false })
      }
      if (ids.length > 1) yield* confirm(`Deleting ${ids.length} invitations`, options)
      yield* Effect.flatMap(InvitationsService, (invitations) =>
        forEachId(ids, {
          json: options.json,
          command: "delete",
          verb: "deleted",
          act: invitations.delete,
          toObject: ({ id }) => ({ object: "invitation", id, deleted: true })
        }))
    }).pipe(Effect.provide(InvitationsLive), withSettings(options))
).pipe(Command.withDescription(describe(help.delete)))
