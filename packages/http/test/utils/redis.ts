import type { RateLimits } from "@effect-clerk/core"
import { Duration } from "effect"

/** What the processes of a test share. */
export const shared: RateLimits.RateLimits = {
  all: { limit: 1000, window: Duration.seconds(1) },
  create: { limit: 15, window: Duration.seconds(3) },
  createBulk: { limit: 1000, window: Duration.seconds(1) }
}

export const redisOptions = (url: string) => {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port === "" ? 6379 : port), maxRetriesPerRequest: 1 }
}
