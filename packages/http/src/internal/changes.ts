import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/**
 * Says that something has changed, and to whoever listens only that: it costs next to nothing while nobody does.
 */
export interface Changes {
  readonly notify: () => void
  readonly stream: Stream.Stream<void>
}

/**
 * The streams end with the scope, so that no connection which waits for the next change outlives the emulator.
 */
export const make: Effect.Effect<Changes, never, Scope.Scope> = Effect.gen(function*() {
  const listeners = new Set<() => void>()
  const ended = yield* Deferred.make<undefined>()
  yield* Effect.addFinalizer(() => Deferred.succeed(ended, undefined))
  return {
    notify: () => {
      for (const listener of listeners) listener()
    },
    stream: Stream.asyncPush<undefined>(
      (emit) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            const listener = (): void => {
              emit.single(undefined)
            }
            listeners.add(listener)
            listener()
            return listener
          }),
          (listener) => Effect.sync(() => listeners.delete(listener))
        ),
      { bufferSize: 1, strategy: "sliding" }
    ).pipe(Stream.interruptWhenDeferred(ended))
  }
})
