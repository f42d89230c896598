import { InvitationsService } from "@effect-clerk/core"
import { InvitationsMemory } from "@effect-clerk/http"
import { callsOf, invitationOf, InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it, layer } from "@effect/vitest"
import { Clock, Effect, Stream } from "effect"

const ada = "ada@example.com"

// One layer for all tests of this file. Each build of it makes a store.
const InvitationsTest = InvitationsMemory.layer({ ids: "sequential" })

const create = Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress: ada }))

const count = Effect.flatMap(InvitationsControl, ({ invitations }) => Effect.map(invitations, ({ length }) => length))

/** Waits until the last of `parties` fibers, which may belong to different tests, has come here. */
const barrier = (parties: number) => {
  const waiting: Array<() => void> = []
  return Effect.async<undefined>((resume) => {
    waiting.push(() => resume(Effect.succeed(undefined)))
    if (waiting.length === parties) { for (const go of waiting) go() }
  })
}

// The second create of the address would be rejected as a duplicate, and the second id would not be `…1`.
const program = (meet: Effect.Effect<unknown>) =>
  Effect.gen(function*() {
    yield* meet
    const { id } = yield* create
    yield* meet
    assert.match(id, /^inv_0{26}1$/)
    assert.strictEqual((yield* invitationOf(ada)).id, id)
    assert.deepStrictEqual([yield* count, (yield* callsOf("create")).length], [1, 1])
  })

describe.concurrent("tests that run at the same time and provide the same layer have a store each", () => {
  const [before, after] = [barrier(3), barrier(3)]
  let met = 0
  const meet = Effect.suspend(() => met++ < 3 ? before : after)

  it.effect("the first", () => Effect.provide(program(meet), InvitationsTest))
  it.effect("the second", () => Effect.provide(program(meet), InvitationsTest))
  it.concurrent("the third, through it.concurrent", () =>
    Effect.runPromise(Effect.provide(program(meet), InvitationsTest)))
})

layer(InvitationsTest)("the tests of one layer block", (it) => {
  it.effect("share a store", () => Effect.asVoid(create))

  it.effect("and find what the test before has left", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* count, 1)
      yield* Effect.flatMap(InvitationsControl, ({ reset }) => reset)
      assert.strictEqual(yield* count, 0)
      yield* create
    }))

  it.effect("a layer that a test provides itself comes first", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(InvitationsTest)))
})

layer(InvitationsTest)("another layer block", (it) => {
  it.effect("has its own store", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* count, 0)
    }))
})

it.effect("inviteMany of 1,000 waits for nothing: the TestClock stands still", () =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const requests = Array.from({ length: 1000 }, (_, n) => ({ emailAddress: `person${n}@example.com` }))
    const created = yield* Stream.runCount(
      Stream.filter(invitations.inviteMany(requests), ({ _tag }) => _tag === "Created")
    )
    assert.strictEqual(created, 1000)
    assert.strictEqual(yield* count, 1000)
    assert.strictEqual(yield* Clock.currentTimeMillis, 0)
  }).pipe(Effect.provide(InvitationsTest)))
