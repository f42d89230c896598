import { assert, describe, it } from "@effect/vitest"
import * as Doubt from "../../src/internal/bulk/doubt.js"

/** The batch size after many batches of which the given share of the addresses are culprits. */
const sizeFor = (share: number, useSingleCreates = true): number => {
  const doubt = Doubt.make({ useSingleCreates })
  let position = 0
  for (let batch = 0; batch < 300; batch++) {
    const size = doubt.batchSize()
    // Culprits at regular distances.
    const before = Math.floor(position * share)
    position += size
    doubt.record(size, Math.floor(position * share) > before)
  }
  return doubt.batchSize()
}

describe("doubt", () => {
  it("keeps batches full while none is refused", () => {
    const doubt = Doubt.make({ useSingleCreates: true })
    assert.strictEqual(doubt.batchSize(), 10)
    assert.isFalse(doubt.isRaised())
    doubt.record(10, false)
    assert.deepStrictEqual([doubt.batchSize(), doubt.isRaised()], [10, false])
    doubt.record(10, true)
    assert.isTrue(doubt.isRaised())
  })

  it("makes batches smaller the more addresses are refused", () => {
    const sizes = [0.01, 0.1, 0.2, 0.5].map((share) => sizeFor(share))
    assert.deepStrictEqual(sizes, [...sizes].sort((a, b) => b - a))
    assert.strictEqual(sizes[0], 10)
    assert.isAtMost(sizes[1] ?? 0, 7)
    assert.isAtMost(sizes[3] ?? 0, 3)
    assert.isAtMost(sizeFor(0.5, false), 3)
    assert.strictEqual(sizeFor(0.01, false), 10)
  })

  it("makes batches smaller when single creates can share the load, if few addresses are refused", () => {
    const sizes = [0.05, 0.08, 0.2, 0.6].map((share) => [sizeFor(share), sizeFor(share, false)])
    assert.deepStrictEqual(sizes, [[9, 10], [7, 9], [3, 3], [1, 1]])
  })

  it("forgets the refusals of an earlier part of the list", () => {
    const doubt = Doubt.make({ useSingleCreates: true })
    for (let batch = 0; batch < 20; batch++) doubt.record(10, true)
    assert.isBelow(doubt.batchSize(), 10)
    for (let batch = 0; batch < 400; batch++) doubt.record(10, false)
    assert.deepStrictEqual([doubt.batchSize(), doubt.isRaised()], [10, false])
  })
})
