import * as Effect from "effect/Effect"
import type { LazyArg } from "effect/Function"
import type { ClientState, Deadline } from "./context.js"
import { untilDeadline } from "./context.js"

/**
 * Waits until a lock is `acquired`, and fails with `onTimeout` at the deadline of the call.
 *
 * While calls wait for the client-side rate limits the deadline is postponed, because the holder of the lock may be one
 * of them. In sum it is postponed by `maxWait` at most, the longest that an attempt may wait for the rate limits.
 */
export const awaitLock =
  <E>({ limiter }: ClientState, deadline: Deadline, onTimeout: LazyArg<E>) =>
  (acquired: Effect.Effect<void>): Effect.Effect<void, E> =>
    Effect.gen(function*() {
      const waitedMillis = limiter?.waitedMillis ?? Effect.succeed(0)
      let allowance = yield* limiter?.maxWait ?? Effect.succeed(0)
      let counted = yield* waitedMillis
      const isLate = untilDeadline(deadline, () => true)(Effect.as(acquired, false))
      while (yield* isLate) {
        const waited = yield* waitedMillis
        const extension = Math.min(waited - counted, allowance)
        if (extension <= 0) return yield* Effect.fail(onTimeout())
        deadline.extend(extension)
        allowance -= extension
        counted = waited
      }
    })
