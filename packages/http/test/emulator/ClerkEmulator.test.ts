import { InvitationsService, RateLimits } from "@effect-clerk/core"
import type { ClerkEmulator } from "@effect-clerk/http"
import { Fault, InvitationsControl } from "@effect-clerk/http"
import type { HttpMethod, HttpServer } from "@effect/platform"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { describe, it } from "@effect/vitest"
import { assertInclude, assertMatch, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Duration, Effect, Layer, Option, Predicate, Redacted, Schema, TestClock } from "effect"
import * as emulator from "../utils/emulator.js"

const ada = "ada@example.com"
const day = 24 * 60 * 60 * 1000

const makeLayer = (options?: ClerkEmulator.Options) =>
  Layer.mergeAll(emulator.layer({ emulator: options }), NodeHttpClient.layerUndici)

const authorized = { authorization: `Bearer ${Redacted.value(emulator.secretKey)}` }

interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: string
}

/** Sends exactly this. */
const send = (
  method: HttpMethod.HttpMethod,
  path: string,
  options: { readonly body?: string; readonly headers?: { readonly [name: string]: string } } = {}
): Effect.Effect<Answer, never, HttpClient.HttpClient | HttpServer.HttpServer> =>
  Effect.gen(function*() {
    const url = yield* emulator.apiUrl
    const request = HttpClientRequest.make(method)(`${url}${path}`, { headers: options.headers ?? authorized })
    const { headers, status, text } = yield* HttpClient.execute(
      options.body === undefined ? request : HttpClientRequest.bodyText(request, options.body, "application/json")
    )
    return { status, headers, text: yield* text }
  }).pipe(Effect.orDie)

const post = (path: string, body: unknown) => send("POST", path, { body: JSON.stringify(body) })

const json = (answer: Answer): unknown => JSON.parse(answer.text)

const Errors = Schema.Struct({
  errors: Schema.Tuple(Schema.Struct({
    code: Schema.NonEmptyString,
    message: Schema.NonEmptyString,
    long_message: Schema.NonEmptyString,
    meta: Schema.optionalWith(
      Schema.Struct({
        param_name: Schema.optional(Schema.String),
        resets_in: Schema.optional(Schema.Number),
        email_addresses: Schema.optional(Schema.Array(Schema.String))
      }),
      { exact: true }
    )
  })),
  clerk_trace_id: Schema.String.pipe(Schema.pattern(/^trace_\w+$/))
})

const decodeErrors = Schema.decodeUnknownSync(Errors, { onExcessProperty: "error" })

/** The one error of an answer: its status, its code and what it says beyond that. */
const complaint = (answer: Answer) => {
  strictEqual(answer.headers["content-type"], "application/json")
  const { errors: [error] } = decodeErrors(json(answer))
  return { status: answer.status, code: error.code, meta: error.meta ?? {} }
}

const rows = (answer: Answer): ReadonlyArray<unknown> => {
  strictEqual(answer.status, 200)
  const body = json(answer)
  assertTrue(Array.isArray(body))
  return body
}

const people = (count: number) => Array.from({ length: count }, (_, n) => ({ emailAddress: `person${n}@example.com` }))

describe("ClerkEmulator", () => {
  describe("the body of a create", () => {
    const cases: ReadonlyArray<readonly [what: string, fields: object, code: string, param: string]> = [
      ["no address", { email_address: undefined }, "form_param_missing", "email_address"],
      ["a field that it does not know", { colour: "red" }, "form_param_unknown", "colour"],
      ["a field in camelCase", { expiresInDays: 7 }, "form_param_unknown", "expiresInDays"],
      ["an address that is a number", { email_address: 7 }, "form_param_type_invalid", "email_address"],
      ["an address that is null", { email_address: null }, "form_param_type_invalid", "email_address"],
      ["an address without an @", { email_address: "ada" }, "form_param_format_invalid", "email_address"],
      ["an empty address", { email_address: "" }, "form_param_format_invalid", "email_address"],
      ["metadata that is a string", { public_metadata: "x" }, "form_param_type_invalid", "public_metadata"],
      ["metadata that is an array", { public_metadata: [] }, "form_param_type_invalid", "public_metadata"],
      ["a redirect that is a number", { redirect_url: 7 }, "form_param_type_invalid", "redirect_url"],
      ["an empty redirect", { redirect_url: "" }, "form_param_format_invalid", "redirect_url"],
      ["notify that is a string", { notify: "true" }, "form_param_type_invalid", "notify"],
      ["ignore_existing that is a number", { ignore_existing: 1 }, "form_param_type_invalid", "ignore_existing"],
      ["days that are a string", { expires_in_days: "7" }, "form_param_type_invalid", "expires_in_days"],
      ["no days", { expires_in_days: 0 }, "form_param_value_invalid", "expires_in_days"],
      ["366 days", { expires_in_days: 366 }, "form_param_value_invalid", "expires_in_days"],
      ["half a day", { expires_in_days: 0.5 }, "form_param_value_invalid", "expires_in_days"],
      ["a template that is a number", { template_slug: 7 }, "form_param_type_invalid", "template_slug"],
      ["a template that it does not have", { template_slug: "reminder" }, "form_param_value_invalid", "template_slug"]
    ]
    for (const [what, fields, code, param] of cases) {
      it.effect(`with ${what} is refused with ${code}, alone and in a bulk`, () =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const body = { email_address: ada, ...fields }
          const expected = { status: 422, code, meta: { param_name: param } }
          deepStrictEqual(complaint(yield* post("/v1/invitations", body)), expected)
          deepStrictEqual(
            complaint(yield* post("/v1/invitations/bulk", [{ email_address: "bob@example.com" }, body])),
            expected
          )
          deepStrictEqual(yield* control.invitations, [])
        }).pipe(Effect.provide(makeLayer())))
    }

    it.effect.each(["", "{", "email_address=ada@example.com", "[]", "null", "7", "\"ada@example.com\""])(
      "that is %j is refused as no proper body",
      (body) =>
        Effect.gen(function*() {
          deepStrictEqual(complaint(yield* send("POST", "/v1/invitations", { body })), {
            status: 400,
            code: "request_body_invalid",
            meta: {}
          })
        }).pipe(Effect.provide(makeLayer()))
    )

    it.effect("may have null for every field that may be left out", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const answer = yield* post("/v1/invitations", {
          email_address: ada,
          public_metadata: null,
          redirect_url: null,
          notify: null,
          ignore_existing: null,
          expires_in_days: null,
          template_slug: null
        })
        strictEqual(answer.status, 200)
        const body = json(answer)
        assertTrue(Predicate.isRecord(body))
        deepStrictEqual([body["expires_at"], body["public_metadata"]], [30 * day, {}])
        deepStrictEqual((yield* control.outbox).map(({ templateSlug, to }) => [to, templateSlug]), [[
          ada,
          "invitation"
        ]])
      }).pipe(Effect.provide(makeLayer())))

    it.effect("is answered with the invitation in the fields of the wire", () =>
      Effect.gen(function*() {
        yield* TestClock.adjust("2 days")
        const answer = yield* post("/v1/invitations", { email_address: ada, public_metadata: { a: { b: 1 } } })
        const body = json(answer)
        assertTrue(Predicate.isRecord(body))
        deepStrictEqual([answer.status, answer.headers["content-type"]], [200, "application/json"])
        assertMatch(String(body["id"]), /^inv_\w+$/)
        assertMatch(String(body["url"]), /^https:/)
        deepStrictEqual(body, {
          object: "invitation",
          id: body["id"],
          email_address: ada,
          public_metadata: { a: { b: 1 } },
          status: "pending",
          revoked: false,
          url: body["url"],
          expires_at: 32 * day,
          created_at: 2 * day,
          updated_at: 2 * day
        })
      }).pipe(Effect.provide(makeLayer())))
  })

  describe("the body of a bulk", () => {
    it.effect.each(["", "[", "{}", "null", "[]", "[7]", "[null]", "{\"email_address\":\"ada@example.com\"}"])(
      "that is %j is refused as no proper body",
      (body) =>
        Effect.gen(function*() {
          deepStrictEqual(complaint(yield* send("POST", "/v1/invitations/bulk", { body })), {
            status: 400,
            code: "request_body_invalid",
            meta: {}
          })
        }).pipe(Effect.provide(makeLayer()))
    )

    it.effect("may have ten requests and no more", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const requests = people(11).map(({ emailAddress }) => ({ email_address: emailAddress }))
        deepStrictEqual(complaint(yield* post("/v1/invitations/bulk", requests)), {
          status: 400,
          code: "bulk_size_exceeded",
          meta: {}
        })
        deepStrictEqual(yield* control.invitations, [])
        strictEqual(rows(yield* post("/v1/invitations/bulk", requests.slice(1))).length, 10)
      }).pipe(Effect.provide(makeLayer())))

    it.effect("is refused as a whole, and the error names the addresses that clash", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed([{ emailAddress: ada }])
        const answer = yield* post("/v1/invitations/bulk", [
          { email_address: "bob@example.com" },
          { email_address: "ADA@example.com" }
        ])
        deepStrictEqual(complaint(answer), {
          status: 400,
          code: "duplicate_record",
          meta: { email_addresses: ["ADA@example.com"] }
        })
        strictEqual((yield* control.invitations).length, 1)
      }).pipe(Effect.provide(makeLayer())))
  })

  describe("the query of a list", () => {
    it.effect("asks for bare rows unless it says paginated=true", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed(people(3))
        const bare = rows(yield* send("GET", "/v1/invitations"))
        strictEqual(bare.length, 3)
        deepStrictEqual(rows(yield* send("GET", "/v1/invitations?paginated=false")), bare)
        deepStrictEqual(json(yield* send("GET", "/v1/invitations?paginated=true")), { data: bare, total_count: 3 })
        deepStrictEqual(
          json(yield* send("GET", "/v1/invitations?paginated=true&limit=1&offset=1")),
          { data: [bare[1]], total_count: 3 }
        )
      }).pipe(Effect.provide(makeLayer())))

    it.effect("may ask for 500 rows, and gets ten without a word if it asks for more", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed(people(510))
        strictEqual(rows(yield* send("GET", "/v1/invitations?limit=500")).length, 500)
        strictEqual(rows(yield* send("GET", "/v1/invitations?limit=501")).length, 10)
        strictEqual(rows(yield* send("GET", "/v1/invitations?limit=100000")).length, 10)
      }).pipe(Effect.provide(makeLayer())))

    it.effect.each<readonly [query: string, param: string]>([
      ["status=snoozed", "status"],
      ["status=", "status"],
      ["order_by=name", "order_by"],
      ["order_by=*created_at", "order_by"],
      // An unencoded plus is a space.
      ["order_by=+created_at", "order_by"],
      ["limit=0", "limit"],
      ["limit=-1", "limit"],
      ["limit=1.5", "limit"],
      ["limit=many", "limit"],
      ["offset=-1", "offset"],
      ["offset=0.5", "offset"],
      ["paginated=maybe", "paginated"]
    ])("is refused where it says %s", ([query, param]) =>
      Effect.gen(function*() {
        deepStrictEqual(complaint(yield* send("GET", `/v1/invitations?${query}`)), {
          status: 422,
          code: "form_param_value_invalid",
          meta: { param_name: param }
        })
      }).pipe(Effect.provide(makeLayer())))

    it.effect("may order by an encoded plus", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed(people(2))
        const answer = yield* send("GET", "/v1/invitations?order_by=%2Bemail_address")
        deepStrictEqual(
          rows(answer).map((row) => Predicate.isRecord(row) ? row["email_address"] : undefined),
          ["person0@example.com", "person1@example.com"]
        )
      }).pipe(Effect.provide(makeLayer())))
  })

  describe("an id in the path", () => {
    it.effect("is revoked by POST and deleted by DELETE", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const [seeded] = yield* control.seed([{ emailAddress: ada }])
        assertTrue(seeded !== undefined)
        const revoked = json(yield* send("POST", `/v1/invitations/${seeded.id}/revoke`))
        assertTrue(Predicate.isRecord(revoked))
        deepStrictEqual([revoked["id"], revoked["status"], revoked["revoked"]], [seeded.id, "revoked", true])
        deepStrictEqual(json(yield* send("DELETE", `/v1/invitations/${seeded.id}`)), {
          object: "invitation",
          id: seeded.id,
          deleted: true
        })
        deepStrictEqual(yield* control.invitations, [])
      }).pipe(Effect.provide(makeLayer())))

    it.effect("is not found where there is no such invitation", () =>
      Effect.gen(function*() {
        const expected = { status: 404, code: "resource_not_found", meta: {} }
        deepStrictEqual(complaint(yield* send("POST", "/v1/invitations/inv_nowhere/revoke")), expected)
        deepStrictEqual(complaint(yield* send("DELETE", "/v1/invitations/inv_nowhere")), expected)
        deepStrictEqual(complaint(yield* send("DELETE", "/v1/invitations/a%2Fb%3Fc")), expected)
      }).pipe(Effect.provide(makeLayer())))
  })

  describe("the secret key", () => {
    const endpoints = [
      ["POST", "/v1/invitations"],
      ["POST", "/v1/invitations/bulk"],
      ["GET", "/v1/invitations?limit=0"],
      ["POST", "/v1/invitations/inv_1/revoke"],
      ["DELETE", "/v1/invitations/inv_1"]
    ] as const

    for (const [method, path] of endpoints) {
      it.effect(`is asked for before anything else by ${method} ${path}`, () =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const answer = yield* send(method, path, { headers: {}, ...(method === "POST" ? { body: "{" } : {}) })
          deepStrictEqual(complaint(answer), { status: 401, code: "authentication_invalid", meta: {} })
          deepStrictEqual(yield* control.calls, [])
        }).pipe(Effect.provide(makeLayer())))
    }

    it.effect.each<readonly [authorization: string, code: string]>([
      ["", "authentication_invalid"],
      ["Bearer", "authorization_header_format_invalid"],
      ["Basic sk_test_emulator", "authorization_header_format_invalid"],
      ["sk_test_emulator", "authorization_header_format_invalid"],
      ["Bearer sk_test_emulator sk_test_emulator", "authorization_header_format_invalid"],
      ["Bearer sk_live_emulator", "clerk_key_invalid"],
      ["Bearer pk_test_emulator", "clerk_key_invalid"]
    ])("is refused where the header is %j", ([authorization, code]) =>
      Effect.gen(function*() {
        deepStrictEqual(complaint(yield* send("GET", "/v1/invitations", { headers: { authorization } })), {
          status: 401,
          code,
          meta: {}
        })
      }).pipe(Effect.provide(makeLayer())))

    it.effect("is any test key unless one is named", () =>
      Effect.gen(function*() {
        for (const authorization of ["Bearer sk_test_a", "bearer sk_test_b"]) {
          strictEqual((yield* send("GET", "/v1/invitations", { headers: { authorization } })).status, 200)
        }
      }).pipe(Effect.provide(makeLayer())))

    it.effect("is the one that is named, and no other", () =>
      Effect.gen(function*() {
        const ask = (key: string) => send("GET", "/v1/invitations", { headers: { authorization: `Bearer ${key}` } })
        strictEqual((yield* ask("sk_live_named")).status, 200)
        for (const key of ["sk_test_emulator", "sk_live_name", "sk_live_named1", "SK_LIVE_NAMED"]) {
          const answer = yield* ask(key)
          deepStrictEqual(complaint(answer), { status: 401, code: "clerk_key_invalid", meta: {} })
          assertTrue(!answer.text.includes(key) && !answer.text.includes("sk_live_named"))
        }
      }).pipe(Effect.provide(makeLayer({ secretKey: Redacted.make("sk_live_named") }))))

    it.effect("makes an Unauthorized of the client's call if it is the wrong one", () =>
      Effect.gen(function*() {
        const invitations = yield* InvitationsService
        const error = yield* Effect.flip(invitations.list())
        assertTrue(error._tag === "Unauthorized")
        deepStrictEqual([error.status, error.errors.map(({ code }) => code)], [401, ["clerk_key_invalid"]])
        assertTrue(Option.isSome(error.traceId))
        assertInclude(error.message, "the secret key is not valid; check CLERK_SECRET_KEY")
      }).pipe(
        Effect.provide(emulator.layer({ emulator: { secretKey: Redacted.make("sk_live_named") } }))
      ))
  })

  describe("a call that is refused for its form", () => {
    it.effect("is logged, and struck by faults, like any other", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* post("/v1/invitations", {})
        yield* post("/v1/invitations/bulk", [])
        yield* send("GET", "/v1/invitations?limit=0")
        yield* control.failNext(Fault.Response.Status({ status: 403, code: "quota_exceeded" }))
        deepStrictEqual(complaint(yield* post("/v1/invitations", {})), {
          status: 403,
          code: "quota_exceeded",
          meta: {}
        })
        deepStrictEqual((yield* control.calls).map(({ operation, outcome }) => [operation, outcome]), [
          ["create", "form_param_missing"],
          ["createBulk", "request_body_invalid"],
          ["list", "form_param_value_invalid"],
          ["create", "Status"]
        ])
      }).pipe(Effect.provide(makeLayer())))

    it.effect("uses up the limits, which say when they are back in header and body", () =>
      Effect.gen(function*() {
        yield* post("/v1/invitations", {})
        yield* TestClock.adjust("90500 millis")
        const answer = yield* post("/v1/invitations", { email_address: ada })
        deepStrictEqual(complaint(answer), { status: 429, code: "too_many_requests", meta: { resets_in: 3510 } })
        strictEqual(answer.headers["retry-after"], "3510")
        yield* TestClock.adjust("3510 seconds")
        strictEqual((yield* post("/v1/invitations", { email_address: ada })).status, 200)
      }).pipe(
        Effect.provide(
          makeLayer({ rateLimits: { ...RateLimits.production, create: { limit: 1, window: Duration.hours(1) } } })
        )
      ))
  })

  it.effect("puts a gateway's page on the wire if told to", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.failNext(Fault.Response.Status({ status: 502, html: true, retryAfter: "3" }))
      const answer = yield* send("GET", "/v1/invitations")
      deepStrictEqual(
        [answer.status, answer.headers["content-type"], answer.headers["retry-after"]],
        [502, "text/html; charset=UTF-8", "3"]
      )
      assertInclude(answer.text, "<title>502 Bad gateway</title>")
    }).pipe(Effect.provide(makeLayer())))

  it.effect("dates every answer by the clock of its invitations", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("40 days")
      const answers = yield* Effect.all([
        send("GET", "/v1/invitations"),
        post("/v1/invitations", { email_address: ada }),
        post("/v1/invitations", {}),
        send("GET", "/v1/invitations?limit=0"),
        send("GET", "/v1/invitations", { headers: {} }),
        send("DELETE", "/v1/invitations/inv_nowhere"),
        send("GET", "/v1/nothing")
      ])
      deepStrictEqual(answers.map(({ status }) => status), [200, 200, 422, 422, 401, 404, 404])
      deepStrictEqual(answers.map(({ headers }) => headers["date"]), answers.map(() => "Tue, 10 Feb 1970 00:00:00 GMT"))
      yield* TestClock.adjust("1500 millis")
      strictEqual((yield* send("GET", "/v1/invitations")).headers["date"], "Tue, 10 Feb 1970 00:00:01 GMT")
    }).pipe(Effect.provide(makeLayer())))

  it.effect("gives every error a trace id of its own", () =>
    Effect.gen(function*() {
      const answers = yield* Effect.all([
        post("/v1/invitations", {}),
        send("GET", "/v1/invitations?limit=0"),
        send("GET", "/v1/invitations", { headers: {} }),
        send("DELETE", "/v1/invitations/inv_nowhere")
      ])
      const traceIds = answers.map((answer) => decodeErrors(json(answer)).clerk_trace_id)
      strictEqual(new Set(traceIds).size, answers.length)
    }).pipe(Effect.provide(makeLayer())))

  it.effect("publishes an OpenAPI 3.1 document of the five operations without asking for a key", () =>
    Effect.gen(function*() {
      const answer = yield* send("GET", "/openapi.json", { headers: {} })
      strictEqual(answer.status, 200)
      const OpenApi = Schema.Struct({
        openapi: Schema.TemplateLiteral("3.1.", Schema.Number),
        info: Schema.Struct({ title: Schema.NonEmptyString, version: Schema.Literal("2026-05-12") }),
        paths: Schema.Record({
          key: Schema.String,
          value: Schema.Record({
            key: Schema.Literal("get", "post", "delete"),
            value: Schema.Struct({
              operationId: Schema.NonEmptyString,
              responses: Schema.Record({
                key: Schema.String,
                value: Schema.Struct({ description: Schema.NonEmptyString })
              })
            })
          }).pipe(Schema.partialWith({ exact: true }))
        }),
        components: Schema.Struct({
          securitySchemes: Schema.Struct({
            bearerAuth: Schema.Struct({ type: Schema.Literal("http"), scheme: Schema.Literal("bearer") })
          })
        })
      })
      const document = Schema.decodeUnknownSync(OpenApi)(json(answer))
      const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ ...operation, name: `${method} ${path}` }))
      )
      const statuses: Readonly<Record<string, ReadonlyArray<number>>> = {
        "delete /v1/invitations/{invitation_id}": [200, 401, 403, 404, 409, 429, 500],
        "get /v1/invitations": [200, 401, 403, 409, 422, 429, 500],
        "post /v1/invitations": [200, 400, 401, 403, 409, 422, 429, 500],
        "post /v1/invitations/bulk": [200, 400, 401, 403, 409, 422, 429, 500],
        "post /v1/invitations/{invitation_id}/revoke": [200, 400, 401, 403, 404, 409, 429, 500]
      }
      deepStrictEqual(operations.map(({ name }) => name).sort(), Object.keys(statuses))
      for (const { name, responses } of operations) {
        deepStrictEqual((statuses[name] ?? []).filter((status) => !Object.hasOwn(responses, String(status))), [], name)
      }
      strictEqual(new Set(operations.map(({ operationId }) => operationId)).size, 5)
    }).pipe(Effect.provide(makeLayer())))

  it.effect("publishes components whose names OpenAPI allows, and no reference that leads nowhere", () =>
    Effect.gen(function*() {
      const answer = yield* send("GET", "/openapi.json", { headers: {} })
      const Components = Schema.Struct({
        components: Schema.Struct({ schemas: Schema.Record({ key: Schema.String, value: Schema.Unknown }) })
      })
      const { components } = Schema.decodeUnknownSync(Components)(json(answer))
      const names = Object.keys(components.schemas)
      deepStrictEqual(names.filter((name) => !/^[\w.-]+$/.test(name)), [])
      const references = Array.from(answer.text.matchAll(/"\$ref":\s*"([^"]*)"/g), ([, reference]) => reference)
      assertTrue(references.length > 0)
      const known = names.map((name) => `#/components/schemas/${name}`)
      deepStrictEqual(references.filter((reference) => !known.includes(reference ?? "")), [])
    }).pipe(Effect.provide(makeLayer())))
})
