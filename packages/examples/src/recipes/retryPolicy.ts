// Run its test, test/retryPolicy.test.ts, with: npx -y pnpm@10 vitest run retryPolicy
import { InvitationsService } from "@effect-clerk/core"
import type { LastFailure } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, Schedule } from "effect"

// Up to five retries after 1, 2, 4, … seconds, and none after an error that a retry cannot fix. The client itself ensures
// that a retry is safe.
const patiently = Schedule.exponential("1 second").pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(5)),
  Schedule.whileInput((error: LastFailure) => !(error._tag === "ConnectionError" && error.reason === "Dns"))
)

/** For a night job, which has the time to wait for the next hour's quota. */
export const nightly: Pick<InvitationsHttp.Options, "retry" | "timeout"> = {
  retry: { schedule: patiently, maxRetryAfter: "1 hour" },
  timeout: { attempt: "30 seconds", total: "2 hours" }
}

export const InvitationsLive = InvitationsHttp.layerConfig(nightly).pipe(Layer.provide(NodeHttpClient.layerUndici))

/** For an interactive page: no retries and no waits, regardless of the layer's policy. */
export const isInvited = (emailAddress: string) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const found = yield* invitations.findByEmail(emailAddress)
    return found.some(({ isPending }) => isPending)
  }).pipe(
    InvitationsHttp.withRetry("none"),
    InvitationsHttp.withTimeout({ attempt: "1 second", total: "1 second" })
  )
