import {
  type BadRequest,
  type ConnectionError,
  type CreateError,
  type Forbidden,
  hasCode,
  type InvalidRequest,
  isAlreadyAccepted,
  isAlreadyRevoked,
  isDuplicate,
  isUserExists,
  type ListError,
  type RateLimited,
  retryAfter,
  type RevokeError,
  type ServerError,
  type Timeout,
  type TooManyRequests,
  type UnexpectedResponse,
  type Unprocessable
} from "@effect-clerk/core/InvitationError"
import { Match } from "effect"
import {
  AlreadyInvited,
  Busy,
  InternalFailure,
  InvalidInput,
  NoSuchInvitation,
  NotPending,
  OutcomeUnknown,
  Refused,
  Throttled,
  Unavailable
} from "./failures.js"
import * as RetryAfter from "./retryAfter.js"

// An `InvalidRequest` can also name an option of this application, for example `secretKey`.
const inputs = new Set(["emailAddress", "expiresInDays", "id"])

const invalid = ({ issues }: InvalidRequest) =>
  issues.every(({ path }) => inputs.has(path))
    ? new InvalidInput({ issues: issues.map(({ message, path }) => ({ field: path, message })) })
    : new InternalFailure()

const throttled = (error: RateLimited | TooManyRequests) =>
  new Throttled({ retryAfterSeconds: RetryAfter.seconds(retryAfter(error)) })

const unavailable = (error: ConnectionError | RateLimited | ServerError | Timeout | UnexpectedResponse) =>
  new Unavailable({ retryAfterSeconds: RetryAfter.seconds(retryAfter(error)) })

const busy = () => new Busy()

const outcomeUnknown = () => new OutcomeUnknown()

const internal = () => new InternalFailure()

const common = {
  InvalidRequest: invalid,
  TooManyRequests: throttled,
  RateLimited: (error: RateLimited) => error.reason === "maxWait" ? throttled(error) : unavailable(error),
  ConnectionError: unavailable,
  Timeout: unavailable,
  UnexpectedResponse: unavailable,
  Unauthorized: internal,
  ClientError: internal
}

// `tagsExhaustive` does not compile if a tag is missing. A handler does not compile if its endpoint lacks a failure.

/** The answer to an error of `create`. */
export const ofCreate = Match.type<CreateError>().pipe(Match.tagsExhaustive({
  ...common,
  BadRequest: (error: BadRequest) => isDuplicate(error) ? new AlreadyInvited() : new InternalFailure(),
  Unprocessable: (error: Unprocessable) => new Refused({ reason: isUserExists(error) ? "user" : "rejected" }),
  Forbidden: (error: Forbidden) =>
    hasCode(error, "not_allowed_access") ? new Refused({ reason: "blocked" }) : new InternalFailure(),
  NotFound: internal,
  Conflict: busy,
  AmbiguousWrite: outcomeUnknown
}))

/** The answer to an error of `stream` or `findById`. */
export const ofList = Match.type<ListError>().pipe(Match.tagsExhaustive({
  ...common,
  BadRequest: internal,
  Unprocessable: internal,
  Forbidden: internal,
  NotFound: internal,
  ServerError: unavailable
}))

/** The answer to an error of `revoke`. */
export const ofRevoke = Match.type<RevokeError>().pipe(Match.tagsExhaustive({
  ...common,
  BadRequest: (error: BadRequest) => {
    if (isAlreadyRevoked(error)) return new NotPending({ status: "revoked" })
    return isAlreadyAccepted(error) ? new NotPending({ status: "accepted" }) : new InternalFailure()
  },
  Forbidden: internal,
  NotFound: () => new NoSuchInvitation(),
  Conflict: busy,
  AmbiguousWrite: outcomeUnknown
}))
