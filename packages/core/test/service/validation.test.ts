import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { makeFake, makeInvitations } from "../utils.js"
import { bulk, emailAddress, ids, invalidRequest, issuesOf, type Method, must } from "./utils.js"

describe("validation of inputs", () => {
  const requestFields: ReadonlyArray<readonly [field: string, value: unknown, message: string]> = [
    ["emailAddress", "ada", must.address],
    ["emailAddress", "ada @example.com", must.noSpace],
    ["emailAddress", `${"x".repeat(250)}@x.co`, must.address],
    ["emailAddress", null, must.address],
    ["publicMetadata", { at: new Date(0) }, must.metadata],
    ["publicMetadata", null, must.metadata],
    ["publicMetadata", { text: "x".repeat(8192 - "{\"text\":\"\"}".length + 1) }, must.metadata],
    ["publicMetadata", { text: "é".repeat(4096) }, must.metadata],
    ["redirectUrl", "", "must be a URL, not empty"],
    ["redirectUrl", 7, "must be a URL, not empty"],
    ["notify", "yes", must.bool],
    ["notify", null, must.bool],
    ["ignoreExisting", 1, must.bool],
    ["expiresInDays", 0, must.days],
    ["expiresInDays", 366, must.days],
    ["expiresInDays", 1.5, must.days],
    ["expiresInDays", NaN, must.days],
    ["expiresInDays", "7", must.days],
    ["templateSlug", "reminder", must.template],
    ["email_address", "ada@example.com", must.unknown]
  ]
  const filterFields: ReadonlyArray<readonly [field: string, value: unknown, message: string]> = [
    ["status", "snoozed", must.status],
    ["status", null, must.status],
    ["query", 7, "must be a string"],
    ["orderBy", "name", must.order]
  ]

  it.effect.each<readonly [method: Method, input: unknown, path: string, message: string]>([
    ...requestFields.map(([field, value, message]) =>
      ["create", { emailAddress, [field]: value }, field, message] as const
    ),
    ...requestFields.map(([field, value, message]) =>
      ["ensure", { emailAddress, [field]: value }, field, message] as const
    ),
    ...requestFields.map(([field, value, message]) =>
      ["createBulk", [...bulk(3), { emailAddress, [field]: value }], `requests[3].${field}`, message] as const
    ),
    ...filterFields.map(([field, value, message]) => ["list", { [field]: value }, field, message] as const),
    ...filterFields.map(([field, value, message]) => ["stream", { [field]: value }, field, message] as const),
    ["list", { limit: 0 }, "limit", must.limit],
    ["list", { limit: 501 }, "limit", must.limit],
    ["list", { limit: "10" }, "limit", must.limit],
    ["list", { offset: -1 }, "offset", must.offset],
    ["list", { offset: 0.5 }, "offset", must.offset],
    ["list", { pageSize: 10 }, "pageSize", must.unknown],
    ["stream", { pageSize: 501 }, "pageSize", must.limit],
    ["stream", { pageSize: 0 }, "pageSize", must.limit],
    ["stream", { concurrency: 33 }, "concurrency", "must be a whole number of requests from 1 to 32"],
    ["stream", { limit: 10 }, "limit", must.unknown],
    ...(["revoke", "delete", "findById"] as const).flatMap((method) =>
      ["", ".", "..", "../x", "a/b", "inv_1?x=1", "x".repeat(300), null, undefined, 7, ["inv_1"]].map((id) =>
        [method, id, "id", must.id] as const
      )
    ),
    ...["", "ada", "ada@", null, undefined, 7].map((address) =>
      ["findByEmail", address, "emailAddress", must.address] as const
    ),
    ["findByEmail", "a b@example.com", "emailAddress", must.noSpace]
  ])("%s rejects %j and names %s, which %s", ([method, input, path, message]) =>
    Effect.gen(function*() {
      const error = yield* invalidRequest(method, input)
      assert.deepStrictEqual(issuesOf(error), [[path, message]])
      assert.strictEqual(error.message, `${method} was not sent: ${path} ${message}`)
    }))

  it.effect.each(["create", "ensure"] as const)(
    "%s reports a missing address",
    (method) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(issuesOf(yield* invalidRequest(method, {})), [["emailAddress", "is missing"]])
      })
  )

  it.effect("all invalid fields are reported at once", () =>
    Effect.gen(function*() {
      const error = yield* invalidRequest("create", { emailAddress: "ada", expiresInDays: 0, notify: 1, extra: 1 })
      assert.deepStrictEqual(
        new Map(issuesOf(error)),
        new Map([
          ["emailAddress", must.address],
          ["expiresInDays", must.days],
          ["notify", must.bool],
          ["extra", must.unknown]
        ])
      )
    }))

  it.effect("createBulk names every invalid request", () =>
    Effect.gen(function*() {
      const error = yield* invalidRequest("createBulk", [{ emailAddress: "ada" }, { emailAddress }, {
        emailAddress: "bob"
      }])
      assert.deepStrictEqual(issuesOf(error).map(([path]) => path), [
        "requests[0].emailAddress",
        "requests[2].emailAddress"
      ])
    }))

  it.effect("createBulk rejects 11 requests and names the limit", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(issuesOf(yield* invalidRequest("createBulk", bulk(11))), [
        ["requests", "must be an array of 1 to 10 requests"]
      ])
    }))

  it.effect("createBulk rejects an empty array", () =>
    Effect.gen(function*() {
      const [issue, ...more] = issuesOf(yield* invalidRequest("createBulk", []))
      assert.deepStrictEqual(more, [])
      assert.strictEqual(issue?.[0], "requests")
    }))

  it.effect("createBulk sends 1 and 10 requests in one call", () =>
    Effect.gen(function*() {
      for (const count of [1, 10]) {
        const fake = yield* makeFake()
        const created = yield* fake.service.createBulk(bulk(count))
        assert.deepStrictEqual(
          created.map((invitation) => invitation.emailAddress),
          bulk(count).map((request) => request.emailAddress)
        )
        assert.deepStrictEqual(yield* fake.calls, [
          { method: "createBulk", input: bulk(count), span: "InvitationsService.createBulk" }
        ])
      }
    }))

  it.effect.each(
    (["create", "ensure", "createBulk", "revoke", "delete", "findById", "findByEmail"] as const).flatMap((method) =>
      [null, undefined, 7, true, Symbol("x"), () => 1].map((input) => [method, input] as const)
    )
  )("%s rejects the input %o", ([method, input]) =>
    Effect.gen(function*() {
      assert.include((yield* invalidRequest(method, input)).message, `${method} was not sent: `)
    }))

  it.effect.each(
    (["list", "stream"] as const).flatMap((method) =>
      ["ada", 7, true, [], Symbol("x"), () => 1].map((input) => [method, input] as const)
    )
  )("%s rejects the input %o", ([method, input]) =>
    Effect.gen(function*() {
      assert.include((yield* invalidRequest(method, input)).message, `${method} was not sent: `)
    }))

  it.effect("list and stream accept no input", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(3))
      assert.strictEqual((yield* fake.service.list()).totalCount, 3)
      assert.strictEqual((yield* fake.service.list(undefined)).totalCount, 3)
      assert.deepStrictEqual(ids(yield* Stream.runCollect(fake.service.stream())), ["inv_1", "inv_2", "inv_3"])
      assert.deepStrictEqual(ids(yield* Stream.runCollect(fake.service.stream(undefined))), ["inv_1", "inv_2", "inv_3"])
    }))

  it.effect("an undefined field counts as absent", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      const request: CreateInvitation.Input = { emailAddress, notify: undefined, expiresInDays: undefined }
      assert.strictEqual((yield* fake.service.create(request)).emailAddress, emailAddress)
      const filter: ListInvitations.Input = { status: undefined, limit: undefined, offset: undefined }
      assert.strictEqual((yield* fake.service.list(filter)).data.length, 1)
    }))

  it.effect("validation runs with the effect, and again on each run", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      const twice = fake.service.list({ limit: 5 })
      assert.deepStrictEqual(yield* fake.calls, [])
      yield* twice
      yield* twice
      assert.strictEqual((yield* fake.calls).length, 2)
    }))
})
