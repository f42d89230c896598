import { InvitationId } from "@effect-clerk/core/Invitation"
import type { LastFailure } from "@effect-clerk/core/InvitationError"
import {
  AmbiguousWrite,
  BadRequest,
  Conflict,
  duplicateEmails,
  Forbidden,
  NotFound,
  ServerError,
  TooManyRequests,
  Unauthorized,
  UnexpectedResponse,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Option, Redacted } from "effect"
import { logged, renderings } from "../utils.js"
import { apiError, detail } from "./utils.js"

describe("redaction of errors", () => {
  /** The tests put it into every field that may contain an address. */
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
  const fields = { ...apiError("create", 400), errors, traceId: Option.some("trace-abc1") }
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
    it("contains no address, long message or meta in its message or in any rendering", () => {
      assert.include(error.message, "Clerk answered create with status 400")
      assert.isFalse(error.message.includes(secret))
      assert.deepStrictEqual(renderings(error).filter(([, text]) => text.includes(secret)), [])
      assert.isTrue(renderings(error).every(([, text]) => text.length > 0))
    })

    it.effect("contains none of them in any log", () =>
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

  it("keeps the values readable as properties", () => {
    const [error] = ambiguous
    assert.deepStrictEqual(error === undefined ? [] : Redacted.value(error.emailAddresses), [`${secret}@example.com`])
    assert.deepStrictEqual(duplicateEmails(failures[0]), [`${secret}@example.com`])
    assert.strictEqual(errors[0]?.longMessage, quoted)
  })

  it("leaves the excerpt of an UnexpectedResponse out of its message", () => {
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
