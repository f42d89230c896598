import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/**
 * Looks again and again, with growing waits, until something is found or the time is over. With no time it looks once.
 */
export const poll = <A>(millis: number, look: Effect.Effect<Option.Option<A>>): Effect.Effect<Option.Option<A>> =>
  Effect.flatMap(Clock.currentTimeMillis, (start) => {
    const again = (wait: number): Effect.Effect<Option.Option<A>> =>
      Effect.flatMap(
        look,
        (found) =>
          Option.isSome(found) || wait <= 0 ?
            Effect.succeed(found) :
            Effect.flatMap(Clock.currentTimeMillis, (now) =>
              now + wait > start + millis
                ? Effect.succeed(found)
                : Effect.zipRight(Effect.sleep(wait), again(wait * 2)))
      )
    return again(millis / 16)
  })
