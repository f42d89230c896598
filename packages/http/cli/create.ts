import { InvitationsService, maxExpiresInDays, Metadata, TemplateSlug } from "@effect-clerk/core"
import { Args, Command, Options } from "@effect/cli"
import { Effect, Option, Schema, Stream } from "effect"
import * as flags from "./flags.js"
import { printInvitations } from "./output.js"
import { InvitationsLive } from "./service.js"

const email = Args.text({ name: "email" }).pipe(Args.withDescription("The address to invite."))

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
  Options.withDescription("Where the user goes after a click on the accept link.")
)

const noNotify = Options.boolean("no-notify").pipe(Options.withDescription("Send no e-mail."))

const ignoreExisting = Options.boolean("ignore-existing").pipe(
  Options.withDescription("Create one even if an invitation for the address exists.")
)

const expiresInDays = flags.wholeNumber("expires-in-days", 1, maxExpiresInDays).pipe(
  Options.optional,
  Options.withDescription("Days until it expires. Default: 30.")
)

const templateSlug = Options.choice("template-slug", TemplateSlug.literals).pipe(
  Options.optional,
  Options.withDescription("The template of the e-mail. Default: invitation.")
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
).pipe(Command.withDescription("Invites somebody."))
