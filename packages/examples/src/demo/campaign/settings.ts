/**
 * The settings that the demo and its workers share. Times are short, so that the demo takes seconds instead of hours.
 */
import type { RateLimits } from "@effect-clerk/core"
import { Duration } from "effect"

export const campaign = "spring"

export const limits: RateLimits.RateLimits = {
  all: { limit: 1000, window: Duration.seconds(10) },
  create: { limit: 25, window: Duration.seconds(2) },
  createBulk: { limit: 6, window: Duration.seconds(2) }
}

export const timing = {
  slice: "1 second",
  callTimeout: "1500 millis",
  lease: "3 seconds",
  reconcileTimeout: "1 second"
} as const

export const attemptTimeout = "1 second"
