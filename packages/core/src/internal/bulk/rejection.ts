import * as Schema from "effect/Schema"
import {
  BadRequest,
  ClientError,
  Conflict,
  ConnectionError,
  Forbidden,
  InvalidRequest,
  NotFound,
  RateLimited,
  Timeout,
  TooManyRequests,
  Unauthorized,
  UnexpectedResponse,
  Unprocessable
} from "../../InvitationError.js"

const common = [
  InvalidRequest,
  BadRequest,
  Unauthorized,
  Forbidden,
  NotFound,
  Conflict,
  TooManyRequests,
  ClientError,
  ConnectionError,
  Timeout,
  UnexpectedResponse,
  RateLimited
] as const

/**
 * The errors of a create that did not happen: `CreateError` without `AmbiguousWrite`.
 */
export const CreateRejection = Schema.Union(...common, Unprocessable)

/**
 * The errors of a revoke that did not happen: `RevokeError` without `AmbiguousWrite`.
 */
export const RevokeRejection = Schema.Union(...common)
