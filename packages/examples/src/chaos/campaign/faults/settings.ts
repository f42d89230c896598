/**
 * What the emulator and the machines of a fault run agree on.
 */
import type { RateLimits } from "@effect-clerk/core"
import type * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import { Duration } from "effect"
import * as Short from "../settings.js"

/** Short windows with few calls, so that a campaign of some thousand people lasts for all repetitions of a fault. */
export const limits: RateLimits.RateLimits = {
  all: { limit: 1000, window: Duration.seconds(1) },
  create: { limit: 10, window: Duration.seconds(1) },
  createBulk: { limit: 2, window: Duration.seconds(1) }
}

/**
 * The longest time from a take-over to the next outcome: the calls of the process that is gone stay booked for their windows, and
 * each call takes its time.
 */
export const firstOutcome = Duration.seconds(10)

/** How long the emulator takes for a call, so that a fault often meets a call in flight. */
export const latency = Duration.millis(200)

/**
 * The durations of a machine.
 */
export interface Timing {
  readonly options: InviteCampaigns.Options
  /** The interval of the poller. */
  readonly every: Duration.DurationInput | undefined
  /** The timeout of an attempt of the HTTP layer. */
  readonly attempt: Duration.DurationInput | undefined
  /** The lease and the interval of the poller: when another machine goes on at the latest. */
  readonly takeOver: Duration.Duration
  /** The longest time from a post to its response or timeout. */
  readonly inFlight: Duration.Duration
  /** The time from the end of a fault to the next one. */
  readonly pause: Duration.Duration
}

/** The defaults, or those of a lease of 4 seconds. */
export const timingOf = (isShort: boolean): Timing =>
  isShort
    ? {
      options: { limits, ...Short.timing },
      every: "500 millis",
      attempt: Short.attemptTimeout,
      // The lease and the interval are 4.5 s. A machine with other work starts the statements of the take-over later.
      takeOver: Duration.millis(6500),
      inFlight: Duration.millis(2500),
      pause: Duration.millis(500)
    }
    : {
      options: { limits },
      every: undefined,
      attempt: undefined,
      takeOver: Duration.seconds(35),
      inFlight: Duration.seconds(22),
      pause: Duration.seconds(3)
    }
