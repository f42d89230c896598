import * as Effect from "effect/Effect"
import type { CallContext, ClientState } from "./call.js"

/**
 * Waits until another call is done, but not beyond the deadline. Time in which calls wait for their rate limits does not count,
 * since the other may be one of those; but no more of it than a call may wait for them itself.
 */
export const awaitLock =
  ({ limiter }: ClientState, session: CallContext) =>
  <E>(wait: Effect.Effect<void>, onTimeout: () => E): Effect.Effect<void, E> => {
    if (limiter === undefined) return within(session, wait, Effect.suspend(() => Effect.fail(onTimeout())))
    return Effect.gen(function*() {
      let allowed = yield* limiter.maxWait
      let idle = yield* limiter.waitedMillis
      const again: Effect.Effect<void, E> = Effect.flatMap(limiter.waitedMillis, (now) => {
        const more = Math.min(now - idle, allowed)
        if (more <= 0) return Effect.fail(onTimeout())
        allowed -= more
        idle = now
        session.end += more
        return within(session, wait, again)
      })
      return yield* within(session, wait, again)
    })
  }

const within = <E>(
  session: CallContext,
  wait: Effect.Effect<void>,
  otherwise: Effect.Effect<void, E>
): Effect.Effect<void, E> =>
  Effect.suspend(() =>
    Effect.flatten(Effect.timeoutTo(wait, {
      duration: Math.max(0, session.end - session.now()),
      onSuccess: (): Effect.Effect<void, E> => Effect.void,
      onTimeout: () => otherwise
    }))
  )
