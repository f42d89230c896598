import { AmbiguousWrite, Forbidden } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Redacted, Stream, TestClock } from "effect"
import { makeFake, makeInvitations } from "../utils.js"
import { responseFields, tooMany } from "./fixtures.js"

describe("revokeMany", () => {
  it.effect("finishes the ids before the source fails, then fails with its error", () =>
    Effect.gen(function*() {
      for (const ordered of [false, true]) {
        const { service } = yield* makeFake(makeInvitations(3), ({ revoke }) => ({
          revoke: (id) => Effect.delay(revoke(id), "1 second")
        }))
        const positions: Array<number> = []
        const source = Stream.concat(Stream.make("inv_1", "inv_2", "inv_3"), Stream.fail("the file is broken" as const))
        const fiber = yield* service.revokeMany(source, { ordered }).pipe(
          Stream.runForEach(({ position }) => Effect.sync(() => positions.push(position))),
          Effect.flip,
          Effect.fork
        )
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* Fiber.join(fiber), "the file is broken")
        assert.deepStrictEqual(ordered ? positions : positions.sort(), [0, 1, 2])
      }
    }))

  it.effect("emits the earlier outcomes in order before a fatal error", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake(makeInvitations(2), ({ revoke }) => ({
        revoke: (id) =>
          id === "inv_1"
            ? Effect.delay(revoke(id), "1 second")
            : Effect.fail(new Forbidden({ ...responseFields, operation: "revoke", status: 403 }))
      }))
      const ids: Array<string> = []
      const fiber = yield* service.revokeMany(["inv_1", "inv_2"], { ordered: true }).pipe(
        Stream.runForEach(({ id }) => Effect.sync(() => ids.push(id))),
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Forbidden")
      assert.deepStrictEqual(ids, ["inv_1"])
    }))

  it.effect("reports Unknown for a revoke whose outcome stays unknown", () =>
    Effect.gen(function*() {
      const error = new AmbiguousWrite({
        operation: "revoke",
        emailAddresses: Redacted.make([]),
        id: Option.none(),
        candidates: [],
        lastFailure: tooMany(Option.none())
      })
      const { service } = yield* makeFake([], () => ({ revoke: () => Effect.fail(error) }))
      const outcomes = yield* Stream.runCollect(service.revokeMany(["inv_1"]))
      assert.deepStrictEqual(
        Array.from(outcomes, (outcome) => [
          outcome._tag,
          outcome.id,
          outcome.position,
          outcome._tag === "Unknown" ? outcome.error._tag : undefined
        ]),
        [["Unknown", "inv_1", 0, "AmbiguousWrite"]]
      )
    }))
})
