import { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import * as Schema from "effect/Schema"

const { emailAddress, expiresInDays, ignoreExisting, notify, publicMetadata, redirectUrl, templateSlug } =
  CreateInvitation.fields

/**
 * The body of a create: a {@link CreateInvitation} in snake_case.
 */
export const CreateBody = Schema.Struct({
  emailAddress: Schema.propertySignature(emailAddress).pipe(Schema.fromKey("email_address")),
  publicMetadata: publicMetadata.pipe(Schema.fromKey("public_metadata")),
  redirectUrl: redirectUrl.pipe(Schema.fromKey("redirect_url")),
  notify,
  ignoreExisting: ignoreExisting.pipe(Schema.fromKey("ignore_existing")),
  expiresInDays: expiresInDays.pipe(Schema.fromKey("expires_in_days")),
  templateSlug: templateSlug.pipe(Schema.fromKey("template_slug"))
}).annotations({ identifier: "CreateInvitation" })

/**
 * The body of a create, before it is serialized. Absent fields are `undefined`, so Clerk's defaults apply.
 */
export const toCreateBody = (request: CreateInvitation): typeof CreateBody.Encoded => ({
  email_address: request.emailAddress,
  public_metadata: request.publicMetadata,
  redirect_url: request.redirectUrl,
  notify: request.notify,
  ignore_existing: request.ignoreExisting,
  expires_in_days: request.expiresInDays,
  template_slug: request.templateSlug
})

/**
 * The query string of a list.
 */
export const toQueryString = ({ limit, offset, orderBy, query, status }: ListInvitations): string => {
  const search = new URLSearchParams({ paginated: "true" })
  for (const [name, value] of Object.entries({ status, query, order_by: orderBy, limit, offset })) {
    if (value !== undefined) search.append(name, String(value))
  }
  return search.toString()
}
