import { Console, Duration, Effect } from "effect"

const time = (duration: Duration.Duration): string => {
  const millis = Duration.toMillis(duration)
  return millis < 1000 ? `${millis.toFixed(1)} ms` : `${(millis / 1000).toFixed(2)} s `
}

/**
 * A line with the title, the outcome and the duration of a step.
 */
export const line = (title: string, outcome: string, duration: Duration.Duration): string =>
  `  ${title.padEnd(24)}${outcome.padEnd(58)}${time(duration).padStart(10)}`

/**
 * Runs an effect and prints its line.
 */
export const step =
  <A>(title: string, outcome: (value: A) => string) => <E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.timed(self).pipe(
      Effect.tap(([duration, value]) => Console.log(line(title, outcome(value), duration))),
      Effect.map(([, value]) => value)
    )
