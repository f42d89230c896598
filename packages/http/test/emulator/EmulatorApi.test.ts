import { RateLimits } from "@effect-clerk/core"
import type { ClerkEmulator } from "@effect-clerk/http"
import { EmulatorApi, Fault, InvitationsControl } from "@effect-clerk/http"
import type { HttpMethod, HttpServer } from "@effect/platform"
import { HttpApiClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { describe, it } from "@effect/vitest"
import { assertInclude, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
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

const ada = "ada@example.com"
const key = Redacted.value(emulator.secretKey)

const makeLayer = (options?: ClerkEmulator.Options) =>
  Layer.mergeAll(emulator.layerEmulator(options), NodeHttpClient.layerUndici)

const request = (
  method: HttpMethod.HttpMethod,
  path: string,
  options: { readonly body?: unknown; readonly headers?: { readonly [name: string]: string } } = {}
) =>
  Effect.map(emulator.apiUrl, (url) => {
    const request = HttpClientRequest.make(method)(`${url}${path}`, { headers: options.headers ?? {} })
    return options.body === undefined ? request : HttpClientRequest.bodyUnsafeJson(request, options.body)
  })

/** Sends exactly this, without a key unless the headers have one. */
const send = (
  ...args: Parameters<typeof request>
): Effect.Effect<
  { readonly status: number; readonly headers: { readonly [name: string]: string | undefined }; readonly text: string },
  never,
  HttpClient.HttpClient | HttpServer.HttpServer
> =>
  Effect.gen(function*() {
    const { headers, status, text } = yield* HttpClient.execute(yield* request(...args))
    return { status, headers, text: yield* text }
  }).pipe(Effect.orDie)

const call = (method: HttpMethod.HttpMethod, path: string, body?: unknown) =>
  send(method, path, { headers: { authorization: `Bearer ${key}` }, body })

/** The typed client of what is below `/_emulator`. */
const client = Effect.flatMap(
  emulator.apiUrl,
  (baseUrl) => Effect.map(HttpApiClient.make(EmulatorApi.EmulatorApi, { baseUrl }), (api) => api.emulator)
)

const seedOne = Effect.gen(function*() {
  const control = yield* InvitationsControl
  const [seeded] = yield* control.seed([{ emailAddress: ada }])
  assertTrue(seeded !== undefined)
  return seeded
})

describe("the control", () => {
  it.effect("accepts, expires, revokes and deletes", () =>
    Effect.gen(function*() {
      const { accept, delete: remove, expire, revoke } = yield* client
      const control = yield* InvitationsControl
      const seeded = yield* control.seed(["a", "b", "c", "d"].map((name) => ({ emailAddress: `${name}@example.com` })))
      const [a, b, c, d] = seeded.map(({ id }) => ({ path: { invitation_id: id } }))
      assertTrue(a !== undefined && b !== undefined && c !== undefined && d !== undefined)
      strictEqual((yield* accept(a)).status, "accepted")
      strictEqual((yield* expire(b)).status, "expired")
      yield* revoke(c)
      yield* remove(d)
      deepStrictEqual((yield* control.invitations).map(({ status }) => status), ["accepted", "expired", "revoked"])
      deepStrictEqual(yield* control.users, ["a@example.com"])

      const again = yield* Effect.flip(accept(a))
      assertTrue(Predicate.isTagged(again, "InvitationNotPending"))
      strictEqual(again.reason, "accepted")
      const missing = yield* Effect.flip(expire(d))
      assertTrue(Predicate.isTagged(missing, "InvitationNotPending"))
      strictEqual(missing.reason, "missing")
      strictEqual((yield* send("POST", `/_emulator/invitations/${a.path.invitation_id}/accept`)).status, 409)
      // None of it is a call.
      deepStrictEqual([yield* control.calls, yield* control.requests], [[], []])
    }).pipe(Effect.provide(makeLayer())))

  it.effect("adds users, plans faults, switches limits and forgets everything", () =>
    Effect.gen(function*() {
      const { addUser, plan, rateLimits, reset, state } = yield* client
      const control = yield* InvitationsControl
      yield* addUser({ payload: { emailAddress: ada } })
      strictEqual((yield* call("POST", "/v1/invitations", { email_address: ada })).status, 422)

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
      deepStrictEqual((yield* control.pendingFaults).map(({ response }) => response._tag), [
        "Status",
        "Body",
        "Stall",
        "Drip"
      ])
      deepStrictEqual(
        (yield* state({ urlParams: {} })).pendingFaults.map(({ commit, nth, times }) => [commit, nth, times]),
        (yield* control.pendingFaults).map(({ commit, nth, times }) => [commit, nth, times])
      )
      strictEqual((yield* call("GET", "/v1/invitations")).status, 418)

      yield* rateLimits({ payload: { limits: "production" } })
      const quotas = yield* control.remainingQuotas
      strictEqual(quotas === "off" ? quotas : quotas.all.limit, 1000)
      yield* reset()
      deepStrictEqual(
        [yield* control.users, yield* control.pendingFaults, yield* control.remainingQuotas, yield* control.requests],
        [[], [], "off", []]
      )
    }).pipe(Effect.provide(makeLayer())))

  it.effect.each<readonly [method: "POST" | "PUT" | "GET", path: string, body: unknown]>([
    ["POST", "/users", { email_address: "nobody" }],
    ["POST", "/users", {}],
    ["POST", "/faults", { answer: { _tag: "Explode" }, commit: "never" }],
    ["POST", "/faults", { answer: { _tag: "Reset" }, commit: "never", times: 0 }],
    ["POST", "/faults", { answer: { _tag: "Status", status: 42 }, commit: "never" }],
    ["PUT", "/rate-limits", { limits: "none" }],
    ["GET", "/state?status=snoozed", undefined]
  ])("refuses %j, and not in Clerk's words", ([method, path, body]) =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const answer = yield* send(method, `/_emulator${path}`, { body })
      strictEqual(answer.status, 400)
      const error: unknown = JSON.parse(answer.text)
      assertTrue(Predicate.isTagged(error, "HttpApiDecodeError"))
      deepStrictEqual([yield* control.calls, yield* control.users, yield* control.pendingFaults], [[], [], []])
    }).pipe(Effect.provide(makeLayer())))
})

describe("the state", () => {
  it.effect("is what there is to see, the newest first", () =>
    Effect.gen(function*() {
      const { state } = yield* client
      const control = yield* InvitationsControl
      yield* control.seed(Array.from({ length: 120 }, (_, n) => ({ emailAddress: `person-${n}@example.com` })))
      yield* control.seed([{ emailAddress: "r@example.com", status: "revoked" }])
      yield* TestClock.adjust("1 second")
      yield* call("POST", "/v1/invitations", { email_address: ada })
      yield* call("POST", "/v1/invitations", { email_address: "bob@example.com" })
      const all = yield* state({ urlParams: {} })
      deepStrictEqual(all.invitations.counts, { pending: 122, accepted: 0, revoked: 1, expired: 0 })
      strictEqual(all.invitations.matching, 123)
      strictEqual(all.invitations.newest.length, 100)
      deepStrictEqual(all.invitations.newest.slice(0, 3).map(({ emailAddress }) => emailAddress), [
        "bob@example.com",
        ada,
        "r@example.com"
      ])
      deepStrictEqual(all.emails.newest.map(({ status, to }) => [to, status]), [["bob@example.com", "pending"], [
        ada,
        "pending"
      ]])
      strictEqual(all.emails.total, 2)
      deepStrictEqual([all.quotas, all.acceptsAnyTestKey], ["off", true])

      const some = yield* state({ urlParams: { query: "PERSON-11", status: "pending" } })
      deepStrictEqual(some.invitations.matching, 11)
      strictEqual((yield* state({ urlParams: { status: "revoked" } })).invitations.matching, 1)
      strictEqual(
        (yield* state({ urlParams: { query: String(some.invitations.newest[0]?.id) } })).invitations.matching,
        1
      )

      yield* Effect.forEach(yield* control.invitations, ({ id }) => control.delete(id))
      strictEqual((yield* state({ urlParams: {} })).emails.newest[0]?.status, null)
    }).pipe(Effect.provide(makeLayer())))

  it.effect("says that one key is accepted, and never which", () =>
    Effect.gen(function*() {
      const answer = yield* send("GET", "/_emulator/state")
      assertInclude(answer.text, "\"acceptsAnyTestKey\":false")
      assertTrue(!answer.text.includes("sk_live_named"))
    }).pipe(Effect.provide(makeLayer({ secretKey: Redacted.make("sk_live_named") }))))
})

describe("the requests", () => {
  it.effect("are those of clients, with what they were answered with, whatever became of them", () =>
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
      const own = ["/", "/docs", "/openapi.json", "/favicon.ico", "/_emulator/state", "/_emulator/nothing"]
      for (const path of own) yield* send("GET", path)

      const requests = yield* control.requests
      deepStrictEqual(
        requests.map(({ response: answer, fault, method, number, path }) => [
          number,
          method,
          path,
          Option.getOrNull(Option.map(answer, ({ status }) => status)),
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
      assertTrue(created !== undefined && listed !== undefined)
      strictEqual(Redacted.value(created.body), JSON.stringify({ email_address: ada }))
      const answer = Option.getOrThrow(created.response)
      assertInclude(Redacted.value(answer.body), "\"status\":\"pending\"")
      strictEqual(Redacted.value(listed.query), "query=ada%40example.com&limit=0")

      // No key anywhere, and nothing personal where it is printed.
      const { text } = yield* send("GET", "/_emulator/state")
      assertTrue(text.includes("\"number\":6") && !text.includes(key) && !text.toLowerCase().includes("bearer"))
      const printed = inspect(requests, { depth: 10 }) + JSON.stringify(requests)
      assertTrue(!/ada|ticket|Bearer/.test(printed))
    }).pipe(Effect.provide(makeLayer())))

  it.effect("are kept in part: the last 100, and of long bodies the beginning", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      for (let n = 0; n < 104; n++) yield* call("GET", `/v1/${n}`)
      yield* call("POST", "/v1/invitations", { email_address: ada, public_metadata: { long: "ä".repeat(5000) } })
      const requests = yield* control.requests
      strictEqual(requests.length, 100)
      deepStrictEqual([requests[0]?.path, requests[0]?.number], ["/v1/5", 6])
      const last = requests.at(-1)
      assertTrue(last !== undefined)
      const answer = Option.getOrThrow(last.response)
      deepStrictEqual([Redacted.value(last.body).length, Redacted.value(answer.body).length], [4000, 4000])
    }).pipe(Effect.provide(makeLayer())))
})

describe("the events", () => {
  // What arrives, as text, until this many changes have been told.
  const changes = (count: number, opened: Deferred.Deferred<undefined>) =>
    Effect.gen(function*() {
      const { headers, stream } = yield* HttpClient.execute(yield* request("GET", "/_emulator/events"))
      strictEqual(headers["content-type"], "text/event-stream")
      return yield* stream.pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.filter((line) => line.startsWith("data:")),
        Stream.tap(() => Deferred.succeed(opened, undefined)),
        Stream.take(count),
        Stream.runCollect
      )
    })

  it.scoped("come at once, and after each change", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const opened = yield* Deferred.make<undefined>()
      const listener = yield* Effect.fork(changes(2, opened))
      yield* Deferred.await(opened)
      yield* control.addUser(ada)
      deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(listener)), ["data: changed", "data: changed"])
    }).pipe(Effect.provide(makeLayer())))

  it.effect("keep no emulator from ending", () =>
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

describe("another site", () => {
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

  const foreign: ReadonlyArray<readonly [reason: string, headers: { readonly [name: string]: string }]> = [
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
    it.effect(`cannot ${method} ${path}`, () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const { id } = yield* seedOne
        for (const [reason, headers] of foreign) {
          const answer = yield* send(method, `/_emulator${path.replace("inv_1", id)}`, {
            headers,
            ...(method === "GET" || method === "DELETE" ? {} : { body: { email_address: "eve@example.com" } })
          })
          strictEqual(answer.status, 403)
          deepStrictEqual(JSON.parse(answer.text), { _tag: "CrossSiteRequest", reason })
          strictEqual(answer.headers["access-control-allow-origin"], undefined)
        }
        deepStrictEqual((yield* control.invitations).map(({ status }) => status), ["pending"])
        deepStrictEqual(yield* control.users, [])
      }).pipe(Effect.provide(makeLayer())))
  }

  it.effect("gets no page under a name of its own", () =>
    Effect.gen(function*() {
      const answer = yield* send("GET", "/", { headers: { host: "rebound.example" } })
      deepStrictEqual([answer.status, answer.text.includes("<")], [403, false])
    }).pipe(Effect.provide(makeLayer())))

  it.effect("does not keep out the page itself, nor programs, under whatever name is of this machine", () =>
    Effect.gen(function*() {
      const url = yield* emulator.apiUrl
      const own: ReadonlyArray<{ readonly [name: string]: string }> = [
        {},
        { "origin": url, "sec-fetch-site": "same-origin" },
        { "sec-fetch-site": "none" },
        { host: "localhost:4010", origin: "http://localhost:4010" },
        { host: "clerk.localhost" },
        { host: "[::1]:4010" },
        { host: "192.168.1.7:4010" }
      ]
      for (const headers of own) strictEqual((yield* send("POST", "/_emulator/reset", { headers })).status, 204)
    }).pipe(Effect.provide(makeLayer())))

  it.effect("needs the key for the API, as anybody does, and under whatever name", () =>
    Effect.gen(function*() {
      const headers = { host: "emulator:4010", origin: "http://evil.example" }
      strictEqual((yield* send("GET", "/v1/invitations", { headers })).status, 401)
      const authorized = { ...headers, authorization: `Bearer ${key}` }
      strictEqual((yield* send("GET", "/v1/invitations", { headers: authorized })).status, 200)
    }).pipe(Effect.provide(makeLayer())))
})

describe("the page", () => {
  it.effect("comes with a policy that lets nothing in from elsewhere, and nothing inline", () =>
    Effect.gen(function*() {
      const page = yield* send("GET", "/")
      strictEqual(page.status, 200)
      strictEqual(page.headers["content-type"], "text/html; charset=utf-8")
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
      ) assertInclude(policy, directive)
      assertTrue(!/unsafe|\*|https?:/.test(policy))
      deepStrictEqual([page.headers["x-content-type-options"], page.headers["referrer-policy"]], [
        "nosniff",
        "no-referrer"
      ])
      assertTrue(!/ style="| on\w+="|<style|<script>/.test(page.text))
    }).pipe(Effect.provide(makeLayer())))

  it.effect("is whole: everything that it names is served here", () =>
    Effect.gen(function*() {
      const page = yield* send("GET", "/")
      const parts = Array.from(page.text.matchAll(/(?:href|src)="([^"#]+)"/g), ([, path = ""]) => path)
      assertTrue(parts.length >= 5)
      for (const path of parts) {
        assertTrue(path.startsWith("/") && !path.startsWith("//"), path)
        const part = yield* send("GET", path)
        strictEqual(part.status, 200, path)
        // Swagger UI names specifications in its comments; the policy is what keeps it here.
        if (path !== "/docs") assertTrue(!/https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(part.text), path)
        strictEqual(part.headers["cache-control"], "no-store")
      }
    }).pipe(Effect.provide(makeLayer())))

  it.effect("has a reference beside it that brings everything along", () =>
    Effect.gen(function*() {
      const reference = yield* send("GET", "/docs")
      strictEqual(reference.status, 200)
      const markup = reference.text.replace(/<script>[^]*?<\/script>|<style>[^]*?<\/style>/g, "")
      assertTrue(!/ (?:src|href)=/.test(markup))
      assertInclude(markup, "/v1/invitations/bulk")
      const policy = reference.headers["content-security-policy"] ?? ""
      assertInclude(policy, "default-src 'none'")
      assertTrue(!/\*|https?:/.test(policy))
      assertTrue(!(yield* send("GET", "/openapi.json")).text.includes("_emulator"))
    }).pipe(Effect.provide(makeLayer())))

  it.effect("leaves the answers of the API as Clerk's", () =>
    Effect.gen(function*() {
      for (const path of ["/v1/invitations", "/v1/nothing"]) {
        strictEqual((yield* call("GET", path)).headers["content-security-policy"], undefined)
      }
    }).pipe(Effect.provide(makeLayer({ rateLimits: RateLimits.development }))))
})
