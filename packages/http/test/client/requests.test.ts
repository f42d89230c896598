import { InvitationsHttp } from "@effect-clerk/http"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { clients, undici } from "../utils/clients.js"
import { runWithClock } from "../utils/clock.js"
import { once, overRaw } from "../utils/overRaw.js"
import * as raw from "../utils/rawServer.js"
import * as stub from "../utils/stub.js"
import { call, key, operations, page, proper, row, secretKey } from "../utils/wire.js"

const { reply } = raw

describe("requests", () => {
  for (const [name, client] of clients) {
    it.scoped(`carry the secret key, the API version and Accept, and no address in the path, over ${name}`, () =>
      Effect.gen(function*() {
        const { invitations, server } = yield* overRaw(
          operations.map((operation) => reply({ body: proper[operation] })),
          once,
          client
        )
        for (const operation of operations) yield* runWithClock(call(invitations, operation))
        for (const { headers } of server.requests) {
          assert.include(headers, {
            accept: "application/json",
            authorization: `Bearer ${key}`,
            "clerk-api-version": "2026-05-12"
          })
        }
        assert.deepStrictEqual(
          server.requests.map(({ body, headers, method, path }) => [method, path, headers["content-type"], body]),
          [
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
          ]
        )
      }))
  }

  it.scoped("of list carry every parameter in the query, percent-encoded", () =>
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
      assert.match(first, /^\/v1\/invitations\?[\x21-\x7e]+$/)
      assert.include(first, "order_by=%2Bemail_address")
      assert.include(first, "a%2Bb%26c%3Dd%40ex")
      assert.include(first, "%23%25")
      assert.deepStrictEqual(Object.fromEntries(new URL(first, "http://x").searchParams), {
        paginated: "true",
        status: "revoked",
        query: "a+b&c=d@ex ample.co#%",
        order_by: "+email_address",
        limit: "500",
        offset: "1234"
      })
      assert.deepStrictEqual(Object.fromEntries(new URL(second, "http://x").searchParams), {
        paginated: "true",
        order_by: "-expires_at",
        limit: "1",
        offset: "0"
      })
    }))

  it.scoped("of create carry every field in the body, under Clerk's names and in UTF-8", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw(
        [reply({ body: row(1, { email_address: "zoë@example.com" }) })],
        once
      )
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
      assert.deepStrictEqual(JSON.parse(body), {
        email_address: "zoë@example.com",
        public_metadata: { plan: "größer", nested: { list: [1, null, true] } },
        redirect_url: "https://app.example.test/welcome?a=1&b=2",
        notify: false,
        ignore_existing: false,
        expires_in_days: 7,
        template_slug: "waitlist_invitation"
      })
      assert.strictEqual(server.requests[0]?.headers["content-length"], String(Buffer.byteLength(body)))
    }))

  it.scoped("omit fields that are undefined", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw([reply({ body: row(1, { email_address: "a@b.co" }) })], once)
      yield* runWithClock(
        invitations.create({ emailAddress: "a@b.co", notify: undefined, publicMetadata: { a: undefined } })
      )
      assert.strictEqual(server.requests[0]?.body, "{\"email_address\":\"a@b.co\",\"public_metadata\":{}}")
    }))

  it.scoped("carry the API version of the options", () =>
    Effect.gen(function*() {
      const { invitations, server } = yield* overRaw([reply({ body: page([]) })], { ...once, apiVersion: "2021-02-05" })
      yield* runWithClock(invitations.list())
      assert.strictEqual(server.requests[0]?.headers["clerk-api-version"], "2021-02-05")
    }))

  for (const suffix of ["", "/", "///", "/proxy", "/proxy/", "/a/b//"]) {
    it.scoped(`append the path to an API URL that ends in "${suffix}"`, () =>
      Effect.gen(function*() {
        const server = yield* raw.make([reply({ body: page([]) })])
        const invitations = yield* InvitationsHttp.make({ secretKey, apiUrl: `${server.url}${suffix}`, ...once }).pipe(
          Effect.provide(yield* Layer.build(undici))
        )
        yield* runWithClock(invitations.list())
        assert.strictEqual(
          server.requests[0]?.path,
          `${suffix.replace(/\/+$/, "")}/v1/invitations?paginated=true`
        )
      }))
  }

  it.effect("pass through transformClient in every attempt", () =>
    Effect.gen(function*() {
      const transformed: Array<string> = []
      const { invitations, seen } = yield* stub.service(
        (_, index) => index < 2 ? { status: 503 } : { body: page([]) },
        {
          transformClient: (client) =>
            client.pipe(
              HttpClient.mapRequest(HttpClientRequest.setHeader("x-extra", "yes")),
              HttpClient.tapRequest((request) =>
                Effect.sync(() => {
                  transformed.push(`${request.method} ${request.url}`)
                })
              )
            )
        }
      )
      yield* runWithClock(invitations.list())
      assert.deepStrictEqual(
        transformed,
        Array.from({ length: 3 }, () => "GET https://api.clerk.com/v1/invitations?paginated=true")
      )
      assert.deepStrictEqual(seen.map(({ headers }) => headers["x-extra"]), ["yes", "yes", "yes"])
    }))
})
