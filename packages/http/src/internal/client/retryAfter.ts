import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

// Integer seconds, and nothing else that `Number` would take for a number ("1e999", "0x10", "", " 5").
const fromSeconds = (value: string): Option.Option<Duration.Duration> =>
  /^\d{1,15}$/.test(value) ? Option.some(Duration.seconds(Number(value))) : Option.none()

const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d{2}:\d{2}:\d{2}/

/**
 * An HTTP date, as in `Date` and `Retry-After`.
 */
export const fromDate = (value: string): Option.Option<DateTime.Utc> =>
  httpDate.test(value)
    ? DateTime.make(new Date(value.endsWith("GMT") ? value : `${value} GMT`))
    : Option.none()

/**
 * How long a `Retry-After` header asks to wait: integer seconds or an HTTP date; anything else counts as absent. A date is
 * measured against the server's own `Date`, so that a clock that is off does not matter.
 */
export const parse = (
  headers: { readonly [name: string]: string | undefined },
  now: DateTime.Utc
): Option.Option<Duration.Duration> => {
  const value = headers["retry-after"]?.trim()
  if (value === undefined) return Option.none()
  return Option.orElse(fromSeconds(value), () =>
    Option.map(fromDate(value), (date) => {
      const serverNow = Option.getOrElse(fromDate(headers["date"] ?? ""), () => now)
      return Duration.millis(Math.max(0, DateTime.distance(serverNow, date)))
    }))
}

/**
 * The same from what Clerk may put into the body, in seconds.
 */
export const fromMeta = (resetsIn: unknown): Option.Option<Duration.Duration> =>
  typeof resetsIn === "number" && resetsIn >= 0 && resetsIn <= 1e9
    ? Option.some(Duration.seconds(resetsIn))
    : Option.none()
