import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { InvitationId } from "@effect-clerk/core/Invitation"
import {
  AmbiguousWrite,
  BadRequest,
  Conflict,
  ConnectionError,
  Forbidden,
  InvalidField,
  InvalidRequest,
  NotFound,
  ServerError,
  Timeout,
  TooManyRequests,
  Unauthorized,
  UnexpectedResponse,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Equal, FastCheck as fc, Option, Redacted, Schema } from "effect"
import { apiError, detail } from "./utils.js"

describe("errors as schemas", () => {
  const roundTrip = <A, I>(schema: Schema.Schema<A, I>, error: A) => {
    const encoded = Schema.encodeSync(schema)(error)
    const text = JSON.stringify(encoded)
    const decoded = Schema.decodeUnknownSync(schema)(JSON.parse(text))
    assert.strictEqual(JSON.stringify(Schema.encodeSync(schema)(decoded)), text)
    return decoded
  }

  const full = {
    ...apiError("create", 422, detail("form_param_missing", { param_name: "notify" }, "short", "long")),
    traceId: Option.some("abc1")
  }

  it.each(
    [
      ["BadRequest", () => roundTrip(BadRequest, new BadRequest(full)), BadRequest],
      ["Unauthorized", () => roundTrip(Unauthorized, new Unauthorized(full)), Unauthorized],
      ["Forbidden", () => roundTrip(Forbidden, new Forbidden(full)), Forbidden],
      ["NotFound", () => roundTrip(NotFound, new NotFound(full)), NotFound],
      ["Conflict", () => roundTrip(Conflict, new Conflict(full)), Conflict],
      ["Unprocessable", () => roundTrip(Unprocessable, new Unprocessable(full)), Unprocessable]
    ] as const
  )("%s survives JSON without Clerk's messages", (_, trip, constructor) => {
    const error = trip()
    assert.isTrue(error instanceof constructor)
    assert.strictEqual(error.message, new constructor(full).message)
    assert.strictEqual(error.status, 422)
    assert.isTrue(Equal.equals(error.traceId, Option.some("abc1")))
    const [read] = error.errors
    assert.instanceOf(read, ErrorDetail)
    assert.isTrue(Equal.equals(read.paramName, Option.some("notify")))
    assert.strictEqual(read.longMessage, "")
    assert.deepStrictEqual(read.meta, {})
  })

  it("TooManyRequests and ServerError survive JSON with retryAfter", () => {
    const retryAfter = Option.some(Duration.seconds(30))
    const limited = roundTrip(TooManyRequests, new TooManyRequests({ ...full, retryAfter }))
    assert.instanceOf(limited, TooManyRequests)
    assert.isTrue(Equal.equals(limited.retryAfter, Option.some(Duration.seconds(30))))
    const failed = roundTrip(ServerError, new ServerError({ ...full, retryAfter }))
    assert.instanceOf(failed, ServerError)
    assert.isTrue(Equal.equals(failed.retryAfter, Option.some(Duration.seconds(30))))
  })

  it("InvalidRequest survives JSON with its issues", () => {
    const error = new InvalidRequest({
      operation: "ensure",
      issues: [new InvalidField({ path: "notify", message: "must be true or false" })]
    })
    const read = roundTrip(InvalidRequest, error)
    assert.instanceOf(read, InvalidRequest)
    assert.strictEqual(read.message, error.message)
    assert.instanceOf(read.issues[0], InvalidField)
  })

  it("AmbiguousWrite survives JSON with its addresses, redacted again, and its last failure", () => {
    const read = roundTrip(
      AmbiguousWrite,
      new AmbiguousWrite({
        operation: "revoke",
        emailAddresses: Redacted.make(["ada@example.com"]),
        id: Option.some(InvitationId.make("inv_1")),
        candidates: [InvitationId.make("inv_2")],
        lastFailure: new Timeout({ operation: "revoke", limit: "total", duration: Duration.seconds(60) })
      })
    )
    assert.instanceOf(read, AmbiguousWrite)
    assert.isTrue(Redacted.isRedacted(read.emailAddresses))
    assert.deepStrictEqual(Redacted.value(read.emailAddresses), ["ada@example.com"])
    assert.isTrue(Equal.equals(read.id, Option.some(InvitationId.make("inv_1"))))
    assert.deepStrictEqual(read.candidates, [InvitationId.make("inv_2")])
    assert.instanceOf(read.lastFailure, Timeout)
    assert.strictEqual(read.lastFailure.message, "revoke took longer than 1m (the timeout of the whole call)")
  })

  it.prop("every ServerError survives JSON", [
    fc.record({
      status: fc.integer({ min: 400, max: 599 }),
      code: fc.string(),
      message: fc.string(),
      longMessage: fc.string(),
      meta: fc.dictionary(fc.string(), fc.jsonValue({ depthSize: "small" })),
      traceId: fc.option(fc.string()),
      wait: fc.option(fc.nat())
    })
  ], ([{ code, longMessage, message, meta, status, traceId, wait }]) => {
    const error = new ServerError({
      operation: "list",
      status,
      errors: [new ErrorDetail({ code, message, longMessage, meta })],
      traceId: Option.fromNullable(traceId),
      retryAfter: Option.map(Option.fromNullable(wait), Duration.millis)
    })
    const read = roundTrip(ServerError, error)
    assert.strictEqual(read.errors[0]?.code, code)
    assert.strictEqual(read.message, error.message)
  })

  it.prop(
    "every ConnectionError and UnexpectedResponse survives JSON",
    [ConnectionError, UnexpectedResponse],
    ([lost, odd]) => {
      assert.strictEqual(roundTrip(ConnectionError, lost).message, lost.message)
      assert.strictEqual(roundTrip(UnexpectedResponse, odd).message, odd.message)
    }
  )
})
