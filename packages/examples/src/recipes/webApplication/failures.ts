import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"

// Every answer that is not a success: one class per way to recover. None has a text, an address or a code of Clerk.

/** A field of the request is invalid. The messages name the limit, and never quote the value. */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()("InvalidInput", {
  issues: Schema.Array(Schema.Struct({ field: Schema.String, message: Schema.String }))
}, HttpApiSchema.annotations({ status: 400 })) {}

/** The request has no bearer token of an admin. */
export class Unauthenticated
  extends Schema.TaggedError<Unauthenticated>()("Unauthenticated", {}, HttpApiSchema.annotations({ status: 401 }))
{}

/** The team has no such invitation. An invitation of another team gets the same answer. */
export class NoSuchInvitation
  extends Schema.TaggedError<NoSuchInvitation>()("NoSuchInvitation", {}, HttpApiSchema.annotations({ status: 404 }))
{}

/** The address has a pending invitation. The answer does not say of which team. */
export class AlreadyInvited
  extends Schema.TaggedError<AlreadyInvited>()("AlreadyInvited", {}, HttpApiSchema.annotations({ status: 409 }))
{}

/** The invitation cannot be revoked any more. */
export class NotPending extends Schema.TaggedError<NotPending>()("NotPending", {
  status: Schema.Literal("accepted", "revoked")
}, HttpApiSchema.annotations({ status: 409 })) {}

/** A concurrent change won. Nothing was changed; the request can be repeated. */
export class Busy extends Schema.TaggedError<Busy>()("Busy", {}, HttpApiSchema.annotations({ status: 409 })) {}

/** The address cannot be invited: it belongs to a user, it is blocked, or Clerk rejects it. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  reason: Schema.Literal("user", "blocked", "rejected")
}, HttpApiSchema.annotations({ status: 422 })) {}

/** A rate limit is used up. Nothing was changed. The header Retry-After has the same number. */
export class Throttled extends Schema.TaggedError<Throttled>()("Throttled", {
  retryAfterSeconds: Schema.Int
}, HttpApiSchema.annotations({ status: 429 })) {}

/** Clerk cannot be reached for now. Nothing was changed. The header Retry-After has the same number. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  retryAfterSeconds: Schema.Int
}, HttpApiSchema.annotations({ status: 503 })) {}

/** The change may have happened, or may still happen. The list shows it. */
export class OutcomeUnknown
  extends Schema.TaggedError<OutcomeUnknown>()("OutcomeUnknown", {}, HttpApiSchema.annotations({ status: 503 }))
{}

/** The key, the plan or this application is wrong. An admin cannot fix it; the log has the error. */
export class InternalFailure
  extends Schema.TaggedError<InternalFailure>()("InternalFailure", {}, HttpApiSchema.annotations({ status: 500 }))
{}

// The failures that every endpoint can answer with.
const common = [InvalidInput, Throttled, Unavailable, InternalFailure] as const

export const InviteFailure = Schema.Union(...common, AlreadyInvited, Busy, Refused, OutcomeUnknown)
export type InviteFailure = typeof InviteFailure.Type

export const ListFailure = Schema.Union(...common)
export type ListFailure = typeof ListFailure.Type

export const RevokeFailure = Schema.Union(...common, NoSuchInvitation, NotPending, Busy, OutcomeUnknown)
export type RevokeFailure = typeof RevokeFailure.Type

/** Every failure of the API, except that of a request without a session. */
export type Failure = InviteFailure | ListFailure | RevokeFailure
