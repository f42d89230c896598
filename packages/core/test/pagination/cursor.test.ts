import { Invitation } from "@effect-clerk/core/Invitation"
import type { OrderBy } from "@effect-clerk/core/ListInvitations"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Option } from "effect"
import * as Cursor from "../../src/internal/pagination/cursor.js"
import { makeInvitation, start } from "../utils.js"

type Rows = ReadonlyArray<Invitation>

const rows = (...numbers: ReadonlyArray<number>): Rows => numbers.map((n) => makeInvitation(n))

const tied = (...numbers: ReadonlyArray<number>): Rows => numbers.map((n) => makeInvitation(n, { createdAt: start }))

const expiring = (n: number, epochMillis?: number): Invitation =>
  new Invitation({
    ...makeInvitation(n),
    expiresAt: Option.map(Option.fromNullable(epochMillis), (millis) => DateTime.unsafeMake(millis))
  })

/** Moves a cursor over pages with a limit of ten rows; returns it and the numbers of each page's new rows. */
const advanceAll = (orderBy: OrderBy, ...pages: ReadonlyArray<readonly [offset: number, data: Rows]>) => {
  let cursor = Cursor.make(orderBy)
  const emitted = pages.map(([offset, data]) => {
    const advanced = Cursor.advance(cursor, { data, offset, limit: 10 })
    cursor = advanced.cursor
    return advanced.rows?.map(({ id }) => Number(id.slice(4)))
  })
  return { cursor, emitted }
}

const emittedBy = (orderBy: OrderBy, ...pages: ReadonlyArray<readonly [offset: number, data: Rows]>) =>
  advanceAll(orderBy, ...pages).emitted

describe("a cursor over sorted pages", () => {
  it("emits the rows after the last one", () => {
    assert.deepStrictEqual(emittedBy("created_at", [0, rows(1, 2, 3)], [1, rows(2, 3, 4)]), [[1, 2, 3], [4]])
    assert.deepStrictEqual(emittedBy("+created_at", [0, rows(1, 2)], [1, rows(1, 2, 3)]), [[1, 2], [3]])
    assert.deepStrictEqual(emittedBy("-created_at", [0, rows(3, 2)], [1, rows(3, 2, 1)]), [[3, 2], [1]])
    assert.deepStrictEqual(emittedBy("email_address", [0, rows(1, 2)], [1, rows(1, 2, 3)]), [[1, 2], [3]])
  })

  it("rejects a page that begins after the last row, is empty, or is the first one at an offset", () => {
    assert.deepStrictEqual(emittedBy("created_at", [0, rows(1, 2)], [1, rows(3)], [1, []]), [
      [1, 2],
      undefined,
      undefined
    ])
    assert.deepStrictEqual(emittedBy("created_at", [1, rows(1)], [0, rows(1)]), [undefined, [1]])
  })

  it("orders by expires_at, with rows that never expire last", () => {
    const never = expiring(9)
    assert.deepStrictEqual(
      emittedBy("expires_at", [0, [expiring(3, 1), expiring(1, 2)]], [1, [expiring(4, 1), expiring(1, 2), never]]),
      [[3, 1], [9]]
    )
    assert.deepStrictEqual(
      emittedBy("-expires_at", [0, [never, expiring(1, 2)]], [1, [never, expiring(1, 2), expiring(3, 1)]]),
      [[9, 1], [3]]
    )
  })

  it("orders by the field and the direction of orderBy, not by the time of creation", () => {
    const [a, b, c, d] = ["a", "b", "c", "d"].map((name, index) =>
      makeInvitation(9 - index, { emailAddress: `${name}@example.com` })
    )
    assert(a !== undefined && b !== undefined && c !== undefined && d !== undefined)
    // The last row is gone, so only its place in the order tells which rows are new.
    for (const orderBy of ["email_address", "+email_address"] as const) {
      assert.deepStrictEqual(emittedBy(orderBy, [0, [a, c]], [1, [b, d]]), [[9, 7], [6]])
    }
    assert.deepStrictEqual(emittedBy("-email_address", [0, [d, b]], [1, [c, a]]), [[6, 8], [9]])
    const never = expiring(1)
    const [soon, later, latest] = [expiring(4, 1), expiring(3, 2), expiring(2, 3)]
    for (const orderBy of ["expires_at", "+expires_at"] as const) {
      assert.deepStrictEqual(emittedBy(orderBy, [0, [soon, latest]], [1, [later, never]]), [[4, 2], [1]])
    }
    assert.deepStrictEqual(emittedBy("-expires_at", [0, [never, later]], [1, [latest, soon]]), [[1, 3], [4]])
  })

  it("emits each of several equal rows once, although they change places", () => {
    assert.deepStrictEqual(
      emittedBy("created_at", [0, tied(1, 2, 3, 4)], [0, tied(4, 5, 2, 1, 3, 5)]),
      [[1, 2, 3, 4], [5]]
    )
  })

  it("needs a page to begin before all rows that are equal to the last one, unless they fill half a page", () => {
    // The page begins with an equal row, and three and one more are less than five.
    const few = advanceAll("created_at", [0, tied(1, 2, 3)], [1, tied(1, 4)])
    assert.deepStrictEqual(few.emitted, [[1, 2, 3], undefined])
    assert.strictEqual(Cursor.overlap(few.cursor, 10), 4)
    assert.deepStrictEqual(emittedBy("created_at", [0, tied(1, 2, 3, 4)], [1, tied(1, 5)]), [[1, 2, 3, 4], [5]])
    assert.deepStrictEqual(emittedBy("created_at", [0, tied(1, 2, 3, 4)], [1, tied(5)]), [[1, 2, 3, 4], undefined])
    // One row alone is known by its id.
    const narrow = Cursor.advance(Cursor.make("created_at"), { data: tied(1), offset: 0, limit: 4 }).cursor
    assert.isUndefined(Cursor.advance(narrow, { data: tied(2), offset: 1, limit: 4 }).rows)
    assert.strictEqual(Cursor.advance(narrow, { data: tied(1, 2), offset: 1, limit: 4 }).rows?.length, 1)
  })

  it("rejects a page that begins after the last row, even with an id that was emitted", () => {
    // The row expires later now.
    const { cursor } = Cursor.advance(Cursor.make("expires_at"), { data: [expiring(1, 5)], offset: 0, limit: 4 })
    assert.isUndefined(Cursor.advance(cursor, { data: [expiring(1, 9)], offset: 1, limit: 4 }).rows)
    const { cursor: after } = advanceAll("created_at", [0, tied(1, 2, 3)], [1, rows(9)])
    assert.strictEqual(Cursor.overlap(after, 10), 2)
  })

  it("overlaps two rows again after the equal rows, and half of a page at most", () => {
    const pages = [[0, tied(1, 2, 3, 4, 5)], [1, tied(2, 6)]] as const
    const { cursor } = advanceAll("created_at", ...pages)
    assert.strictEqual(Cursor.overlap(cursor, 100), 6)
    assert.strictEqual(Cursor.overlap(cursor, 7), 3)
    const [first] = tied(6)
    const after = advanceAll("created_at", ...pages, [1, [...first === undefined ? [] : [first], ...rows(7)]]).cursor
    assert.strictEqual(Cursor.overlap(after, 100), 2)
  })

  it("tells whether a page ends before it", () => {
    const { cursor } = advanceAll("created_at", [0, rows(1, 2, 3)])
    assert.isTrue(Cursor.endsBefore(cursor, rows(1, 2)))
    assert.isFalse(Cursor.endsBefore(cursor, rows(2, 3)))
    assert.isFalse(Cursor.endsBefore(cursor, rows(3, 4)))
    assert.isFalse(Cursor.endsBefore(cursor, []))
    assert.isFalse(Cursor.endsBefore(Cursor.make("created_at"), rows(1)))
    assert.isFalse(Cursor.endsBefore(advanceAll("created_at", [0, rows(1, 3)], [1, rows(3, 1)]).cursor, rows(2)))
  })
})

describe("a cursor over pages in an unknown order", () => {
  it("emits the rows after the last known id, also once pages are sorted again", () => {
    assert.deepStrictEqual(
      emittedBy("created_at", [0, rows(5, 1, 3)], [1, rows(1, 3, 4)], [2, rows(4, 2, 6)]),
      [[5, 1, 3], [4], [2, 6]]
    )
    assert.deepStrictEqual(emittedBy("created_at", [0, rows(1, 5)], [1, rows(5, 2)]), [[1, 5], [2]])
  })

  it("rejects a page without a known id, except at offset 0 while all ids are known", () => {
    assert.deepStrictEqual(emittedBy("created_at", [0, rows(2, 1)], [1, rows(3, 4)], [1, rows(1, 3)]), [
      [2, 1],
      undefined,
      [3]
    ])
    assert.deepStrictEqual(emittedBy("created_at", [0, rows(2, 1)], [0, rows(4, 3)]), [[2, 1], [4, 3]])
  })

  it("knows the ids of four pages with new rows", () => {
    const five = [[0, rows(2, 1)], [1, rows(1, 3)], [2, rows(3, 4)], [3, rows(4, 5)], [4, rows(5, 6)]] as const
    const four = five.slice(0, 4)
    const last = (...pages: Parameters<typeof emittedBy> extends [OrderBy, ...infer P] ? P : never) =>
      emittedBy("created_at", ...pages).at(-1)
    assert.deepStrictEqual(last(...four, [9, rows(1)]), [])
    assert.deepStrictEqual(last(...four, [9, rows(8, 1, 7)]), [7])
    assert.isUndefined(last(...five, [9, rows(1)]))
    assert.deepStrictEqual(last(...five, [9, rows(3)]), [])
    // Pages without a new row push no page out.
    assert.deepStrictEqual(last(...four, [9, rows(5)], [9, rows(5)], [9, rows(1)]), [])
    // At offset 0 a page without a known id is new only while no id is forgotten.
    assert.deepStrictEqual(last(...four, [0, rows(8)]), [8])
    assert.isUndefined(last(...five, [0, rows(8)]))
    assert.isUndefined(last(...five, [4, rows(6, 7)], [0, rows(8)]))
  })
})
