import { InvitationId } from "@effect-clerk/core/Invitation"
import {
  AmbiguousWrite,
  ClientError,
  ConnectionError,
  ServerError,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Option, Redacted } from "effect"
import { callFailure } from "../../src/internal/call/call.js"
import { createError, revokeError } from "../../src/internal/write/writeError.js"

const id = InvitationId.make("inv_1")

const lost = new ConnectionError({ operation: "create", reason: "Lost", code: Option.none() })

const serverError = new ServerError({
  operation: "create",
  status: 500,
  errors: [],
  traceId: Option.none(),
  retryAfter: Option.none()
})

/** The fields of an error that has to be an `AmbiguousWrite`. */
const ambiguous = (error: unknown) => {
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
    deepStrictEqual(ambiguous(createError("createBulk", { requests })(callFailure(lost, true, [id]))), {
      operation: "createBulk",
      emailAddresses: ["person1@example.com", "person2@example.com"],
      id: Option.none(),
      candidates: [id],
      lastFailure: lost
    })
    deepStrictEqual(ambiguous(revokeError("revoke", id)(callFailure(lost, true))), {
      operation: "revoke",
      emailAddresses: [],
      id: Option.some(id),
      candidates: [],
      lastFailure: lost
    })
  })

  it("is AmbiguousWrite after a ServerError", () => {
    assert.strictEqual(ambiguous(revokeError("delete", id)(callFailure(serverError, false))).lastFailure, serverError)
  })

  it("is otherwise the error of the last attempt", () => {
    const unprocessable = new Unprocessable({ operation: "create", status: 422, errors: [], traceId: Option.none() })
    for (const error of [lost, unprocessable]) {
      assert.strictEqual(createError("create", {})(callFailure(error, false)), error)
    }
    assert.strictEqual(revokeError("revoke", id)(callFailure(lost, false)), lost)
    const error = revokeError("revoke", id)(callFailure(unprocessable, false))
    assert.instanceOf(error, ClientError)
    assert.strictEqual(error.status, 422)
  })
})
