import * as Fault from "@effect-clerk/http/Fault"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Effect } from "effect"

/** Each response of Clerk that a call can fail with, and the tag of its error. */
export const failures = [
  [400, "duplicate_record", "BadRequest"],
  [401, "clerk_key_invalid", "Unauthorized"],
  [403, "quota_exceeded", "Forbidden"],
  [404, "resource_not_found", "NotFound"],
  [409, "resource_locked", "Conflict"],
  [413, "request_too_large", "ClientError"],
  [422, "form_identifier_exists", "Unprocessable"],
  [429, "too_many_requests", "TooManyRequests"],
  [500, "internal_clerk_error", "AmbiguousWrite"]
] as const

/** Makes the next create fail with this response, which would be retried after half a minute. */
export const failNextCreate = (status: number, code: string) =>
  Effect.flatMap(
    InvitationsControl,
    (control) => control.failNext(Fault.Response.Status({ status, code, retryAfter: "30" }), { operation: "create" })
  )

export const retryAfterSeconds = 30
