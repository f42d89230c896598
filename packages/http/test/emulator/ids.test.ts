import { InvitationsService } from "@effect-clerk/core"
import { InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import type { Snapshot } from "@effect-clerk/http/Snapshot"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Option, Random, Redacted } from "effect"

const ada = "ada@example.com"

it.effect("a snapshot with sequential ids, restored in another layer, keeps its ids; new ones skip them", () =>
  Effect.gen(function*() {
    const program = (snapshot?: Snapshot) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        if (snapshot !== undefined) yield* control.restore(snapshot)
        const n = (yield* control.users).length
        yield* control.seed([{ emailAddress: `${n}@example.com`, status: "accepted" }])
        const ids = [...(yield* control.invitations), ...(yield* control.users)].map(({ id }) => id.replace(/_0+/, "_"))
        return [ids, yield* control.snapshot] as const
      }).pipe(Effect.provide(InvitationsMemory.layer({ ids: "sequential" })))
    const [first, snapshot] = yield* program()
    assert.deepStrictEqual(first, ["inv_1", "user_1"])
    const [second] = yield* program(snapshot)
    assert.deepStrictEqual(second, ["inv_1", "inv_2", "user_1", "user_2"])
  }))

it.effect("new sequential ids skip all ids of a large snapshot", () =>
  Effect.gen(function*() {
    const count = 20_000
    const invitations = Array.from({ length: count }, (_, n) => ({
      emailAddress: `${n}@example.com`,
      status: "accepted" as const
    }))
    const layer = InvitationsMemory.layer({ ids: "sequential" })
    const snapshot = yield* Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.seed(invitations)
      return yield* control.snapshot
    }).pipe(Effect.provide(Layer.fresh(layer)))
    const ids = yield* Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.restore(snapshot)
      yield* control.addUser(ada)
      const { id } = yield* Effect.flatMap(InvitationsService, (service) =>
        service.create({ emailAddress: "grace@example.com" }))
      return [id, (yield* control.users).at(-1)?.id]
    }).pipe(Effect.provide(Layer.fresh(layer)))
    assert.deepStrictEqual(
      ids.map((id) =>
        id?.replace(/_0+/, "_")
      ),
      [`inv_${count + 1}`, `user_${count + 1}`]
    )
  }))

it.effect("with a seeded Random, another run has the same ids, accept links and trace ids", () =>
  Effect.gen(function*() {
    const run = (seed: string) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        const { id, url } = yield* invitations.create({ emailAddress: ada })
        const { message } = yield* Effect.flip(invitations.create({ emailAddress: ada }))
        yield* control.addUser("grace@example.com")
        const [user] = yield* control.users
        return [id, Redacted.value(Option.getOrThrow(url)), message, user?.id]
      }).pipe(Effect.provide(InvitationsMemory.layer()), Effect.withRandom(Random.make(seed)))
    const first = yield* run("a")
    assert.deepStrictEqual(yield* run("a"), first)
    const other = yield* run("b")
    first.forEach((text, index) => assert.notStrictEqual(other[index], text))
  }))
