import { InvitationsService } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { Command } from "@effect/cli"
import { Array, Effect, Stream } from "effect"
import { confirm } from "../settings/confirm.js"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { withSettings } from "../settings/withSettings.js"
import { printInvitations, toObject } from "../terminal/render.js"
import { printNote } from "../terminal/stdio.js"
import { forEachId } from "./forEachId.js"
import { describe, help } from "./help.js"
import * as Targets from "./targets.js"

const pending = { isWanted: ({ isPending }: Invitation) => isPending, wanted: "pending invitation" }

// After an interruption the command is run again with the same addresses.
const isDone = ({ status }: Invitation): boolean => status === "revoked"

export const revoke = Command.make(
  "revoke",
  {
    ...flags.settings,
    dryRun: flags.dryRun,
    json: flags.json,
    showUrl: flags.showUrl,
    targets: Targets.idsOrAddresses,
    yes: flags.yes
  },
  (options) =>
    Effect.gen(function*() {
      const targets = yield* Targets.check(options.targets, { addresses: true })
      if (options.dryRun) {
        return yield* printInvitations(Stream.fromIterable(yield* Targets.lookUp(targets, pending)), options)
      }
      const [ids, addresses] = Array.partition(targets, Targets.isAddress)
      const found = yield* Targets.lookUp(addresses, { ...pending, among: targets, isDone })
      const all = Array.dedupe([...ids, ...found.map(({ id }) => id)])
      if (all.length === 0) return yield* printNote("Nothing to revoke: all invitations are revoked already.")
      if (all.length > 1) yield* confirm(`Revoking ${all.length} invitations`, options)
      const { revoke } = yield* InvitationsService
      yield* forEachId(all, {
        json: options.json,
        command: "revoke",
        verb: "revoked",
        act: revoke,
        toObject: (revoked) => toObject(revoked, options)
      })
    }).pipe(Effect.provide(InvitationsLive), withSettings(options))
).pipe(Command.withDescription(describe(help.revoke)))
