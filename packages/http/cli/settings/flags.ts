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
  Options.withDescription("Do not ask for a confirmation.")
)

export const dryRun = Options.boolean("dry-run").pipe(
  Options.withDescription("Show what would be done. Send and write nothing.")
)

/**
 * The flags of every command that calls the service. `withSettings` applies them.
 */
export const settings = {
  envFile: Options.file("env-file", { exists: "yes" }).pipe(
    Options.optional,
    Options.withDescription(
      "A file with lines such as CLERK_SECRET_KEY=sk_test_…. A variable of the environment wins over the file."
    )
  ),
  quiet: Options.boolean("quiet").pipe(
    Options.withAlias("q"),
    Options.withDescription("Print results, errors and questions only: no progress and no summary.")
  )
}

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
