import type { OrderBy } from "@effect-clerk/core/ListInvitations"
import { DateTime, Effect, TestClock } from "effect"
import * as assert from "./assert.js"
import { ada, addresses, day, encode, encodeAll, ids, makeRequests, seedsOfEveryStatus } from "./fixtures.js"
import * as Suite from "./suite.js"

export const list = Suite.make((test) => {
  test("returns an empty page if there are no invitations", ({ invitations }) =>
    Effect.gen(function*() {
      const page = yield* invitations.list()
      assert.deepStrictEqual([page.data, page.totalCount, page.totalIsKnown], [[], 0, true])
    }))

  test("returns an invitation as create returned it", ({ invitations }) =>
    Effect.gen(function*() {
      const created = yield* invitations.create({ emailAddress: ada, publicMetadata: { a: [1] }, expiresInDays: 3 })
      assert.deepStrictEqual(encodeAll((yield* invitations.list()).data), [encode(created)])
    }))

  test(
    "defaults to the ten newest rows, with the total",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const seeded = yield* control.seed(
          makeRequests(12).map((person, n) => ({ ...person, createdAt: DateTime.unsafeMake(n) }))
        )
        const page = yield* invitations.list()
        assert.deepStrictEqual(ids(page.data), ids(seeded).reverse().slice(0, 10))
        assert.strictEqual(page.totalCount, 12)
        assert.isTrue(page.totalIsKnown)
      })
  )

  test(
    "defaults to every status except revoked",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.seed(seedsOfEveryStatus)
        const page = yield* invitations.list({ orderBy: "email_address" })
        assert.deepStrictEqual(page.data.map(({ status }) => status), ["accepted", "expired", "pending"])
        assert.deepStrictEqual(addresses(page.data), page.data.map(({ status }) => `${status}@example.com`))
        assert.strictEqual(page.totalCount, 3)
      })
  )

  for (const { emailAddress, status } of seedsOfEveryStatus) {
    test(`filters by status ${status}`, ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.seed(seedsOfEveryStatus)
        const page = yield* invitations.list({ status })
        assert.deepStrictEqual(page.data.map((row) => [row.emailAddress, row.status]), [[emailAddress, status]])
        assert.strictEqual(page.totalCount, 1)
        assert.strictEqual(page.data[0]?.revoked, status === "revoked" ? true : undefined)
      }))
  }

  test("reports a pending invitation as expired once its time has passed", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed([
        { emailAddress: "short@x.co", expiresInDays: 1 },
        { emailAddress: "long@x.co", expiresInDays: 2 }
      ])
      const counts = Effect.all([
        Effect.map(invitations.list({ status: "pending" }), ({ data }) => addresses(data)),
        Effect.map(invitations.list({ status: "expired", orderBy: "expires_at" }), ({ data }) => addresses(data)),
        Effect.map(invitations.list(), ({ totalCount }) => totalCount)
      ])
      assert.deepStrictEqual(yield* counts, [["long@x.co", "short@x.co"], [], 2])
      yield* TestClock.adjust("1 days")
      assert.deepStrictEqual(yield* counts, [["long@x.co"], ["short@x.co"], 2])
      yield* TestClock.adjust("1 days")
      assert.deepStrictEqual(yield* counts, [[], ["short@x.co", "long@x.co"], 2])
    }))

  test(
    "pages by limit and offset, with the same total on every page",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.seed(makeRequests(7))
        const pages = yield* Effect.forEach(
          [0, 3, 6],
          (offset) => invitations.list({ orderBy: "+email_address", limit: 3, offset })
        )
        assert.deepStrictEqual(pages.map(({ data }) => data.length), [3, 3, 1])
        assert.deepStrictEqual(pages.map(({ totalCount }) => totalCount), [7, 7, 7])
        assert.deepStrictEqual(
          pages.flatMap(({ data }) => addresses(data)),
          makeRequests(7).map(({ emailAddress }) => emailAddress)
        )
      })
  )

  test("returns no rows and the total for an offset past the end", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed(makeRequests(3))
      for (const offset of [3, 4, 1_000_000]) {
        const page = yield* invitations.list({ offset })
        assert.deepStrictEqual([page.data, page.totalCount, page.totalIsKnown], [[], 3, true])
      }
    }))

  test("returns up to 500 rows a page", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed(makeRequests(510))
      const page = yield* invitations.list({ limit: 500 })
      assert.deepStrictEqual([page.data.length, page.totalCount], [500, 510])
      assert.strictEqual((yield* invitations.list({ limit: 1 })).data.length, 1)
    }))

  test("matches a part of an address in any letter case", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed([
        { emailAddress: "Ada@Example.com" },
        { emailAddress: "bob@example.com" },
        { emailAddress: "cleo@other.org" }
      ])
      const find = (query: string) =>
        Effect.map(invitations.list({ query, orderBy: "email_address" }), ({ data, totalCount }) => {
          assert.strictEqual(totalCount, data.length)
          return addresses(data)
        })
      assert.deepStrictEqual(yield* find("EXAMPLE"), ["Ada@Example.com", "bob@example.com"])
      assert.deepStrictEqual(yield* find("ada@"), ["Ada@Example.com"])
      assert.deepStrictEqual(yield* find("cleo@other.org"), ["cleo@other.org"])
      assert.deepStrictEqual(yield* find("nobody"), [])
    }))

  test("matches a query literally", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed([{ emailAddress: "a+b@x.co" }, { emailAddress: "ab@x.co" }, { emailAddress: "a.b@x.co" }])
      const find = (query: string) => Effect.map(invitations.list({ query }), ({ data }) => addresses(data))
      assert.deepStrictEqual(yield* find("a+b"), ["a+b@x.co"])
      assert.deepStrictEqual(yield* find("a.b"), ["a.b@x.co"])
      assert.deepStrictEqual(yield* find("a b"), [])
      assert.deepStrictEqual(yield* find("%"), [])
      assert.deepStrictEqual(yield* find("ab@x.co&status=revoked"), [])
      assert.deepStrictEqual(yield* find(".*"), [])
    }))

  test("matches a query that is an id", ({ control, invitations }) =>
    Effect.gen(function*() {
      const [first, second] = yield* control.seed(makeRequests(2))
      assert.isTrue(first !== undefined && second !== undefined)
      assert.deepStrictEqual(ids((yield* invitations.list({ query: second.id })).data), [second.id])
      assert.deepStrictEqual(ids((yield* invitations.list({ query: first.id })).data), [first.id])
    }))

  test("combines query and status", ({ control, invitations }) =>
    Effect.gen(function*() {
      const [one] = yield* control.seed([
        { emailAddress: ada, status: "revoked" },
        { emailAddress: ada },
        { emailAddress: "bob@example.com", status: "revoked" }
      ])
      assert.isTrue(one !== undefined)
      assert.deepStrictEqual(ids((yield* invitations.list({ query: ada, status: "revoked" })).data), [one.id])
      assert.deepStrictEqual((yield* invitations.list({ query: one.id })).data, [])
      assert.deepStrictEqual(ids((yield* invitations.list({ query: one.id, status: "revoked" })).data), [one.id])
    }))

  // Three rows of which every field makes another order.
  const orders: ReadonlyArray<readonly [OrderBy, string]> = [
    ["created_at", "c a b"],
    ["+created_at", "c a b"],
    ["-created_at", "b a c"],
    ["email_address", "a b c"],
    ["+email_address", "a b c"],
    ["-email_address", "c b a"],
    ["expires_at", "a c b"],
    ["+expires_at", "a c b"],
    ["-expires_at", "b c a"]
  ]
  for (const [orderBy, expected] of orders) {
    test(`orders by ${orderBy}`, ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("3 days")
        const at = (n: number) => DateTime.unsafeMake(n * day)
        yield* control.seed([
          { emailAddress: "a@x.co", createdAt: at(1), expiresInDays: 5 },
          { emailAddress: "b@x.co", createdAt: at(2), expiresInDays: 20 },
          { emailAddress: "c@x.co", createdAt: at(0), expiresInDays: 15 }
        ])
        const { data } = yield* invitations.list({ orderBy })
        assert.strictEqual(addresses(data).map((address) => address.charAt(0)).join(" "), expected)
      }))
  }

  for (const orderBy of ["created_at", "-created_at", "expires_at", "-email_address"] as const) {
    test(
      `keeps rows with equal ${orderBy} in the same order across pages`,
      ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed(Array.from({ length: 9 }, () => ({ emailAddress: ada, status: "revoked" as const })))
          const all = yield* invitations.list({ orderBy, status: "revoked", limit: 9 })
          assert.strictEqual(new Set(ids(all.data)).size, 9)
          const pages = yield* Effect.forEach(
            [0, 2, 4, 6, 8],
            (offset) => invitations.list({ orderBy, status: "revoked", limit: 2, offset })
          )
          assert.deepStrictEqual(pages.flatMap(({ data }) => ids(data)), ids(all.data))
        })
    )
  }
})
