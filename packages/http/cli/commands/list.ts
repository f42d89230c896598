import { InvitationsService } from "@effect-clerk/core"
import { maxLimit } from "@effect-clerk/core/ListInvitations"
import { Command, Options } from "@effect/cli"
import { Effect, identity, Option, Stream } from "effect"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { withSettings } from "../settings/withSettings.js"
import { printInvitations } from "../terminal/render.js"
import { onInterrupt } from "../terminal/stdio.js"
import { describe, help } from "./help.js"

const limit = flags.wholeNumber("limit", 1, Number.MAX_SAFE_INTEGER).pipe(
  Options.optional,
  Options.withDescription("The maximum number of invitations to list. Default: all.")
)

export const list = Command.make(
  "list",
  { ...flags.filter, ...flags.settings, json: flags.json, limit, showUrl: flags.showUrl },
  (options) =>
    Effect.gen(function*() {
      yield* onInterrupt(() => "Interrupted. The list is incomplete. Run the same command again.")
      const invitations = yield* InvitationsService
      const limit = Option.getOrUndefined(options.limit)
      // The default would prefetch several pages of 500. A small limit needs one page of its own size.
      const pages = limit === undefined || limit > maxLimit ? {} : { pageSize: limit, concurrency: 1 }
      const matching = invitations.stream({
        status: Option.getOrUndefined(options.status),
        query: Option.getOrUndefined(options.query),
        orderBy: Option.getOrUndefined(options.orderBy),
        ...pages
      })
      yield* printInvitations(
        matching.pipe(limit === undefined ? identity : Stream.take(limit)),
        options
      )
    }).pipe(Effect.provide(InvitationsLive), withSettings(options))
).pipe(Command.withDescription(describe(help.list)))
