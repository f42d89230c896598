import { AmbiguousWrite } from "@effect-clerk/core/InvitationError"
import type { InvitationsHttp } from "@effect-clerk/http"
import { Duration, Effect, Option } from "effect"
import { runWithClock } from "../utils/clock.js"
import { once, overRaw } from "../utils/overRaw.js"
import type * as raw from "../utils/rawServer.js"
import type { CallError, Operation } from "../utils/wire.js"
import { call } from "../utils/wire.js"

/** The last failure of an ambiguous write; every other error itself. */
export const lastFailureOf = (error: CallError) => error instanceof AmbiguousWrite ? error.lastFailure : error

/** The `Retry-After` of an error in milliseconds. */
export const retryAfterOf = (error: CallError): number | undefined =>
  "retryAfter" in error ? Option.getOrUndefined(Option.map(error.retryAfter, Duration.toMillis)) : undefined

export const traceIdOf = (error: CallError): string | undefined =>
  "traceId" in error ? Option.getOrUndefined(error.traceId) : undefined

/** The fields of the entries in `errors`. */
export const detailsOf = (error: CallError) =>
  "errors" in error
    ? error.errors.map(({ code, longMessage, message, meta }) => ({ code, message, longMessage, meta }))
    : undefined

/** The error of a call whose attempts, up to three, all get the same response. */
export const failing = (
  operation: Operation,
  script: raw.Script,
  options: Partial<InvitationsHttp.Options> = once
) =>
  Effect.gen(function*() {
    const { invitations, server } = yield* overRaw([script, script, script], options)
    const error = yield* runWithClock(Effect.flip(call(invitations, operation)))
    return { error, server }
  })
