import { assert, describe, it } from "@effect/vitest"
import * as ReorderBuffer from "../../src/internal/bulk/reorderBuffer.js"

const value = (position: number) => ({ position })

describe("reorderBuffer", () => {
  it("releases values as soon as all earlier ones are there", () => {
    const buffer = ReorderBuffer.make<{ readonly position: number }>()
    assert.deepStrictEqual(buffer.add(value(2)), [])
    assert.deepStrictEqual(buffer.add(value(0)), [value(0)])
    assert.strictEqual(buffer.nextPosition(), 1)
    assert.deepStrictEqual(buffer.add(value(1)), [value(1), value(2)])
    assert.strictEqual(buffer.nextPosition(), 3)
    assert.deepStrictEqual(buffer.drain(), [])
  })

  it("drains what it has not released, in order and once", () => {
    const buffer = ReorderBuffer.make<{ readonly position: number }>()
    for (const position of [3, 0, 2]) buffer.add(value(position))
    assert.deepStrictEqual(buffer.drain(), [value(2), value(3)])
    assert.deepStrictEqual(buffer.drain(), [])
  })
})
