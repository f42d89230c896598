import type { ListError, RevokeError } from "@effect-clerk/core/InvitationError"
import { isTransient } from "@effect-clerk/core/InvitationError"
import { endsJob } from "@effect-clerk/core/InviteMany"
import type { Stop } from "./stop.js"
import * as Stops from "./stop.js"

const isRefused = (error: ListError | RevokeError): boolean => "errors" in error && error.status < 500

/**
 * Whether the failure of a call that creates nothing stops the slice. `undefined` if Clerk refuses this call only, so that
 * others may succeed.
 */
export const stopAfter = (error: ListError | RevokeError): Stop | undefined => {
  if (endsJob(error)) return Stops.refused(error)
  if (!isTransient(error) && isRefused(error)) return undefined
  return Stops.failure(error)
}
