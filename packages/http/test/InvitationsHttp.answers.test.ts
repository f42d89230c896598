import { AmbiguousWrite, InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Cause, ConfigProvider, Duration, Effect, Exit, Layer, Option, Redacted, TestClock } from "effect"
import { inspect } from "node:util"
import { clients, undici } from "./utils/clients.js"
import { networkIdle, runWithClock, waitUntil } from "./utils/clock.js"
import { once, overRaw } from "./utils/overRaw.js"
import * as raw from "./utils/rawServer.js"
import * as stub from "./utils/stub.js"
import type { CallError, Operation } from "./utils/wire.js"
import { call, errors, html, key, operations, page, proper, row, secretKey, writes } from "./utils/wire.js"

const { reply } = raw

/** The error under the surface: what an ambiguous write last failed with, otherwise the error itself. */
const underneath = (error: CallError) => error instanceof AmbiguousWrite ? error.lastFailure : error

const retryAfterOf = (error: CallError): number | undefined =>
  "retryAfter" in error ? Option.getOrUndefined(Option.map(error.retryAfter, Duration.toMillis)) : undefined

const traceIdOf = (error: CallError): string | undefined =>
  "traceId" in error ? Option.getOrUndefined(error.traceId) : undefined

const failing = (
  operation: Operation,
  script: raw.Script,
  options: Partial<InvitationsHttp.Options> = once
) =>
  Effect.gen(function*() {
    const { invitations, server } = yield* overRaw([script, script, script], options)
    const error = yield* runWithClock(Effect.flip(call(invitations, operation)))
    return { error, server }
  })

for (const [name, client] of clients) {
  describe(`over ${name}`, () => {
    for (const operation of operations) {
      it.scoped(`${operation} reads a proper answer, with a length or in chunks`, () =>
        Effect.gen(function*() {
          const { invitations, server } = yield* overRaw(
            [reply({ body: proper[operation] }), reply({ body: proper[operation], length: "chunked" })],
            once,
            client
          )
          const first = yield* runWithClock(call(invitations, operation))
          const second = yield* runWithClock(call(invitations, operation))
          expect(JSON.stringify(first)).toContain("inv_1")
          expect(second).toEqual(first)
          expect(server.requests).toHaveLength(2)
        }))
    }

    it.scoped("reads JSON whose content type carries a charset, names another type or is missing", () =>
      Effect.gen(function*() {
        const types = ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8", "text/plain", null]
        const { invitations } = yield* overRaw(
          types.map((contentType) => reply({ body: page([row(1)]), contentType })),
          once,
          client
        )
        for (const _ of types) {
          const { data, totalCount } = yield* runWithClock(invitations.list())
          expect(data.map(({ emailAddress }) => emailAddress)).toEqual(["person1@example.com"])
          expect(totalCount).toBe(1)
        }
      }))

    it.scoped("reads the errors of a 400 whose content type carries a charset", () =>
      Effect.gen(function*() {
        const { invitations } = yield* overRaw(
          [reply({
            status: 400,
            body: errors("duplicate_record", { meta: { email_addresses: ["a@b.co"] } }, "trace_1"),
            contentType: "application/json; charset=utf-8"
          })],
          once,
          client
        )
        const error = yield* runWithClock(Effect.flip(invitations.create({ emailAddress: "a@b.co" })))
        expect(error).toMatchObject({ _tag: "BadRequest", errors: [{ code: "duplicate_record" }] })
        expect(traceIdOf(error)).toBe("trace_1")
      }))

    it.scoped("puts characters together that are cut in two on the way", () =>
      Effect.gen(function*() {
        const body = JSON.stringify(page([row(1, { public_metadata: { name: "Zoë 東京 🎉" } })]))
        const multibyte = Array.from(Buffer.from(body).entries()).filter(([, byte]) => byte >= 0x80).map(([at]) => at)
        expect(multibyte).toHaveLength(12)
        const { invitations } = yield* overRaw(
          [
            reply({ body, length: "chunked", cutAt: multibyte }),
            reply({ body, length: "exact", cutAt: multibyte })
          ],
          once,
          client
        )
        for (let i = 0; i < 2; i++) {
          const { data } = yield* runWithClock(invitations.list())
          expect(data[0]?.publicMetadata).toEqual({ name: "Zoë 東京 🎉" })
        }
      }))

    it.scoped("reads a body that ends with the connection", () =>
      Effect.gen(function*() {
        const { invitations } = yield* overRaw([reply({ body: page([row(1)]), length: "none" })], once, client)
        const { data } = yield* runWithClock(invitations.list())
        expect(data).toHaveLength(1)
      }))

    it.scoped("takes a body shorter than its length for a lost connection", () =>
      Effect.gen(function*() {
        const { invitations } = yield* overRaw(
          [reply({ body: page([row(1)]), length: 10_000, close: true })],
          once,
          client
        )
        const error = yield* runWithClock(Effect.flip(invitations.list()))
        expect(error).toMatchObject({ _tag: "ConnectionError", reason: "Lost" })
      }))

    it.scoped("takes chunks that break off for a lost connection", () =>
      Effect.gen(function*() {
        const { invitations } = yield* overRaw(
          [[
            raw.Step.Write({ bytes: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{\"da\r\n" }),
            raw.Step.Reset()
          ]],
          once,
          client
        )
        const error = yield* runWithClock(Effect.flip(invitations.list()))
        expect(error).toMatchObject({ _tag: "ConnectionError", reason: "Lost" })
      }))

    it.scoped("takes something that is not HTTP for a lost connection", () =>
      Effect.gen(function*() {
        const { invitations } = yield* overRaw(
          [[raw.Step.Write({ bytes: "220 mail.example.test ESMTP\r\n\r\n" }), raw.Step.End()]],
          once,
          client
        )
        const error = yield* runWithClock(Effect.flip(invitations.list()))
        expect(error).toMatchObject({ _tag: "ConnectionError", reason: "Lost" })
      }))

    for (const length of ["chunked", 64 * 1024 * 1024] as const) {
      it.scoped(`stops reading at 32 MiB and hangs up (length: ${length})`, () =>
        Effect.gen(function*() {
          const size = 1024 * 1024
          const blank = Buffer.alloc(size, 0x20)
          const framed = Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), blank, Buffer.from("\r\n")])
          const header = length === "chunked" ? "transfer-encoding: chunked" : `content-length: ${length}`
          const { invitations, server } = yield* overRaw(
            [[
              raw.Step.Write({ bytes: `HTTP/1.1 200 OK\r\n${header}\r\n\r\n` }),
              raw.Step.Flood({ bytes: length === "chunked" ? framed : blank })
            ]],
            once,
            client
          )
          const error = yield* Effect.flip(invitations.list())
          expect(error).toMatchObject({ _tag: "UnexpectedResponse", status: 200 })
          expect(error.message).toContain("more than 33554432 bytes")
          yield* waitUntil("the connection is closed", () => server.openSockets() === 0)
        }))
    }

    for (const status of [301, 302, 303, 307, 308]) {
      it.scoped(`does not follow a ${status}, which would carry the key elsewhere`, () =>
        Effect.gen(function*() {
          const elsewhere = yield* raw.make([reply({ body: page([]) }), reply({ body: row(1) })])
          const redirect = reply({ status, headers: { location: `${elsewhere.url}/v1/invitations` } })
          const { invitations, server } = yield* overRaw([redirect, redirect], {}, client)
          const listed = yield* runWithClock(Effect.flip(invitations.list()))
          const created = yield* runWithClock(Effect.flip(invitations.create({ emailAddress: "a@b.co" })))
          yield* networkIdle
          expect(listed).toMatchObject({ _tag: "UnexpectedResponse", operation: "list", status })
          expect(created).toMatchObject({ _tag: "UnexpectedResponse", operation: "create", status })
          expect(server.requests).toHaveLength(2)
          expect(elsewhere.connections()).toBe(0)
        }))
    }

    it.scoped("sends the key, the version and what it accepts with every request, and nothing personal in the path", () =>
      Effect.gen(function*() {
        const { invitations, server } = yield* overRaw(
          operations.map((operation) => reply({ body: proper[operation] })),
          once,
          client
        )
        for (const operation of operations) yield* runWithClock(call(invitations, operation))
        for (const { headers } of server.requests) {
          expect(headers).toMatchObject({
            accept: "application/json",
            authorization: `Bearer ${key}`,
            "clerk-api-version": "2026-05-12"
          })
        }
        expect(server.requests.map(({ body, headers, method, path }) => [
          method,
          path,
          headers["content-type"],
          body
        ])).toEqual([
          ["GET", "/v1/invitations?paginated=true", undefined, ""],
          ["POST", "/v1/invitations", "application/json", "{\"email_address\":\"person1@example.com\"}"],
          [
            "POST",
            "/v1/invitations/bulk",
            "application/json",
            "[{\"email_address\":\"person1@example.com\"},{\"email_address\":\"person2@example.com\"}]"
          ],
          ["POST", "/v1/invitations/inv_1/revoke", undefined, ""],
          ["DELETE", "/v1/invitations/inv_1", undefined, ""]
        ])
      }))
  })
}

describe("requests as sent", () => {
  it.scoped("every parameter of a list stands in the query, percent-encoded", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw([reply({ body: page([]) }), reply({ body: page([]) })], once)
      yield* runWithClock(
        invitations.list({
          status: "revoked",
          query: "a+b&c=d@ex ample.co#%",
          orderBy: "+email_address",
          limit: 500,
          offset: 1234
        })
      )
      yield* runWithClock(invitations.list({ orderBy: "-expires_at", limit: 1, offset: 0 }))
      const [first = "", second = ""] = server.requests.map(({ path }) => path)
      expect(first).toMatch(/^\/v1\/invitations\?[\x21-\x7e]+$/)
      expect(first).toContain("order_by=%2Bemail_address")
      expect(first).toContain("a%2Bb%26c%3Dd%40ex")
      expect(first).toContain("%23%25")
      expect(Object.fromEntries(new URL(first, "http://x").searchParams)).toEqual({
        paginated: "true",
        status: "revoked",
        query: "a+b&c=d@ex ample.co#%",
        order_by: "+email_address",
        limit: "500",
        offset: "1234"
      })
      expect(Object.fromEntries(new URL(second, "http://x").searchParams)).toEqual({
        paginated: "true",
        order_by: "-expires_at",
        limit: "1",
        offset: "0"
      })
    }))

  it.scoped("every field of a create stands in the body under the name that Clerk knows, in UTF-8", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw([reply({ body: row(1) })], once)
      yield* runWithClock(invitations.create({
        emailAddress: "zoë@example.com",
        publicMetadata: { plan: "größer", nested: { list: [1, null, true] } },
        redirectUrl: "https://app.example.test/welcome?a=1&b=2",
        notify: false,
        ignoreExisting: false,
        expiresInDays: 7,
        templateSlug: "waitlist_invitation"
      }))
      const body = server.requests[0]?.body ?? ""
      expect(JSON.parse(body)).toEqual({
        email_address: "zoë@example.com",
        public_metadata: { plan: "größer", nested: { list: [1, null, true] } },
        redirect_url: "https://app.example.test/welcome?a=1&b=2",
        notify: false,
        ignore_existing: false,
        expires_in_days: 7,
        template_slug: "waitlist_invitation"
      })
      expect(server.requests[0]?.headers["content-length"]).toBe(String(Buffer.byteLength(body)))
    }))

  it.scoped("a field that is undefined is left out", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw([reply({ body: row(1) })], once)
      yield* runWithClock(
        invitations.create({ emailAddress: "a@b.co", notify: undefined, publicMetadata: { a: undefined } })
      )
      expect(server.requests[0]?.body).toBe("{\"email_address\":\"a@b.co\",\"public_metadata\":{}}")
    }))

  it.scoped("another version of the API is asked for by option", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw([reply({ body: page([]) })], { ...once, apiVersion: "2021-02-05" })
      yield* runWithClock(invitations.list())
      expect(server.requests[0]?.headers["clerk-api-version"]).toBe("2021-02-05")
    }))

  for (const suffix of ["", "/", "///", "/proxy", "/proxy/", "/a/b//"]) {
    it.scoped(`an API URL that ends in "${suffix}" is a prefix of the path`, () =>
      Effect.gen(function*() {
        const server = yield* raw.make([reply({ body: page([]) })])
        const invitations = yield* InvitationsHttp.make({ secretKey, apiUrl: `${server.url}${suffix}`, ...once }).pipe(
          Effect.provide(yield* Layer.build(undici))
        )
        yield* runWithClock(invitations.list())
        expect(server.requests[0]?.path).toBe(`${suffix.replace(/\/+$/, "")}/v1/invitations?paginated=true`)
      }))
  }

  it.effect("transformClient sees every attempt, and what it changes is sent", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const { invitations, seen: arrived } = yield* stub.service(
        (_, index) => index < 2 ? { status: 503 } : { body: page([]) },
        {
          transformClient: (client) =>
            client.pipe(
              HttpClient.mapRequest(HttpClientRequest.setHeader("x-extra", "yes")),
              HttpClient.tapRequest((request) =>
                Effect.sync(() => {
                  seen.push(`${request.method} ${request.url}`)
                })
              )
            )
        }
      )
      yield* runWithClock(invitations.list())
      expect(seen).toEqual(Array.from({ length: 3 }, () => "GET https://api.clerk.com/v1/invitations?paginated=true"))
      expect(arrived.map(({ headers }) => headers["x-extra"])).toEqual(["yes", "yes", "yes"])
    }))
})

describe("options", () => {
  const rendered = (exit: Exit.Exit<unknown, unknown>) =>
    [inspect(exit, { depth: null }), JSON.stringify(exit), Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""].join()

  for (
    const apiUrl of [
      "",
      "api.clerk.com",
      "/v1",
      "ftp://api.example.test",
      "https://user:hunter2@api.example.test",
      "https://api.example.test?hunter2",
      "https://api.example.test/#hunter2"
    ]
  ) {
    it.effect(`the API URL "${apiUrl}" is refused with a ConfigError that names the option and does not quote it`, () =>
      Effect.gen(function*() {
        const exit = yield* Effect.exit(stub.service(() => ({}), { apiUrl }))
        expect(exit).toMatchObject({ _tag: "Failure", cause: { error: { _op: "InvalidData", path: ["apiUrl"] } } })
        expect(rendered(exit)).not.toContain("hunter2")
        expect(rendered(exit)).not.toContain(key)
      }))
  }

  for (const bad of ["", " ", "hunter2\n", " hunter2", "hunter2 hunter2", "hunter2é", "hunter2\r\nx: y", "hunter2\0"]) {
    it.effect(`the key ${JSON.stringify(bad)} is refused with a ConfigError that does not quote it`, () =>
      Effect.gen(function*() {
        const exit = yield* Effect.exit(stub.service(() => ({}), { secretKey: Redacted.make(bad) }))
        expect(exit).toMatchObject({ _tag: "Failure", cause: { error: { _op: "InvalidData", path: ["secretKey"] } } })
        expect(rendered(exit)).not.toContain("hunter2")
      }))
  }

  const configured = (entries: ReadonlyArray<readonly [string, string]>) =>
    Effect.gen(function*() {
      const { client, seen } = stub.make(() => ({ body: page([]) }))
      const context = yield* Layer.build(
        InvitationsHttp.layerConfig(once).pipe(
          Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
          Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(entries))))
        )
      )
      yield* runWithClock(Effect.provide(Effect.flatMap(InvitationsService, (_) => _.list()), context))
      return seen.map(({ headers, url }) => [url.origin + url.pathname, headers["authorization"]])
    })

  it.scoped("layerConfig reads CLERK_SECRET_KEY and CLERK_API_URL", () =>
    Effect.gen(function*() {
      expect(yield* configured([["CLERK_SECRET_KEY", "sk_test_a"], ["CLERK_API_URL", "http://localhost:4010/"]]))
        .toEqual([["http://localhost:4010/v1/invitations", "Bearer sk_test_a"]])
    }))

  it.scoped("layerConfig falls back to the URL of Clerk", () =>
    Effect.gen(function*() {
      expect(yield* configured([["CLERK_SECRET_KEY", "sk_test_a"]]))
        .toEqual([["https://api.clerk.com/v1/invitations", "Bearer sk_test_a"]])
    }))

  it.scoped("layerConfig fails without a key, and says which setting is missing", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(configured([["CLERK_API_URL", "http://localhost:4010"]]))
      expect(error).toMatchObject({ _op: "MissingData", path: ["CLERK_SECRET_KEY"] })
    }))

  it.scoped("layerConfig refuses a key that cannot stand in a header without quoting it", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(configured([["CLERK_SECRET_KEY", "hunter2\n"]]))
      expect(Exit.isFailure(exit)).toBe(true)
      expect(rendered(exit)).toContain("secretKey")
      expect(rendered(exit)).not.toContain("hunter2")
    }))
})

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

  for (const [status, tag, code] of definitive) {
    it.scoped(`a ${status} ${code} is ${tag} with its codes, texts, meta and trace id, in every operation`, () =>
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
          expect(error).toMatchObject({
            _tag: tag,
            operation,
            status,
            errors: [
              { code, message: "short", longMessage: "longer", meta },
              { code: "brand_new_code", message: "", longMessage: "", meta: {} },
              { code: "bare", message: "", longMessage: "", meta: {} }
            ]
          })
          expect("errors" in error && error.errors.length).toBe(3)
          expect(traceIdOf(error)).toBe("trace_42")
          expect(server.requests).toHaveLength(index + 1)
        }
      }))
  }

  for (const operation of operations) {
    it.scoped(`${operation}: a 418 is an UnexpectedResponse and is not sent again`, () =>
      Effect.gen(function*() {
        const { error, server } = yield* failing(operation, reply({ status: 418, body: errors("teapot") }), {})
        expect(error).toMatchObject({ _tag: "UnexpectedResponse", operation, status: 418 })
        expect(server.requests).toHaveLength(1)
      }))
  }

  for (const status of [500, 502, 503, 504, 520, 527]) {
    it.scoped(`list: a ${status} is a ServerError with status, codes and trace id`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing(
          "list",
          reply({ status, body: errors("internal_clerk_error", { meta }, "trace_42") })
        )
        expect(error).toMatchObject({ _tag: "ServerError", status, errors: [{ code: "internal_clerk_error", meta }] })
        expect(traceIdOf(error)).toBe("trace_42")
      }))
  }

  for (const operation of writes) {
    for (const status of [500, 503, 527]) {
      it.scoped(`${operation}: a ${status} leaves open whether it happened, and the ServerError is kept inside`, () =>
        Effect.gen(function*() {
          const { error } = yield* failing(
            operation,
            reply({ status, body: errors("internal_clerk_error", { meta }, "trace_42") })
          )
          expect(error).toMatchObject({
            _tag: "AmbiguousWrite",
            operation,
            lastFailure: { _tag: "ServerError", operation, status, errors: [{ code: "internal_clerk_error", meta }] }
          })
        }))
    }

    it.scoped(`${operation}: a 408 leaves open whether it happened`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing(operation, reply({ status: 408 }))
        expect(error).toMatchObject({
          _tag: "AmbiguousWrite",
          lastFailure: { _tag: "UnexpectedResponse", operation, status: 408 }
        })
      }))

    it.scoped(`${operation}: the HTML page of a gateway leaves open whether it happened`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing(
          operation,
          reply({ status: 502, body: html, contentType: "text/html; charset=UTF-8", headers: { "cf-ray": "8f-FRA" } })
        )
        expect(error).toMatchObject({
          _tag: "AmbiguousWrite",
          lastFailure: { _tag: "ServerError", status: 502, errors: [] }
        })
        expect(underneath(error)).not.toBe(error)
        expect(error.message).toContain("502")
      }))
  }

  it.scoped("list: a 408 is tried again", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw([reply({ status: 408 }), reply({ body: page([row(1)]) })])
      const { data } = yield* runWithClock(invitations.list())
      expect(data).toHaveLength(1)
      expect(server.requests).toHaveLength(2)
    }))

  it.scoped("list: the HTML page of a gateway is tried again, then a ServerError that keeps the status", () =>
    Effect.gen(function*() {
      const { error, server } = yield* failing(
        "list",
        reply({ status: 502, body: html, contentType: "text/html", headers: { "cf-ray": "8f-FRA" } }),
        {}
      )
      expect(server.requests).toHaveLength(3)
      expect(error).toMatchObject({ _tag: "ServerError", operation: "list", status: 502, errors: [] })
      expect(traceIdOf(error)).toBe("8f-FRA")
      expect(error.message).toContain("502")
    }))

  for (const [what, body] of [["no", ""], ["a null", "null"], ["a scalar", "7"], ["an array", "[]"]] as const) {
    it.scoped(`a refusal with ${what} body keeps its status`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing("create", reply({ status: 422, body }))
        expect(error).toMatchObject({ _tag: "Unprocessable", status: 422, errors: [] })
      }))
  }

  it.scoped("a refusal whose body is cut short of its JSON keeps its status and Retry-After", () =>
    Effect.gen(function*() {
      const { error } = yield* failing(
        "create",
        reply({ status: 429, body: "{\"errors\":[{\"code\":\"too_ma", headers: { "retry-after": "9" } })
      )
      expect(error).toMatchObject({ _tag: "TooManyRequests", status: 429, errors: [] })
      expect(retryAfterOf(error)).toBe(9000)
    }))
})

describe("2xx that cannot be read", () => {
  const unreadable: ReadonlyArray<readonly [what: string, script: raw.Script]> = [
    ["an empty body", reply({ body: "" })],
    ["a null body", reply({ body: "null" })],
    ["JSON that breaks off", reply({ body: JSON.stringify(page([row(1)])).slice(0, 60) })],
    ["a page in place of JSON", reply({ body: html, contentType: "text/html" })],
    ["the body of an error", reply({ body: errors("internal_clerk_error") })],
    ["another object", reply({ body: { foo: 1 } })],
    ["a string", reply({ body: JSON.stringify("ok") })],
    ["a number", reply({ body: "7" })],
    ["a 204", reply({ status: 204, length: "none" })],
    ["a 201 with nothing of use", reply({ status: 201, body: {} })]
  ]

  for (const [what, script] of unreadable) {
    it.scoped(`${what} is an UnexpectedResponse, never a result, in every operation`, () =>
      Effect.gen(function*() {
        const { invitations, server } = yield* overRaw(operations.map(() => script), once)
        for (const [index, operation] of operations.entries()) {
          const error = yield* runWithClock(Effect.flip(call(invitations, operation)))
          expect(error._tag).toBe(operation === "list" ? "UnexpectedResponse" : "AmbiguousWrite")
          expect(underneath(error)).toMatchObject({ _tag: "UnexpectedResponse", operation })
          expect(server.requests).toHaveLength(index + 1)
        }
      }))
  }

  it.scoped("list: is tried again, since a read may be", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw([reply({ body: { foo: 1 } }), reply({ body: page([row(1)]) })])
      expect((yield* runWithClock(invitations.list())).data).toHaveLength(1)
      expect(server.requests).toHaveLength(2)
    }))

  for (
    const [what, body] of [
      ["a row without an id", page([row(1), { ...row(2), id: undefined }])],
      ["an id that would change a URL", page([row(1, { id: "inv_1/../x" })])],
      ["a time that is none", page([row(1, { created_at: "yesterday" })])],
      ["a total that is none", { data: [row(1)], total_count: -1 }],
      ["no total", { data: [row(1)] }]
    ] as const
  ) {
    it.scoped(`list: ${what} is an UnexpectedResponse, never a row less`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing("list", reply({ body }))
        expect(error).toMatchObject({ _tag: "UnexpectedResponse", status: 200 })
      }))
  }

  for (const [what, rows] of [["fewer", [row(1)]], ["more", [row(1), row(2), row(3)]]] as const) {
    it.scoped(`createBulk: ${what} invitations than asked for leave open what happened`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing("createBulk", reply({ body: rows }))
        expect(error).toMatchObject({ _tag: "AmbiguousWrite", lastFailure: { _tag: "UnexpectedResponse" } })
      }))
  }

  it.scoped("a large page that breaks off is described without holding up the event loop", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 500 }, (_, n) => row(n, { public_metadata: { plan: "gold" } }))
      const body = JSON.stringify(page(rows)).slice(0, -40)
      const { invitations } = yield* overRaw([reply({ body })], once)
      const before = performance.now()
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      const took = performance.now() - before
      expect(error).toMatchObject({ _tag: "UnexpectedResponse" })
      expect("excerpt" in error && error.excerpt.length <= 200).toBe(true)
      expect(took).toBeLessThan(1500)
    }))

  it.scoped("a large page without white space is described without holding up the event loop", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [reply({ body: `<p>${"x".repeat(60_000)}`, contentType: "text/html" })],
        once
      )
      const before = performance.now()
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      const took = performance.now() - before
      expect(error).toMatchObject({ _tag: "UnexpectedResponse" })
      expect(took).toBeLessThan(1500)
    }))
})

describe("2xx that surprise", () => {
  it.scoped("a bare array in place of a page is read, and its total is not known", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([reply({ body: [row(1), row(2)] }), reply({ body: [] })], once)
      const first = yield* runWithClock(invitations.list({ offset: 40 }))
      expect(first.data.map(({ id }) => id)).toEqual(["inv_1", "inv_2"])
      expect(first).toMatchObject({ totalCount: 42, totalIsKnown: false })
      const second = yield* runWithClock(invitations.list())
      expect(second).toMatchObject({ data: [], totalCount: 0, totalIsKnown: false })
    }))

  it.scoped("a page that says its total is known to", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([reply({ body: page([row(1)], 7) })], once)
      expect(yield* runWithClock(invitations.list())).toMatchObject({ totalCount: 7, totalIsKnown: true })
    }))

  it.scoped("an unknown status, unknown fields and fields that are null or missing make no row unreadable", () =>
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
      expect(data.map(({ id, publicMetadata, status }) => ({ id, publicMetadata, status }))).toEqual([
        { id: "inv_1", publicMetadata: {}, status: "snoozed" },
        { id: "inv_2", publicMetadata: {}, status: "pending" },
        { id: "inv_3", publicMetadata: { a: 1 }, status: "pending" }
      ])
      expect(data.map(({ expiresAt }) => Option.isSome(expiresAt))).toEqual([true, false, false])
      expect(data.map(({ url }) => Option.isSome(url))).toEqual([true, false, false])
    }))

  it.scoped("a 201 is as good as a 200", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([reply({ status: 201, body: row(1) })], once)
      expect((yield* runWithClock(invitations.create({ emailAddress: "person1@example.com" }))).id).toBe("inv_1")
    }))
})

describe("Retry-After", () => {
  const at = (seconds: number) => new Date(seconds * 1000).toUTCString()
  const epoch2026 = 1_767_225_600

  const cases: ReadonlyArray<
    readonly [what: string, headers: { readonly [name: string]: string }, meta: unknown, millis: number | undefined]
  > = [
    ["integer seconds", { "retry-after": "7" }, undefined, 7000],
    ["zero", { "retry-after": "0" }, undefined, 0],
    ["more than a day", { "retry-after": "99999999999" }, undefined, 99_999_999_999_000],
    ["white space around it", { "retry-after": "  7  " }, undefined, 7000],
    ["nothing", {}, undefined, undefined],
    ["an empty value", { "retry-after": "" }, undefined, undefined],
    ["a negative number", { "retry-after": "-5" }, undefined, undefined],
    ["1e999", { "retry-after": "1e999" }, undefined, undefined],
    ["1e3", { "retry-after": "1e3" }, undefined, undefined],
    ["Infinity", { "retry-after": "Infinity" }, undefined, undefined],
    ["NaN", { "retry-after": "NaN" }, undefined, undefined],
    ["0x10", { "retry-after": "0x10" }, undefined, undefined],
    ["a fraction", { "retry-after": "1.5" }, undefined, undefined],
    ["a word", { "retry-after": "soon" }, undefined, undefined],
    ["an ISO date", { "retry-after": "2026-01-01T00:00:30Z" }, undefined, undefined],
    ["two values", { "retry-after": "5, 9" }, undefined, undefined],
    ["a date that is none", { "retry-after": "Thu, 99 Foo 2026 00:00:30 GMT" }, undefined, undefined],
    [
      "a date, measured against the Date of the answer",
      { date: at(epoch2026), "retry-after": at(epoch2026 + 30) },
      undefined,
      30_000
    ],
    ["a date, measured against our clock without a Date", { "retry-after": at(1020) }, undefined, 20_000],
    ["a date, and a Date that is none", { date: "today", "retry-after": at(1020) }, undefined, 20_000],
    ["a date gone by", { date: at(epoch2026), "retry-after": at(epoch2026 - 30) }, undefined, 0],
    [
      "a date in the long form of RFC 850",
      { date: at(epoch2026), "retry-after": "Thursday, 01-Jan-26 00:00:30 GMT" },
      undefined,
      30_000
    ],
    ["resets_in without a header", {}, { resets_in: 12 }, 12_000],
    ["resets_in beside garbage", { "retry-after": "1e999" }, { resets_in: 12 }, 12_000],
    ["resets_in beside a header, which wins", { "retry-after": "7" }, { resets_in: 12 }, 7000],
    ["a negative resets_in", {}, { resets_in: -1 }, undefined],
    ["a resets_in of text", {}, { resets_in: "12" }, undefined],
    ["a resets_in of null", {}, { resets_in: null }, undefined]
  ]

  for (const [what, headers, meta, millis] of cases) {
    it.scoped(`${what}: ${millis === undefined ? "counts as absent" : `${millis} ms`}`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(1_000_000)
        const { error } = yield* failing(
          "list",
          reply({ status: 429, headers, body: errors("too_many_requests", { meta }) })
        )
        expect(error._tag).toBe("TooManyRequests")
        expect(retryAfterOf(error)).toBe(millis)
      }))
  }

  it.scoped("a resets_in beyond all numbers counts as absent", () =>
    Effect.gen(function*() {
      const { error } = yield* failing(
        "list",
        reply({ status: 429, body: "{\"errors\":[{\"code\":\"too_many_requests\",\"meta\":{\"resets_in\":1e999}}]}" })
      )
      expect(error._tag).toBe("TooManyRequests")
      expect(retryAfterOf(error)).toBe(undefined)
    }))

  it.scoped("a date in the form of asctime is in GMT, wherever we are", () =>
    Effect.gen(function*() {
      const before = process.env["TZ"]
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          if (before === undefined) delete process.env["TZ"]
          else process.env["TZ"] = before
        })
      )
      process.env["TZ"] = "America/New_York"
      expect(new Date(0).getTimezoneOffset()).toBe(300)
      const { error } = yield* failing(
        "list",
        reply({ status: 429, headers: { date: at(epoch2026), "retry-after": "Thu Jan  1 00:00:30 2026" } })
      )
      expect(retryAfterOf(error)).toBe(30_000)
    }))

  it.scoped("is kept on a ServerError as well", () =>
    Effect.gen(function*() {
      const { error } = yield* failing("list", reply({ status: 503, headers: { "retry-after": "7" } }))
      expect(error._tag).toBe("ServerError")
      expect(retryAfterOf(error)).toBe(7000)
    }))
})

describe("trace id", () => {
  const cases: ReadonlyArray<
    readonly [what: string, body: unknown, headers: { readonly [name: string]: string }, id: string | undefined]
  > = [
    ["comes from the body", errors("x", {}, "trace_1"), { "cf-ray": "ray_1" }, "trace_1"],
    [
      "comes from cf-ray where the body has none",
      errors("x"),
      { "cf-ray": "8f1a2b3c4d5e6f70-FRA" },
      "8f1a2b3c4d5e6f70-FRA"
    ],
    ["comes from cf-ray where the body is a page", html, { "cf-ray": "8f-FRA" }, "8f-FRA"],
    ["is none where nobody says one", errors("x"), {}, undefined],
    ["in cf-ray that is junk is ignored", errors("x"), { "cf-ray": "ada@example.com" }, undefined],
    ["in the body that is an address is ignored", errors("x", {}, "ada@example.com"), {}, undefined],
    ["in the body that is a sentence is ignored", errors("x", {}, "two words"), {}, undefined],
    ["in the body that is empty is ignored", errors("x", {}, ""), {}, undefined],
    ["in the body that is endless is ignored", errors("x", {}, "x".repeat(129)), {}, undefined],
    ["in the body that is no string gives way to cf-ray", errors("x", {}, 42), { "cf-ray": "ray_1" }, "ray_1"],
    ["in the body that is junk gives way to cf-ray", errors("x", {}, "two words"), { "cf-ray": "ray_1" }, "ray_1"]
  ]

  for (const [what, body, headers, id] of cases) {
    it.scoped(what, () =>
      Effect.gen(function*() {
        const { error } = yield* failing("list", reply({ status: 422, headers, body }))
        expect(traceIdOf(error)).toBe(id)
        if (id !== undefined) expect(error.message).toContain(id)
      }))
  }

  it.scoped("is kept on an UnexpectedResponse", () =>
    Effect.gen(function*() {
      const { error } = yield* failing("list", reply({ body: { foo: 1 }, headers: { "cf-ray": "ray_1" } }))
      expect(error._tag).toBe("UnexpectedResponse")
      expect(traceIdOf(error)).toBe("ray_1")
    }))
})
