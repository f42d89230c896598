import { InvitationsService } from "@effect-clerk/core"
import { Args, Command } from "@effect/cli"
import { Array, Effect, Stream } from "effect"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { withSettings } from "../settings/withSettings.js"
import { exitRefused } from "../terminal/exitCode.js"
import { printInvitations } from "../terminal/render.js"
import { describe, help } from "./help.js"

const emailOrId = Args.text({ name: "email-or-id" }).pipe(
  Args.withDescription("An e-mail address in any case, or the id of an invitation.")
)

export const find = Command.make(
  "find",
  { ...flags.settings, emailOrId, json: flags.json, showUrl: flags.showUrl },
  (options) =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const found = options.emailOrId.includes("@")
        ? yield* invitations.findByEmail(options.emailOrId)
        : Array.fromOption(yield* invitations.findById(options.emailOrId))
      if (found.length === 0) return yield* exitRefused("No invitation found.")
      yield* printInvitations(Stream.fromIterable(found), options)
    }).pipe(Effect.provide(InvitationsLive), withSettings(options))
).pipe(Command.withDescription(describe(help.find)))
