import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runWithClock } from "../utils/clock.js"
import { once, overRaw } from "../utils/overRaw.js"
import { reply } from "../utils/rawServer.js"
import { call, errors, html, operations, page, row, tagFor, writes } from "../utils/wire.js"
import { detailsOf, failing, lastFailureOf, retryAfterOf, traceIdOf } from "./utils.js"

describe("statuses", () => {
  const definitive = [
    [400, "BadRequest", "duplicate_record"],
    [400, "BadRequest", "invitation_already_revoked"],
    [401, "Unauthorized", "clerk_key_invalid"],
    [403, "Forbidden", "quota_exceeded"],
    [404, "NotFound", "resource_not_found"],
    [409, "Conflict", "conflict"],
    [409, "Conflict", "resource_locked"],
    [422, "Unprocessable", "form_identifier_exists"],
    [429, "TooManyRequests", "too_many_requests"]
  ] as const

  const meta = {
    email_addresses: ["person1@example.com"],
    param_name: "email_address",
    resets_in: 17,
    something: { new: [1] }
  }

  const internalError = errors("internal_clerk_error", { meta }, "trace_42")

  const internalErrorDetails = [{
    code: "internal_clerk_error",
    message: "internal_clerk_error",
    longMessage: "internal_clerk_error",
    meta
  }]

  for (const [status, tag, code] of definitive) {
    it.scoped(`every operation: a ${status} ${code} is ${tag}, or ClientError, with codes, messages, meta and trace id`, () =>
      Effect.gen(function*() {
        const script = reply({
          status,
          body: {
            errors: [
              { code, message: "short", long_message: "longer", meta },
              { code: "brand_new_code", message: null, long_message: null, meta: null },
              { code: "bare" },
              "junk",
              { message: "no code" }
            ],
            clerk_trace_id: "trace_42"
          }
        })
        const { invitations, server } = yield* overRaw(operations.map(() => script), once)
        for (const [index, operation] of operations.entries()) {
          const error = yield* runWithClock(Effect.flip(call(invitations, operation)))
          assert.strictEqual(error._tag, tagFor(operation, tag))
          assert.include(error, { operation, status })
          assert.deepStrictEqual(detailsOf(error), [
            { code, message: "short", longMessage: "longer", meta },
            { code: "brand_new_code", message: "", longMessage: "", meta: {} },
            { code: "bare", message: "", longMessage: "", meta: {} }
          ])
          assert.strictEqual(traceIdOf(error), "trace_42")
          assert.strictEqual(server.requests.length, index + 1)
        }
      }))
  }

  for (const operation of operations) {
    for (const status of [402, 405, 410, 413, 415, 418, 431, 451]) {
      it.scoped(`${operation}: a ${status} is a ClientError with its code and trace id, and is not retried`, () =>
        Effect.gen(function*() {
          const body = errors("teapot", {}, "trace_42")
          const { error, server } = yield* failing(operation, reply({ status, body }), {})
          assert.include(error, { _tag: "ClientError", operation, status })
          assert.deepStrictEqual(detailsOf(error)?.map(({ code }) => code), ["teapot"])
          assert.strictEqual(traceIdOf(error), "trace_42")
          assert.strictEqual(server.requests.length, 1)
        }))
    }
  }

  for (const status of [500, 502, 503, 504, 520, 527]) {
    it.scoped(`list: a ${status} is a ServerError with status, codes and trace id`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing("list", reply({ status, body: internalError }))
        assert.include(error, { _tag: "ServerError", status })
        assert.deepStrictEqual(detailsOf(error), internalErrorDetails)
        assert.strictEqual(traceIdOf(error), "trace_42")
      }))
  }

  for (const operation of writes) {
    for (const status of [500, 503, 527]) {
      it.scoped(`${operation}: a ${status} has an unknown outcome, and its last failure is the ServerError`, () =>
        Effect.gen(function*() {
          const { error } = yield* failing(operation, reply({ status, body: internalError }))
          assert.include(error, { _tag: "AmbiguousWrite", operation })
          assert.include(lastFailureOf(error), { _tag: "ServerError", operation, status })
          assert.deepStrictEqual(detailsOf(lastFailureOf(error)), internalErrorDetails)
        }))
    }

    it.scoped(`${operation}: a 408 has an unknown outcome`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing(operation, reply({ status: 408 }))
        assert.strictEqual(error._tag, "AmbiguousWrite")
        assert.include(lastFailureOf(error), { _tag: "ClientError", operation, status: 408 })
      }))

    it.scoped(`${operation}: a gateway's HTML page has an unknown outcome`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing(
          operation,
          reply({ status: 502, body: html, contentType: "text/html; charset=UTF-8", headers: { "cf-ray": "8f-FRA" } })
        )
        assert.strictEqual(error._tag, "AmbiguousWrite")
        assert.deepInclude(lastFailureOf(error), { _tag: "ServerError", status: 502, errors: [] })
        assert.include(error.message, "502")
      }))
  }

  it.scoped("list: a 408 is retried", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw([reply({ status: 408 }), reply({ body: page([row(1)]) })])
      const { data } = yield* runWithClock(invitations.list())
      assert.strictEqual(data.length, 1)
      assert.strictEqual(server.requests.length, 2)
    }))

  it.scoped("list: a gateway's HTML page is retried, then a ServerError that keeps the status", () =>
    Effect.gen(function*() {
      const { error, server } = yield* failing(
        "list",
        reply({ status: 502, body: html, contentType: "text/html", headers: { "cf-ray": "8f-FRA" } }),
        {}
      )
      assert.strictEqual(server.requests.length, 3)
      assert.deepInclude(error, { _tag: "ServerError", operation: "list", status: 502, errors: [] })
      assert.strictEqual(traceIdOf(error), "8f-FRA")
      assert.include(error.message, "502")
    }))

  const notClerk = [
    ["no body", ""],
    ["a page of HTML", html],
    ["null", "null"],
    ["a scalar", "7"],
    ["an array", "[]"],
    ["an object without errors", "{\"message\":\"no Route matched\"}"],
    ["an empty list of errors", "{\"errors\":[]}"],
    ["errors in another form", "{\"errors\":[{\"detail\":\"no\"},\"no\"]}"]
  ] as const

  for (const [what, body] of notClerk) {
    it.scoped(`every write: a 404 with ${what} has an unknown outcome`, () =>
      Effect.gen(function*() {
        for (const operation of writes) {
          const { error } = yield* failing(operation, reply({ status: 404, body }))
          assert.strictEqual(error._tag, "AmbiguousWrite")
          assert.deepInclude(lastFailureOf(error), { _tag: "NotFound", operation, status: 404, errors: [] })
        }
      }))
  }

  for (const status of [302, 307, 400, 402, 404, 405, 408, 409, 410, 418, 422, 425, 444, 499]) {
    it.scoped(`every write: a ${status} without Clerk's error body has an unknown outcome`, () =>
      Effect.gen(function*() {
        for (const operation of writes) {
          const { error } = yield* failing(operation, reply({ status, body: html, contentType: "text/html" }))
          assert.strictEqual(error._tag, "AmbiguousWrite")
          assert.include(lastFailureOf(error), { operation, status })
        }
        const listed = yield* failing("list", reply({ status, body: html, contentType: "text/html" }))
        assert.include(listed.error, { operation: "list", status })
      }))
  }

  for (
    const [status, tag] of [
      [401, "Unauthorized"],
      [403, "Forbidden"],
      [407, "ClientError"],
      [411, "ClientError"],
      [413, "ClientError"],
      [414, "ClientError"],
      [415, "ClientError"],
      [421, "ClientError"],
      [429, "TooManyRequests"],
      [431, "ClientError"]
    ] as const
  ) {
    it.scoped(`every operation: a ${status} without Clerk's error body is ${tag}`, () =>
      Effect.gen(function*() {
        for (const operation of operations) {
          const { error } = yield* failing(operation, reply({ status, body: html, contentType: "text/html" }))
          assert.deepInclude<object>(error, { _tag: tag, operation, status, errors: [] })
        }
      }))
  }

  it.scoped("create: a 422 without Clerk's error body is reconciled", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw(({ method, path }) =>
        method === "GET"
          ? reply({
            headers: { date: new Date(0).toUTCString() },
            body: page(path.includes("status=revoked") ? [] : [row(1)])
          })
          : reply({ status: 422, body: html, contentType: "text/html" })
      )
      const created = yield* runWithClock(invitations.create({ emailAddress: "person1@example.com" }))
      assert.strictEqual(created.id, "inv_1")
      assert.deepStrictEqual(server.requests.map(({ method }) => method), ["POST", "GET", "GET"])
    }))

  it.scoped("create: a 429 with truncated JSON keeps its status and Retry-After", () =>
    Effect.gen(function*() {
      const { error } = yield* failing(
        "create",
        reply({ status: 429, body: "{\"errors\":[{\"code\":\"too_ma", headers: { "retry-after": "9" } })
      )
      assert.deepInclude(error, { _tag: "TooManyRequests", status: 429, errors: [] })
      assert.strictEqual(retryAfterOf(error), 9000)
    }))
})
