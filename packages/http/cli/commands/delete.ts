import { InvitationsService } from "@effect-clerk/core"
import { Command } from "@effect/cli"
import { Effect } from "effect"
import { confirm } from "../settings/confirm.js"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { checkIds, forEachId, ids } from "./forEachId.js"

export const remove = Command.make(
  "delete",
  { ids, json: flags.json, yes: flags.yes },
  (options) =>
    Effect.gen(function*() {
      const ids = yield* checkIds(options.ids)
      if (ids.length > 1) yield* confirm(`Deleting ${ids.length} invitations`, options)
      yield* Effect.flatMap(InvitationsService, (invitations) =>
        forEachId(ids, {
          json: options.json,
          verb: "deleted",
          act: invitations.delete,
          toObject: ({ id }) => ({ object: "invitation", id, deleted: true })
        })).pipe(Effect.provide(InvitationsLive))
    })
).pipe(Command.withDescription("Deletes invitations of any status. This cannot be undone."))
