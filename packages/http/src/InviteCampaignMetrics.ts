/**
 * The metrics of durable campaigns. Labels have few values and contain no personal data. The gauges are set
 * by `runDue` and `measure`.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"

/**
 * The number of campaigns that were due at the latest `runDue` or `measure`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const due = Metric.gauge("effect_clerk_campaigns_due", {
  description: "Campaigns that are due"
})

/**
 * The number of campaigns that no process works on, although they have been due for more than a minute. Alert if it is not 0.
 *
 * @since 0.1.0
 * @category metrics
 */
export const stalled = Metric.gauge("effect_clerk_campaigns_stalled", {
  description: "Campaigns that are due for more than a minute"
})

/**
 * For how many seconds the campaign that is due longest has been due. 0 if none is due.
 *
 * @since 0.1.0
 * @category metrics
 */
export const oldestDue = Metric.gauge("effect_clerk_campaigns_oldest_due_seconds", {
  description: "Seconds since the oldest due campaign became due"
})

/**
 * Counts slices.
 *
 * @since 0.1.0
 * @category metrics
 */
export const slices = Metric.counter("effect_clerk_campaign_slices_total", {
  description: "Slices of campaigns",
  incremental: true
})

/**
 * Counts leases that were taken over, because their process had died or stood still.
 *
 * @since 0.1.0
 * @category metrics
 */
export const takeOvers = Metric.counter("effect_clerk_campaign_take_overs_total", {
  description: "Leases taken over from another process",
  incremental: true
})

/**
 * Counts writes that the store refused, because another process had taken the lease over.
 *
 * @since 0.1.0
 * @category metrics
 */
export const fencedWrites = Metric.counter("effect_clerk_campaign_fenced_writes_total", {
  description: "Writes refused because another process has the lease",
  incremental: true
})

/**
 * Counts failures of the store by `operation`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const storeErrors = Metric.counter("effect_clerk_campaign_store_errors_total", {
  description: "Failures of the store by operation",
  incremental: true
})

/**
 * Counts outcomes by `outcome`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const outcomes = Metric.counter("effect_clerk_campaign_outcomes_total", {
  description: "Outcomes of people by outcome",
  incremental: true
})

/**
 * How many calls are free, by `quota`: `all`, `create` and `createBulk`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const quotaLeft = Metric.gauge("effect_clerk_campaign_quota_left", {
  description: "Calls that the rate limits of the campaigns admit now, by quota"
})
