/**
 * What the HTTP layer counts. Every label has few values: an operation, the tag of an error.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

/**
 * Calls, by `operation` and `outcome`: `success`, the tag of the error, `Interrupted` or `Defect`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requests = Metric.counter("effect_clerk_requests_total", {
  description: "Calls of the Invitations API by operation and outcome",
  incremental: true
})

/**
 * How long calls took, waits and further attempts included, in milliseconds, by `operation`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const duration = Metric.histogram(
  "effect_clerk_request_duration_milliseconds",
  MetricBoundaries.exponential({ start: 5, factor: 2, count: 14 }),
  "Duration of calls of the Invitations API in milliseconds"
)

/**
 * Further attempts, by `operation` and `cause`, the tag of the error that made it necessary.
 *
 * @since 0.1.0
 * @category metrics
 */
export const retries = Metric.counter("effect_clerk_retries_total", {
  description: "Further attempts by operation and cause",
  incremental: true
})

/**
 * Attempts that a rate limit of this side held up, by `operation` and `result`: `waited`, or why it was refused, `maxWait` or
 * `store`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const rateLimited = Metric.counter("effect_clerk_limited_total", {
  description: "Attempts that a rate limit of this side held up by operation and result",
  incremental: true
})

/**
 * Seconds that calls have waited before a further attempt, because another call was asked to wait, or for the rate limits of this
 * side, by `operation`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const waitSeconds = Metric.counter("effect_clerk_waited_seconds_total", {
  description: "Seconds waited before attempts by operation",
  incremental: true
})

/**
 * Writes that ended as `AmbiguousWrite`, by `operation`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const ambiguousWrites = Metric.counter("effect_clerk_ambiguous_writes_total", {
  description: "Writes whose outcome could not be told by operation",
  incremental: true
})
