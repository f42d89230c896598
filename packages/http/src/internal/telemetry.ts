import type { Operation } from "@effect-clerk/core/InvitationError"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { dual } from "effect/Function"
import * as Metric from "effect/Metric"
import * as ClerkMetrics from "../ClerkMetrics.js"

const byOperation = <A>(make: (operation: Operation) => A) => {
  const made = new Map<Operation, A>()
  return (operation: Operation): A => {
    const existing = made.get(operation)
    if (existing !== undefined) return existing
    const value = make(operation)
    made.set(operation, value)
    return value
  }
}

const durationOf = byOperation((operation) => Metric.tagged(ClerkMetrics.duration, "operation", operation))
const waitedOf = byOperation((operation) => Metric.tagged(ClerkMetrics.waited, "operation", operation))
const successesOf = byOperation((operation) => requestsOf(operation, "success"))

const requestsOf = (operation: Operation, outcome: string) =>
  Metric.tagged(Metric.tagged(ClerkMetrics.requests, "operation", operation), "outcome", outcome)

const outcomeOf = (cause: Cause.Cause<{ readonly _tag: string }>): string => {
  const failure = Cause.failureOption(cause)
  if (failure._tag === "Some") return failure.value._tag
  return Cause.isInterruptedOnly(cause) ? "Interrupted" : "Defect"
}

/**
 * Counts a call and how long it took.
 */
export const observe: {
  (operation: Operation): <A, E extends { readonly _tag: string }>(self: Effect.Effect<A, E>) => Effect.Effect<A, E>
  <A, E extends { readonly _tag: string }>(self: Effect.Effect<A, E>, operation: Operation): Effect.Effect<A, E>
} = dual(
  2,
  <A, E extends { readonly _tag: string }>(self: Effect.Effect<A, E>, operation: Operation): Effect.Effect<A, E> =>
    Effect.flatMap(
      Clock.currentTimeMillis,
      (start) =>
        Effect.onExit(self, (exit) =>
          Effect.flatMap(Clock.currentTimeMillis, (end) => {
            const timed = Metric.update(durationOf(operation), end - start)
            if (Exit.isSuccess(exit)) return Effect.zipRight(timed, Metric.increment(successesOf(operation)))
            const outcome = outcomeOf(exit.cause)
            const counted = Effect.zipRight(timed, Metric.increment(requestsOf(operation, outcome)))
            return outcome === "AmbiguousWrite"
              ? Effect.zipRight(
                counted,
                Metric.increment(Metric.tagged(ClerkMetrics.ambiguousWrites, "operation", operation))
              )
              : counted
          }))
    )
)

const event = (name: string, attributes: { readonly [key: string]: string | number }): Effect.Effect<void> =>
  Effect.flatMap(Effect.option(Effect.currentSpan), (span) =>
    span._tag === "None"
      ? Effect.void
      : Effect.flatMap(Clock.currentTimeNanos, (now) => Effect.sync(() => span.value.event(name, now, attributes))))

/**
 * A wait before the next attempt.
 */
export const waiting = (
  operation: Operation,
  wait: { readonly millis: number; readonly cause: string; readonly kind: "retry" | "blocked" }
): Effect.Effect<void> =>
  event(`effect_clerk.${wait.kind}`, { "wait.milliseconds": Math.round(wait.millis), cause: wait.cause }).pipe(
    Effect.zipRight(Metric.incrementBy(waitedOf(operation), wait.millis / 1000)),
    Effect.zipRight(
      wait.kind === "retry"
        ? Metric.increment(
          Metric.tagged(Metric.tagged(ClerkMetrics.retries, "operation", operation), "cause", wait.cause)
        )
        : Effect.void
    )
  )

/**
 * What a look at a write of unknown fate showed.
 */
export const reconciled = (finding: string): Effect.Effect<void> => event("effect_clerk.reconcile", { finding })
