import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Runtime from "./runtime.js"

// In milliseconds.
const interval = 10

// A turn of the event loop rather than a wait, so it does not depend on Effect's clock.
const turn = Effect.async<undefined>((resume) => {
  const timer = setTimeout(() => resume(Effect.succeed(undefined)), interval)
  return Effect.sync(() => clearTimeout(timer))
})

const poll = <A, E>(deferred: Deferred.Deferred<A, E>): Effect.Effect<A, E> =>
  Effect.flatMap(
    Deferred.isDone(deferred),
    (isDone) => isDone ? Deferred.await(deferred) : Effect.zipRight(turn, poll(deferred))
  )

/**
 * Waits until another call completes the deferred.
 *
 * In a Worker each request has an I/O context of its own. A call that the call of another request wakes would go on in that
 * request's context, and would hang once that request ends. So on workerd a waiter looks by a timer of its own.
 */
export const awaitOther: <A, E>(deferred: Deferred.Deferred<A, E>) => Effect.Effect<A, E> =
  Runtime.current === "workerd" ? poll : Deferred.await

/** {@link awaitOther} of workerd. */
export const awaitByTimer: typeof awaitOther = poll
