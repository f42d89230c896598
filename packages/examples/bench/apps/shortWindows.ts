/**
 * The published limits with windows of 4 seconds instead of an hour. On a machine with other work, the calls of a window take
 * seconds; in a shorter window the machine would limit the campaign, and not the window.
 */
import { RateLimits } from "@effect-clerk/core"
import { Duration } from "effect"

const window = Duration.seconds(4)

export const limits: RateLimits.RateLimits = {
  all: { limit: 1000, window: Duration.seconds(1) },
  create: { ...RateLimits.production.create, window },
  createBulk: { ...RateLimits.production.createBulk, window }
}
