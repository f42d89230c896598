import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Stream } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { answering, invite, limits, second, timesOf, tokenAway } from "../utils/limits.js"
import * as stub from "../utils/stub.js"
import { page, row } from "../utils/wire.js"
import { endOf, tooManyRequests } from "./utils.js"

describe("inviteMany over both quotas", () => {
  const both = limits({
    create: { limit: 100, window: Duration.hours(1) },
    createBulk: { limit: 1, window: Duration.hours(1) }
  })

  it.effect("uses one quota while it waits for the other, and releases the reservation that it does not need", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering({ limits: both })
      const requests = Array.from({ length: 25 }, (_, n) => invite(n))
      const outcomes = yield* runStubWithClock(
        Stream.runCollect(invitations.inviteMany(requests, { checkExisting: false }))
      )
      assert.deepStrictEqual(Array.from(outcomes, ({ _tag }) => _tag), Array.from(requests, () => "Created"))
      assert.strictEqual(timesOf(seen, "createBulk").length, 1)
      assert.isAtLeast(timesOf(seen, "create").length, 15)
      assert.deepStrictEqual(new Set(seen.map(({ at }) => at)), new Set([0]))
      // Both workers that send batches waited for the next reservation: the next caller gets it.
      assert.strictEqual(yield* runStubWithClock(endOf(invitations.createBulk([invite(25)]))), tokenAway)
      assert.strictEqual(yield* runStubWithClock(endOf(invitations.createBulk([invite(26)]))), 2 * tokenAway)
    }))

  it.effect("reserves again if the reservation expires before it is used", () =>
    Effect.gen(function*() {
      const existing = row(0, { email_address: invite(0).emailAddress })
      let revokes = 0
      const { invitations, seen } = yield* stub.service(({ operation }) => {
        switch (operation) {
          case "list":
            return { body: page([existing]) }
          case "revoke":
            return revokes++ === 0 ? tooManyRequests(300) : { body: { ...existing, status: "revoked", revoked: true } }
          default:
            return { body: [row(1, { email_address: existing.email_address })] }
        }
      }, { rateLimit: { limits: both }, retry: { maxRetryAfter: "10 minutes" } })
      // After the reservation, the revoke of the existing invitation takes five minutes.
      yield* runStubWithClock(Stream.runDrain(
        invitations.inviteMany([invite(0)], { onExisting: "resend", useSingleCreates: false })
      ))
      assert.isAtLeast(timesOf(seen, "revoke")[1] ?? 0, 300 * second)
      assert.deepStrictEqual(timesOf(seen, "createBulk"), [tokenAway])
    }))
})
