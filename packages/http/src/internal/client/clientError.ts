import type { Conflict, Unprocessable } from "@effect-clerk/core/InvitationError"
import { ClientError } from "@effect-clerk/core/InvitationError"

/**
 * The error for a status that is outside the union of its operation. It keeps the status, the codes and the trace id.
 */
export const toClientError = ({ errors, operation, status, traceId }: Conflict | Unprocessable): ClientError =>
  new ClientError({ operation, status, errors, traceId })
