import { isInvitationId } from "@effect-clerk/core/Invitation"
import { BadRequest } from "@effect-clerk/core/InvitationError"
import { Effect } from "effect"
import * as assert from "./assert.js"
import { ada, failure, ids, makeRequests } from "./fixtures.js"
import * as Suite from "./suite.js"

const zeros = "0".repeat(26)

const sequential = { ids: "sequential" } as const

export const sequentialIds = Suite.make((test) => {
  test("number invitations, users and trace ids from 1", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* invitations.create({ emailAddress: ada })
      yield* invitations.createBulk(makeRequests(9))
      const all = ids(yield* control.invitations)
      assert.deepStrictEqual([all[0], all[1], all[9]], [
        `inv_${zeros}1`,
        `inv_${zeros}2`,
        `inv_${zeros.slice(1)}10`
      ])
      assert.isTrue(all.every(isInvitationId))
      assert.strictEqual((yield* control.outbox)[9]?.invitationId, all[9])
      yield* control.addUser("grace@example.com")
      yield* control.accept(all[0] ?? "")
      assert.deepStrictEqual((yield* control.users).map(({ id }) => id), [`user_${zeros}1`, `user_${zeros}2`])
    }), sequential)

  test(
    "repeat no id after a reset, which a client would not accept",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* invitations.create({ emailAddress: ada })
        yield* control.addUser("grace@example.com")
        yield* control.reset
        yield* control.addUser("grace@example.com")
        assert.strictEqual((yield* invitations.create({ emailAddress: ada })).id, `inv_${zeros}2`)
        assert.deepStrictEqual((yield* control.users).map(({ id }) => id), [`user_${zeros}2`])
      }),
    sequential
  )

  test("number the trace ids of the errors", ({ invitations }) =>
    Effect.gen(function*() {
      const create = invitations.create({ emailAddress: ada })
      yield* create
      // The second call of the in-memory layer, and the second request to the emulator.
      const { traceId } = yield* failure(create, BadRequest)
      assert.isSome(traceId, "trace_000000000002")
    }), sequential)

  test("are off by default", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* invitations.create({ emailAddress: ada })
      yield* control.addUser("grace@example.com")
      for (const id of [...ids(yield* control.invitations), ...(yield* control.users).map(({ id }) => id)]) {
        assert.isFalse(id.includes(zeros.slice(0, 18)))
      }
    }))
})
