import { InvitationStatus, OrderBy } from "@effect-clerk/core"
import { Options } from "@effect/cli"
import { Schema } from "effect"

export const json = Options.boolean("json").pipe(
  Options.withDescription("Print JSON, one object a line, in place of text.")
)

export const showUrl = Options.boolean("show-url").pipe(
  Options.withDescription("Show accept links, which are hidden otherwise: whoever holds one can sign up.")
)

export const yes = Options.boolean("yes").pipe(
  Options.withAlias("y"),
  Options.withDescription("Do not ask before a bulk write with a live key.")
)

/** An option whose complaint says what it must be. */
const must = <A, I>(schema: Schema.Schema<A, I>, name: string, be: string) =>
  schema.annotations({ message: () => ({ message: `--${name} must be ${be}`, override: true }) })

export const wholeNumber = (name: string, least: number, most: number) =>
  Options.integer(name).pipe(
    Options.withSchema(
      must(Schema.Int.pipe(Schema.between(least, most)), name, `a whole number from ${least} to ${most}`)
    )
  )

export const filter = {
  status: Options.choice("status", InvitationStatus.literals).pipe(
    Options.optional,
    Options.withDescription("Only those in this state. Without it, all but revoked ones.")
  ),
  query: Options.text("query").pipe(
    Options.optional,
    Options.withDescription("Only those whose address or id matches.")
  ),
  orderBy: Options.text("order-by").pipe(
    Options.withSchema(
      must(OrderBy, "order-by", "created_at, email_address or expires_at, with an optional + or - before it")
    ),
    Options.optional,
    Options.withDescription(
      "created_at, email_address or expires_at, descending with - before it. Default: -created_at."
    )
  )
}
