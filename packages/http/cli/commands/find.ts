import { Args, Command } from "@effect/cli"
import { Effect, Stream } from "effect"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { withSettings } from "../settings/withSettings.js"
import { exitRefused } from "../terminal/exitCode.js"
import { printInvitations } from "../terminal/render.js"
import { describe, help } from "./help.js"
import * as Targets from "./targets.js"

const emailOrId = Args.text({ name: "email-or-id" }).pipe(
  Args.withDescription("An e-mail address in any case, or the id of an invitation.")
)

export const find = Command.make(
  "find",
  { ...flags.settings, emailOrId, json: flags.json, showUrl: flags.showUrl },
  (options) =>
    Effect.gen(function*() {
      const found = yield* Targets.findAll(options.emailOrId)
      if (found.length === 0) return yield* exitRefused("No invitation found.")
      yield* printInvitations(Stream.fromIterable(found), options)
    }).pipe(Effect.provide(InvitationsLive), withSettings(options))
).pipe(Command.withDescription(describe(help.find)))
