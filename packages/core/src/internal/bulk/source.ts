import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"

/**
 * What many things are given as.
 */
export type Source<A, E, R> = Iterable<A> | Stream.Stream<A, E, R>

/**
 * Whether it is that, where the compiler may not have had its say. A string is an iterable that nobody means.
 */
export const isIterableOrStream = (input: unknown): input is object =>
  Predicate.isObject(input) && (Stream.StreamTypeId in input || Symbol.iterator in input)

const fromIterable = <A>(iterable: Iterable<A>): Stream.Stream<A> =>
  Stream.unwrapScoped(Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => iterable[Symbol.iterator]()),
      (iterator) => Effect.sync(() => iterator.return?.())
    ),
    (iterator) =>
      Stream.repeatEffectOption(Effect.suspend(() => {
        const next = iterator.next()
        return next.done === true ? Effect.fail(Option.none()) : Effect.succeed(next.value)
      }))
  ))

/**
 * A stream of it that takes no more from an iterable than it is asked for, and lets go of it at the end.
 */
export const toStream = <A, E, R>(input: Source<A, E, R>): Stream.Stream<A, E, R> =>
  Stream.StreamTypeId in input ? input : fromIterable(input)
