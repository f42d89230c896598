import { type CreateInvitation, InvitationsService, Metadata } from "@effect-clerk/core"
import { maxExpiresInDays, TemplateSlug } from "@effect-clerk/core/CreateInvitation"
import { InvitationsMemory } from "@effect-clerk/http"
import { Args, Command, Options } from "@effect/cli"
import { Effect, Option, Schema, Stream } from "effect"
import { confirm } from "../settings/confirm.js"
import * as flags from "../settings/flags.js"
import { InvitationsLive } from "../settings/service.js"
import { withSettings } from "../settings/withSettings.js"
import { json, printInvitations } from "../terminal/render.js"
import { renderRequest, toBody } from "../terminal/renderRequest.js"
import { printError, printLine } from "../terminal/stdio.js"
import { describe, help } from "./help.js"

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

// The in-memory layer validates a request as the service does.
const preview = (request: CreateInvitation.CreateInvitation, options: { readonly json: boolean }) =>
  Effect.flatMap(InvitationsService, (invitations) => invitations.create(request)).pipe(
    Effect.provide(InvitationsMemory.layer()),
    Effect.zipRight(
      Effect.suspend(() => printLine(options.json ? json({ request: toBody(request) }) : renderRequest(request)))
    )
  )

export const create = Command.make(
  "create",
  {
    ...flags.settings,
    dryRun: flags.dryRun,
    email,
    expiresInDays,
    ignoreExisting,
    json: flags.json,
    metadata,
    noNotify,
    redirectUrl,
    showUrl: flags.showUrl,
    templateSlug,
    yes: flags.yes
  },
  (options) =>
    Effect.gen(function*() {
      const request: CreateInvitation.CreateInvitation = {
        emailAddress: options.email,
        publicMetadata: Option.getOrUndefined(options.metadata),
        redirectUrl: Option.getOrUndefined(options.redirectUrl),
        notify: options.noNotify ? false : undefined,
        ignoreExisting: options.ignoreExisting ? true : undefined,
        expiresInDays: Option.getOrUndefined(options.expiresInDays),
        templateSlug: Option.getOrUndefined(options.templateSlug)
      }
      if (options.dryRun) return yield* preview(request, options)
      if (!options.noNotify) yield* confirm("Sending an e-mail to 1 address", options)
      const invitation = yield* Effect.flatMap(InvitationsService, ({ create }) => create(request)).pipe(
        Effect.provide(InvitationsLive),
        Effect.onInterrupt(() =>
          printError("Interrupted. The invitation may have been created. Check with: effect-clerk find EMAIL")
        )
      )
      yield* printInvitations(Stream.make(invitation), options)
    }).pipe(withSettings(options))
).pipe(Command.withDescription(describe(help.create)))
