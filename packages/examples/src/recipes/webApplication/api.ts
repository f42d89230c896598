import { Invitation, InvitationStatus } from "@effect-clerk/core/Invitation"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { AdminOnly } from "./adminOnly.js"
import { InviteFailure, ListFailure, RevokeFailure } from "./failures.js"

// The browser and the server share this module. It contains no code of the server.

/** The service checks the fields, so that a failure names the limit. The team comes from the session, not from here. */
export const Invite = Schema.Struct({
  emailAddress: Schema.String,
  expiresInDays: Schema.optional(Schema.Number)
})

export const Query = Schema.Struct({
  /** Defaults to every status except revoked. */
  status: Schema.optional(InvitationStatus),
  offset: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 10_000)), {
    default: () => 0
  }),
  limit: Schema.optionalWith(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 100)), { default: () => 20 })
})

/** `Invitation` encodes without its accept link. */
export class Page extends Schema.Class<Page>("Page")({
  data: Schema.Array(Invitation),
  /** The `offset` of the next page; `None` on the last one. */
  nextOffset: Schema.optionalWith(Schema.NonNegativeInt, { as: "Option" })
}) {}

export class AdminApi extends HttpApi.make("admin").add(
  HttpApiGroup.make("invitations")
    .add(
      HttpApiEndpoint.post("invite", "/invitations").setPayload(Invite)
        .addSuccess(Invitation, { status: 201 }).addError(InviteFailure)
    )
    .add(
      HttpApiEndpoint.get("list", "/invitations").setUrlParams(Query)
        .addSuccess(Page).addError(ListFailure)
    )
    .add(
      HttpApiEndpoint.post("revoke")`/invitations/${HttpApiSchema.param("id", Schema.String)}/revoke`
        .addSuccess(Invitation).addError(RevokeFailure)
    )
    .middleware(AdminOnly)
) {}
