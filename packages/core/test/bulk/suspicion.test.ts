import { assert, describe, it } from "@effect/vitest"
import * as Suspicion from "../../src/internal/bulk/suspicion.js"

const field = { key: "redirect_url", refusals: 1 }
const unknown = { key: "something_new", refusals: 3 }

describe("suspicion", () => {
  it("is raised by a refused batch, and proven by single creates that are refused alike", () => {
    const suspicion = Suspicion.make()
    assert.isFalse(suspicion.isRaised())
    assert.isFalse(suspicion.refused(unknown, 10))
    assert.isTrue(suspicion.isRaised())
    assert.deepStrictEqual([1, 1, 1].map((size) => suspicion.refused(unknown, size)), [false, false, true])
  })

  it("is proven by one single create if the refusal names a field, also by one before the batch", () => {
    const after = Suspicion.make()
    assert.deepStrictEqual([10, 1].map((size) => after.refused(field, size)), [false, true])
    const before = Suspicion.make()
    assert.deepStrictEqual([1, 10].map((size) => before.refused(field, size)), [false, true])
  })

  it("stays as it is if a single create succeeds before any refusal", () => {
    const suspicion = Suspicion.make()
    suspicion.acquit()
    assert.isFalse(suspicion.isRaised())
    assert.deepStrictEqual([10, 1].map((size) => suspicion.refused(field, size)), [false, true])
  })

  it("is not raised by single creates alone", () => {
    const suspicion = Suspicion.make()
    assert.deepStrictEqual([1, 1, 1, 1].map((size) => suspicion.refused(unknown, size)), [false, false, false, false])
    assert.isFalse(suspicion.isRaised())
  })

  it("starts again after a refusal for another reason", () => {
    const suspicion = Suspicion.make()
    suspicion.refused(field, 10)
    suspicion.clear()
    assert.isFalse(suspicion.isRaised())
    suspicion.refused(field, 10)
    assert.isFalse(suspicion.refused(unknown, 1))
    assert.isFalse(suspicion.isRaised())
    assert.isFalse(suspicion.refused(unknown, 10))
    assert.isTrue(suspicion.isRaised())
  })

  it("is not raised again by refusals that are like those of a batch of which a single create succeeded", () => {
    const suspicion = Suspicion.make()
    suspicion.refused(unknown, 10)
    suspicion.acquit()
    assert.deepStrictEqual([10, 1, 1, 1].map((size) => suspicion.refused(unknown, size)), [false, false, false, false])
    assert.isFalse(suspicion.isRaised())
    assert.deepStrictEqual([10, 1].map((size) => suspicion.refused(field, size)), [false, true])
  })

  it("does not count the single creates before the first batch if the refusal names no field", () => {
    const suspicion = Suspicion.make()
    assert.deepStrictEqual([1, 1, 1, 10].map((size) => suspicion.refused(unknown, size)), [false, false, false, false])
    assert.deepStrictEqual([1, 1, 1].map((size) => suspicion.refused(unknown, size)), [false, false, true])
  })

  it("counts the single creates between batches", () => {
    const suspicion = Suspicion.make()
    assert.deepStrictEqual(
      [10, 1, 10, 1, 10, 1].map((size) => suspicion.refused(unknown, size)),
      [false, false, false, false, false, true]
    )
  })

  it("remembers every refusal that was disproved, up to 100 of them", () => {
    const suspicion = Suspicion.make()
    const disprove = (n: number) => {
      suspicion.refused({ key: `${n}`, refusals: 1 }, 10)
      suspicion.acquit()
    }
    const isRaisedBy = (n: number) => {
      suspicion.refused({ key: `${n}`, refusals: 1 }, 10)
      const raised = suspicion.isRaised()
      suspicion.clear()
      return raised
    }
    for (let n = 0; n < 100; n++) disprove(n)
    assert.isFalse(isRaisedBy(0))
    assert.isFalse(isRaisedBy(99))
    disprove(100)
    assert.isTrue(isRaisedBy(0))
    assert.isFalse(isRaisedBy(100))
  })
})
