import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

// Stricter than `Number`, which accepts "1e999", "0x10", "" and " 5" as well.
const fromSeconds = (value: string): Option.Option<Duration.Duration> =>
  /^\d{1,15}$/.test(value) ? Option.some(Duration.seconds(Number(value))) : Option.none()

const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d{2}:\d{2}:\d{2}/

/**
 * Parses an HTTP date, the form of the headers `Date` and `Retry-After`. `None` if it is invalid.
 */
export const fromDate = (value: string): Option.Option<DateTime.Utc> =>
  httpDate.test(value)
    ? DateTime.make(new Date(value.endsWith("GMT") ? value : `${value} GMT`))
    : Option.none()

/**
 * Parses a `Retry-After` header, which has whole seconds or an HTTP date. `None` if it is absent or invalid. A date is
 * compared with the response's `Date`, so that a difference between the clocks does not matter.
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
 * Parses `resets_in` of Clerk's error body, in seconds. `None` if it is absent or invalid.
 */
export const fromMeta = (resetsIn: unknown): Option.Option<Duration.Duration> =>
  typeof resetsIn === "number" && resetsIn >= 0 && resetsIn <= 1e9
    ? Option.some(Duration.seconds(resetsIn))
    : Option.none()
