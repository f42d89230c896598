import { InvitationsService } from "@effect-clerk/core"
import { Command } from "@effect/cli"
import { Effect, Option, Stream } from "effect"
import { ask } from "../settings/confirm.js"
import * as flags from "../settings/flags.js"
import { InvitationsLive, isLive } from "../settings/service.js"
import { withSettings } from "../settings/withSettings.js"
import { exitRefused } from "../terminal/exitCode.js"
import { printInvitations } from "../terminal/render.js"
import { onInterrupt } from "../terminal/stdio.js"
import { createFlags, toRequest } from "./createFlags.js"
import { describe, help } from "./help.js"
import { previewRequest } from "./previewRequest.js"

const unknownRedirectUrl =
  "Clerk does not return the redirect URL and the lifetime of the old invitation, so the new one has the defaults. Pass " +
  "--redirect-url and --expires-in-days to set them"

export const resend = Command.make(
  "resend",
  {
    ...flags.settings,
    ...createFlags,
    dryRun: flags.dryRun,
    json: flags.json,
    showUrl: flags.showUrl,
    yes: flags.yes
  },
  (options) =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      // The newest one comes first.
      const [old] = yield* invitations.findByEmail(options.email)
      // A misspelled address must not be invited.
      if (old === undefined) {
        return yield* exitRefused("The address has no invitation. Create one with: effect-clerk create EMAIL")
      }
      const request = {
        ...toRequest(options),
        publicMetadata: Option.getOrElse(options.metadata, () => old.publicMetadata)
      }
      if (options.dryRun) return yield* previewRequest(request, options)
      const warnings = [
        ...(Option.isNone(options.redirectUrl) ? [unknownRedirectUrl] : []),
        ...(!options.noNotify && (yield* isLive) ? ["The key is live. Sending an e-mail to 1 address"] : [])
      ]
      if (warnings.length > 0) yield* ask(warnings.join(". "), options)
      yield* onInterrupt(() => "Interrupted. The old invitation may be revoked. Run the same command again.")
      const invitation = yield* invitations.resend(request)
      yield* printInvitations(Stream.make(invitation), options)
    }).pipe(Effect.provide(InvitationsLive), withSettings(options))
).pipe(Command.withDescription(describe(help.resend)))
