import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { runWithClock } from "../utils/clock.js"
import { once, overRaw } from "../utils/overRaw.js"
import type * as raw from "../utils/rawServer.js"
import { reply } from "../utils/rawServer.js"
import { call, errors, html, operations, page, row } from "../utils/wire.js"
import { failing, lastFailureOf } from "./utils.js"

describe("a 2xx that cannot be decoded", () => {
  const undecodable: ReadonlyArray<readonly [what: string, script: raw.Script]> = [
    ["an empty body", reply({ body: "" })],
    ["null", reply({ body: "null" })],
    ["truncated JSON", reply({ body: JSON.stringify(page([row(1)])).slice(0, 60) })],
    ["an HTML page", reply({ body: html, contentType: "text/html" })],
    ["the body of an error", reply({ body: errors("internal_clerk_error") })],
    ["an unrelated object", reply({ body: { foo: 1 } })],
    ["a string", reply({ body: JSON.stringify("ok") })],
    ["a number", reply({ body: "7" })],
    ["a 204", reply({ status: 204, length: "none" })],
    ["a 201 with an empty object", reply({ status: 201, body: {} })]
  ]

  for (const [what, script] of undecodable) {
    it.scoped(`every operation: ${what} is an UnexpectedResponse`, () =>
      Effect.gen(function*() {
        const { invitations, server } = yield* overRaw(operations.map(() => script), once)
        for (const [index, operation] of operations.entries()) {
          const error = yield* runWithClock(Effect.flip(call(invitations, operation)))
          assert.strictEqual(error._tag, operation === "list" ? "UnexpectedResponse" : "AmbiguousWrite")
          assert.include(lastFailureOf(error), { _tag: "UnexpectedResponse", operation })
          assert.strictEqual(server.requests.length, index + 1)
        }
      }))
  }

  it.scoped("list: is retried", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw([reply({ body: { foo: 1 } }), reply({ body: page([row(1)]) })])
      assert.strictEqual((yield* runWithClock(invitations.list())).data.length, 1)
      assert.strictEqual(server.requests.length, 2)
    }))

  for (
    const [what, body] of [
      ["a row without an id", page([row(1), { ...row(2), id: undefined }])],
      ["an id that would change a URL", page([row(1, { id: "inv_1/../x" })])],
      ["an invalid time", page([row(1, { created_at: "yesterday" })])],
      ["a negative total", { data: [row(1)], total_count: -1 }],
      ["no total", { data: [row(1)] }]
    ] as const
  ) {
    it.scoped(`list: ${what} is an UnexpectedResponse, and no row is skipped`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing("list", reply({ body }))
        assert.include(error, { _tag: "UnexpectedResponse", status: 200 })
      }))
  }

  for (const [what, rows] of [["fewer", [row(1)]], ["more", [row(1), row(2), row(3)]]] as const) {
    it.scoped(`createBulk: ${what} invitations than requested have an unknown outcome`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing("createBulk", reply({ body: rows }))
        assert.strictEqual(error._tag, "AmbiguousWrite")
        assert.strictEqual(lastFailureOf(error)._tag, "UnexpectedResponse")
      }))
  }

  it.scoped("list: a large page of truncated JSON is described without blocking the event loop", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 500 }, (_, n) => row(n, { public_metadata: { plan: "gold" } }))
      const body = JSON.stringify(page(rows)).slice(0, -40)
      const { invitations } = yield* overRaw([reply({ body })], once)
      const before = performance.now()
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      const took = performance.now() - before
      assert.strictEqual(error._tag, "UnexpectedResponse")
      assert.isTrue("excerpt" in error && /^text, [\d,]+ bytes$/.test(error.excerpt))
      assert.isBelow(took, 1500)
    }))

  it.scoped("list: a large HTML page without white space is described without blocking the event loop", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [reply({ body: `<p>${"x".repeat(60_000)}`, contentType: "text/html" })],
        once
      )
      const before = performance.now()
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      const took = performance.now() - before
      assert.strictEqual(error._tag, "UnexpectedResponse")
      assert.isBelow(took, 1500)
    }))
})

describe("a 2xx that deviates from the documentation", () => {
  it.scoped("list: an array instead of a page is decoded without a known total", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([reply({ body: [row(1), row(2)] }), reply({ body: [] })], once)
      const first = yield* runWithClock(invitations.list({ offset: 40 }))
      assert.deepStrictEqual(first.data.map(({ id }) => id), ["inv_1", "inv_2"])
      assert.include(first, { totalCount: 42, totalIsKnown: false })
      const second = yield* runWithClock(invitations.list())
      assert.deepInclude(second, { data: [], totalCount: 0, totalIsKnown: false })
    }))

  it.scoped("list: a page with a total has a known total", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([reply({ body: page([row(1)], 7) })], once)
      assert.include(yield* runWithClock(invitations.list()), { totalCount: 7, totalIsKnown: true })
    }))

  it.scoped("list: rows with unknown statuses, unknown fields, null fields or missing fields are decoded", () =>
    Effect.gen(function*() {
      const rows = [
        row(1, { status: "snoozed", brand_new: { a: [1] } }),
        row(2, { public_metadata: null, revoked: null, url: null, expires_at: null }),
        {
          object: "invitation",
          id: "inv_3",
          email_address: "c@d.co",
          public_metadata: { a: 1 },
          status: "pending",
          created_at: 1,
          updated_at: 2
        }
      ]
      const { invitations } = yield* overRaw([reply({ body: { ...page(rows), brand_new: true } })], once)
      const { data } = yield* runWithClock(invitations.list())
      assert.deepStrictEqual(data.map(({ id, publicMetadata, status }) => [id, publicMetadata, status]), [
        ["inv_1", {}, "snoozed"],
        ["inv_2", {}, "pending"],
        ["inv_3", { a: 1 }, "pending"]
      ])
      assert.deepStrictEqual(data.map(({ expiresAt }) => Option.isSome(expiresAt)), [true, false, false])
      assert.deepStrictEqual(data.map(({ url }) => Option.isSome(url)), [true, false, false])
    }))

  it.scoped("create: a 201 is decoded like a 200", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([reply({ status: 201, body: row(1) })], once)
      assert.strictEqual((yield* runWithClock(invitations.create({ emailAddress: "person1@example.com" }))).id, "inv_1")
    }))
})
