/**
 * Options and errors of `InvitationsService.inviteMany`.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { CreateInvitation } from "./CreateInvitation.js"
import * as Refusal from "./internal/bulk/refusal.js"
import * as Retry from "./internal/bulk/retry.js"
import type { TransientError } from "./InvitationError.js"
import { InvalidRequest } from "./InvitationError.js"
import type * as InviteOutcome from "./InviteOutcome.js"

/**
 * How `inviteMany` and `revokeMany` retry transient errors by default: exponential backoff from 1 second to 5 minutes
 * with jitter, 23 retries. This spans an outage of at least one hour.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultRetry: Schedule.Schedule<unknown, TransientError> = Retry.defaultRetry

/**
 * What is left when a job stops early: interrupted, failed, or no longer consumed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Incomplete {
  /** Outcomes that the consumer did not take. */
  readonly outcomes: ReadonlyArray<InviteOutcome.InputOutcome>
  /** Inputs with a call in flight or waiting for a rate limit or a retry: they may have been invited. */
  readonly unknown: ReadonlyArray<InviteOutcome.Attempted>
  /** Inputs that were read but not invited. Inputs after them were not read. */
  readonly unsent: ReadonlyArray<InviteOutcome.Attempted>
}

/**
 * Options of `inviteMany`. An invalid option fails the stream with `InvalidRequest` before anything is sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How many bulk calls may be in flight at once, 1 to 25. Defaults to 2.
   */
  readonly concurrency?: number | undefined
  /**
   * Whether to send single creates beside the bulk calls. Clerk has a quota for each, so both together allow 350
   * invitations an hour instead of 250. When a batch is rejected without naming an address, its items are retried
   * individually or in smaller batches; with `false` the batch is bisected, and partial batches wait until they are full
   * or the input ends. Defaults to `true`.
   */
  readonly useSingleCreates?: boolean | undefined
  /**
   * What to do if the address has a pending invitation. Defaults to `"report"`.
   *
   * - `"report"`: the outcome is `AlreadyInvited`, with the invitation and its id if `checkExisting` found it.
   * - `"reuse"`: the same, but if Clerk rejects the address as a duplicate, the invitation is looked up then.
   * - `"resend"`: revokes the invitation, then creates another. Between the two calls the address has no invitation,
   *   and a rate limit can make the create wait. `replaced` of the outcome, or of the `Incomplete`, lists the ids of
   *   the revoked invitations.
   */
  readonly onExisting?: "report" | "reuse" | "resend" | undefined
  /**
   * Whether to look up the pending invitations of the addresses before they are sent. A look-up counts against no hourly
   * quota and avoids creates that Clerk would reject. The job reads the list of pending invitations if that takes fewer
   * calls than one query for each address. Without rate limits in the layer it sends at most 40 look-ups in 10 seconds. It
   * ends them after 500 queries that found nothing. Skipped for inputs with `ignoreExisting`. Defaults to `true`.
   */
  readonly checkExisting?: boolean | undefined
  /**
   * What to do if Clerk refuses the whole instance, for example because a development instance has sent all e-mails of its
   * month. In both cases no further call is made. Defaults to `"report"`.
   *
   * - `"report"`: inputs that were read but not invited get the outcome `NotAttempted`, and the last outcome is `Stopped`
   *   with the error.
   * - `"fail"`: the stream fails with the error.
   */
  readonly onInstanceRefusal?: "report" | "fail" | undefined
  /**
   * Whether to emit outcomes in the order of the input instead of as soon as they are known. The job then runs at most
   * 1000 inputs ahead of the next outcome to emit. Defaults to `false`.
   */
  readonly ordered?: boolean | undefined
  /**
   * How many of the most recent distinct addresses to remember for duplicate detection, 1,000 to 10,000,000. An address
   * that was forgotten is sent again, and Clerk rejects it as a duplicate. Defaults to 100,000.
   */
  readonly deduplicationWindow?: number | undefined
  /**
   * How to retry a call that fails with a transient error (no connection, 429, …) once the layer's own retries have
   * failed. Each delay is at least the response's `Retry-After`, at most 2 hours. When the schedule ends, the outcomes
   * are `Rejected`. Defaults to `defaultRetry`.
   */
  readonly retry?: Schedule.Schedule<unknown, TransientError> | undefined
  /**
   * Runs once if the job stops before every outcome was taken, after all its calls have ended. Defaults to no effect.
   */
  readonly onIncomplete?: ((incomplete: Incomplete) => Effect.Effect<void>) | undefined
}

/**
 * The schema of an {@link InstanceRefusal}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InstanceRefusal = Refusal.InstanceRefusal.annotations({ identifier: "InstanceRefusal" })

/**
 * An error that would meet every other request of the job too. Clerk says so by its status or code (`Unauthorized`,
 * `Forbidden` except `not_allowed_access`, and the codes of `ErrorDetail.InstanceRefusalCode`), or the job has found out:
 * a batch and then single creates were refused alike, for example because of a `redirectUrl` that all inputs share.
 *
 * @since 0.1.0
 * @category errors
 */
export type InstanceRefusal = typeof InstanceRefusal.Type

/**
 * The schema of an {@link InviteManyError}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InviteManyError = Schema.Union(InvalidRequest, ...Refusal.InstanceRefusal.members).annotations({
  identifier: "InviteManyError"
})

/**
 * Errors that end the whole job: invalid options of the job or of the layer, or an invalid source (`InvalidRequest`), and
 * with `onInstanceRefusal: "fail"` an {@link InstanceRefusal}.
 *
 * @since 0.1.0
 * @category errors
 */
export type InviteManyError = typeof InviteManyError.Type

/**
 * Whether an error ends `inviteMany`, because it would meet every other request too: the error alone says so, or it is
 * an `InvalidRequest`, which concerns an option of the layer. Use it in a job of your own.
 *
 * @since 0.1.0
 * @category predicates
 * @example
 * ```ts
 * import { InviteMany } from "@effect-clerk/core"
 * import { InvitationAttempts } from "@effect-clerk/core/InvitationAttempts"
 * import { Effect, Option } from "effect"
 *
 * // An error that concerns one address does not stop the job.
 * const invite = (emailAddress: string) =>
 *   Effect.gen(function*() {
 *     const attempts = yield* InvitationAttempts
 *     return yield* attempts.create({ emailAddress }).pipe(
 *       Effect.asSome,
 *       Effect.catchAll((error) => InviteMany.endsJob(error) ? Effect.fail(error) : Effect.succeed(Option.none()))
 *     )
 *   })
 * ```
 */
export const endsJob: (error: unknown) => error is InstanceRefusal | InvalidRequest = Refusal.isFatal

/**
 * What the refusal of some requests may have in common with the refusal of every other request.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedRefusal {
  /**
   * The same for refusals that have it in common. Contains the values of the fields that the refusal names, so it must
   * not be logged.
   */
  readonly key: string
  /** How many single creates must be refused with this key, after a batch was, before the job ends. */
  readonly refusals: number
}

/**
 * What the refusal of some requests may have in common with the refusal of every other request, for example a
 * `redirectUrl` that all of them share. `None` if the error is not a refusal, if it is about an address, or if it names a
 * field that differs among the requests.
 *
 * @since 0.1.0
 * @category utils
 * @example
 * ```ts
 * import { InviteMany } from "@effect-clerk/core"
 * import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
 * import { Option } from "effect"
 *
 * // Whether a single create was refused as the batch before it was.
 * const isSame = (batch: InviteMany.SharedRefusal, request: CreateInvitation, error: unknown) =>
 *   Option.exists(InviteMany.sharedRefusal([request], error), ({ key }) => key === batch.key)
 * ```
 */
export const sharedRefusal = (
  requests: ReadonlyArray<CreateInvitation>,
  error: unknown
): Option.Option<SharedRefusal> => Refusal.isRefusal(error) ? Refusal.commonOf(requests, error) : Option.none()
