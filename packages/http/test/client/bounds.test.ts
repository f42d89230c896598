import { UnexpectedResponse } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runStubWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { ambiguousWrite, listOverStub } from "../utils/stubbedCalls.js"
import type { Operation } from "../utils/wire.js"
import { call, html, operations, page, proper, row } from "../utils/wire.js"
import { lastFailureOf, traceIdOf } from "./utils.js"

/** JSON of a value with this many bytes. */
const padded = (value: unknown, size: number): string => {
  const text = JSON.stringify(value)
  return `${text.slice(0, -1)}${" ".repeat(size - text.length)}${text.slice(-1)}`
}

const once = { retry: "none" } as const

const failureOf = (operation: Operation, reaction: stub.Reaction) =>
  Effect.gen(function*() {
    const { invitations } = yield* stub.service(() => reaction, once)
    return lastFailureOf(yield* runStubWithClock(Effect.flip(call(invitations, operation))))
  })

const listFailure = (reaction: stub.Reaction) =>
  Effect.gen(function*() {
    const { error } = yield* listOverStub(() => reaction, once)
    assert.instanceOf(error, UnexpectedResponse)
    return error
  })

describe("the size of a body", () => {
  const largest: { readonly [Name in Operation]: number } = {
    list: 640_000,
    create: 100_000,
    createBulk: 200_000,
    revoke: 100_000,
    delete: 100_000
  }

  for (const operation of operations) {
    it.effect(`${operation} reads ${largest[operation]} bytes, and no more`, () =>
      Effect.gen(function*() {
        const size = largest[operation]
        const { invitations } = yield* stub.service(() => ({ body: padded(proper[operation], size) }), once)
        yield* runStubWithClock(call(invitations, operation))
        const error = yield* failureOf(operation, { body: padded(proper[operation], size + 1) })
        assert.instanceOf(error, UnexpectedResponse)
        assert.deepInclude(error, { reason: `a body of more than ${size} bytes`, excerpt: "not read" })
      }))
  }

  for (const [limit, size] of [[1, 100_000], [100, 6_400_000], [500, 32_000_000]] as const) {
    it.effect(`list reads ${size} bytes with a limit of ${limit}, and no more`, () =>
      Effect.gen(function*() {
        const bodies = [padded(page([row(1)]), size), padded(page([row(1)]), size + 1)]
        const { invitations } = yield* stub.service((_, index) => ({ body: bodies[index] }), once)
        const { data } = yield* runStubWithClock(invitations.list({ limit }))
        assert.lengthOf(data, 1)
        const error = yield* runStubWithClock(Effect.flip(invitations.list({ limit })))
        assert.include(error.message, `a body of more than ${size} bytes`)
      }))
  }

  for (const [status, tag] of [[400, "BadRequest"], [429, "TooManyRequests"], [503, "ServerError"]] as const) {
    it.effect(`a ${status} with a larger body than 100 kB is an error without details`, () =>
      Effect.gen(function*() {
        const errors = [{ code: "duplicate_record", message: "m" }]
        const read = yield* failureOf("list", { status, body: padded({ errors }, 100_000) })
        assert.isTrue("errors" in read && read.errors.length === 1)
        const error = yield* failureOf("list", { status, body: padded({ errors }, 100_001) })
        assert.include(error, { _tag: tag, status })
        assert.isTrue("errors" in error && error.errors.length === 0)
      }))
  }

  it.effect("a 400 with a larger body than 100 kB leaves the outcome of a create unknown", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(() => ({ status: 400, body: "x".repeat(100_001) }), once)
      const error = yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress: "a@b.co" })))
      assert.include(ambiguousWrite(error).lastFailure, { _tag: "BadRequest", status: 400 })
    }))

  it.effect("at most 100 error details are decoded", () =>
    Effect.gen(function*() {
      const errors = Array.from({ length: 1000 }, (_, n) => ({ code: `code_${n}`, message: "m" }))
      const error = yield* failureOf("list", { status: 422, body: { errors } })
      assert.deepStrictEqual(
        "errors" in error && error.errors.map(({ code }) => code),
        errors.slice(0, 100).map(({ code }) => code)
      )
    }))
})

describe("the depth of a body", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`
  const withMetadata = (json: string, before = "") =>
    JSON.stringify(page([row(1, { public_metadata: { before, deep: "DEEP" } })])).replace("\"DEEP\"", json)

  for (
    const [description, body] of [
      ["opening brackets only", "[".repeat(1_500_000)],
      ["opening brackets only, below 1 MB", "[".repeat(900_000)],
      ["arrays", nested(700_000)],
      ["objects", "{\"a\":".repeat(250_000)],
      ["arrays after the first megabyte", withMetadata(nested(300), "x".repeat(1_100_000))]
    ] as const
  ) {
    it.effect(`a body that is nested too deep is not parsed: ${description}`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* stub.service(() => ({ body }), once)
        const error = yield* runStubWithClock(Effect.flip(invitations.list({ limit: 500 })))
        assert.include(error.message, "a body that is nested too deep")
      }))
  }

  for (
    const [description, body] of [
      ["arrays", withMetadata(nested(40_000), "x".repeat(1100))],
      ["objects", withMetadata(`${"{\"a\":".repeat(300)}1${"}".repeat(300)}`, "x".repeat(1100))]
    ] as const
  ) {
    it.effect(`a row is not accepted whose nesting begins late and is too deep: ${description}`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* stub.service(() => ({ body }), once)
        const error = yield* runStubWithClock(Effect.flip(invitations.list({ limit: 500 })))
        assert.include(error.message, "a body of another form")
      }))
  }

  it.effect("an error detail is not accepted whose nesting begins late and is too deep", () =>
    Effect.gen(function*() {
      const body = JSON.stringify({ errors: [{ code: "a", message: "x".repeat(1100), meta: { deep: "DEEP" } }] })
      const error = yield* failureOf("list", { status: 400, body: body.replace("\"DEEP\"", nested(40_000)) })
      assert.isTrue("errors" in error && error.errors.length === 0)
    }))

  for (
    const [description, body] of [
      ["100 levels", withMetadata(nested(100))],
      ["200 levels that begin late", withMetadata(nested(200), "x".repeat(1100))],
      ["100 levels after the first megabyte", withMetadata(nested(100), "x".repeat(1_100_000))],
      ["brackets in a string", withMetadata(`"${"[".repeat(500)}"`)],
      ["brackets in a long string", withMetadata(`"${"[{".repeat(600_000)}"`)],
      ["brackets after escaped quotes", withMetadata(`"${"[\\\"".repeat(400_000)}"`)]
    ] as const
  ) {
    it.effect(`a body is parsed that has ${description}`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* stub.service(() => ({ body }), once)
        assert.lengthOf((yield* runStubWithClock(invitations.list({ limit: 500 }))).data, 1)
      }))
  }
})

describe("the excerpt of an unreadable body", () => {
  const cases: ReadonlyArray<readonly [description: string, body: unknown, excerpt: string]> = [
    ["an HTML page", html, `HTML, ${html.length} bytes`],
    ["a large HTML page", `<!DOCTYPE html>${"x".repeat(1219)}`, "HTML, 1,234 bytes"],
    ["no body", "", "empty"],
    ["plain text", "upstream ada@example.com gone", "text, 29 bytes"],
    ["text beyond ASCII", "é", "text, 2 bytes"],
    ["truncated JSON", "{\"email\":", "text, 9 bytes"],
    ["an object", { ada: "ada@example.com" }, "JSON object"],
    ["an array", [1, "ada@example.com"], "JSON array"],
    ["a string", "\"ada@example.com\"", "JSON string"],
    ["a number", "42", "JSON number"],
    ["null", "null", "JSON null"]
  ]
  for (const [description, body, excerpt] of cases) {
    it.effect(`has no words of the body: ${description}`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* listFailure({ body })).excerpt, excerpt)
      }))
  }
})

describe("echoed text", () => {
  for (const id of ["sk_test_4242deadbeef4242", "eyJhbGciOiJIUzI1NiJ9", "a.b", "a:b", "x".repeat(65)]) {
    it.effect(`a trace id of another form is left out: ${id}`, () =>
      Effect.gen(function*() {
        const error = yield* failureOf("list", { status: 422, body: { errors: [], clerk_trace_id: id } })
        assert.isUndefined(traceIdOf(error))
        assert.notInclude(error.message, id)
      }))
  }

  for (const name of ["sk_test_4242deadbeef4242", "x".repeat(33), "2026", "a-b", ".a", "a b"]) {
    it.effect(`a field name of another form is left out: ${name}`, () =>
      Effect.gen(function*() {
        const errors = [{ code: "form_param_missing", message: "m", meta: { param_name: name } }]
        const error = yield* failureOf("list", { status: 422, body: { errors } })
        assert.notInclude(error.message, name)
      }))
  }

  for (const name of ["email_address", "[3].email_address", "public_metadata.plan.name", "emails[12]"]) {
    it.effect(`the path of a field is kept: ${name}`, () =>
      Effect.gen(function*() {
        const errors = [{ code: "form_param_missing", message: "m", meta: { param_name: name } }]
        const error = yield* failureOf("list", { status: 422, body: { errors } })
        assert.include(error.message, name)
      }))
  }
})
