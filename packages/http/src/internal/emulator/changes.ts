import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/**
 * Signals that something changed. Each subscriber keeps at most one pending signal.
 */
export interface Changes {
  readonly notify: () => void
  readonly stream: Stream.Stream<void>
}

/**
 * The streams end with the scope, so that no server-sent event connection outlives the emulator.
 */
export const make: Effect.Effect<Changes, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(PubSub.sliding<undefined>(1), PubSub.shutdown),
  (pubsub) => ({
    notify: () => {
      pubsub.unsafeOffer(undefined)
    },
    stream: Stream.unwrapScoped(Effect.map(
      PubSub.subscribe(pubsub),
      (changes) => Stream.concat(Stream.make(undefined), Stream.fromQueue(changes, { maxChunkSize: 1 }))
    ))
  })
)
