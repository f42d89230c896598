import { InvitationsService } from "@effect-clerk/core"
import { Command } from "@effect/cli"
import { Effect } from "effect"
import { confirm } from "../settings/confirm.js"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { toObject } from "../terminal/render.js"
import { checkIds, forEachId, ids } from "./forEachId.js"

export const revoke = Command.make(
  "revoke",
  { ids, json: flags.json, showUrl: flags.showUrl, yes: flags.yes },
  (options) =>
    Effect.gen(function*() {
      const ids = yield* checkIds(options.ids)
      if (ids.length > 1) yield* confirm(`Revoking ${ids.length} invitations`, options)
      yield* Effect.flatMap(InvitationsService, ({ revoke }) =>
        forEachId(ids, {
          json: options.json,
          verb: "revoked",
          act: revoke,
          toObject: (revoked) => toObject(revoked, options)
        })).pipe(Effect.provide(InvitationsLive))
    })
).pipe(Command.withDescription("Revokes pending invitations. Their accept links stop working."))
