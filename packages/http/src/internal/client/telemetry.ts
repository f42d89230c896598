import type { Operation } from "@effect-clerk/core/InvitationError"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import * as Metric from "effect/Metric"
import * as MetricLabel from "effect/MetricLabel"
import * as ClerkMetrics from "../../ClerkMetrics.js"
import { finalize } from "./finalizer.js"
import * as Monotonic from "./monotonic.js"

const outcomeOf = (exit: Exit.Exit<unknown, { readonly _tag: string }>): string => {
  if (Exit.isSuccess(exit)) return "success"
  const failure = Cause.failureOption(exit.cause)
  if (failure._tag === "Some") return failure.value._tag
  return Cause.isInterruptedOnly(exit.cause) ? "Interrupted" : "Defect"
}

type Labels = ReadonlyArray<MetricLabel.MetricLabel>

const labelCache = new Map<string, Labels>()

// Metric hooks are cached by the identity of the label array, so one array is reused per label set.
const labels = (current: Labels, operation: Operation, outcome?: string): Labels => {
  const key = outcome === undefined ? operation : `${operation} ${outcome}`
  let own = labelCache.get(key)
  if (own === undefined) {
    own = [
      MetricLabel.make("operation", operation),
      ...(outcome === undefined ? [] : [MetricLabel.make("outcome", outcome)])
    ]
    labelCache.set(key, own)
  }
  return current.length === 0 ? own : [...current, ...own]
}

/**
 * Records the duration and the outcome of a call.
 */
export const recordCall =
  (operation: Operation) => <A, E extends { readonly _tag: string }>(self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.withFiberRuntime((fiber) => {
        const clock = Monotonic.clockOf(fiber)
        const start = Monotonic.unsafeMillis(clock)
        return finalize(restore(self), (exit) => {
          const current = fiber.getFiberRef(FiberRef.currentMetricLabels)
          const outcome = outcomeOf(exit)
          const byOperation = labels(current, operation)
          ClerkMetrics.duration.unsafeUpdate(Monotonic.unsafeMillis(clock) - start, byOperation)
          ClerkMetrics.requests.unsafeUpdate(1, labels(current, operation, outcome))
          if (outcome === "AmbiguousWrite") ClerkMetrics.ambiguousWrites.unsafeUpdate(1, byOperation)
        })
      })
    )

const event = (name: string, attributes: { readonly [key: string]: string | number }): Effect.Effect<void> =>
  Effect.flatMap(Effect.option(Effect.currentSpan), (span) =>
    span._tag === "None"
      ? Effect.void
      : Effect.flatMap(Clock.currentTimeNanos, (now) => Effect.sync(() => span.value.event(name, now, attributes))))

/**
 * Records a wait before an attempt: the backoff of a retry, a cooldown, or a client-side rate limit. Adds a span event
 * `effect_clerk.{kind}`.
 */
export const recordWait = (
  operation: Operation,
  wait: { readonly millis: number; readonly cause: string; readonly kind: "retry" | "cooldown" | "limited" }
): Effect.Effect<void> =>
  event(`effect_clerk.${wait.kind}`, { "wait.milliseconds": Math.round(wait.millis), cause: wait.cause }).pipe(
    Effect.zipRight(
      Metric.incrementBy(Metric.tagged(ClerkMetrics.waitSeconds, "operation", operation), wait.millis / 1000)
    ),
    Effect.zipRight(
      wait.kind === "retry"
        ? Metric.increment(
          Metric.tagged(Metric.tagged(ClerkMetrics.retries, "operation", operation), "cause", wait.cause)
        )
        : Effect.void
    )
  )

/**
 * Records an attempt that a client-side rate limit delayed or rejected.
 */
export const recordRateLimited = (operation: Operation, result: "waited" | "maxWait" | "store"): Effect.Effect<void> =>
  Metric.increment(Metric.tagged(Metric.tagged(ClerkMetrics.rateLimited, "operation", operation), "result", result))

/**
 * Records a reconciliation as a span event: `Committed`, `NotCommitted`, `NotFound` or `Ambiguous`.
 */
export const recordReconciliation = (result: string): Effect.Effect<void> => event("effect_clerk.reconcile", { result })
