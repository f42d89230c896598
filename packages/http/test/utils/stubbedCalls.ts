import { AmbiguousWrite } from "@effect-clerk/core/InvitationError"
import type { InvitationsHttp } from "@effect-clerk/http"
import { assert } from "@effect/vitest"
import { Clock, Effect, Exit } from "effect"
import { runStubWithClock } from "./clock.js"
import * as stub from "./stub.js"
import type { Operation } from "./wire.js"
import { errors } from "./wire.js"

/** The address of `call(invitations, "create")`. */
export const emailAddress = "person1@example.com"

/** Answers every request with a success. */
export const succeed = stub.properly

/** Reacts in this way to the first `times` requests of an operation, and answers all other requests with a success. */
export const reactFirst = (times: number, operation: Operation, reaction: stub.Reaction) => {
  let left = times
  return (request: stub.Seen): stub.Reaction =>
    request.operation === operation && left-- > 0 ? reaction : succeed(request)
}

/** Reacts in this way to every request of an operation, and answers all other requests with a success. */
export const reactAlways = (operation: Operation, reaction: stub.Reaction) => reactFirst(Infinity, operation, reaction)

/** A 429 with this `Retry-After`. */
export const throttled = (retryAfter: string): stub.Reaction => ({
  status: 429,
  headers: { "retry-after": retryAfter },
  body: errors("too_many_requests")
})

/** The requests of an operation. */
export const requestsOf = (requests: ReadonlyArray<stub.Seen>, operation: Operation) =>
  requests.filter((request) => request.operation === operation)

/** The milliseconds between successive requests. */
export const delaysBetween = (requests: ReadonlyArray<{ readonly at: number }>): ReadonlyArray<number> =>
  requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0))

/**
 * Calls `list` once over a stub. Returns the error, if the call failed, the requests, the delays between them and the
 * milliseconds that the call took.
 */
export const listOverStub = (
  react: Parameters<typeof stub.service>[0],
  options: Partial<InvitationsHttp.Options> = {}
) =>
  Effect.gen(function*() {
    const { invitations, seen } = yield* stub.service(react, options)
    const startedAt = yield* Clock.currentTimeMillis
    const exit = yield* runStubWithClock(Effect.exit(invitations.list()))
    const error = Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error : undefined
    return {
      error,
      requests: seen,
      delays: delaysBetween(seen),
      elapsed: (yield* Clock.currentTimeMillis) - startedAt
    }
  })

/** Asserts that an error is an `AmbiguousWrite`, and returns it. */
export const ambiguousWrite = (error: unknown): AmbiguousWrite => {
  assert.instanceOf(error, AmbiguousWrite)
  return error
}
