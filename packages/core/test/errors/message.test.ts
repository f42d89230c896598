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
  RateLimited,
  ServerError,
  Timeout,
  TooManyRequests,
  Unauthorized,
  UnexpectedResponse,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Option, Redacted } from "effect"
import { inspect } from "node:util"
import { apiError, detail, userExists } from "./utils.js"

describe("error messages", () => {
  const cases: ReadonlyArray<readonly [{ readonly _tag: string; readonly message: string }, string]> = [
    [
      new BadRequest(apiError("create", 400, detail("duplicate_record"))),
      "Clerk answered create with status 400: a pending invitation exists already; pass ignoreExisting to create another"
    ],
    [
      new BadRequest({
        ...apiError("revoke", 400, detail("invitation_already_revoked")),
        traceId: Option.some("abc1")
      }),
      "Clerk answered revoke with status 400: the invitation has been revoked already [trace id abc1]"
    ],
    [
      new Unauthorized(apiError("list", 401, detail("clerk_key_invalid"))),
      "Clerk answered list with status 401: the secret key is invalid; check CLERK_SECRET_KEY"
    ],
    [
      new Forbidden(apiError("createBulk", 403, detail("quota_exceeded"))),
      "Clerk answered createBulk with status 403: the quota of this instance is used up"
    ],
    [
      new NotFound(apiError("delete", 404, detail("resource_not_found"))),
      "Clerk answered delete with status 404: the invitation does not exist"
    ],
    [
      new Conflict(apiError("revoke", 409, detail("resource_locked"))),
      "Clerk answered revoke with status 409: another request is changing the same resource"
    ],
    [userExists, "Clerk answered create with status 422: an address belongs to a user already (email_address)"],
    [
      new TooManyRequests({
        ...apiError("create", 429, detail("too_many_requests")),
        retryAfter: Option.some(Duration.seconds(90))
      }),
      "Clerk answered create with status 429: too many requests; Clerk asks to wait (retry after 1m 30s)"
    ],
    [
      new TooManyRequests({ ...apiError("list", 429), retryAfter: Option.none() }),
      "Clerk answered list with status 429: Clerk gave no reason"
    ],
    [
      new ServerError({ ...apiError("list", 502), retryAfter: Option.none() }),
      "Clerk answered list with status 502: Clerk, or a gateway in front of it, failed"
    ],
    [
      new ServerError({
        ...apiError("list", 503, detail("service_unavailable")),
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
      [
        "Local",
        "create was not sent: this machine has no file descriptor, port or memory left for a connection (E1)"
      ],
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
    "of %s is: %s",
    (_, message, error) => {
      assert.strictEqual(error.message, message)
    }
  )

  it.each(cases.map(([error, message]) => [error._tag, message, error] as const))(
    "of %s is the first line of Cause.pretty and inspect: %s",
    (tag, message, error) => {
      assert.strictEqual(inspect(error).split("\n").at(0), `${tag}: ${message}`)
      assert.strictEqual(Cause.pretty(Cause.fail(error)).split("\n").at(0), `${tag}: ${message}`)
    }
  )

  it("contains each reason once, in the order of the response", () => {
    const error = new Unprocessable(
      apiError(
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

  it("contains an unknown code only if it has the form of a code", () => {
    assert.include(new BadRequest(apiError("create", 400, detail("brand_new_code"))).message, ": brand_new_code")
    assert.include(new BadRequest(apiError("create", 400, detail("no mail for ada@x.co"))).message, ": unknown reason")
    assert.include(new BadRequest(apiError("create", 400, detail("x".repeat(65)))).message, ": unknown reason")
    assert.include(new BadRequest(apiError("create", 400, detail(""))).message, ": unknown reason")
  })

  it("contains a code that is also a property of every object", () => {
    assert.include(new BadRequest(apiError("create", 400, detail("constructor"))).message, ": constructor")
  })
})
