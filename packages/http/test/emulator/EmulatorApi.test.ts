import { RateLimits } from "@effect-clerk/core"
import { Fault } from "@effect-clerk/http"
import * as EmulatorApi from "@effect-clerk/http/EmulatorApi"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpApiClient, HttpClient } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import {
  Chunk,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Predicate,
  Redacted,
  Scope,
  Stream,
  TestClock
} from "effect"
import { inspect } from "node:util"
import * as emulator from "../utils/emulator.js"
import { call, request, send } from "../utils/emulator.js"

const ada = "ada@example.com"
const key = Redacted.value(emulator.secretKey)

/** A client of the endpoints below `/_emulator`. */
const client = Effect.flatMap(
  emulator.apiUrl,
  (baseUrl) => Effect.map(HttpApiClient.make(EmulatorApi.EmulatorApi, { baseUrl }), (api) => api.emulator)
)

const seedOne = Effect.gen(function*() {
  const control = yield* InvitationsControl
  const [seeded] = yield* control.seed([{ emailAddress: ada }])
  assert(seeded !== undefined)
  return seeded
})

describe("the control endpoints", () => {
  it.effect("accept, expire, revoke and delete invitations", () =>
    Effect.gen(function*() {
      const { accept, delete: remove, expire, revoke } = yield* client
      const control = yield* InvitationsControl
      const seeded = yield* control.seed(["a", "b", "c", "d"].map((name) => ({ emailAddress: `${name}@example.com` })))
      const [a, b, c, d] = seeded.map(({ id }) => ({ path: { invitation_id: id } }))
      assert(a !== undefined && b !== undefined && c !== undefined && d !== undefined)
      assert.strictEqual((yield* accept(a)).status, "accepted")
      assert.strictEqual((yield* expire(b)).status, "expired")
      yield* revoke(c)
      yield* remove(d)
      assert.deepStrictEqual((yield* control.invitations).map(({ status }) => status), [
        "accepted",
        "expired",
        "revoked"
      ])
      assert.deepStrictEqual((yield* control.users).map(({ emailAddress }) => emailAddress), ["a@example.com"])

      const again = yield* Effect.flip(accept(a))
      assert(Predicate.isTagged(again, "InvitationNotPending"))
      assert.strictEqual(again.reason, "accepted")
      const missing = yield* Effect.flip(expire(d))
      assert(Predicate.isTagged(missing, "InvitationNotPending"))
      assert.strictEqual(missing.reason, "missing")
      assert.strictEqual((yield* send("POST", `/_emulator/invitations/${a.path.invitation_id}/accept`)).status, 409)
      // The control endpoints are not recorded as calls or requests.
      assert.deepStrictEqual([yield* control.calls, yield* control.requests], [[], []])
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("add users and faults, replace the rate limits, and reset", () =>
    Effect.gen(function*() {
      const { addUser, plan, rateLimits, reset, state } = yield* client
      const control = yield* InvitationsControl
      yield* addUser({ payload: { emailAddress: ada } })
      assert.strictEqual((yield* call("POST", "/v1/invitations", { email_address: ada })).status, 422)

      const plans: ReadonlyArray<Fault.Plan> = [
        {
          response: Fault.Response.Status({ status: 418, code: "teapot", retryAfter: "1" }),
          commit: "never",
          times: 2
        },
        { response: Fault.Response.Body({ body: "x" }), commit: "before", operation: "list", nth: 2 },
        { response: Fault.Response.Stall({ at: "body" }), commit: Duration.seconds(1) },
        { response: Fault.Response.Drip({ every: Duration.millis(10) }), commit: "never" }
      ]
      yield* Effect.forEach(plans, (payload) => plan({ payload }))
      assert.deepStrictEqual((yield* control.pendingFaults).map(({ response }) => response._tag), [
        "Status",
        "Body",
        "Stall",
        "Drip"
      ])
      assert.deepStrictEqual(
        (yield* state({ urlParams: {} })).pendingFaults.map(({ commit, nth, times }) => [commit, nth, times]),
        (yield* control.pendingFaults).map(({ commit, nth, times }) => [commit, nth, times])
      )
      assert.strictEqual((yield* call("GET", "/v1/invitations")).status, 418)

      yield* rateLimits({ payload: { limits: "production" } })
      const quotas = yield* control.remainingQuotas
      assert.strictEqual(quotas === "off" ? quotas : quotas.all.limit, 1000)
      yield* reset()
      assert.deepStrictEqual(
        [yield* control.users, yield* control.pendingFaults, yield* control.remainingQuotas, yield* control.requests],
        [[], [], "off", []]
      )
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect.each<readonly [method: "POST" | "PUT" | "GET", path: string, body: unknown]>([
    ["POST", "/users", { email_address: "nobody" }],
    ["POST", "/users", {}],
    ["POST", "/faults", { response: { _tag: "Explode" }, commit: "never" }],
    ["POST", "/faults", { response: { _tag: "Reset" }, commit: "never", times: 0 }],
    ["POST", "/faults", { response: { _tag: "Status", status: 42 }, commit: "never" }],
    ["PUT", "/rate-limits", { limits: "none" }],
    ["GET", "/state?status=snoozed", undefined]
  ])("reject %j with an error that is not Clerk's", ([method, path, body]) =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const response = yield* send(method, `/_emulator${path}`, { body })
      assert.strictEqual(response.status, 400)
      const error: unknown = JSON.parse(response.text)
      assert(Predicate.isTagged(error, "HttpApiDecodeError"))
      assert.deepStrictEqual([yield* control.calls, yield* control.users, yield* control.pendingFaults], [[], [], []])
    }).pipe(Effect.provide(emulator.layerRaw())))
})

describe("the state", () => {
  it.effect("contains the newest entries of every list, newest first", () =>
    Effect.gen(function*() {
      const { state } = yield* client
      const control = yield* InvitationsControl
      yield* control.seed(Array.from({ length: 120 }, (_, n) => ({ emailAddress: `person-${n}@example.com` })))
      yield* control.seed([{ emailAddress: "r@example.com", status: "revoked" }])
      yield* TestClock.adjust("1 second")
      yield* call("POST", "/v1/invitations", { email_address: ada })
      yield* call("POST", "/v1/invitations", { email_address: "bob@example.com" })
      const all = yield* state({ urlParams: {} })
      assert.deepStrictEqual(all.invitations.counts, { pending: 122, accepted: 0, revoked: 1, expired: 0 })
      assert.strictEqual(all.invitations.matching, 123)
      assert.strictEqual(all.invitations.newest.length, 100)
      assert.deepStrictEqual(all.invitations.newest.slice(0, 3).map(({ emailAddress }) => emailAddress), [
        "bob@example.com",
        ada,
        "r@example.com"
      ])
      assert.deepStrictEqual(all.emails.newest.map(({ status, to }) => [to, status]), [["bob@example.com", "pending"], [
        ada,
        "pending"
      ]])
      assert.strictEqual(all.emails.total, 2)
      assert.deepStrictEqual([all.quotas, all.acceptsAnyTestKey], ["off", true])

      const some = yield* state({ urlParams: { query: "PERSON-11", status: "pending" } })
      assert.deepStrictEqual(some.invitations.matching, 11)
      assert.strictEqual((yield* state({ urlParams: { status: "revoked" } })).invitations.matching, 1)
      assert.strictEqual(
        (yield* state({ urlParams: { query: String(some.invitations.newest[0]?.id) } })).invitations.matching,
        1
      )

      yield* Effect.forEach(yield* control.invitations, ({ id }) => control.delete(id))
      assert.strictEqual((yield* state({ urlParams: {} })).emails.newest[0]?.status, null)
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("shows that one key is accepted, but not the key", () =>
    Effect.gen(function*() {
      const response = yield* send("GET", "/_emulator/state")
      assert.include(response.text, "\"acceptsAnyTestKey\":false")
      assert.isTrue(!response.text.includes("sk_live_named"))
    }).pipe(Effect.provide(emulator.layerRaw({ secretKey: Redacted.make("sk_live_named") }))))
})

describe("the request log", () => {
  it.effect("contains all requests to the API with their responses, including rejected and failed ones", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* call("POST", "/v1/invitations", { email_address: ada })
      yield* call("GET", "/v1/invitations?query=ada%40example.com&limit=0")
      yield* send("GET", "/v1/invitations")
      yield* call("GET", "/invitations")
      yield* control.failNext(Fault.Response.Status({ status: 502, html: true }))
      yield* call("GET", "/v1/invitations")
      yield* control.failNext(Fault.Response.Reset())
      yield* Effect.exit(call("DELETE", "/v1/invitations/inv_1"))
      const ownPaths = ["/", "/docs", "/openapi.json", "/favicon.ico", "/_emulator/state", "/_emulator/nothing"]
      for (const path of ownPaths) yield* send("GET", path)

      const requests = yield* control.requests
      assert.deepStrictEqual(
        requests.map(({ fault, method, number, path, response }) => [
          number,
          method,
          path,
          Option.getOrNull(Option.map(response, ({ status }) => status)),
          Option.getOrNull(fault)
        ]),
        [
          [1, "POST", "/v1/invitations", 200, null],
          [2, "GET", "/v1/invitations", 422, null],
          [3, "GET", "/v1/invitations", 401, null],
          [4, "GET", "/invitations", 404, null],
          [5, "GET", "/v1/invitations", 502, "Status"],
          [6, "DELETE", "/v1/invitations/inv_1", null, "Reset"]
        ]
      )
      const [created, listed] = requests
      assert(created !== undefined && listed !== undefined)
      assert.strictEqual(Redacted.value(created.body), JSON.stringify({ email_address: ada }))
      const response = Option.getOrThrow(created.response)
      assert.include(Redacted.value(response.body), "\"status\":\"pending\"")
      assert.strictEqual(Redacted.value(listed.query), "query=ada%40example.com&limit=0")

      // The key is not recorded, and a printed request contains no personal data.
      const { text } = yield* send("GET", "/_emulator/state")
      assert.isTrue(text.includes("\"number\":6") && !text.includes(key) && !text.toLowerCase().includes("bearer s"))
      const printed = inspect(requests, { depth: 10 }) + JSON.stringify(requests)
      assert.isTrue(!/ada|ticket|Bearer/.test(printed))
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("keeps the last 100 requests, and the first 4,000 characters of a body", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      for (let n = 0; n < 104; n++) yield* call("GET", `/v1/${n}`)
      yield* call("POST", "/v1/invitations", { email_address: ada, public_metadata: { long: "ä".repeat(4080) } })
      const requests = yield* control.requests
      assert.strictEqual(requests.length, 100)
      assert.deepStrictEqual([requests[0]?.path, requests[0]?.number], ["/v1/5", 6])
      const last = requests.at(-1)
      assert(last !== undefined)
      const response = Option.getOrThrow(last.response)
      assert.deepStrictEqual([Redacted.value(last.body).length, Redacted.value(response.body).length], [4000, 4000])
    }).pipe(Effect.provide(emulator.layerRaw())))
})

describe("the event stream", () => {
  // The first `count` events.
  const changes = (count: number, opened: Deferred.Deferred<undefined>) =>
    Effect.gen(function*() {
      const { headers, stream } = yield* HttpClient.execute(yield* request("GET", "/_emulator/events"))
      assert.strictEqual(headers["content-type"], "text/event-stream")
      return yield* stream.pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.filter((line) => line.startsWith("data:")),
        Stream.tap(() => Deferred.succeed(opened, undefined)),
        Stream.take(count),
        Stream.runCollect
      )
    })

  it.scoped("emits at the start and after each change", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const opened = yield* Deferred.make<undefined>()
      const listener = yield* Effect.fork(changes(2, opened))
      yield* Deferred.await(opened)
      yield* control.addUser(ada)
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(listener)), ["data: changed", "data: changed"])
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("does not keep the emulator from shutting down", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(emulator.layerEmulator(), scope)
      const opened = yield* Deferred.make<undefined>()
      const listener = yield* Effect.fork(Effect.provide(changes(Number.MAX_SAFE_INTEGER, opened), context))
      yield* Deferred.await(opened)
      yield* Scope.close(scope, Exit.void)
      yield* Fiber.await(listener)
    }).pipe(Effect.provide(NodeHttpClient.layerUndici)))
})

describe("a cross-site request", () => {
  const endpoints = [
    ["GET", "/state"],
    ["GET", "/events"],
    ["POST", "/invitations/inv_1/accept"],
    ["POST", "/invitations/inv_1/expire"],
    ["POST", "/invitations/inv_1/revoke"],
    ["DELETE", "/invitations/inv_1"],
    ["POST", "/users"],
    ["POST", "/faults"],
    ["PUT", "/rate-limits"],
    ["POST", "/reset"]
  ] as const

  const crossSite: ReadonlyArray<readonly [reason: string, headers: { readonly [name: string]: string }]> = [
    ["Host", { host: "rebound.example:4010" }],
    ["Host", { host: "localhost.rebound.example" }],
    ["Host", { host: "127.0.0.1.rebound.example" }],
    ["Origin", { origin: "http://evil.example" }],
    ["Origin", { origin: "null" }],
    ["Origin", { origin: "http://localhost:3000" }],
    ["Sec-Fetch-Site", { "sec-fetch-site": "cross-site" }],
    ["Sec-Fetch-Site", { "sec-fetch-site": "same-site" }]
  ]

  for (const [method, path] of endpoints) {
    it.effect(`to ${method} ${path} is rejected`, () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const { id } = yield* seedOne
        for (const [reason, headers] of crossSite) {
          const response = yield* send(method, `/_emulator${path.replace("inv_1", id)}`, {
            headers,
            ...(method === "GET" || method === "DELETE" ? {} : { body: { email_address: "eve@example.com" } })
          })
          assert.strictEqual(response.status, 403)
          assert.deepStrictEqual(JSON.parse(response.text), { _tag: "CrossSiteRequest", reason })
          assert.strictEqual(response.headers["access-control-allow-origin"], undefined)
        }
        assert.deepStrictEqual((yield* control.invitations).map(({ status }) => status), ["pending"])
        assert.deepStrictEqual(yield* control.users, [])
      }).pipe(Effect.provide(emulator.layerRaw())))
  }

  it.effect("for the page under another host name is rejected", () =>
    Effect.gen(function*() {
      const response = yield* send("GET", "/", { headers: { host: "rebound.example" } })
      assert.deepStrictEqual([response.status, response.text.includes("<")], [403, false])
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("is not one from the page or from a program, at localhost or an IP address", () =>
    Effect.gen(function*() {
      const url = yield* emulator.apiUrl
      const sameSite: ReadonlyArray<{ readonly [name: string]: string }> = [
        {},
        { "origin": url, "sec-fetch-site": "same-origin" },
        { "sec-fetch-site": "none" },
        { host: "localhost:4010", origin: "http://localhost:4010" },
        { host: "clerk.localhost" },
        { host: "[::1]:4010" },
        { host: "192.168.1.7:4010" }
      ]
      for (const headers of sameSite) {
        assert.strictEqual((yield* send("POST", "/_emulator/reset", { headers })).status, 204)
      }
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("to the API needs the key, and the host name must be allowed", () =>
    Effect.gen(function*() {
      const status = (headers: { readonly [name: string]: string }) =>
        Effect.map(send("GET", "/v1/invitations", { headers }), ({ status }) => status)
      const crossSite = { origin: "http://evil.example" }
      assert.strictEqual(yield* status(crossSite), 401)
      const authorized = { ...crossSite, authorization: `Bearer ${key}` }
      assert.strictEqual(yield* status(authorized), 200)
      const rebound = { ...authorized, host: "rebound.example:4010" }
      const { status: rejected, text } = yield* send("GET", "/v1/invitations", { headers: rebound })
      assert.deepStrictEqual([rejected, text.includes("\"host_not_allowed\"")], [403, true])
      assert.include(text, "--allowed-host")
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("is not one under an allowed host name", () =>
    Effect.gen(function*() {
      const statuses = (host: string) =>
        Effect.forEach(
          [["GET", "/"], ["POST", "/_emulator/reset"], ["GET", "/v1/invitations"]] as const,
          ([method, path]) => send(method, path, { headers: { host, authorization: `Bearer ${key}` } })
        ).pipe(Effect.map((responses) => responses.map(({ status }) => status)))
      for (const host of ["emulator:4010", "EMULATOR", "host.docker.internal:4010", "localhost"]) {
        assert.deepStrictEqual(yield* statuses(host), [200, 204, 200])
      }
      for (const host of ["docker.internal", "emulator.example", "x.host.docker.internal", "*"]) {
        assert.deepStrictEqual(yield* statuses(host), [403, 403, 403])
      }
    }).pipe(Effect.provide(emulator.layerRaw({ allowedHosts: ["emulator", "Host.Docker.Internal"] }))))

  it.effect("must come from the page under an allowed host name, too", () =>
    Effect.gen(function*() {
      const status = (origin: string) =>
        Effect.map(
          send("POST", "/_emulator/reset", { headers: { host: "emulator:4010", origin } }),
          ({ status }) => status
        )
      assert.deepStrictEqual([yield* status("http://emulator:4010"), yield* status("http://evil.example")], [204, 403])
    }).pipe(Effect.provide(emulator.layerRaw({ allowedHosts: ["*"] }))))
})

describe("the page", () => {
  it.effect("has a policy that allows neither other origins nor inline code", () =>
    Effect.gen(function*() {
      const page = yield* send("GET", "/")
      assert.strictEqual(page.status, 200)
      assert.strictEqual(page.headers["content-type"], "text/html; charset=utf-8")
      const policy = page.headers["content-security-policy"] ?? ""
      for (
        const directive of [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "connect-src 'self'",
          "frame-ancestors 'none'",
          "form-action 'none'",
          "base-uri 'none'",
          "require-trusted-types-for 'script'"
        ]
      ) assert.include(policy, directive)
      assert.isTrue(!/unsafe|\*|https?:/.test(policy))
      assert.deepStrictEqual([page.headers["x-content-type-options"], page.headers["referrer-policy"]], [
        "nosniff",
        "no-referrer"
      ])
      assert.isTrue(!/ style="| on\w+="|<style|<script>/.test(page.text))
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("refers only to files that the emulator serves", () =>
    Effect.gen(function*() {
      const page = yield* send("GET", "/")
      const paths = Array.from(page.text.matchAll(/(?:href|src)="([^"#]+)"/g), ([, path = ""]) => path)
      assert.isTrue(paths.length >= 5)
      for (const path of paths) {
        assert.isTrue(path.startsWith("/") && !path.startsWith("//"), path)
        const file = yield* send("GET", path)
        assert.strictEqual(file.status, 200, path)
        // Swagger UI contains URLs in comments; its policy keeps it from using other origins.
        if (path !== "/docs") assert.isTrue(!/https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(file.text), path)
        assert.strictEqual(file.headers["cache-control"], "no-store")
      }
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("has an API reference that loads nothing from other origins", () =>
    Effect.gen(function*() {
      const reference = yield* send("GET", "/docs")
      assert.strictEqual(reference.status, 200)
      const markup = reference.text.replace(/<script>[^]*?<\/script>|<style>[^]*?<\/style>/g, "")
      assert.isTrue(!/ (?:src|href)=/.test(markup))
      assert.include(markup, "/v1/invitations/bulk")
      const policy = reference.headers["content-security-policy"] ?? ""
      assert.include(policy, "default-src 'none'")
      assert.isTrue(!/\*|https?:/.test(policy))
      assert.isTrue(!(yield* send("GET", "/openapi.json")).text.includes("_emulator"))
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("does not change the headers of Clerk's endpoints", () =>
    Effect.gen(function*() {
      for (const path of ["/v1/invitations", "/v1/nothing"]) {
        assert.strictEqual((yield* call("GET", path)).headers["content-security-policy"], undefined)
      }
    }).pipe(Effect.provide(emulator.layerRaw({ rateLimits: RateLimits.development }))))
})
