// Its test is test/retryPolicy.test.ts; run it with: npx -y pnpm@10 vitest run --project examples
import { InvitationsService, type LastFailure } from "@effect-clerk/core"
import { InvitationsHttp, RetryPolicy, Timeouts } from "@effect-clerk/http"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, Schedule } from "effect"

// A second, two, four, … up to five more requests, and none if the error says that it is not worth it. Whether it is safe to
// send a request again is no matter of policy: the client sees to that.
const patiently = Schedule.exponential("1 second").pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(5)),
  Schedule.whileInput((error: LastFailure) => !(error._tag === "ConnectionError" && error.reason === "Dns"))
)

/** For a job at night: it has the time to wait for the quota of the next hour. */
export const nightly: Pick<InvitationsHttp.Options, "retry" | "timeout"> = {
  retry: { schedule: patiently, maxRetryAfter: "1 hour" },
  timeout: { attempt: "30 seconds", total: "2 hours" }
}

export const InvitationsLive = InvitationsHttp.layerConfig(nightly).pipe(Layer.provide(NodeHttpClient.layerUndici))

/** For a page that somebody looks at: nothing is sent twice or waited for, whatever the policy of the layer. */
export const isInvited = (emailAddress: string) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const found = yield* invitations.findByEmail(emailAddress)
    return found.some(({ isPending }) => isPending)
  }).pipe(
    RetryPolicy.locally("none"),
    Timeouts.locally({ attempt: "1 second", total: "1 second" })
  )
