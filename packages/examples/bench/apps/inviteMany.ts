// Invites addresses in one job, with calls that cost next to nothing; prints the CPU time of an invitation and the peak of the
// used heap. The job itself waits for nothing.
import type { CreateInvitation } from "@effect-clerk/core"
import { InvitationPage, InvitationsService } from "@effect-clerk/core"
import { InvitationFixture } from "@effect-clerk/http"
import { Effect, Stream } from "effect"
import { parseArgs } from "node:util"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000" },
    /** Measures the used heap, which costs time. */
    live: { type: "string", default: "no" }
  }
})

setFlagsFromString("--expose-gc")
const collect: unknown = runInNewContext("gc")

/** The used heap right after a full collection, in MiB. */
const usedHeap = (): number => {
  if (typeof collect !== "function") throw new Error("cannot collect garbage")
  Reflect.apply(collect, undefined, [])
  return process.memoryUsage().heapUsed / 1024 ** 2
}

// A response that comes over a socket comes in another turn of the event loop.
const turn: Effect.Effect<void> = Effect.promise(() =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
)

let ids = 0
const respond = ({ emailAddress }: CreateInvitation.CreateInvitation) =>
  InvitationFixture.invitation({ id: `inv_${String(++ids).padStart(27, "0")}`, emailAddress })

const page = new InvitationPage.InvitationPage({ data: [], totalCount: 0 })

const invitations = InvitationsService.fromPrimitives({
  create: (request) => Effect.as(turn, respond(request)),
  createBulk: (requests) => Effect.as(turn, requests.map(respond)),
  list: () => Effect.as(turn, page),
  revoke: () => Effect.dieMessage("nothing to revoke"),
  delete: () => Effect.dieMessage("nothing to delete")
})

let peak = 0

const invite = async (count: number, live: boolean): Promise<number> => {
  const people = Stream.map(Stream.range(1, count), (n) => ({ emailAddress: `person${n}@example.com` }))
  const start = process.cpuUsage()
  let outcomes = 0
  await Effect.runPromise(
    Stream.runForEach(invitations.inviteMany(people), () =>
      Effect.sync(() => {
        if (++outcomes % 5000 === 0 && live) peak = Math.max(peak, usedHeap())
      }))
  )
  if (outcomes !== count) throw new Error(`${outcomes} outcomes`)
  const { system, user } = process.cpuUsage(start)
  return (system + user) / count
}

for (let n = 0; n < 10; n++) await invite(1000, false)
const count = Number(values.count)
// As many invitations in every process: several jobs if they are small.
const jobs = Math.max(1, 20_000 / count)
let sum = 0
for (let n = 0; n < jobs; n++) sum += await invite(count, values.live === "yes")
console.log(JSON.stringify({ perInvitation: sum / jobs, peak }))
