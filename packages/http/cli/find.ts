import { InvitationsService } from "@effect-clerk/core"
import { Args, Command } from "@effect/cli"
import { Array, Effect, Stream } from "effect"
import { exitRefused } from "./exitCode.js"
import * as flags from "./flags.js"
import { printInvitations } from "./output.js"
import { InvitationsLive } from "./service.js"

const what = Args.text({ name: "email-or-id" }).pipe(
  Args.withDescription("An address, whatever its case, or the id of an invitation.")
)

export const find = Command.make(
  "find",
  { json: flags.json, showUrl: flags.showUrl, what },
  (options) =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const found = options.what.includes("@")
        ? yield* invitations.findByEmail(options.what)
        : Array.fromOption(yield* invitations.findById(options.what))
      if (found.length === 0) return yield* exitRefused("There is no such invitation.")
      yield* printInvitations(Stream.fromIterable(found), options)
    }).pipe(Effect.provide(InvitationsLive))
).pipe(Command.withDescription("Finds the invitations of an address, or the one with an id, revoked ones as well."))
