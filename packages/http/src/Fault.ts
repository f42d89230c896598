/**
 * What the in-memory layer and the emulator can be told to do wrong.
 *
 * @since 0.1.0
 */
import type { Operation } from "@effect-clerk/core/InvitationError"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"

/**
 * What the caller gets to see in place of the proper answer.
 *
 * - `Status`: an answer with this status and error code; `retryAfter` is the raw header, `html` makes it a gateway's page.
 * - `Body`: this body in place of the proper one, with status 200 and as JSON unless said otherwise.
 * - `Truncated`: the proper answer, cut off in the middle.
 * - `Reset`: the connection is closed without an answer.
 * - `Stall`: no answer, ever (`"headers"`), or half of one (`"body"`).
 * - `Drip`: the proper answer, a few bytes at a time; the call takes effect.
 *
 * The in-memory layer has no bytes to spoil: there, a fault has the result that it has over HTTP once the client gives up.
 *
 * @since 0.1.0
 * @category models
 */
export type Response = Data.TaggedEnum<{
  Status: {
    readonly status: number
    readonly code?: string | undefined
    readonly retryAfter?: string | undefined
    readonly html?: boolean | undefined
  }
  Body: {
    readonly body: string
    readonly status?: number | undefined
    readonly contentType?: string | undefined
  }
  Truncated: {}
  Reset: {}
  Stall: { readonly at: "headers" | "body" }
  Drip: { readonly every: Duration.Duration }
}>

/**
 * Constructors of {@link Response}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const Response = Data.taggedEnum<Response>()

/**
 * Whether, and when, the call takes effect all the same: not at all, before the fault shows, or that much later.
 *
 * @since 0.1.0
 * @category models
 */
export type Commit = "never" | "before" | Duration.Duration

/**
 * One call that goes wrong.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fault {
  /** What the caller gets to see. */
  readonly response: Response
  /** Whether the call takes effect all the same. */
  readonly commit: Commit
}

/**
 * A fault, and which call it strikes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Plan extends Fault {
  /**
   * Only calls of this operation; any if left out.
   */
  readonly operation?: Operation | undefined
  /**
   * The n-th of them from now on, beginning with 1. Defaults to 1.
   */
  readonly nth?: number | undefined
  /**
   * How many in a row. Defaults to 1.
   */
  readonly times?: number | undefined
}

/**
 * Makes a fault; the call has no effect unless `commit` says otherwise.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Fault } from "@effect-clerk/http"
 *
 * Fault.make(Fault.Response.Status({ status: 503 }))
 * Fault.make(Fault.Response.Reset(), "before") // it happened, but nobody is told
 * ```
 */
export const make = (response: Response, commit: Commit = "never"): Fault => ({ response, commit })
