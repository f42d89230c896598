import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Invitation } from "../../Invitation.js"
import type { ListError, TransientError } from "../../InvitationError.js"
import { isTransient } from "../../InvitationError.js"
import { cappedRetryAfter } from "../cappedRetryAfter.js"
import { isFinal } from "./target.js"

type PollError = Exclude<ListError, TransientError>

/**
 * How an invitation ended: in a final state, or missing.
 */
export type End = Option.Option<Invitation>

// A new invitation may be absent from the list for a moment.
const maxMisses = 2

// The poll at the deadline may take this long.
const lastPollMillis = 10_000

/**
 * The end of the invitation, if a poll has found it, and how long to wait before the next poll otherwise.
 */
interface Polled {
  readonly end: Option.Option<End>
  readonly wait: Duration.Duration
}

/**
 * Looks an invitation up until it can no longer be accepted, or until two polls in a row do not find it. A poll that fails
 * with a transient error is repeated. The last poll is made at the deadline. `None` if it does not find the end either, or
 * if a poll is in flight at the deadline.
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

    const poll: Effect.Effect<Polled, PollError> = find.pipe(
      Effect.map((found): Polled => ({ end: toEnd(found), wait: pollEvery })),
      Effect.catchAll((error) =>
        isTransient(error)
          ? Effect.succeed<Polled>({ end: Option.none(), wait: Duration.max(pollEvery, cappedRetryAfter(error)) })
          : Effect.fail(error)
      )
    )

    // Each poll has its own timer, since a timer of the platform cannot run for more than 24 days.
    const until = (deadline: number): Effect.Effect<Option.Option<End>, PollError> =>
      Effect.gen(function*() {
        while (true) {
          const left = deadline - (yield* monotonicMillis)
          const polled = yield* Effect.timeoutOption(poll, left > 0 ? left : lastPollMillis)
          if (Option.isNone(polled)) return Option.none()
          const { end, wait } = polled.value
          if (Option.isSome(end)) return end
          if (left <= 0) return Option.none()
          const rest = deadline - (yield* monotonicMillis)
          yield* Effect.sleep(Math.max(0, Math.min(Duration.toMillis(wait), rest)))
        }
      })

    return Effect.flatMap(monotonicMillis, (now) => until(now + Duration.toMillis(timeout)))
  })

// The wall clock may go back, or jump.
const monotonicMillis = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))
