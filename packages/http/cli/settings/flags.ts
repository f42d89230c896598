import { InvitationStatus } from "@effect-clerk/core/Invitation"
import { OrderBy } from "@effect-clerk/core/ListInvitations"
import { Options } from "@effect/cli"
import { Schema } from "effect"

export const json = Options.boolean("json").pipe(
  Options.withDescription("Print JSON, one object a line.")
)

export const showUrl = Options.boolean("show-url").pipe(
  Options.withDescription("Show accept links. Without it they are redacted: the holder of a link can sign up.")
)

export const yes = Options.boolean("yes").pipe(
  Options.withAlias("y"),
  Options.withDescription("Do not ask for confirmation before a bulk write with a live key.")
)

const withMessage = <A, I>(schema: Schema.Schema<A, I>, name: string, expected: string) =>
  schema.annotations({ message: () => ({ message: `--${name} must be ${expected}`, override: true }) })

export const wholeNumber = (name: string, min: number, max: number) =>
  Options.integer(name).pipe(
    Options.withSchema(
      withMessage(Schema.Int.pipe(Schema.between(min, max)), name, `a whole number from ${min} to ${max}`)
    )
  )

export const filter = {
  status: Options.choice("status", InvitationStatus.literals).pipe(
    Options.optional,
    Options.withDescription("Only invitations with this status. Without it, every status except revoked.")
  ),
  query: Options.text("query").pipe(
    Options.optional,
    Options.withDescription("Only invitations whose address or id matches.")
  ),
  orderBy: Options.text("order-by").pipe(
    Options.withSchema(
      withMessage(OrderBy, "order-by", "created_at, email_address or expires_at, with an optional + or - before it")
    ),
    Options.optional,
    Options.withDescription(
      "created_at, email_address or expires_at; a - before it sorts descending. Default: -created_at."
    )
  )
}
