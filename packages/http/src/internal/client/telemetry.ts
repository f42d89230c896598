import type { Operation } from "@effect-clerk/core/InvitationError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
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
const labels = (current: Labels, operation: Operation, name?: "outcome" | "result" | "cause", value = ""): Labels => {
  const key = name === undefined ? operation : `${operation} ${name} ${value}`
  let own = labelCache.get(key)
  if (own === undefined) {
    own = [
      MetricLabel.make("operation", operation),
      ...(name === undefined ? [] : [MetricLabel.make(name, value)])
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
          ClerkMetrics.requests.unsafeUpdate(1, labels(current, operation, "outcome", outcome))
          if (outcome === "AmbiguousWrite") ClerkMetrics.ambiguousWrites.unsafeUpdate(1, byOperation)
        })
      })
    )

const event = (
  fiber: Fiber.RuntimeFiber<unknown, unknown>,
  name: string,
  attributes: { readonly [key: string]: string | number }
): void => {
  const span = fiber.currentSpan
  if (span?._tag === "Span") span.event(name, Monotonic.clockOf(fiber).unsafeCurrentTimeNanos(), attributes)
}

/**
 * Records a wait before an attempt: the backoff of a retry, a cooldown, or a client-side rate limit. Adds a span event
 * `effect_clerk.{kind}`.
 */
export const recordWait = (
  operation: Operation,
  { cause, kind, millis }: {
    readonly millis: number
    readonly cause: string
    readonly kind: "retry" | "cooldown" | "limited"
  }
): Effect.Effect<void> =>
  Effect.withFiberRuntime((fiber) => {
    const current = fiber.getFiberRef(FiberRef.currentMetricLabels)
    event(fiber, `effect_clerk.${kind}`, { "wait.milliseconds": Math.round(millis), cause })
    ClerkMetrics.waitSeconds.unsafeUpdate(millis / 1000, labels(current, operation))
    if (kind === "retry") ClerkMetrics.retries.unsafeUpdate(1, labels(current, operation, "cause", cause))
    if (kind === "limited") ClerkMetrics.rateLimited.unsafeUpdate(1, labels(current, operation, "result", "waited"))
    return Effect.void
  })

/**
 * Records an attempt that a client-side rate limit rejected.
 */
export const recordRateLimited = (operation: Operation, result: "maxWait" | "store"): Effect.Effect<void> =>
  Effect.withFiberRuntime((fiber) => {
    const current = fiber.getFiberRef(FiberRef.currentMetricLabels)
    ClerkMetrics.rateLimited.unsafeUpdate(1, labels(current, operation, "result", result))
    return Effect.void
  })

/**
 * Records a reconciliation as a span event: `Committed`, `NotCommitted`, `NotFound` or `Ambiguous`.
 */
export const recordReconciliation = (result: string): Effect.Effect<void> =>
  Effect.withFiberRuntime((fiber) => {
    event(fiber, "effect_clerk.reconcile", { result })
    return Effect.void
  })
