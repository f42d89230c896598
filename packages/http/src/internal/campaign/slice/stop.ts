import { retryAfter } from "@effect-clerk/core/InvitationError"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Fatal } from "./verdict.js"

/**
 * Why a slice stops sending by one endpoint:
 *
 * - `Empty`: no person is left to send.
 * - `TimeIsUp`: the slice has lasted long enough.
 * - `Wait`: a rate limit admits the next call at `until`, by the clock of the store.
 * - `Failure`: the connection, the server or a limit of the server failed. `retryAfter` is the time that the server asks
 *   for, in milliseconds.
 * - `Refused`: every other request would be refused too.
 */
export type Stop =
  | { readonly _tag: "Empty" }
  | { readonly _tag: "TimeIsUp" }
  | { readonly _tag: "Wait"; readonly until: number }
  | { readonly _tag: "Failure"; readonly error: Failure; readonly retryAfter: number }
  | { readonly _tag: "Refused"; readonly error: Fatal }

/**
 * An error as it is reported.
 */
export interface Failure {
  readonly _tag: string
  readonly message: string
}

export const empty: Stop = { _tag: "Empty" }

export const timeIsUp: Stop = { _tag: "TimeIsUp" }

export const wait = (until: number): Stop => ({ _tag: "Wait", until })

export const failure = (error: Failure): Stop => ({
  _tag: "Failure",
  error,
  retryAfter: Option.match(retryAfter(error), { onNone: () => 0, onSome: Duration.toMillis })
})

export const refused = (error: Fatal): Stop => ({ _tag: "Refused", error })
