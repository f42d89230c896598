// Invites 1,000 addresses in memory several times, and prints the CPU time of the first job and of the fastest later one. The
// job waits for nothing, so the CPU time is its wall time on an idle machine.
import { InvitationsService } from "@effect-clerk/core"
import { InvitationsMemory } from "@effect-clerk/http"
import { Effect, Stream } from "effect"

const requests = Array.from({ length: 1000 }, (_, n) => ({ emailAddress: `person${n}@example.com` }))

const job = Effect.flatMap(InvitationsService, (invitations) => Stream.runCount(invitations.inviteMany(requests))).pipe(
  Effect.provide(InvitationsMemory.layer())
)

const jobs = 8

const millis: Array<number> = []
for (let n = 0; n < jobs; n++) {
  const start = process.cpuUsage()
  const outcomes = await Effect.runPromise(job)
  if (outcomes !== requests.length) throw new Error(`${outcomes} outcomes`)
  const { system, user } = process.cpuUsage(start)
  millis.push((system + user) / 1000)
}
const [first, ...later] = millis
console.log(JSON.stringify({ first, later: Math.min(...later) }))
