import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import * as Ledger from "../../src/internal/bulk/ledger.js"
import { makeInvitation } from "../utils.js"
import { ambiguous, attempted, item } from "./fixtures.js"

const one = item(1)
const two = item(2)

/** A ledger with the items one and two. */
const setup = () => {
  const ledger = Ledger.make()
  ledger.set(one)
  ledger.set(two)
  return ledger
}

describe("ledger", () => {
  it("counts the inputs that have no outcome", () => {
    const ledger = setup()
    assert.strictEqual(ledger.size(), 2)
    ledger.set(one)
    assert.strictEqual(ledger.size(), 2)
    ledger.remove(one.position)
    assert.strictEqual(ledger.size(), 1)
    assert.deepStrictEqual(ledger.incomplete(), { unknown: [], unsent: [attempted(two)] })
  })

  it("keeps the latest version of an input, and only the fields that an outcome repeats", () => {
    const ledger = setup()
    const changed = item(1, { replaced: [makeInvitation(1).id] })
    ledger.set(changed)
    ledger.markSent([two])
    assert.deepStrictEqual(ledger.incomplete(), { unknown: [attempted(two)], unsent: [attempted(changed)] })
  })

  it("counts an item as unknown while its call is in flight", () => {
    const ledger = setup()
    ledger.markSent([one, two])
    assert.deepStrictEqual(ledger.incomplete(), { unknown: [attempted(one), attempted(two)], unsent: [] })
    ledger.markNotSent([one])
    assert.deepStrictEqual(ledger.incomplete(), { unknown: [attempted(two)], unsent: [attempted(one)] })
  })

  it("leaves an item unknown if an earlier call has an unknown outcome", () => {
    const ledger = setup()
    const repeated = item(1, { ambiguity: Option.some(ambiguous) })
    ledger.markSent([repeated, two])
    ledger.markNotSent([repeated, two])
    assert.deepStrictEqual(ledger.incomplete(), { unknown: [attempted(one)], unsent: [attempted(two)] })
  })

  it("forgets that an item was sent when it has its outcome", () => {
    const ledger = setup()
    ledger.markSent([one])
    ledger.remove(one.position)
    ledger.set(one)
    assert.deepStrictEqual(ledger.incomplete().unknown, [])
  })
})
