import { RateLimits } from "@effect-clerk/core"
import { Fault } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Predicate, TestClock } from "effect"
import * as emulator from "../utils/emulator.js"
import { call, send } from "../utils/emulator.js"
import { apiError, decodeErrors, json } from "./apiError.js"

const ada = "ada@example.com"
const day = 24 * 60 * 60 * 1000

const rows = (response: emulator.RawResponse): ReadonlyArray<unknown> => {
  assert.strictEqual(response.status, 200)
  const body = json(response)
  assert(Array.isArray(body))
  return body
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ emailAddress: `person${n}@example.com` }))

describe("ClerkEmulator", () => {
  describe("the body of create", () => {
    const cases: ReadonlyArray<readonly [name: string, fields: object, code: string, param: string]> = [
      ["no address", { email_address: undefined }, "form_param_missing", "email_address"],
      ["an unknown field", { colour: "red" }, "form_param_unknown", "colour"],
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
      ["a number of days that is a string", { expires_in_days: "7" }, "form_param_type_invalid", "expires_in_days"],
      ["0 days", { expires_in_days: 0 }, "form_param_value_invalid", "expires_in_days"],
      ["366 days", { expires_in_days: 366 }, "form_param_value_invalid", "expires_in_days"],
      ["half a day", { expires_in_days: 0.5 }, "form_param_value_invalid", "expires_in_days"],
      ["a template that is a number", { template_slug: 7 }, "form_param_type_invalid", "template_slug"],
      ["an unknown template", { template_slug: "reminder" }, "form_param_value_invalid", "template_slug"]
    ]
    for (const [name, fields, code, param] of cases) {
      it.effect(`with ${name} is rejected with ${code}, by create and createBulk`, () =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const body = { email_address: ada, ...fields }
          const expected = { status: 422, code, meta: { param_name: param } }
          assert.deepStrictEqual(apiError(yield* call("POST", "/v1/invitations", body)), expected)
          assert.deepStrictEqual(
            apiError(yield* call("POST", "/v1/invitations/bulk", [{ email_address: "bob@example.com" }, body])),
            expected
          )
          assert.deepStrictEqual(yield* control.invitations, [])
        }).pipe(Effect.provide(emulator.layerRaw())))
    }

    it.effect.each(["{", "email_address=ada@example.com", "[]", "null", "7", "\"ada@example.com\""])(
      "%j is rejected with request_body_invalid",
      (body) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(apiError(yield* call("POST", "/v1/invitations", body)), {
            status: 400,
            code: "request_body_invalid",
            meta: {}
          })
        }).pipe(Effect.provide(emulator.layerRaw()))
    )

    it.effect.each(["", " ", "{}"])("%j lacks the address", (body) =>
      Effect.gen(function*() {
        const response = yield* call("POST", "/v1/invitations", body)
        assert.deepStrictEqual(apiError(response), {
          status: 422,
          code: "form_param_missing",
          meta: { param_name: "email_address" }
        })
        assert.include(response.text, "\"message\":\"is missing\",\"long_message\":\"email_address must be included.\"")
      }).pipe(Effect.provide(emulator.layerRaw())))

    it.effect.each(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
      "is rejected with 415 as %s",
      (contentType) =>
        Effect.gen(function*() {
          const response = yield* send("POST", "/v1/invitations", {
            headers: { "authorization": "Bearer sk_test_emulator", "content-type": contentType },
            body: "email_address=ada@example.com"
          })
          assert.deepStrictEqual(apiError(response), { status: 415, code: "unsupported_content_type", meta: {} })
        }).pipe(Effect.provide(emulator.layerRaw()))
    )

    it.effect("may have 8 KB of metadata and not more", () =>
      Effect.gen(function*() {
        const create = (length: number) =>
          call("POST", "/v1/invitations", {
            email_address: `a${length}@example.com`,
            public_metadata: { x: "x".repeat(length - "{\"x\":\"\"}".length) }
          })
        assert.strictEqual((yield* create(8192)).status, 200)
        assert.deepStrictEqual(apiError(yield* create(8193)), {
          status: 422,
          code: "form_param_exceeds_allowed_size",
          meta: { param_name: "public_metadata" }
        })
      }).pipe(Effect.provide(emulator.layerRaw())))

    it.effect("may have null for every optional field", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const response = yield* call("POST", "/v1/invitations", {
          email_address: ada,
          public_metadata: null,
          redirect_url: null,
          notify: null,
          ignore_existing: null,
          expires_in_days: null,
          template_slug: null
        })
        assert.strictEqual(response.status, 200)
        const body = json(response)
        assert(Predicate.isRecord(body))
        assert.deepStrictEqual([body["expires_at"], body["public_metadata"]], [30 * day - 2, {}])
        assert.deepStrictEqual((yield* control.outbox).map(({ templateSlug, to }) => [to, templateSlug]), [[
          ada,
          "invitation"
        ]])
      }).pipe(Effect.provide(emulator.layerRaw())))

    it.effect("gets a response with the invitation in snake_case", () =>
      Effect.gen(function*() {
        yield* TestClock.adjust("2 days")
        const response = yield* call("POST", "/v1/invitations", {
          email_address: ada,
          public_metadata: { a: { b: 1 } }
        })
        const body = json(response)
        assert(Predicate.isRecord(body))
        assert.deepStrictEqual([response.status, response.headers["content-type"]], [200, "application/json"])
        assert.match(String(body["id"]), /^inv_[0-9A-Za-z]{27}$/)
        assert.match(String(body["url"]), /^http:\/\/127\.0\.0\.1:\d+\/v1\/tickets\/accept\?ticket=[\w.-]+$/)
        assert.deepStrictEqual(body, {
          object: "invitation",
          id: body["id"],
          email_address: ada,
          public_metadata: { a: { b: 1 } },
          status: "pending",
          url: body["url"],
          expires_at: 32 * day - 2,
          created_at: 2 * day,
          updated_at: 2 * day
        })
      }).pipe(Effect.provide(emulator.layerRaw())))
  })

  describe("the body of createBulk", () => {
    it.effect.each(["", "[", "{}", "null", "[]", "[7]", "[null]", "{\"email_address\":\"ada@example.com\"}"])(
      "%j is rejected with request_body_invalid",
      (body) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(apiError(yield* call("POST", "/v1/invitations/bulk", body)), {
            status: 400,
            code: "request_body_invalid",
            meta: {}
          })
        }).pipe(Effect.provide(emulator.layerRaw()))
    )

    it.effect("may have at most ten requests", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const requests = numbered(11).map(({ emailAddress }) => ({ email_address: emailAddress }))
        assert.deepStrictEqual(apiError(yield* call("POST", "/v1/invitations/bulk", requests)), {
          status: 400,
          code: "bulk_size_exceeded",
          meta: {}
        })
        assert.deepStrictEqual(yield* control.invitations, [])
        assert.strictEqual(rows(yield* call("POST", "/v1/invitations/bulk", requests.slice(1))).length, 10)
      }).pipe(Effect.provide(emulator.layerRaw())))

    it.effect("is rejected as a whole, and the error names the duplicate addresses", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed([{ emailAddress: ada }])
        const response = yield* call("POST", "/v1/invitations/bulk", [
          { email_address: "bob@example.com" },
          { email_address: "ADA@example.com" }
        ])
        assert.deepStrictEqual(apiError(response), {
          status: 400,
          code: "duplicate_record",
          meta: { email_addresses: ["ADA@example.com"] }
        })
        assert.strictEqual((yield* control.invitations).length, 1)
      }).pipe(Effect.provide(emulator.layerRaw())))
  })

  describe("the query of a list", () => {
    it.effect("with several statuses returns the invitations that have one of them", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed((["pending", "accepted", "revoked", "expired"] as const).map((status) => ({
          emailAddress: `${status}@example.com`,
          status
        })))
        const statusesOf = (query: string) =>
          Effect.map(
            call("GET", `/v1/invitations?${query}`),
            ({ text }) => Array.from(text.matchAll(/"status":"(\w+)"/g), ([, status]) => status).sort()
          )
        assert.deepStrictEqual(yield* statusesOf("status=pending&status=revoked"), ["pending", "revoked"])
        assert.deepStrictEqual(yield* statusesOf("status=revoked&paginated=true"), ["revoked"])
        assert.deepStrictEqual(apiError(yield* call("GET", "/v1/invitations?status=pending&status=lost")), {
          status: 422,
          code: "form_param_value_invalid",
          meta: { param_name: "status" }
        })
      }).pipe(Effect.provide(emulator.layerRaw())))

    it.effect("returns an array unless it has paginated=true", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed(numbered(3))
        const array = rows(yield* call("GET", "/v1/invitations"))
        assert.strictEqual(array.length, 3)
        assert.deepStrictEqual(rows(yield* call("GET", "/v1/invitations?paginated=false")), array)
        assert.deepStrictEqual(json(yield* call("GET", "/v1/invitations?paginated=true")), {
          data: array,
          total_count: 3
        })
        assert.deepStrictEqual(
          json(yield* call("GET", "/v1/invitations?paginated=true&limit=1&offset=1")),
          { data: [array[1]], total_count: 3 }
        )
      }).pipe(Effect.provide(emulator.layerRaw())))

    it.effect("returns up to 500 rows, and the default of ten for a larger limit", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed(numbered(510))
        assert.strictEqual(rows(yield* call("GET", "/v1/invitations?limit=500")).length, 500)
        assert.strictEqual(rows(yield* call("GET", "/v1/invitations?limit=501")).length, 10)
        assert.strictEqual(rows(yield* call("GET", "/v1/invitations?limit=100000")).length, 10)
      }).pipe(Effect.provide(emulator.layerRaw())))

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
    ])("%s is rejected", ([query, param]) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(apiError(yield* call("GET", `/v1/invitations?${query}`)), {
          status: 422,
          code: "form_param_value_invalid",
          meta: { param_name: param }
        })
      }).pipe(Effect.provide(emulator.layerRaw())))

    it.effect("may contain an encoded plus in order_by", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed(numbered(2))
        const response = yield* call("GET", "/v1/invitations?order_by=%2Bemail_address")
        assert.deepStrictEqual(
          rows(response).map((row) => Predicate.isRecord(row) ? row["email_address"] : undefined),
          ["person0@example.com", "person1@example.com"]
        )
      }).pipe(Effect.provide(emulator.layerRaw())))
  })

  describe("an id in the path", () => {
    it.effect("can be revoked with POST and deleted with DELETE", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const [seeded] = yield* control.seed([{ emailAddress: ada }])
        assert(seeded !== undefined)
        const revoked = json(yield* call("POST", `/v1/invitations/${seeded.id}/revoke`))
        assert(Predicate.isRecord(revoked))
        assert.deepStrictEqual([revoked["id"], revoked["status"], revoked["revoked"]], [seeded.id, "revoked", true])
        assert.isFalse("url" in revoked)
        assert.deepStrictEqual(json(yield* call("DELETE", `/v1/invitations/${seeded.id}`)), {
          object: "invitation",
          id: seeded.id,
          deleted: true
        })
        assert.deepStrictEqual(yield* control.invitations, [])
      }).pipe(Effect.provide(emulator.layerRaw())))

    it.effect("that is unknown is rejected with resource_not_found", () =>
      Effect.gen(function*() {
        const expected = { status: 404, code: "resource_not_found", meta: {} }
        assert.deepStrictEqual(apiError(yield* call("POST", "/v1/invitations/inv_nowhere/revoke")), expected)
        assert.deepStrictEqual(apiError(yield* call("DELETE", "/v1/invitations/inv_nowhere")), expected)
        assert.deepStrictEqual(apiError(yield* call("DELETE", "/v1/invitations/a%2Fb%3Fc")), expected)
      }).pipe(Effect.provide(emulator.layerRaw())))
  })

  describe("a call with an invalid body or query", () => {
    it.effect("is recorded, and affected by faults", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* call("POST", "/v1/invitations", {})
        yield* call("POST", "/v1/invitations/bulk", [])
        yield* call("GET", "/v1/invitations?limit=0")
        yield* control.failNext(Fault.Response.Status({ status: 403, code: "quota_exceeded" }))
        assert.deepStrictEqual(apiError(yield* call("POST", "/v1/invitations", {})), {
          status: 403,
          code: "quota_exceeded",
          meta: {}
        })
        assert.deepStrictEqual((yield* control.calls).map(({ operation, outcome }) => [operation, outcome]), [
          ["create", "form_param_missing"],
          ["createBulk", "request_body_invalid"],
          ["list", "form_param_value_invalid"],
          ["create", "Status"]
        ])
      }).pipe(Effect.provide(emulator.layerRaw())))

    it.effect("counts against the rate limits; a 429 has the wait in header and body", () =>
      Effect.gen(function*() {
        yield* call("POST", "/v1/invitations", {})
        yield* TestClock.adjust("90500 millis")
        const response = yield* call("POST", "/v1/invitations", { email_address: ada })
        assert.deepStrictEqual(apiError(response), {
          status: 429,
          code: "too_many_requests",
          meta: { resets_in: 3510 }
        })
        assert.strictEqual(response.headers["retry-after"], "3510")
        yield* TestClock.adjust("3510 seconds")
        assert.strictEqual((yield* call("POST", "/v1/invitations", { email_address: ada })).status, 200)
      }).pipe(
        Effect.provide(
          emulator.layerRaw({
            rateLimits: { ...RateLimits.production, create: { limit: 1, window: Duration.hours(1) } }
          })
        )
      ))
  })

  it.effect("sends a gateway's HTML page as an injected response", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.failNext(Fault.Response.Status({ status: 502, html: true, retryAfter: "3" }))
      const response = yield* call("GET", "/v1/invitations")
      assert.deepStrictEqual(
        [response.status, response.headers["content-type"], response.headers["retry-after"]],
        [502, "text/html; charset=UTF-8", "3"]
      )
      assert.include(response.text, "<title>502 Bad gateway</title>")
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("sets the Date header of every response by Effect's clock", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("40 days")
      const responses = yield* Effect.all([
        call("GET", "/v1/invitations"),
        call("POST", "/v1/invitations", { email_address: ada }),
        call("POST", "/v1/invitations", {}),
        call("GET", "/v1/invitations?limit=0"),
        send("GET", "/v1/invitations", { headers: {} }),
        call("DELETE", "/v1/invitations/inv_nowhere"),
        call("GET", "/v1/nothing")
      ])
      assert.deepStrictEqual(responses.map(({ status }) => status), [200, 200, 422, 422, 401, 404, 404])
      assert.deepStrictEqual(
        responses.map(({ headers }) => headers["date"]),
        responses.map(() => "Tue, 10 Feb 1970 00:00:00 GMT")
      )
      yield* TestClock.adjust("1500 millis")
      assert.strictEqual((yield* call("GET", "/v1/invitations")).headers["date"], "Tue, 10 Feb 1970 00:00:01 GMT")
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("sends a trace id with every response, the one of the body if the body has one", () =>
    Effect.gen(function*() {
      const responses = yield* Effect.all([
        call("GET", "/v1/invitations"),
        call("POST", "/v1/invitations", { email_address: ada }),
        call("POST", "/v1/invitations", {}),
        call("GET", "/v1/invitations?limit=0"),
        send("GET", "/v1/invitations", { headers: {} }),
        call("DELETE", "/v1/invitations/inv_nowhere"),
        call("GET", "/v1/nothing")
      ])
      const ids = responses.map(({ headers }) => headers["x-clerk-trace-id"])
      assert.isTrue(ids.every((id) => id !== undefined && /^trace_\w+$/.test(id)))
      assert.strictEqual(new Set(ids).size, ids.length)
      for (const { headers, text } of responses) {
        if (text.includes("clerk_trace_id")) assert.include(text, `"clerk_trace_id":"${headers["x-clerk-trace-id"]}"`)
      }
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("gives every error its own trace id", () =>
    Effect.gen(function*() {
      const responses = yield* Effect.all([
        call("POST", "/v1/invitations", {}),
        call("GET", "/v1/invitations?limit=0"),
        send("GET", "/v1/invitations", { headers: {} }),
        call("DELETE", "/v1/invitations/inv_nowhere")
      ])
      const traceIds = responses.map((response) => decodeErrors(json(response)).clerk_trace_id)
      assert.strictEqual(new Set(traceIds).size, responses.length)
    }).pipe(Effect.provide(emulator.layerRaw())))
})
