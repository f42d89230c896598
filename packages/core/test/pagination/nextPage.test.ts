import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import { assert, describe, it } from "@effect/vitest"
import * as NextPage from "../../src/internal/pagination/nextPage.js"
import { makeInvitation } from "../utils.js"

/** A page with the rows `from` to `to`, both included; without `total`, the server does not count its rows. */
const page = (from: number, to: number, total?: number): InvitationPage =>
  new InvitationPage({
    data: Array.from({ length: to - from + 1 }, (_, index) => makeInvitation(from + index)),
    totalCount: total ?? to,
    totalIsKnown: total !== undefined
  })

const start = (pageSize = 10) => NextPage.start("created_at", pageSize)

/** Applies pages in sequence. Fails the test if paging ends before the last one. */
const nextOf = (state: NextPage.State, first: InvitationPage, ...others: ReadonlyArray<InvitationPage>) =>
  others.reduce((next, each) => NextPage.next(stateOf(next), each), NextPage.next(state, first))

const stateOf = (next: NextPage.Next): NextPage.State =>
  next._tag === "Done" || next._tag === "Fail" ? assert.fail(`unexpected ${next._tag}`) : next.state

const idsOf = (next: NextPage.Next) => next._tag === "Emit" || next._tag === "Done" ? next.rows.map(({ id }) => id) : []

/** Applies pages in turn until paging fails; returns how many pages that took, and why it failed. */
const untilFailure = (state: NextPage.State, ...pages: readonly [InvitationPage, ...Array<InvitationPage>]) => {
  const at = (index: number) => pages[index % pages.length] ?? pages[0]
  let next: NextPage.Next = NextPage.next(state, at(0))
  let count = 1
  for (; next._tag !== "Fail" && count < 1000; count++) next = NextPage.next(stateOf(next), at(count))
  return [count, next._tag === "Fail" ? next.reason : ""] as const
}

const tooFast = "a list that changes faster than it can be followed"

describe("the next page", () => {
  it("overlaps a full page by two rows", () => {
    const next = NextPage.next(start(), page(1, 10, 30))
    assert.strictEqual(next._tag, "Emit")
    assert.lengthOf(idsOf(next), 10)
    assert.include(stateOf(next), { offset: 8, limit: 10, total: 30, emitted: 10 })
    assert.strictEqual(NextPage.stride(stateOf(next)), 8)
    assert.include(stateOf(NextPage.next(stateOf(next), page(9, 18, 30))), { offset: 16, emitted: 18 })
  })

  it("has a limit of two rows at least", () => {
    assert.strictEqual(start(1).limit, 2)
    assert.strictEqual(NextPage.stride(start(1)), 1)
    assert.strictEqual(stateOf(NextPage.next(start(), page(1, 1, 30))).limit, 2)
    assert.strictEqual(stateOf(NextPage.next(start(1), page(1, 1, 30))).offset, 1)
  })

  it("has the limit that the server keeps to, and doubles it up to the page size when the server gives as many", () => {
    const short = NextPage.next(start(), page(1, 3, 30))
    assert.include(stateOf(short), { limit: 3, offset: 2 })
    assert.include(stateOf(NextPage.next(stateOf(short), page(2, 4, 30))), { limit: 6, offset: 3 })
    const full = NextPage.next(stateOf(short), page(2, 5, 30))
    assert.include(stateOf(full), { limit: 6, offset: 4 })
    assert.strictEqual(stateOf(NextPage.next(stateOf(full), page(4, 10, 30))).limit, 10)
  })

  it("is none after the total, if the last page is not full", () => {
    const next = nextOf(start(), page(1, 10, 13), page(9, 13, 13))
    assert.strictEqual(next._tag, "Done")
    assert.deepStrictEqual(idsOf(next), ["inv_11", "inv_12", "inv_13"])
    assert.strictEqual(NextPage.next(start(), page(1, 9, 10))._tag, "Emit")
    assert.strictEqual(NextPage.next(start(), page(1, 10, 10))._tag, "Emit")
    assert.strictEqual(NextPage.next(start(), page(1, 0, 0))._tag, "Done")
  })

  it("without a total, is none after a short page without a new row", () => {
    assert.strictEqual(NextPage.next(start(), page(1, 3))._tag, "Emit")
    assert.strictEqual(nextOf(start(), page(1, 3), page(2, 3))._tag, "Done")
    assert.strictEqual(nextOf(start(), page(1, 10), page(1, 10))._tag, "Emit")
    assert.isUndefined(stateOf(NextPage.next(start(), page(1, 3))).total)
  })

  it("without a total, is none after a longer page without a new row, unless that ends before the cursor", () => {
    assert.strictEqual(nextOf(start(), page(1, 20), page(1, 20))._tag, "Done")
    const before = nextOf(start(), page(1, 20), page(1, 11))
    assert.strictEqual(before._tag, "Emit")
    assert.deepStrictEqual(idsOf(before), [])
  })

  it("goes back by the rows that were removed and the overlap, or by a stride if that is more", () => {
    const full = stateOf(nextOf(start(), page(1, 10, 90), page(9, 18, 90), page(17, 26, 90)))
    assert.strictEqual(full.offset, 24)
    const few = NextPage.next(full, page(28, 37, 87))
    assert.strictEqual(few._tag, "Rewind")
    assert.include(stateOf(few), { offset: 16, total: 87, rewinds: 1 })
    assert.include(stateOf(NextPage.next(full, page(40, 49, 75))), { offset: 7, total: 75 })
    assert.include(stateOf(NextPage.next(full, page(28, 37, 95))), { offset: 16, total: 95 })
  })

  it("goes back twice as far with each rewind in a row, to the first row at most", () => {
    const full = stateOf(nextOf(start(), page(1, 10, 90), page(9, 18, 90), page(17, 26, 90), page(25, 34, 90)))
    assert.strictEqual(full.offset, 32)
    const once = NextPage.next(full, page(70, 79, 90))
    const twice = NextPage.next(stateOf(once), page(60, 69, 90))
    const thrice = NextPage.next(stateOf(twice), page(50, 59, 90))
    assert.deepStrictEqual([once, twice, thrice].map((next) => stateOf(next).offset), [24, 8, 0])
    assert.include(stateOf(NextPage.next(stateOf(twice), page(30, 39, 90))), { rewinds: 0 })
    assert.include(stateOf(NextPage.next(stateOf(twice), page(20, 29, 90))), { rewinds: 2 })
  })

  it("is the same page again, three times, if the page is empty in the middle of the list", () => {
    const state = stateOf(NextPage.next(start(), page(1, 10, 30)))
    const next = NextPage.next(state, page(1, 0, 30))
    assert.strictEqual(next._tag, "Refetch")
    assert.include(stateOf(next), { offset: 8, limit: 10, contradictions: 1 })
    assert.deepStrictEqual(untilFailure(state, page(1, 0, 30)), [4, "an empty page in the middle of the list"])
    assert.strictEqual(NextPage.next(state, page(1, 0, 9))._tag, "Refetch")
    assert.strictEqual(NextPage.next(state, page(1, 0, 8))._tag, "Rewind")
  })

  it("is the same page again, three times, if the page has more rows than the total leaves", () => {
    const state = stateOf(NextPage.next(start(), page(1, 10, 30)))
    assert.deepStrictEqual(untilFailure(state, page(9, 18, 17)), [4, "more rows than it counts"])
    assert.deepStrictEqual(untilFailure(state, page(9, 18, 1)), [4, "more rows than it counts"])
    assert.strictEqual(NextPage.next(state, page(9, 18, 18))._tag, "Emit")
  })

  it("may contradict its total three times again after a page that does not", () => {
    const refetched = nextOf(start(), page(1, 10, 30), page(1, 0, 30), page(1, 0, 30), page(9, 18, 30))
    assert.include(stateOf(refetched), { contradictions: 0 })
  })

  it("is none after too many pages without a new row: 50, and a quarter of a stride for each row emitted", () => {
    assert.deepStrictEqual(untilFailure(start(), page(1, 10)), [52, tooFast])
    // 4 * 10 rows at a stride of 8.
    const counted = stateOf(NextPage.next(start(), page(1, 10, 1000)))
    assert.deepStrictEqual(untilFailure(counted, page(1, 10, 1000)), [56, tooFast])
    // A total below 4 * 10 rows bounds them.
    const short = stateOf(NextPage.next(start(), page(1, 10, 24)))
    assert.deepStrictEqual(untilFailure(short, page(20, 24, 24), page(1, 10, 24)), [54, tooFast])
    assert.include(stateOf(nextOf(start(), page(1, 10), page(1, 10), page(9, 18))), { pagesWithoutRows: 0 })
  })
})
