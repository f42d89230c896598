import { isDuplicate } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as clerk from "../utils/clerk.js"
import { runStubWithClock, runWithClock } from "../utils/clock.js"
import { duplicate, lost, scripted } from "../utils/scriptedList.js"
import * as stub from "../utils/stub.js"
import { ambiguousWrite, emailAddress } from "../utils/stubbedCalls.js"
import { call, row } from "../utils/wire.js"

describe("reconciliation of a bulk create", () => {
  it.effect("fails with AmbiguousWrite and the created invitations if only a part was created", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(scripted({
        posts: [lost, duplicate, duplicate],
        rows: () => [row(1)]
      }))
      const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(call(invitations, "createBulk"))))
      assert.deepInclude<object>(error, { operation: "createBulk", candidates: ["inv_1"] })
    }))

  it.effect("returns the invitations in the order of the requests, of which two may have one address", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(scripted({
        posts: [lost],
        rows: (posts) =>
          posts === 0 ? [] : [
            row(1, { email_address: "b@b.co" }),
            row(2, { email_address: "a@b.co", public_metadata: { n: 1 } }),
            row(3, { email_address: "a@b.co", public_metadata: { n: 2 } })
          ]
      }))
      const created = yield* runStubWithClock(invitations.createBulk([
        { emailAddress: "a@b.co", publicMetadata: { n: 2 }, ignoreExisting: true },
        { emailAddress: "b@b.co", ignoreExisting: true },
        { emailAddress: "a@b.co", publicMetadata: { n: 1 }, ignoreExisting: true }
      ]))
      assert.deepStrictEqual<ReadonlyArray<string>>(created.map(({ id }) => id), ["inv_3", "inv_1", "inv_2"])
    }))

  it.scoped("sends one POST if one of its look-ups fails", () =>
    Effect.gen(function*() {
      for (const nth of [1, 2, 3, 4]) {
        const { control, invitations } = yield* clerk.make()
        yield* control.failNext(Fault.Response.Reset(), { operation: "createBulk", commit: "before" })
        yield* control.injectFaults([{ ...Fault.make(Fault.Response.Status({ status: 503 })), operation: "list", nth }])
        const created = yield* runWithClock(
          invitations.createBulk([{ emailAddress }, { emailAddress: "other@example.com" }])
        )
        assert.lengthOf(created, 2)
        assert.lengthOf((yield* control.calls).filter(({ operation }) => operation === "createBulk"), 1)
      }
    }))

  it.scoped("fails with the duplicate, and creates nothing, if an older pending invitation exists", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      yield* control.seed([{ emailAddress }])
      yield* TestClock.adjust("1 hour")
      yield* control.failNext(Fault.Response.Reset(), { operation: "createBulk" })
      const error = yield* runWithClock(Effect.flip(call(invitations, "createBulk")))
      assert.isTrue(isDuplicate(error))
      assert.lengthOf(yield* control.invitations, 1)
    }))
})
