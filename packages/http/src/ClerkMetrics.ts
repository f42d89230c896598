/**
 * The metrics of the HTTP layer. Every label has few values, for example the operation or the tag of an error.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

/**
 * Counts calls by `operation` and `outcome`: `success`, the tag of the error, `Interrupted` or `Defect`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requests = Metric.counter("effect_clerk_requests_total", {
  description: "Calls by operation and outcome",
  incremental: true
})

/**
 * The duration of calls in milliseconds, with all attempts and waits, by `operation`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const duration = Metric.histogram(
  "effect_clerk_request_duration_milliseconds",
  MetricBoundaries.exponential({ start: 5, factor: 2, count: 14 }),
  "Duration of calls in milliseconds, with all attempts and waits, by operation"
)

/**
 * Counts retries by `operation` and `cause`, the tag of the error of the attempt before.
 *
 * @since 0.1.0
 * @category metrics
 */
export const retries = Metric.counter("effect_clerk_retries_total", {
  description: "Retries by operation and cause",
  incremental: true
})

/**
 * Counts attempts that the client-side rate limits delayed or rejected, and those of `InvitationAttempts` that a cooldown
 * rejected, by `operation` and `result`: `waited`, or the reason of the `RateLimited` error, `maxWait` or `store`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const rateLimited = Metric.counter("effect_clerk_limited_total", {
  description: "Attempts delayed or rejected by client-side rate limits, by operation and result",
  incremental: true
})

/**
 * Sums up the seconds that calls waited before attempts, by `operation`: for a backoff, a cooldown or the client-side
 * rate limits.
 *
 * @since 0.1.0
 * @category metrics
 */
export const waitSeconds = Metric.counter("effect_clerk_waited_seconds_total", {
  description: "Seconds waited before attempts by operation",
  incremental: true
})

/**
 * Counts writes that failed with `AmbiguousWrite`, by `operation`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const ambiguousWrites = Metric.counter("effect_clerk_ambiguous_writes_total", {
  description: "Writes with an unknown outcome by operation",
  incremental: true
})
