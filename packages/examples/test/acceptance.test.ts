import { InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { KeyValueStore } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer, TestClock } from "effect"
import { followAcceptances } from "../src/recipes/acceptance.js"

it.effect("every acceptance is handled once, also one while the program did not run", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const handled: Array<string> = []
    const program = followAcceptances(({ emailAddress }) => Effect.sync(() => handled.push(emailAddress)))
    const [ada, bob, eve] = yield* control.seed(
      ["ada", "bob", "eve"].map((name) => ({ emailAddress: `${name}@example.com` }))
    )

    const first = yield* Effect.fork(program)
    yield* TestClock.adjust("1 second")
    yield* control.accept(ada?.id ?? "")
    yield* TestClock.adjust("10 seconds")
    assert.deepStrictEqual(handled, ["ada@example.com"])
    yield* Fiber.interrupt(first)

    yield* control.accept(bob?.id ?? "")
    yield* TestClock.adjust("1 hour")
    const second = yield* Effect.fork(program)
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(handled, ["ada@example.com", "bob@example.com"])
    yield* control.accept(eve?.id ?? "")
    yield* TestClock.adjust("20 seconds")
    assert.deepStrictEqual(handled, ["ada@example.com", "bob@example.com", "eve@example.com"])
    yield* Fiber.interrupt(second)
  }).pipe(Effect.provide(Layer.merge(InvitationsMemory.layer(), KeyValueStore.layerMemory))))
