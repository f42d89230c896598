import { InvitationsService } from "@effect-clerk/core"
import { Command, Options } from "@effect/cli"
import { Effect, Stream } from "effect"
import { confirm } from "../settings/confirm.js"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { withSettings } from "../settings/withSettings.js"
import { printInvitations } from "../terminal/render.js"
import { onInterrupt } from "../terminal/stdio.js"
import { createFlags, toRequest } from "./createFlags.js"
import { describe, help } from "./help.js"
import { previewRequest } from "./previewRequest.js"

const ignoreExisting = Options.boolean("ignore-existing").pipe(
  Options.withDescription("Create another invitation even if the address has one.")
)

export const create = Command.make(
  "create",
  {
    ...flags.settings,
    ...createFlags,
    dryRun: flags.dryRun,
    ignoreExisting,
    json: flags.json,
    showUrl: flags.showUrl,
    yes: flags.yes
  },
  (options) =>
    Effect.gen(function*() {
      const request = { ...toRequest(options), ignoreExisting: options.ignoreExisting ? true : undefined }
      if (options.dryRun) return yield* previewRequest(request, options)
      if (!options.noNotify) yield* confirm("Sending an e-mail to 1 address", options)
      yield* onInterrupt(() => "Interrupted. The invitation may have been created. Check with: effect-clerk find EMAIL")
      const invitation = yield* Effect.flatMap(InvitationsService, ({ create }) => create(request)).pipe(
        Effect.provide(InvitationsLive)
      )
      yield* printInvitations(Stream.make(invitation), options)
    }).pipe(withSettings(options))
).pipe(Command.withDescription(describe(help.create)))
