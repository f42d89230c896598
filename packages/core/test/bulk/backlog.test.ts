import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc, Option } from "effect"
import * as Backlog from "../../src/internal/bulk/backlog.js"
import { ambiguous, item } from "./fixtures.js"

const make = (options: { readonly isPaced?: boolean; readonly useSingleCreates?: boolean } = {}) =>
  Backlog.make({ isPaced: false, useSingleCreates: true, ...options })

const items = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => item(from + index))

const filled = (count: number, options?: Parameters<typeof make>[0]) => {
  const backlog = make(options)
  for (const each of items(1, count)) backlog.append(each, false)
  return backlog
}

const positions = ({ items }: Backlog.Batch) => items.map(({ position }) => position)

const aboutAddress = Option.none()
const aboutInstance = Option.some({ key: "something_new", refusals: 3 })

/** Refuses a batch without naming an address. */
const refuse = (backlog: Backlog.Backlog, batch: Backlog.Batch, common: typeof aboutInstance | typeof aboutAddress) => {
  const isProven = backlog.refused(batch, common)
  if (!isProven && batch.items.length > 1) backlog.divide(batch.items)
  return isProven
}

describe("a refused batch", () => {
  it("is sent one item at a time until the culprit is found; the others are sent with fresh items again", () => {
    const backlog = filled(20, { isPaced: true })
    refuse(backlog, backlog.takeBatch(false), aboutAddress)
    const first = backlog.takeSingle(false)
    assert.deepStrictEqual(positions(first), [1])
    backlog.accepted(first)
    const culprit = backlog.takeSingle(false)
    assert.deepStrictEqual(positions(culprit), [2])
    refuse(backlog, culprit, aboutAddress)
    assert.deepStrictEqual(positions(backlog.takeBatch(true)).slice(0, 3), [3, 4, 5])
  })

  it("is halved without single creates; if the first half is accepted, the second has the culprit", () => {
    const backlog = filled(10, { useSingleCreates: false })
    refuse(backlog, backlog.takeBatch(false), aboutAddress)
    const half = backlog.takeBatch(false)
    assert.deepStrictEqual([positions(half), positions({ ...half, items: half.rest })], [
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10]
    ])
    backlog.accepted(half)
    assert.deepStrictEqual(positions(backlog.takeBatch(false)), [6, 7, 8])
  })

  it("is halved without single creates; if the first half is refused, the second is not suspected any more", () => {
    const backlog = filled(10, { useSingleCreates: false })
    refuse(backlog, backlog.takeBatch(false), aboutAddress)
    refuse(backlog, backlog.takeBatch(false), aboutAddress)
    assert.deepStrictEqual(positions(backlog.takeBatch(true)), [1, 2, 3])
    assert.deepStrictEqual(positions(backlog.takeBatch(true)), [6, 7, 8, 9, 10])
  })

  it("is halved by a paced bulk call only if there is nothing else to send", () => {
    const backlog = filled(40, { isPaced: true })
    refuse(backlog, backlog.takeBatch(false), aboutAddress)
    assert.isAbove(Math.min(...positions(backlog.takeBatch(false))), 10)
    while (backlog.hasBatch(true)) {
      const batch = backlog.takeBatch(true)
      if (positions(batch).includes(1)) assert.strictEqual(batch.items.length, 5)
      else backlog.accepted(batch)
    }
    assert.isFalse(backlog.hasSingle(true))
  })
})

describe("a refusal that may be about the instance", () => {
  it("is probed by single creates only, and proven if they are refused alike", () => {
    const backlog = filled(30)
    assert.isFalse(refuse(backlog, backlog.takeBatch(false), aboutInstance))
    assert.isFalse(backlog.hasBatch(true))
    assert.deepStrictEqual(positions(backlog.takeBatch(true)), [])
    const proven = [1, 10, 5].map((position) => {
      const probe = backlog.takeSingle(false)
      assert.deepStrictEqual([positions(probe), probe.isProbe], [[position], true])
      return refuse(backlog, probe, aboutInstance)
    })
    assert.deepStrictEqual(proven, [false, false, true])
  })

  it("is about addresses if a probe is accepted: then the batch is isolated", () => {
    const backlog = filled(20)
    refuse(backlog, backlog.takeBatch(false), aboutInstance)
    const inFlight = { ...Backlog.none, items: items(31, 31) }
    backlog.accepted(inFlight)
    assert.isFalse(backlog.hasBatch(true))
    backlog.accepted(backlog.takeSingle(false))
    assert.isTrue(backlog.hasBatch(true))
    assert.deepStrictEqual(positions(backlog.takeSingle(false)), [2])
  })

  it("ends if a probe is refused for another reason, or has another outcome", () => {
    for (
      const end of [
        (backlog: Backlog.Backlog, probe: Backlog.Batch) => assert.isFalse(refuse(backlog, probe, aboutAddress)),
        (backlog: Backlog.Backlog, probe: Backlog.Batch) => backlog.settled(probe)
      ]
    ) {
      const backlog = filled(20)
      refuse(backlog, backlog.takeBatch(false), aboutInstance)
      end(backlog, backlog.takeSingle(false))
      assert.isTrue(backlog.hasBatch(true))
      assert.deepStrictEqual(positions(backlog.takeSingle(false)), [2])
    }
  })

  it("is probed by bulk calls of one item without single creates", () => {
    const backlog = filled(20, { useSingleCreates: false })
    refuse(backlog, backlog.takeBatch(false), aboutInstance)
    assert.deepStrictEqual(positions(backlog.takeBatch(false)), [1])
  })
})

describe("a probe", () => {
  it("is an item of a refused batch, then one that is likely to be refused, then a fresh item", () => {
    const backlog = filled(2)
    const batch = backlog.takeBatch(true)
    backlog.append(item(11), true)
    backlog.append(item(12), false)
    refuse(backlog, batch, aboutInstance)
    const probes = Array.from({ length: 4 }, () => backlog.takeSingle(false))
    assert.deepStrictEqual(probes.map(positions), [[1], [2], [11], [12]])
    assert.isTrue(probes.every(({ isProbe }) => isProbe))
    assert.isFalse(backlog.hasSingle(true))
  })

  it("is not sent if nothing is left", () => {
    const backlog = filled(2)
    refuse(backlog, backlog.takeBatch(true), aboutInstance)
    for (const position of [1, 2]) {
      assert.isTrue(backlog.hasSingle(false))
      assert.deepStrictEqual(positions(backlog.takeSingle(false)), [position])
    }
    assert.isFalse(backlog.hasSingle(true))
    assert.isFalse(backlog.hasBatch(true))
  })
})

describe("items that are likely to be refused", () => {
  it("are sent one at a time, up to 20 of them; further ones join the batches", () => {
    const backlog = make()
    for (const each of items(1, 22)) backlog.append(each, true)
    assert.isFalse(backlog.has(20))
    assert.isTrue(backlog.has(21))
    assert.isTrue(backlog.has(22))
    assert.deepStrictEqual(positions(backlog.takeBatch(true)), [21, 22])
    assert.deepStrictEqual(positions(backlog.takeSingle(false)), [1])
  })

  it("join the batches without single creates", () => {
    const backlog = make({ useSingleCreates: false })
    backlog.append(item(1), true)
    assert.deepStrictEqual(positions(backlog.takeBatch(true)), [1])
  })
})

describe("groups", () => {
  it("are halved from the largest one, and never if they have one item", () => {
    const backlog = make({ isPaced: true })
    backlog.divide(items(1, 1))
    assert.isFalse(backlog.hasBatch(true))
    for (const [from, to] of [[2, 4], [5, 10], [11, 12]] as const) backlog.divide(items(from, to))
    assert.deepStrictEqual(positions(backlog.takeBatch(true)), [5, 6, 7])
  })

  it("are halved while items are to come if they have more than 50 items", () => {
    const backlog = make({ isPaced: true })
    for (let group = 0; group < 5; group++) backlog.divide(items(group * 10 + 1, group * 10 + 10))
    assert.isFalse(backlog.hasBatch(false))
    backlog.divide(items(51, 51))
    assert.isTrue(backlog.hasBatch(false))
  })
})

describe("without rate limits, after a refused batch", () => {
  it("bulk calls wait until single creates take as many hours, or a single create waits for a retry", () => {
    const backlog = filled(40)
    refuse(backlog, backlog.takeBatch(false), aboutAddress)
    backlog.accepted(backlog.takeBatch(false))
    // Two bulk calls take 2/25 hours, the ten suspects about 5/100 hours.
    assert.isFalse(backlog.hasBatch(false))
    assert.deepStrictEqual(positions(backlog.takeBatch(false)), [])
    backlog.setWaiting("create", true)
    assert.isTrue(backlog.hasBatch(false))
    backlog.setWaiting("create", false)
    // A suspect that was sent counts as one call, the others as a half.
    const needed = Array.from({ length: 6 }, () => {
      backlog.accepted(backlog.takeSingle(false))
      return backlog.hasBatch(false)
    })
    assert.deepStrictEqual(needed, [false, false, false, false, false, true])
  })

  it("fresh items are sent one at a time until bulk calls take as many hours, or one waits for a retry", () => {
    const backlog = filled(40)
    refuse(backlog, backlog.takeBatch(false), aboutAddress)
    refuse(backlog, backlog.takeSingle(false), aboutAddress)
    // The next bulk call would be the second: 2/25 hours, as eight single creates.
    for (let creates = 2; creates <= 8; creates++) {
      assert.isTrue(backlog.hasSingle(false))
      backlog.accepted(backlog.takeSingle(false))
    }
    assert.isFalse(backlog.hasSingle(false))
    assert.deepStrictEqual(positions(backlog.takeSingle(false)), [])
    backlog.setWaiting("createBulk", true)
    assert.isTrue(backlog.hasSingle(false))
    backlog.setWaiting("createBulk", false)
    assert.isFalse(backlog.hasSingle(false))
  })
})

describe("items with an unknown outcome", () => {
  const repeated = (from: number, to: number) =>
    items(from, to).map((each) => ({ ...each, ambiguity: Option.some(ambiguous) }))

  it("are sent as a batch of their own, or one at a time if they are few", () => {
    const backlog = filled(20)
    backlog.prepend(repeated(31, 40))
    backlog.prepend(repeated(51, 52))
    assert.deepStrictEqual(positions(backlog.takeBatch(false)), items(31, 40).map(({ position }) => position))
    assert.deepStrictEqual(positions(backlog.takeSingle(false)), [51])
    assert.deepStrictEqual(positions(backlog.takeSingle(false)), [52])
    assert.deepStrictEqual(positions(backlog.takeSingle(false)), [1])
  })
})

describe("a job of any culprits", () => {
  it("sends every item until it has an outcome, and takes neither endpoint more hours than single creates alone need", () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }),
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        (culprits, isPaced, useSingleCreates, seed) => {
          const backlog = filled(culprits.length, { isPaced, useSingleCreates })
          const done = new Set<number>()
          const calls = { create: 0, createBulk: 0 }
          for (let turn = seed; done.size < culprits.length; turn++) {
            const single = useSingleCreates && turn % 5 !== 0
            const isReady = single ? backlog.hasSingle(true) : backlog.hasBatch(true)
            const batch = single ? backlog.takeSingle(true) : backlog.takeBatch(true)
            assert.strictEqual(batch.items.length > 0, isReady)
            if (batch.items.length === 0) continue
            calls[single ? "create" : "createBulk"]++
            const isRefused = batch.items.some(({ position }) => culprits[position - 1] === true)
            if (isRefused) refuse(backlog, batch, aboutAddress)
            else backlog.accepted(batch)
            if (!isRefused || batch.items.length === 1) { for (const { position } of batch.items) done.add(position) }
            assert.isBelow(calls.create + calls.createBulk, 4 * culprits.length + 20)
          }
          if (useSingleCreates) assert.isAtMost(calls.create, culprits.length)
        }
      )
    )
  })
})
