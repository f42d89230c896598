import type {
  BadRequest,
  ClientError,
  Conflict,
  Forbidden,
  NotFound,
  Operation,
  ServerError,
  TooManyRequests,
  Unauthorized,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import { Duration, Option } from "effect"
import * as assert from "./assert.js"

export type ApiError =
  | BadRequest
  | Unauthorized
  | Forbidden
  | NotFound
  | Conflict
  | Unprocessable
  | TooManyRequests
  | ServerError
  | ClientError

/**
 * The fields of an error and its message. Every trace id is different, so the trace id is checked here and left out.
 */
export const errorFields = (error: ApiError) => {
  const traceId = Option.getOrElse(error.traceId, () => "none")
  assert.match(traceId, /^trace_\w+$/)
  return {
    tag: error._tag,
    operation: error.operation,
    status: error.status,
    errors: error.errors.map(({ code, longMessage, message, meta }) => ({ code, longMessage, message, meta })),
    message: error.message.replace(` [trace id ${traceId}]`, "")
  }
}

export const duplicate = (operation: Operation, ...emailAddresses: ReadonlyArray<string>) => ({
  tag: "BadRequest" as const,
  operation,
  status: 400,
  errors: [{
    code: "duplicate_record",
    message: "duplicate invitation",
    longMessage: `There are already pending invitations for the following email addresses: ${
      emailAddresses.join(", ")
    }`,
    meta: { email_addresses: emailAddresses }
  }],
  message:
    `Clerk answered ${operation} with status 400: a pending invitation exists already; pass ignoreExisting to create another`
})

export const userExists = (operation: Operation) => ({
  tag: "Unprocessable" as const,
  operation,
  status: 422,
  errors: [{
    code: "form_identifier_exists",
    message: "That email address is taken. Please try another.",
    longMessage: "That email address is taken. Please try another.",
    meta: { param_name: "email_address" }
  }],
  message: `Clerk answered ${operation} with status 422: an address belongs to a user already (email_address)`
})

export const notFound = (operation: Operation, id: string) => ({
  tag: "NotFound" as const,
  operation,
  status: 404,
  errors: [{
    code: "resource_not_found",
    message: "not found",
    longMessage: `No invitation was found with id ${id}.`,
    meta: {}
  }],
  message: `Clerk answered ${operation} with status 404: the invitation does not exist`
})

export const notRevocable = (code: "invitation_already_revoked" | "invitation_already_accepted") => ({
  tag: "BadRequest" as const,
  operation: "revoke" as const,
  status: 400,
  errors: [{
    code,
    message: `Invitation is already ${code === "invitation_already_revoked" ? "revoked" : "accepted"}.`,
    longMessage: `Invitation is already ${code === "invitation_already_revoked" ? "revoked" : "accepted"}.`,
    meta: {}
  }],
  message: `Clerk answered revoke with status 400: the invitation has been ${
    code === "invitation_already_revoked" ? "revoked" : "accepted"
  } already`
})

export const tooManyRequests = (operation: Operation, seconds: number) => ({
  tag: "TooManyRequests" as const,
  operation,
  status: 429,
  errors: [{
    code: "too_many_requests",
    message: "Too many requests. Please try again in a bit.",
    longMessage: "Too many requests. Please try again in a bit.",
    meta: { resets_in: seconds }
  }],
  message: `Clerk answered ${operation} with status 429: too many requests; Clerk asks to wait (retry after ${
    Duration.format(Duration.seconds(seconds))
  })`
})
