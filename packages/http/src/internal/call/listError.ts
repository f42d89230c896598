import type { ListError } from "@effect-clerk/core/InvitationError"
import { toClientError } from "../client/clientError.js"
import type { CallFailure } from "./call.js"

/**
 * The error of a failed `list`.
 */
export const listError = ({ error }: Pick<CallFailure, "error">): ListError =>
  error._tag === "Conflict" ? toClientError(error) : error
