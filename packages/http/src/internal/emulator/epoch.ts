import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"

/**
 * The time between two resets of an instance. What arrives in one epoch never affects the next: delayed commits are
 * interrupted, and responses that are still to come are cancelled.
 */
export interface Epoch {
  /** Closes at the end of the epoch. */
  readonly scope: Scope.Scope
  readonly isOver: () => boolean
  /** Waits for the end of the epoch. */
  readonly end: Effect.Effect<void>
}

interface Epochs {
  readonly current: () => Epoch
  /** Ends the current epoch and begins the next one. Completes when nothing of the old epoch runs any more. */
  readonly next: Effect.Effect<void>
}

/**
 * Begins the first epoch. The last one ends with the scope.
 */
export const make: Effect.Effect<Epochs, never, Scope.Scope> = Effect.gen(function*() {
  const parent = yield* Effect.scope
  const begin = Effect.gen(function*() {
    const scope = yield* Scope.fork(parent, ExecutionStrategy.sequential)
    const ended = yield* Deferred.make<undefined>()
    let over = false
    const epoch: Epoch = { scope, isOver: () => over, end: Deferred.await(ended) }
    const close = Effect.suspend(() => {
      over = true
      return Effect.zipRight(Deferred.succeed(ended, undefined), Scope.close(scope, Exit.void))
    })
    return { epoch, close }
  })
  let current = yield* begin
  return {
    current: () => current.epoch,
    next: Effect.uninterruptible(Effect.gen(function*() {
      const { close } = current
      current = yield* begin
      yield* close
    }))
  }
})
