import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as Intake from "../../src/internal/bulk/intake.js"
import * as InviteQueue from "../../src/internal/bulk/inviteQueue.js"
import { untyped } from "../utils.js"
import { item, person } from "./fixtures.js"

/** An intake, and the queue that it records in. */
const setup = (deduplicationWindow = 1000) => {
  const queue = InviteQueue.make<never>({ concurrency: 1, isPaced: false, ordered: false, useSingleCreates: true })
  return { queue, admit: Intake.make(queue, { deduplicationWindow }) }
}

const inputs = (...values: ReadonlyArray<unknown>) => values.map((value) => untyped<CreateInvitation.Input>(value))

describe("intake", () => {
  it.effect("returns the item to send, and counts the positions from 0", () =>
    Effect.gen(function*() {
      const { admit, queue } = setup()
      const admitted = yield* Effect.forEach([person(0), person(1)], admit)
      const expected = [0, 1].map((n) => Option.some({ ...item(n), request: person(n) }))
      assert.deepStrictEqual(admitted, expected)
      const { outcomes, unsent } = yield* queue.incomplete
      assert.deepStrictEqual(outcomes, [])
      assert.deepStrictEqual(unsent.map(({ position }) => position), [0, 1])
    }))

  it.effect("finishes an address that was seen before as Repeated, in any case", () =>
    Effect.gen(function*() {
      const { admit, queue } = setup()
      yield* admit(person(1))
      assert.isTrue(Option.isNone(yield* admit({ emailAddress: "PERSON1@example.com" })))
      const { outcomes, unsent } = yield* queue.incomplete
      assert.deepStrictEqual(unsent.map(({ position }) => position), [0])
      assert.deepStrictEqual(
        outcomes.map((outcome) => [
          outcome._tag,
          outcome.position,
          outcome._tag === "Repeated" ? outcome.firstPosition : undefined
        ]),
        [["Repeated", 1, 0]]
      )
    }))

  it.effect("finishes an invalid input as Rejected, with the address if it has one", () =>
    Effect.gen(function*() {
      const { admit, queue } = setup()
      for (
        const input of inputs(null, 3, {}, { emailAddress: 3 }, { emailAddress: "" }, { emailAddress: "no address" })
      ) {
        assert.isTrue(Option.isNone(yield* admit(input)))
      }
      const { outcomes, unsent } = yield* queue.incomplete
      assert.deepStrictEqual(unsent, [])
      assert.deepStrictEqual(
        outcomes.map((outcome) => [outcome._tag, outcome.position, outcome.emailAddress]),
        [
          ["Rejected", 0, ""],
          ["Rejected", 1, ""],
          ["Rejected", 2, ""],
          ["Rejected", 3, ""],
          ["Rejected", 4, ""],
          ["Rejected", 5, "no address"]
        ]
      )
      assert.deepStrictEqual(
        outcomes.map((outcome) =>
          outcome._tag === "Rejected"
            ? [outcome.error._tag, "operation" in outcome.error && outcome.error.operation]
            : []
        ),
        outcomes.map(() => ["InvalidRequest", "inviteMany"])
      )
      assert.deepStrictEqual(outcomes.map((outcome) => "replaced" in outcome ? outcome.replaced : [0]), [
        [],
        [],
        [],
        [],
        [],
        []
      ])
    }))

  it.effect("remembers the most recent distinct addresses", () =>
    Effect.gen(function*() {
      const { admit, queue } = setup(2)
      const isNew = (n: number) => Effect.map(admit(person(n)), Option.isSome)
      assert.deepStrictEqual(yield* Effect.forEach([1, 2, 1, 3, 2, 1], isNew), [true, true, false, true, false, true])
      assert.strictEqual((yield* queue.incomplete).outcomes.length, 2)
    }))
})
