import { InvitationsService, Metadata } from "@effect-clerk/core"
import { maxExpiresInDays, TemplateSlug } from "@effect-clerk/core/CreateInvitation"
import { Args, Command, Options } from "@effect/cli"
import { Effect, Option, Schema, Stream } from "effect"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { printInvitations } from "../terminal/render.js"

const email = Args.text({ name: "email" }).pipe(Args.withDescription("The e-mail address to invite."))

const metadata = Options.text("metadata").pipe(
  Options.withSchema(
    Schema.parseJson(Metadata.Metadata).annotations({
      message: () => ({
        message: "--metadata must be a JSON object, for example '{\"team\":\"engines\"}'",
        override: true
      })
    })
  ),
  Options.optional,
  Options.withDescription("A JSON object that becomes the user's public metadata on sign-up.")
)

const redirectUrl = Options.text("redirect-url").pipe(
  Options.optional,
  Options.withDescription("The URL that the accept link leads to, for a custom sign-up flow.")
)

const noNotify = Options.boolean("no-notify").pipe(Options.withDescription("Do not send the e-mail."))

const ignoreExisting = Options.boolean("ignore-existing").pipe(
  Options.withDescription("Create another invitation even if the address has one.")
)

const expiresInDays = flags.wholeNumber("expires-in-days", 1, maxExpiresInDays).pipe(
  Options.optional,
  Options.withDescription("Days until the invitation expires. Default: 30.")
)

const templateSlug = Options.choice("template-slug", TemplateSlug.literals).pipe(
  Options.optional,
  Options.withDescription("The e-mail template. Default: invitation.")
)

export const create = Command.make(
  "create",
  {
    email,
    expiresInDays,
    ignoreExisting,
    json: flags.json,
    metadata,
    noNotify,
    redirectUrl,
    showUrl: flags.showUrl,
    templateSlug
  },
  (options) =>
    Effect.gen(function*() {
      const invitations = yield* InvitationsService
      const invitation = yield* invitations.create({
        emailAddress: options.email,
        publicMetadata: Option.getOrUndefined(options.metadata),
        redirectUrl: Option.getOrUndefined(options.redirectUrl),
        notify: options.noNotify ? false : undefined,
        ignoreExisting: options.ignoreExisting ? true : undefined,
        expiresInDays: Option.getOrUndefined(options.expiresInDays),
        templateSlug: Option.getOrUndefined(options.templateSlug)
      })
      yield* printInvitations(Stream.make(invitation), options)
    }).pipe(Effect.provide(InvitationsLive))
).pipe(Command.withDescription("Creates an invitation and sends the e-mail."))
