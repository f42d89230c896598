import { Metadata } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { maxExpiresInDays, TemplateSlug } from "@effect-clerk/core/CreateInvitation"
import { Args, Options } from "@effect/cli"
import { Option, Schema } from "effect"
import { hasExactNumbers } from "../csv/metadata.js"
import * as flags from "../settings/flags.js"

const metadata = Options.text("metadata").pipe(
  Options.withSchema(
    Schema.String.pipe(Schema.filter(hasExactNumbers), Schema.compose(Schema.parseJson(Metadata.Metadata))).annotations(
      {
        message: () => ({
          message:
            "--metadata must be a JSON object, for example '{\"team\":\"engines\"}', whose numbers have at most 15 digits",
          override: true
        })
      }
    )
  ),
  Options.optional,
  Options.withDescription("A JSON object that becomes the user's public metadata on sign-up.")
)

const redirectUrl = Options.text("redirect-url").pipe(
  Options.optional,
  Options.withDescription("The URL that the accept link leads to, for a custom sign-up flow.")
)

const noNotify = Options.boolean("no-notify").pipe(Options.withDescription("Do not send the e-mail."))

const expiresInDays = flags.wholeNumber("expires-in-days", 1, maxExpiresInDays).pipe(
  Options.optional,
  Options.withDescription("Days until the invitation expires. Default: 30.")
)

const templateSlug = Options.choice("template-slug", TemplateSlug.literals).pipe(
  Options.optional,
  Options.withDescription("The e-mail template. Default: invitation.")
)

/**
 * The address and the flags of a command that creates an invitation.
 */
export const createFlags = {
  email: Args.text({ name: "email" }).pipe(Args.withDescription("The e-mail address to invite.")),
  expiresInDays,
  metadata,
  noNotify,
  redirectUrl,
  templateSlug
}

/**
 * The request of these flags.
 */
export const toRequest = (options: {
  readonly email: string
  readonly expiresInDays: Option.Option<number>
  readonly metadata: Option.Option<Metadata.Metadata>
  readonly noNotify: boolean
  readonly redirectUrl: Option.Option<string>
  readonly templateSlug: Option.Option<TemplateSlug>
}): CreateInvitation => ({
  emailAddress: options.email,
  publicMetadata: Option.getOrUndefined(options.metadata),
  redirectUrl: Option.getOrUndefined(options.redirectUrl),
  notify: options.noNotify ? false : undefined,
  expiresInDays: Option.getOrUndefined(options.expiresInDays),
  templateSlug: Option.getOrUndefined(options.templateSlug)
})
