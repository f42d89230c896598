import { InvitationId } from "@effect-clerk/core/Invitation"
import { AmbiguousWrite, ConnectionError, ServerError } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Option, Redacted } from "effect"
import { callFailure } from "../../src/internal/call/call.js"
import { writeError } from "../../src/internal/write/writeError.js"

const id = InvitationId.make("inv_1")

const lost = new ConnectionError({ operation: "create", reason: "Lost", code: Option.none() })

const serverError = new ServerError({
  operation: "create",
  status: 500,
  errors: [],
  traceId: Option.none(),
  retryAfter: Option.none()
})

const ambiguous = (...args: Parameters<typeof writeError>) => (...failure: Parameters<typeof callFailure>) => {
  const error = writeError(...args)(callFailure(...failure))
  assert.instanceOf(error, AmbiguousWrite)
  return {
    operation: error.operation,
    emailAddresses: Redacted.value(error.emailAddresses),
    id: error.id,
    candidates: error.candidates,
    lastFailure: error.lastFailure
  }
}

describe("the error of a failed write", () => {
  it("is AmbiguousWrite if the write may have been committed", () => {
    const requests = [{ emailAddress: "person1@example.com" }, { emailAddress: "person2@example.com" }]
    assert.deepStrictEqual(ambiguous("createBulk", { requests })(lost, true, [id]), {
      operation: "createBulk",
      emailAddresses: ["person1@example.com", "person2@example.com"],
      id: Option.none(),
      candidates: [id],
      lastFailure: lost
    })
    assert.deepStrictEqual(ambiguous("revoke", { id })(lost, true), {
      operation: "revoke",
      emailAddresses: [],
      id: Option.some(id),
      candidates: [],
      lastFailure: lost
    })
  })

  it("is AmbiguousWrite after a ServerError", () => {
    assert.strictEqual(ambiguous("delete", { id })(serverError, false).lastFailure, serverError)
  })

  it("is otherwise the error of the last attempt", () => {
    assert.strictEqual(writeError("create", {})(callFailure(lost, false)), lost)
  })
})
