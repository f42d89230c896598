/**
 * What the emulator and the workers of a chaos run agree on. Durations are short, in the proportions of the defaults, so that
 * a minute is enough for many people.
 */
import type { RateLimits } from "@effect-clerk/core"
import { Duration } from "effect"

export const campaign = "spring"

export const limits: RateLimits.RateLimits = {
  all: { limit: 1000, window: Duration.seconds(1) },
  create: { limit: 100, window: Duration.seconds(2) },
  createBulk: { limit: 25, window: Duration.seconds(2) }
}

export const timing = {
  slice: "1 second",
  callTimeout: "1500 millis",
  lease: "4 seconds",
  reconcileTimeout: "2 seconds"
} as const

/** Longer than every response of the emulator that is not lost. */
export const attemptTimeout = "1 second"
