import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as EmailAddress from "../../EmailAddress.js"

/**
 * The accepted forms of an input with many elements.
 */
export type Source<A, E, R> = Iterable<A> | Stream.Stream<A, E, R>

/**
 * Runtime check for untyped callers: true for iterables and Streams. Strings are iterable but rejected, since one is
 * almost certainly a mistake.
 */
export const isIterableOrStream = (input: unknown): input is object =>
  Predicate.isObject(input) && (Stream.StreamTypeId in input || Symbol.iterator in input)

/**
 * The addresses of a source whose size is known before it is read. Inputs that are invited without a look-up are not among
 * them.
 */
export interface Expected {
  /** Folded. Absent if the size of the source is unknown. */
  readonly addresses?: ReadonlySet<string> | undefined
}

const wantedAddress = (input: unknown): ReadonlyArray<string> =>
  Predicate.hasProperty(input, "emailAddress") && typeof input.emailAddress === "string" &&
    !(Predicate.hasProperty(input, "ignoreExisting") && input.ignoreExisting === true)
    ? [EmailAddress.fold(input.emailAddress)]
    : []

/**
 * Whether a source is an array, a set or a `Chunk`. Every other source can be read only once.
 */
export const isCollection = <A>(source: Source<A, unknown, unknown>): source is Iterable<A> =>
  Array.isArray(source) || source instanceof Set || Chunk.isChunk(source)

/**
 * Reads the addresses of a collection.
 */
export const expectedOf = (source: Source<unknown, unknown, unknown>): Expected =>
  isCollection(source)
    ? { addresses: new Set(Array.from<unknown>(source).flatMap(wantedAddress)) }
    : {}

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
 * Turns a source into a stream that pulls one element at a time from an iterable, and closes the iterator at the end.
 */
export const toStream = <A, E, R>(input: Source<A, E, R>): Stream.Stream<A, E, R> =>
  Stream.StreamTypeId in input ? input : fromIterable(input)

/**
 * Separates a stream from its failure, so that the failure does not interrupt work on earlier elements. `elements` ends
 * where the stream ends or fails, `exit` tells which.
 */
export const separateExit = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<{
  readonly elements: Stream.Stream<A, never, R>
  readonly exit: Effect.Effect<Exit.Exit<void, E>>
}> =>
  Effect.map(Ref.make<Exit.Exit<void, E>>(Exit.void), (exit) => ({
    elements: Stream.catchAllCause(stream, (cause) => Stream.execute(Ref.set(exit, Exit.failCause(cause)))),
    exit: Ref.get(exit)
  }))
