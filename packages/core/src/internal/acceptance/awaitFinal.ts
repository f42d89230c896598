import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Invitation } from "../../Invitation.js"
import type { ListError, TransientError } from "../../InvitationError.js"
import { isTransient } from "../../InvitationError.js"
import { pollWait } from "./pollWait.js"
import { isFinal } from "./target.js"

type PollError = Exclude<ListError, TransientError>

/**
 * How an invitation ended: in a final state, or missing.
 */
export type End = Option.Option<Invitation>

// A new invitation may be absent from the list for a moment.
const maxMisses = 2

/**
 * Looks an invitation up until it can no longer be accepted, or until two polls in a row do not find it. A poll that fails
 * with a transient error is repeated. `None` if that takes longer than the timeout.
 */
export const awaitFinal = (
  find: Effect.Effect<Option.Option<Invitation>, ListError>,
  { pollEvery, timeout }: { readonly pollEvery: Duration.Duration; readonly timeout: Duration.Duration }
): Effect.Effect<Option.Option<End>, PollError> =>
  Effect.suspend(() => {
    let misses = 0

    const toEnd = (found: Option.Option<Invitation>): Option.Option<End> => {
      misses = Option.isNone(found) ? misses + 1 : 0
      return misses === maxMisses || Option.exists(found, isFinal) ? Option.some(found) : Option.none()
    }

    const sleep = (wait: Duration.Duration) => Effect.as(Effect.sleep(wait), Option.none<End>())

    const pollThenWait: Effect.Effect<Option.Option<End>, PollError> = find.pipe(
      Effect.map(toEnd),
      Effect.matchEffect({
        onFailure: (error) => isTransient(error) ? sleep(pollWait(error, pollEvery)) : Effect.fail(error),
        onSuccess: (end) => Option.isSome(end) ? Effect.succeed(end) : sleep(pollEvery)
      })
    )

    // Each poll has its own timer, since a timer of the platform cannot run for more than 24 days.
    const until = (deadline: number): Effect.Effect<Option.Option<End>, PollError> =>
      Effect.flatMap(monotonicMillis, (now) =>
        Effect.flatMap(
          Effect.timeoutOption(pollThenWait, Math.max(0, deadline - now)),
          Option.match({
            onNone: () => Effect.succeedNone,
            onSome: (end) => Option.isSome(end) ? Effect.succeed(end) : until(deadline)
          })
        ))

    return Effect.flatMap(monotonicMillis, (now) => until(now + Duration.toMillis(timeout)))
  })

// The wall clock may go back, or jump.
const monotonicMillis = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))
