import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { StoreError } from "../../../../InviteCampaignError.js"
import * as Metrics from "../../../../InviteCampaignMetrics.js"
import { LeaseLost } from "../store.js"

/**
 * A row that this version cannot read.
 */
export const unreadable = "UNREADABLE_ROW"

const isCode = (input: unknown): input is string => Predicate.isString(input) && /^[A-Za-z0-9_]{1,60}$/.test(input)

// An error and those that it wraps. A driver's error may quote values, so only its code is kept.
const codeOf = (error: unknown, depth = 0): Option.Option<string> => {
  if (depth > 5 || !Predicate.isObject(error)) return Option.none()
  return Option.orElse(
    Option.liftPredicate(Predicate.hasProperty(error, "code") ? error.code : undefined, isCode),
    () => Predicate.hasProperty(error, "cause") ? codeOf(error.cause, depth + 1) : Option.none()
  )
}

/**
 * Turns every failure and every defect of an operation into a `StoreError`, since `@effect/sql` dies if a commit fails. Only
 * `LeaseLost` and an interruption pass.
 */
export const toStoreError =
  (operation: string) => <A, R>(self: Effect.Effect<A, unknown, R>): Effect.Effect<A, StoreError | LeaseLost, R> =>
    Effect.catchAllCause(self, (cause): Effect.Effect<never, StoreError | LeaseLost> => {
      const error = Cause.failureOrCause(cause)
      if (error._tag === "Left" && error.left instanceof LeaseLost) return Effect.fail(error.left)
      if (error._tag === "Left" && error.left instanceof StoreError) {
        return Effect.fail(new StoreError({ operation, code: error.left.code }))
      }
      if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
      return Effect.fail(new StoreError({ operation, code: codeOf(Cause.squash(cause)) }))
    }).pipe(
      Effect.tapErrorTag(
        "StoreError",
        () => Metric.increment(Metric.tagged(Metrics.storeErrors, "operation", operation))
      )
    )
