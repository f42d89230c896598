import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Oldest from "../../src/internal/acceptance/oldest.js"
import { changedAt } from "../../src/internal/acceptance/watermark.js"
import { start } from "../utils.js"
import { row } from "./utils.js"

describe("Oldest", () => {
  it.prop(
    "keeps the oldest changes in order, and says whether others were dropped",
    [fc.array(fc.nat({ max: 30 }), { maxLength: 60 }), fc.integer({ min: 1, max: 12 })],
    ([times, size]) => {
      const oldest = Oldest.make(size)
      times.forEach((at, n) => {
        oldest.add(row(`inv_${n}`, { at }))
      })
      const { changes, hasMore } = oldest.result()
      const sorted = [...times].sort((self, that) => self - that)
      assert.deepStrictEqual(changes.map((change) => changedAt(change) - start), sorted.slice(0, size))
      assert.strictEqual(hasMore, times.length > size)
    }
  )
})
