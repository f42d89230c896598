import { Fault } from "@effect-clerk/http"
import { assert } from "@effect/vitest"
import { Effect, FastCheck as fc, TestClock, TestContext } from "effect"
import { makeRequests } from "../../conformance/fixtures.js"
import type { Fresh, Test } from "./fixture.js"
import { address } from "./fixture.js"

const id = "campaign"

const steps = ["slice", "slice", "slice", "wait", "pause", "resume", "retry", "fault", "refuse", "restore"] as const

export const schedules = (test: Test, fresh: Fresh): void => {
  test("a running campaign always has a wake-up or a live lease, and nobody gets two e-mails", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          // A person whose posts are lost eight times ends as unknown.
          fc.array(fc.constantFrom(...steps), { minLength: 5, maxLength: 30 }).filter((schedule) =>
            schedule.filter((step) => step === "fault").length < 8
          ),
          fc.constantFrom<Fault.Commit>("never", "before"),
          (schedule, commit) =>
            Effect.gen(function*() {
              const { campaigns, complete, control, emails, now, start, store } = yield* fresh()
              const check = Effect.gen(function*() {
                const { leaseUntil, state, wakeAt } = yield* Effect.flatten(store.get(id))
                assert.isTrue(state !== "running" || wakeAt !== null || (leaseUntil ?? 0) > (yield* now))
                for (const count of Object.values(yield* emails)) assert.strictEqual(count, 1)
              })
              yield* control.setBlocklist([address(4)])
              yield* start(makeRequests(40))
              const run = {
                slice: campaigns.runDue,
                wait: TestClock.adjust("20 seconds"),
                pause: campaigns.pause(id),
                resume: campaigns.resume(id),
                retry: campaigns.retry(id, { outcomes: ["Rejected", "Unknown"] }),
                fault: control.failNext(Fault.Response.Reset(), { operation: "createBulk", commit }),
                refuse: control.setInstanceRefusal("quota_exceeded"),
                restore: control.setInstanceRefusal("off")
              }
              for (const step of schedule) {
                yield* Effect.ignore(Effect.asVoid(run[step]))
                yield* check
              }
              yield* control.setInstanceRefusal("off")
              yield* Effect.ignore(campaigns.resume(id))
              const { counts } = yield* complete()
              assert.strictEqual(counts.Created, 39)
              // A refusal does not tell what an earlier post without an answer did.
              assert.strictEqual(counts.Rejected + counts.Unknown, 1)
              yield* check
            }).pipe(Effect.scoped, Effect.provide(TestContext.TestContext), Effect.runPromise)
        ),
        { numRuns: 25 }
      )
    ))
}
