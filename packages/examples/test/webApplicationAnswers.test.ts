import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import {
  BadRequest,
  ClientError,
  ConnectionError,
  Forbidden,
  InvalidField,
  InvalidRequest,
  NotFound,
  RateLimited,
  Timeout,
  TooManyRequests,
  Unauthorized,
  UnexpectedResponse
} from "@effect-clerk/core/InvitationError"
import { assert, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Duration, Option } from "effect"
import * as Answers from "../src/recipes/webApplication/answers.js"
import { InternalFailure, Throttled, Unavailable } from "../src/recipes/webApplication/failures.js"

const invalid = (path: string) =>
  new InvalidRequest({ operation: "create", issues: [new InvalidField({ path, message: "must be valid" })] })

const ofApi = (status: number, code: string) => ({
  operation: "create" as const,
  status,
  errors: [new ErrorDetail({ code, message: "a message", longMessage: "a long message", meta: {} })],
  traceId: Option.some("trace")
})

const limited = (reason: "maxWait" | "store", retryAfter: Option.Option<Duration.Duration>) =>
  new RateLimited({ operation: "create", reason, retryAfter })

it("an invalid option of the application is not the admin's fault", () => {
  assert.strictEqual(Answers.ofCreate(invalid("emailAddress"))._tag, "InvalidInput")
  for (const path of ["secretKey", "timeout.total", "publicMetadata", ""]) {
    deepStrictEqual(Answers.ofCreate(invalid(path)), new InternalFailure())
  }
})

it("the wait is in whole seconds, rounded up, and a minute if Clerk names none", () => {
  const throttled = (retryAfterSeconds: number) => new Throttled({ retryAfterSeconds })
  const soon = Option.some(Duration.millis(1_001))
  deepStrictEqual(Answers.ofCreate(limited("maxWait", soon)), throttled(2))
  deepStrictEqual(Answers.ofCreate(limited("maxWait", Option.none())), throttled(60))
  const tooMany = new TooManyRequests({ ...ofApi(429, "too_many_requests"), retryAfter: soon })
  deepStrictEqual(Answers.ofRevoke(tooMany), throttled(2))
})

it("an outage is no fault of the application", () => {
  for (
    const error of [
      limited("store", Option.none()),
      new ConnectionError({ operation: "create", reason: "Refused", code: Option.none() }),
      new Timeout({ operation: "create", limit: "total", duration: Duration.seconds(15) }),
      new UnexpectedResponse({
        operation: "create",
        status: 200,
        reason: "a body",
        excerpt: "HTML",
        traceId: Option.none()
      })
    ]
  ) {
    deepStrictEqual(Answers.ofCreate(error), new Unavailable({ retryAfterSeconds: 60 }))
  }
})

it("an error that no admin can fix is the application's", () => {
  for (
    const error of [
      new BadRequest(ofApi(400, "dev_monthly_email_limit_exceeded")),
      new Unauthorized(ofApi(401, "clerk_key_invalid")),
      new ClientError(ofApi(402, "unsupported_subscription_plan_features")),
      new Forbidden(ofApi(403, "quota_exceeded")),
      new NotFound(ofApi(404, "resource_not_found"))
    ]
  ) {
    deepStrictEqual(Answers.ofCreate(error), new InternalFailure())
  }
})

it("an invitation that was deleted between the look-up and the revoke is not found", () => {
  assert.strictEqual(Answers.ofRevoke(new NotFound(ofApi(404, "resource_not_found")))._tag, "NoSuchInvitation")
})
