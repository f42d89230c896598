import type { LastFailure } from "@effect-clerk/core"
import {
  AmbiguousWrite,
  BadRequest,
  Conflict,
  ConnectionError,
  duplicateEmails,
  ErrorDetail,
  Forbidden,
  hasCode,
  InvalidField,
  InvalidRequest,
  InvitationId,
  isAlreadyAccepted,
  isAlreadyRevoked,
  isDuplicate,
  isUserExists,
  Metadata,
  NotFound,
  RateLimited,
  ServerError,
  Timeout,
  TooManyRequests,
  Unauthorized,
  UnexpectedResponse,
  Unprocessable
} from "@effect-clerk/core"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Cause, Duration, Effect, Either, Equal, FastCheck as fc, Option, Redacted, Schema } from "effect"
import { inspect } from "node:util"
import { logged, renderings } from "./utils.js"

const detail = (code: string, meta: Record<string, unknown> = {}, message = "", longMessage = "") =>
  new ErrorDetail({ code, message, longMessage, meta })

const answered = (
  operation: "create" | "createBulk" | "list" | "revoke" | "delete",
  status: number,
  ...errors: ReadonlyArray<ErrorDetail>
) => ({ operation, status, errors, traceId: Option.none<string>() })

const duplicates = new BadRequest(
  answered(
    "createBulk",
    400,
    detail("duplicate_record", { email_addresses: ["ada@example.com", 7, "bob@example.com"] }),
    detail("bad_request", { email_addresses: ["eve@example.com"] }),
    detail("duplicate_record", { email_addresses: ["dan@example.com"] })
  )
)
const revokedBefore = new BadRequest(answered("revoke", 400, detail("invitation_already_revoked")))
const acceptedBefore = new BadRequest(answered("revoke", 400, detail("invitation_already_accepted")))
const userExists = new Unprocessable(
  answered("create", 422, detail("form_identifier_exists", { param_name: "email_address" }))
)

describe("message", () => {
  const cases: ReadonlyArray<readonly [{ readonly _tag: string; readonly message: string }, string]> = [
    [
      new BadRequest(answered("create", 400, detail("duplicate_record"))),
      "Clerk answered create with status 400: a pending invitation exists already; pass ignoreExisting to create another"
    ],
    [
      new BadRequest({
        ...answered("revoke", 400, detail("invitation_already_revoked")),
        traceId: Option.some("abc1")
      }),
      "Clerk answered revoke with status 400: the invitation has been revoked already [trace id abc1]"
    ],
    [
      new Unauthorized(answered("list", 401, detail("clerk_key_invalid"))),
      "Clerk answered list with status 401: the secret key is invalid; check CLERK_SECRET_KEY"
    ],
    [
      new Forbidden(answered("createBulk", 403, detail("quota_exceeded"))),
      "Clerk answered createBulk with status 403: the quota of this instance is used up"
    ],
    [
      new NotFound(answered("delete", 404, detail("resource_not_found"))),
      "Clerk answered delete with status 404: the invitation does not exist"
    ],
    [
      new Conflict(answered("revoke", 409, detail("resource_locked"))),
      "Clerk answered revoke with status 409: another request is changing the same resource"
    ],
    [userExists, "Clerk answered create with status 422: an address belongs to a user already (email_address)"],
    [
      new TooManyRequests({
        ...answered("create", 429, detail("too_many_requests")),
        retryAfter: Option.some(Duration.seconds(90))
      }),
      "Clerk answered create with status 429: too many requests; Clerk asks to wait (retry after 1m 30s)"
    ],
    [
      new TooManyRequests({ ...answered("list", 429), retryAfter: Option.none() }),
      "Clerk answered list with status 429: Clerk gave no reason"
    ],
    [
      new ServerError({ ...answered("list", 502), retryAfter: Option.none() }),
      "Clerk answered list with status 502: Clerk, or a gateway in front of it, failed"
    ],
    [
      new ServerError({
        ...answered("list", 503, detail("service_unavailable")),
        traceId: Option.some("abc1"),
        retryAfter: Option.some(Duration.seconds(2))
      }),
      "Clerk answered list with status 503: Clerk is temporarily unavailable [trace id abc1] (retry after 2s)"
    ],
    [
      new InvalidRequest({
        operation: "create",
        issues: [new InvalidField({ path: "expiresInDays", message: "must be a whole number of days from 1 to 365" })]
      }),
      "create was not sent: expiresInDays must be a whole number of days from 1 to 365"
    ],
    [
      new InvalidRequest({
        operation: "createBulk",
        issues: [
          new InvalidField({ path: "", message: "must be an object" }),
          new InvalidField({ path: "requests[3].notify", message: "must be true or false" })
        ]
      }),
      "createBulk was not sent: the input must be an object; requests[3].notify must be true or false"
    ],
    ...([
      ["Dns", "create was not sent: the host name of the API URL could not be resolved (E1)"],
      ["Refused", "create was not sent: the connection was refused (E1)"],
      ["Unreachable", "create was not sent: the host is unreachable (E1)"],
      ["ConnectTimeout", "create was not sent: the connection attempt timed out (E1)"],
      ["Tls", "create was not sent: a secure (TLS) connection could not be established (E1)"],
      ["InvalidUrl", "create was not sent: the API URL is invalid; check apiUrl (E1)"],
      ["Lost", "The connection was lost during create (E1)"]
    ] as const).map(([reason, message]) =>
      [new ConnectionError({ operation: "create", reason, code: Option.some("E1") }), message] as const
    ),
    [
      new ConnectionError({ operation: "list", reason: "Lost", code: Option.none() }),
      "The connection was lost during list"
    ],
    [
      new RateLimited({ operation: "create", reason: "maxWait", retryAfter: Option.some(Duration.minutes(50)) }),
      "create was not sent: the wait for the rate limit would exceed maxWait (retry after 50m)"
    ],
    [
      new RateLimited({ operation: "list", reason: "store", retryAfter: Option.none() }),
      "list was not sent: the rate-limit store is unavailable"
    ],
    [
      new Timeout({ operation: "list", limit: "attempt", duration: Duration.seconds(10) }),
      "list took longer than 10s (the timeout of one attempt)"
    ],
    [
      new Timeout({ operation: "create", limit: "total", duration: Duration.minutes(1) }),
      "create took longer than 1m (the timeout of the whole call)"
    ],
    [
      new UnexpectedResponse({
        operation: "list",
        status: 200,
        reason: "a body that is no JSON",
        excerpt: "<html>",
        traceId: Option.some("abc1")
      }),
      "Clerk answered list with status 200 and a body that is no JSON [trace id abc1]"
    ],
    [
      new AmbiguousWrite({
        operation: "create",
        emailAddresses: Redacted.make(["ada@example.com"]),
        id: Option.none(),
        candidates: [],
        lastFailure: new Timeout({ operation: "create", limit: "attempt", duration: Duration.seconds(10) })
      }),
      "The outcome of create is unknown. Check the list before you retry. " +
      "Last failure: create took longer than 10s (the timeout of one attempt)"
    ],
    [
      new AmbiguousWrite({
        operation: "createBulk",
        emailAddresses: Redacted.make(["ada@example.com"]),
        id: Option.none(),
        candidates: [InvitationId.make("inv_1"), InvitationId.make("inv_2")],
        lastFailure: new ConnectionError({ operation: "createBulk", reason: "Lost", code: Option.none() })
      }),
      "The outcome of createBulk is unknown; 2 candidate(s) found. Check the list before you retry. " +
      "Last failure: The connection was lost during createBulk"
    ]
  ]

  it.each(cases.map(([error, message]) => [error._tag, message, error] as const))(
    "of %s is one sentence: %s",
    (_, message, error) => {
      assert.strictEqual(error.message, message)
    }
  )

  it.each(cases.map(([error, message]) => [error._tag, message, error] as const))(
    "of %s is what Cause.pretty and inspect begin with: %s",
    (tag, message, error) => {
      assert.strictEqual(inspect(error).split("\n").at(0), `${tag}: ${message}`)
      assert.strictEqual(Cause.pretty(Cause.fail(error)).split("\n").at(0), `${tag}: ${message}`)
    }
  )

  it("says each reason once, in the order of the answer", () => {
    const error = new Unprocessable(
      answered(
        "create",
        422,
        detail("form_param_unknown", { param_name: "a" }),
        detail("form_param_missing", { param_name: "email_address" }),
        detail("form_param_unknown", { param_name: "a" })
      )
    )
    assert.strictEqual(
      error.message,
      "Clerk answered create with status 422: a field is not known to Clerk (a); a field is missing (email_address)"
    )
  })

  it("names a code that it has no sentence for, if it looks like a code", () => {
    assert.include(new BadRequest(answered("create", 400, detail("brand_new_code"))).message, ": brand_new_code")
    assert.include(new BadRequest(answered("create", 400, detail("no mail for ada@x.co"))).message, ": unknown reason")
    assert.include(new BadRequest(answered("create", 400, detail("x".repeat(65)))).message, ": unknown reason")
    assert.include(new BadRequest(answered("create", 400, detail(""))).message, ": unknown reason")
  })

  it("names a field only if it looks like one", () => {
    const messageFor = (param_name: unknown) =>
      new Unprocessable(answered("create", 422, detail("form_param_unknown", { param_name }))).message
    assert.isTrue(messageFor("0.public_metadata[x]").endsWith("(0.public_metadata[x])"))
    for (const name of ["ada@example.com", "a b", "", "x".repeat(65), 7, null, ["email_address"]]) {
      assert.isTrue(messageFor(name).endsWith("a field is not known to Clerk"))
    }
  })

  it("of a code that every object inherits is a sentence too", () => {
    assert.include(new BadRequest(answered("create", 400, detail("constructor"))).message, ": constructor")
  })
})

describe("classes", () => {
  it("are caught by their tags", () => {
    const recovered = Effect.fail<BadRequest | NotFound>(revokedBefore).pipe(
      Effect.catchTag("BadRequest", (error) => Effect.succeed(error.status)),
      Effect.runSync
    )
    assert.strictEqual(recovered, 400)
  })

  it("are errors, with a stack", () => {
    assert.instanceOf(userExists, Error)
    assert.strictEqual(userExists.name, "Unprocessable")
    assert.include(userExists.stack, "InvitationError.test.ts")
  })

  it("refuse an invalid request without an issue", () => {
    assert.isTrue(
      Either.isLeft(
        Schema.decodeUnknownEither(InvalidRequest)({ _tag: "InvalidRequest", operation: "create", issues: [] })
      )
    )
  })
})

describe("hasCode", () => {
  it("finds a code among the details, in any class that carries them", () => {
    assert.isTrue(hasCode(duplicates, "bad_request"))
    assert.isTrue(hasCode(userExists, "form_identifier_exists"))
    assert.isTrue(hasCode(new Conflict(answered("revoke", 409, detail("brand_new_code"))), "brand_new_code"))
  })

  it("is false for a code that is not there", () => {
    assert.isFalse(hasCode(duplicates, "conflict"))
    assert.isFalse(hasCode(duplicates, ""))
    assert.isFalse(hasCode(new NotFound(answered("revoke", 404)), "resource_not_found"))
  })

  it.each([
    undefined,
    null,
    "conflict",
    new Error("conflict"),
    { errors: "conflict" },
    { errors: [{ code: "conflict" }, null] },
    new Timeout({ operation: "list", limit: "total", duration: Duration.seconds(1) }),
    new RateLimited({ operation: "list", reason: "maxWait", retryAfter: Option.some(Duration.seconds(1)) })
  ])("is false for %s, which is no answer of Clerk", (value) => {
    assert.isFalse(hasCode(value, "conflict"))
  })
})

describe.each(
  [
    ["isDuplicate", isDuplicate, duplicates],
    ["isAlreadyRevoked", isAlreadyRevoked, revokedBefore],
    ["isAlreadyAccepted", isAlreadyAccepted, acceptedBefore],
    ["isUserExists", isUserExists, userExists]
  ] as const
)("%s", (_, predicate, positive) => {
  it("is true for what it asks after", () => {
    assert.isTrue(predicate(positive))
  })

  it("is false for every other error", () => {
    for (const other of [duplicates, revokedBefore, acceptedBefore, userExists]) {
      assert.strictEqual(predicate(other), other === positive)
    }
  })

  it("is false for the same code in another class", () => {
    assert.isTrue(positive.errors.length > 0)
    assert.isFalse(predicate(new Conflict({ ...answered("create", 409), errors: positive.errors })))
  })

  it("is false for what is no error of this library", () => {
    for (const value of [undefined, null, "duplicate_record", { ...positive }, new Error(positive.message)]) {
      assert.isFalse(predicate(value))
    }
  })
})

describe("handling what a predicate asks after", () => {
  it("leaves the other failures of its class in the type", () => {
    const handle = <E>(error: E) => Effect.fail(error).pipe(Effect.catchIf(isDuplicate, () => Effect.void))
    expectTypeOf(handle(duplicates as BadRequest | Timeout)).toEqualTypeOf<Effect.Effect<void, BadRequest | Timeout>>()
    assert.deepStrictEqual(Effect.runSync(Effect.either(handle(duplicates))), Either.void)
    assert.deepStrictEqual(Effect.runSync(Effect.either(handle(revokedBefore))), Either.left(revokedBefore))
  })
})

describe("duplicateEmails", () => {
  it("lists the addresses of every duplicate, and of nothing else, in order", () => {
    assert.deepStrictEqual(duplicateEmails(duplicates), ["ada@example.com", "bob@example.com", "dan@example.com"])
  })

  it("is empty for a duplicate that names no address", () => {
    assert.deepStrictEqual(duplicateEmails(new BadRequest(answered("create", 400, detail("duplicate_record")))), [])
    assert.deepStrictEqual(
      duplicateEmails(
        new BadRequest(answered("create", 400, detail("duplicate_record", { email_addresses: "ada@example.com" })))
      ),
      []
    )
  })

  it("is empty for anything else", () => {
    const other = new Conflict({ ...answered("create", 409), errors: duplicates.errors })
    for (const value of [other, userExists, revokedBefore, new Error("x"), undefined, "ada@example.com"]) {
      assert.deepStrictEqual(duplicateEmails(value), [])
    }
  })
})

describe("ErrorDetail", () => {
  const decode = Schema.decodeUnknownSync(ErrorDetail)

  it("reads what Clerk sends", () => {
    const read = decode({
      code: "form_param_missing",
      message: "is missing",
      long_message: "email_address must be included.",
      meta: { param_name: "email_address", email_addresses: ["ada@example.com"] },
      extra: 1
    })
    assert.strictEqual(read.code, "form_param_missing")
    assert.strictEqual(read.message, "is missing")
    assert.strictEqual(read.longMessage, "email_address must be included.")
    assert.isTrue(Equal.equals(read.paramName, Option.some("email_address")))
    assert.deepStrictEqual(read.emailAddresses, ["ada@example.com"])
  })

  it.each([{ code: "conflict" }, { code: "conflict", message: null, long_message: null, meta: null }])(
    "reads %j, where all but the code is missing",
    (sent) => {
      const read = decode(sent)
      assert.strictEqual(read.message, "")
      assert.strictEqual(read.longMessage, "")
      assert.deepStrictEqual(read.meta, {})
      assert.isTrue(Option.isNone(read.paramName))
      assert.deepStrictEqual(read.emailAddresses, [])
    }
  )

  it.each([{}, { code: null }, { code: 1 }, { code: "x", message: 1 }, { code: "x", meta: "x" }, "conflict"])(
    "refuses %j",
    (sent) => {
      assert.isTrue(Either.isLeft(Schema.decodeUnknownEither(ErrorDetail)(sent)))
    }
  )

  it("shows its code and its field, and keeps the rest to itself", () => {
    const shown = detail("form_param_missing", { param_name: "notify", other: "ada@example.com" }, "m", "l")
    assert.deepStrictEqual(shown.toJSON(), { code: "form_param_missing", paramName: "notify" })
    assert.strictEqual(JSON.stringify(detail("conflict")), "{\"code\":\"conflict\"}")
    assert.include(String(shown), "form_param_missing")
  })
})

describe("what errors give away", () => {
  /** In every place where Clerk, or a caller, may have put it. */
  const secret = "ada.lovelace"
  const quoted = `no mail for ${secret}@example.com`
  const errors = [
    detail(
      "duplicate_record",
      {
        param_name: `${secret}@example.com`,
        email_addresses: [`${secret}@example.com`],
        [secret]: { deep: { deeper: { deepest: [quoted] } } }
      },
      quoted,
      quoted
    )
  ]
  const fields = { ...answered("create", 400), errors, traceId: Option.some("trace-abc1") }
  const failures: ReadonlyArray<LastFailure> = [
    new BadRequest(fields),
    new Unauthorized(fields),
    new Forbidden(fields),
    new NotFound(fields),
    new Conflict(fields),
    new Unprocessable(fields),
    new TooManyRequests({ ...fields, retryAfter: Option.some(Duration.seconds(1)) }),
    new ServerError({ ...fields, retryAfter: Option.none() })
  ]
  const ambiguous = failures.map((lastFailure) =>
    new AmbiguousWrite({
      operation: "create",
      emailAddresses: Redacted.make([`${secret}@example.com`]),
      id: Option.none(),
      candidates: [InvitationId.make("inv_1")],
      lastFailure
    })
  )

  describe.each([
    ...failures.map((error) => [error._tag, error] as const),
    ...ambiguous.map((error) => [`AmbiguousWrite after ${error.lastFailure._tag}`, error] as const)
  ])("%s", (_, error) => {
    it("has no address, long message or meta in its message or in any way of printing it", () => {
      assert.include(error.message, "Clerk answered create with status 400")
      assert.isFalse(error.message.includes(secret))
      assert.deepStrictEqual(renderings(error).filter(([, text]) => text.includes(secret)), [])
      assert.isTrue(renderings(error).every(([, text]) => text.length > 0))
    })

    it.effect("has none of them in any log", () =>
      Effect.gen(function*() {
        const lines = yield* logged(error)
        assert.isTrue(lines.length >= 7)
        for (const logger of new Set(lines.map(([how]) => how))) {
          const text = lines.flatMap(([how, line]) => how === logger ? [line] : []).join("\n")
          assert.include(text, "Clerk answered create with status 400")
        }
        assert.deepStrictEqual(lines.filter(([, text]) => text.includes(secret)), [])
      }))
  })

  it("is still there for who asks", () => {
    const [error] = ambiguous
    assert.deepStrictEqual(error === undefined ? [] : Redacted.value(error.emailAddresses), [`${secret}@example.com`])
    assert.deepStrictEqual(duplicateEmails(failures[0]), [`${secret}@example.com`])
    assert.strictEqual(errors[0]?.longMessage, quoted)
  })

  it("does not include the excerpt of an unexpected response in its message", () => {
    const error = new UnexpectedResponse({
      operation: "list",
      status: 200,
      reason: "no JSON",
      excerpt: secret,
      traceId: Option.none()
    })
    assert.isFalse(error.message.includes(secret))
    assert.strictEqual(error.excerpt, secret)
  })
})

describe("as schemas", () => {
  const trips = <A, I>(schema: Schema.Schema<A, I>, error: A) => {
    const encoded = Schema.encodeSync(schema)(error)
    const text = JSON.stringify(encoded)
    const decoded = Schema.decodeUnknownSync(schema)(JSON.parse(text))
    assert.strictEqual(JSON.stringify(Schema.encodeSync(schema)(decoded)), text)
    return decoded
  }

  const full = {
    ...answered("create", 422, detail("form_param_missing", { param_name: "notify" }, "short", "long")),
    traceId: Option.some("abc1")
  }

  it.each(
    [
      ["BadRequest", () => trips(BadRequest, new BadRequest(full)), BadRequest],
      ["Unauthorized", () => trips(Unauthorized, new Unauthorized(full)), Unauthorized],
      ["Forbidden", () => trips(Forbidden, new Forbidden(full)), Forbidden],
      ["NotFound", () => trips(NotFound, new NotFound(full)), NotFound],
      ["Conflict", () => trips(Conflict, new Conflict(full)), Conflict],
      ["Unprocessable", () => trips(Unprocessable, new Unprocessable(full)), Unprocessable]
    ] as const
  )("%s survives JSON with all that it knows", (_, trip, constructor) => {
    const error = trip()
    assert.isTrue(error instanceof constructor)
    assert.strictEqual(error.message, new constructor(full).message)
    assert.strictEqual(error.status, 422)
    assert.isTrue(Equal.equals(error.traceId, Option.some("abc1")))
    const [read] = error.errors
    assert.instanceOf(read, ErrorDetail)
    assert.strictEqual(read.longMessage, "long")
    assert.deepStrictEqual(read.meta, { param_name: "notify" })
  })

  it("TooManyRequests and ServerError survive JSON with the time to wait", () => {
    const retryAfter = Option.some(Duration.seconds(30))
    const limited = trips(TooManyRequests, new TooManyRequests({ ...full, retryAfter }))
    assert.instanceOf(limited, TooManyRequests)
    assert.isTrue(Equal.equals(limited.retryAfter, Option.some(Duration.seconds(30))))
    const failed = trips(ServerError, new ServerError({ ...full, retryAfter }))
    assert.instanceOf(failed, ServerError)
    assert.isTrue(Equal.equals(failed.retryAfter, Option.some(Duration.seconds(30))))
  })

  it("InvalidRequest survives JSON with its issues", () => {
    const error = new InvalidRequest({
      operation: "ensure",
      issues: [new InvalidField({ path: "notify", message: "must be true or false" })]
    })
    const read = trips(InvalidRequest, error)
    assert.instanceOf(read, InvalidRequest)
    assert.strictEqual(read.message, error.message)
    assert.instanceOf(read.issues[0], InvalidField)
  })

  it("AmbiguousWrite survives JSON with its addresses, redacted again, and its last failure", () => {
    const read = trips(
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

  it.prop("every answer of Clerk survives JSON", [
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
    const read = trips(ServerError, error)
    assert.isTrue(Metadata.equals(read.errors[0]?.meta ?? {}, meta))
    assert.strictEqual(read.message, error.message)
  })

  it("a detail keeps whatever key Clerk sends", () => {
    const meta: unknown = JSON.parse("{\"__proto__\":{\"a\":1},\"constructor\":2}")
    const detail = Schema.decodeUnknownSync(ErrorDetail)({ code: "x", message: "", meta })
    assert.deepStrictEqual(JSON.stringify(detail.meta), "{\"__proto__\":{\"a\":1},\"constructor\":2}")
    const again = Schema.decodeUnknownSync(ErrorDetail)(
      JSON.parse(JSON.stringify(Schema.encodeSync(ErrorDetail)(detail)))
    )
    assert.deepStrictEqual(JSON.stringify(again.meta), JSON.stringify(detail.meta))
  })

  it.prop(
    "a connection error or a wrong answer survives JSON",
    [ConnectionError, UnexpectedResponse],
    ([lost, odd]) => {
      assert.strictEqual(trips(ConnectionError, lost).message, lost.message)
      assert.strictEqual(trips(UnexpectedResponse, odd).message, odd.message)
    }
  )
})
