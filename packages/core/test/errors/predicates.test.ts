import {
  BadRequest,
  Conflict,
  duplicateEmails,
  hasCode,
  InvalidRequest,
  isAlreadyAccepted,
  isAlreadyRevoked,
  isDuplicate,
  isUserExists,
  NotFound,
  RateLimited,
  Timeout
} from "@effect-clerk/core/InvitationError"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Duration, Effect, Either, Option, Schema } from "effect"
import { acceptedBefore, apiError, detail, duplicates, revokedBefore, userExists } from "./utils.js"

describe("error classes", () => {
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
    assert.include(userExists.stack, "errors/utils.ts")
  })

  it("reject an InvalidRequest without issues", () => {
    assert.isTrue(
      Either.isLeft(
        Schema.decodeUnknownEither(InvalidRequest)({ _tag: "InvalidRequest", operation: "create", issues: [] })
      )
    )
  })
})

describe("hasCode", () => {
  it("finds a code among the errors of any class that has them", () => {
    assert.isTrue(hasCode(duplicates, "bad_request"))
    assert.isTrue(hasCode(userExists, "form_identifier_exists"))
    assert.isTrue(hasCode(new Conflict(apiError("revoke", 409, detail("brand_new_code"))), "brand_new_code"))
  })

  it("is false for a code that the error does not have", () => {
    assert.isFalse(hasCode(duplicates, "conflict"))
    assert.isFalse(hasCode(duplicates, ""))
    assert.isFalse(hasCode(new NotFound(apiError("revoke", 404)), "resource_not_found"))
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
  ])("is false for %s, which is no API error", (value) => {
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
  it("is true for its own code and class", () => {
    assert.isTrue(predicate(positive))
  })

  it("is false for every other error", () => {
    for (const other of [duplicates, revokedBefore, acceptedBefore, userExists]) {
      assert.strictEqual(predicate(other), other === positive)
    }
  })

  it("is false for the same code in another class", () => {
    assert.isTrue(positive.errors.length > 0)
    assert.isFalse(predicate(new Conflict({ ...apiError("create", 409), errors: positive.errors })))
  })

  it("is false for values that are no error of this library", () => {
    for (const value of [undefined, null, "duplicate_record", { ...positive }, new Error(positive.message)]) {
      assert.isFalse(predicate(value))
    }
  })
})

describe("catchIf with a predicate", () => {
  it("keeps the other errors of the class in the type", () => {
    const handle = <E>(error: E) => Effect.fail(error).pipe(Effect.catchIf(isDuplicate, () => Effect.void))
    expectTypeOf(handle(duplicates as BadRequest | Timeout)).toEqualTypeOf<Effect.Effect<void, BadRequest | Timeout>>()
    assert.deepStrictEqual(Effect.runSync(Effect.either(handle(duplicates))), Either.void)
    assert.deepStrictEqual(Effect.runSync(Effect.either(handle(revokedBefore))), Either.left(revokedBefore))
  })
})

describe("duplicateEmails", () => {
  it("returns the addresses of all duplicates, and no others, in order", () => {
    assert.deepStrictEqual(duplicateEmails(duplicates), ["ada@example.com", "bob@example.com", "dan@example.com"])
  })

  it("is empty for a duplicate that names no address", () => {
    assert.deepStrictEqual(duplicateEmails(new BadRequest(apiError("create", 400, detail("duplicate_record")))), [])
    assert.deepStrictEqual(
      duplicateEmails(
        new BadRequest(apiError("create", 400, detail("duplicate_record", { email_addresses: "ada@example.com" })))
      ),
      []
    )
  })

  it("is empty for anything else", () => {
    const other = new Conflict({ ...apiError("create", 409), errors: duplicates.errors })
    for (const value of [other, userExists, revokedBefore, new Error("x"), undefined, "ada@example.com"]) {
      assert.deepStrictEqual(duplicateEmails(value), [])
    }
  })
})
