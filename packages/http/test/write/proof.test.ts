import { AmbiguousWrite, isDuplicate } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, TestClock } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import { duplicate, lost } from "../utils/scriptedList.js"
import * as stub from "../utils/stub.js"
import { emailAddress } from "../utils/stubbedCalls.js"
import * as WallClock from "../utils/wallClock.js"
import { page, row, secretKey } from "../utils/wire.js"

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** When each test begins, by the client's wall clock. */
const startedAt = 48 * hour

interface Scenario {
  /** How long before the first POST the pending invitation was created. Negative if it was created after it. */
  readonly age: number
  readonly metadata?: { readonly [key: string]: unknown }
  /** By how much the client's wall clock jumps while the first POST is under way. */
  readonly jump?: number
  /** The server's clock minus the client's before the jump. */
  readonly serverClock?: number
  /** Whether responses have a `Date` header. */
  readonly hasDate?: boolean
  readonly ignoreExisting?: boolean
  /** Whether the pending invitation is listed before the first POST. */
  readonly listedBefore?: boolean
  /** How long the body of a list takes to arrive after its headers. */
  readonly bodyMillis?: number
}

/**
 * Creates an invitation. The first POST is lost, each further one is a duplicate, and the list has one invitation.
 * Returns the id of the created invitation, "duplicate", or the candidates of the `AmbiguousWrite`.
 */
const create = (scenario: Scenario) =>
  Effect.gen(function*() {
    const { bodyMillis = 0, hasDate = true, jump = 0, serverClock = 0 } = scenario
    yield* TestClock.setTime(startedAt)
    const wallClock = WallClock.make()
    const pending = row(1, {
      created_at: startedAt + serverClock - scenario.age,
      public_metadata: scenario.metadata ?? {}
    })
    let posts = 0
    const { client } = stub.make(({ at, operation, url }) => {
      if (operation === "create") {
        if (posts++ > 0) return duplicate
        wallClock.jump(jump)
        return lost
      }
      const isListed = url.searchParams.get("status") !== "revoked" && (posts > 0 || scenario.listedBefore === true)
      const serverNow = at - (posts > 0 ? jump : 0) + serverClock
      return {
        headers: { date: hasDate ? new Date(serverNow).toUTCString() : "" },
        body: page(isListed ? [pending] : [])
      }
    })
    const slow = HttpClient.transformResponse(
      client,
      Effect.map((response) =>
        new Proxy(response, {
          get: (target, name): unknown =>
            name === "text" ? Effect.delay(target.text, bodyMillis) : Reflect.get(target, name)
        })
      )
    )
    const invitations = yield* wallClock.run(InvitationsHttp.make({ secretKey })).pipe(
      Effect.provideService(HttpClient.HttpClient, slow)
    )
    const result = yield* runStubWithClock(
      wallClock.run(
        Effect.either(invitations.create({ emailAddress, ignoreExisting: scenario.ignoreExisting ?? false }))
      )
    )
    if (Either.isRight(result)) return String(result.right.id)
    if (isDuplicate(result.left)) return "duplicate"
    assert.instanceOf(result.left, AmbiguousWrite)
    return result.left.candidates.map(String)
  })

const isCommitted = "inv_1"
const isAmbiguous = ["inv_1"]

describe("if the wall clock jumps while a create is under way", () => {
  for (const [direction, jump] of [["back by 3 seconds", -3 * second], ["back", -hour], ["ahead", hour]] as const) {
    it.effect(`its invitation is attributed to it: ${direction}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* create({ jump, age: -10 }), isCommitted)
        assert.strictEqual(yield* create({ jump, age: -10, serverClock: hour }), isCommitted)
        assert.strictEqual(yield* create({ jump, age: -10, ignoreExisting: true }), isCommitted)
      }))
  }

  it.effect("an older invitation still proves that it was not committed: back", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* create({ jump: -hour, age: 30 * minute }), "duplicate")
      assert.strictEqual(yield* create({ jump: -hour, age: 3 * second }), "duplicate")
    }))

  // A machine that was suspended meanwhile is in the same situation: its monotonic clock stood still.
  it.effect("an older invitation is a candidate if it is younger than the jump, and a proof otherwise: ahead", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* create({ jump: hour, age: 30 * minute }), isAmbiguous)
      assert.strictEqual(yield* create({ jump: hour, age: 2 * hour }), "duplicate")
    }))
})

describe("a create whose outcome is unknown was not committed", () => {
  it.effect("if the pending invitation is older by the server's clock, wherever that is", () =>
    Effect.gen(function*() {
      for (const serverClock of [0, hour, -hour]) {
        assert.strictEqual(yield* create({ serverClock, age: 4 * second }), "duplicate")
        assert.strictEqual(yield* create({ serverClock, age: second }), isCommitted)
      }
    }))

  it.effect("if the pending invitation is older, however long the body of the list takes", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* create({ age: 4 * second, bodyMillis: 5 * second }), "duplicate")
    }))

  it.effect("if the pending invitation has other metadata", () =>
    Effect.gen(function*() {
      const metadata = { role: "admin" }
      assert.strictEqual(yield* create({ metadata, age: hour }), "duplicate")
      assert.strictEqual(yield* create({ metadata, age: hour, hasDate: false }), "duplicate")
      assert.strictEqual(yield* create({ metadata, age: -10, hasDate: false }), "duplicate")
    }))
})

describe("a create whose outcome is unknown fails with AmbiguousWrite and the candidate", () => {
  it.effect("if the age of the invitation is unknown, because no response has a Date header", () =>
    Effect.gen(function*() {
      for (const age of [-10, 3 * second, hour]) {
        assert.deepStrictEqual(yield* create({ age, hasDate: false }), isAmbiguous)
        assert.deepStrictEqual(yield* create({ age, hasDate: false, serverClock: 10 * second }), isAmbiguous)
      }
    }))
})

describe("with ignoreExisting and without a Date header, the list before the create decides", () => {
  it.effect("an invitation that it lacks is attributed to the create", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* create({ age: -10, hasDate: false, ignoreExisting: true }), isCommitted)
    }))

  it.effect("an invitation that it has is not", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* create({ age: -10, hasDate: false, ignoreExisting: true, listedBefore: true }),
        []
      )
    }))
})
