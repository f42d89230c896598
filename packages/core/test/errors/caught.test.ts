import type { TransientError } from "@effect-clerk/core/InvitationError"
import {
  BadRequest,
  ClientError,
  Conflict,
  ConnectionError,
  duplicateEmails,
  hasCode,
  isDuplicate,
  isTransient,
  NotFound,
  RateLimited,
  retryAfter,
  ServerError,
  Timeout,
  TooManyRequests
} from "@effect-clerk/core/InvitationError"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Cause, Duration, Effect, Exit, Layer, ManagedRuntime, Option } from "effect"
import { apiError, detail, duplicates, userExists } from "./utils.js"

/** What plain code catches from `runPromise` and `runSync`. */
const caught = async (error: unknown): Promise<ReadonlyArray<unknown>> => {
  const runtime = ManagedRuntime.make(Layer.empty)
  const failures: Array<unknown> = []
  for (const run of [Effect.runPromise, runtime.runPromise]) {
    await run(Effect.fail(error)).catch((failure: unknown) => {
      failures.push(failure)
    })
  }
  for (const run of [Effect.runSync, runtime.runSync]) {
    try {
      run(Effect.fail(error))
    } catch (failure) {
      failures.push(failure)
    }
  }
  await runtime.dispose()
  return failures
}

describe("the predicates on what plain code catches", () => {
  it("accept the failure of runPromise and runSync", async () => {
    const failures = await caught(duplicates)
    assert.lengthOf(failures, 4)
    for (const failure of failures) {
      assert.isFalse(failure instanceof BadRequest)
      assert.isTrue(isDuplicate(failure))
      assert.isTrue(hasCode(failure, "duplicate_record"))
      assert.deepStrictEqual(duplicateEmails(failure), ["ada@example.com", "bob@example.com", "dan@example.com"])
      assert.isFalse(isTransient(failure))
    }
    for (const failure of await caught(userExists)) assert.isFalse(isDuplicate(failure))
    for (const failure of await caught(new Error("other"))) assert.isFalse(isDuplicate(failure))
  })

  it("accept a cause, also one with an interruption or a defect beside the failure", () => {
    for (
      const cause of [
        Cause.fail(duplicates),
        Cause.parallel(Cause.die("defect"), Cause.fail(duplicates)),
        Cause.sequential(Cause.fail(duplicates), Cause.die(new Error("in a finalizer")))
      ]
    ) {
      assert.isTrue(isDuplicate(cause))
      assert.isTrue(hasCode(cause, "bad_request"))
    }
    for (const cause of [Cause.empty, Cause.die(duplicates), Cause.fail(userExists)]) {
      assert.isFalse(isDuplicate(cause))
      assert.isFalse(hasCode(cause, "duplicate_record"))
    }
  })

  it("narrow an error, and are boolean for a cause", () => {
    const exit: Exit.Exit<never, BadRequest | NotFound> = Exit.fail(duplicates)
    const error: BadRequest | NotFound = duplicates
    if (isDuplicate(error)) expectTypeOf(error).toExtend<BadRequest>()
    assert.isTrue(Exit.isFailure(exit) && isDuplicate(exit.cause))
    const failing: Effect.Effect<void, BadRequest | TransientError | Conflict | ClientError> = Effect.fail(duplicates)
    const filtered = failing.pipe(
      Effect.catchIf(isTransient, (transient) => {
        const narrowed: TransientError = transient
        return Effect.sync(() => {
          assert.isDefined(narrowed._tag)
        })
      })
    )
    // `Conflict` and `ClientError` stay in the type: they are transient only with one of their codes.
    const left: Effect.Effect<void, BadRequest | Conflict | ClientError> = filtered
    assert.isTrue(Exit.isFailure(Effect.runSyncExit(left)))
  })
})

const wait = Option.some(Duration.seconds(30))
const noTrace = { errors: [], traceId: Option.none() }

const locked = new Conflict(apiError("revoke", 409, detail("resource_locked")))
const limited = new TooManyRequests({ operation: "create", status: 429, ...noTrace, retryAfter: wait })
const failed = new ServerError({ operation: "list", status: 503, ...noTrace, retryAfter: wait })
const rateLimited = new RateLimited({ operation: "create", reason: "maxWait", retryAfter: wait })

describe("isTransient", () => {
  it.each([
    locked,
    new ClientError(apiError("list", 409, detail("resource_locked"))),
    limited,
    failed,
    rateLimited,
    new ConnectionError({ operation: "list", reason: "Dns", code: Option.none() }),
    new Timeout({ operation: "list", limit: "total", duration: Duration.seconds(1) })
  ])("is true for %s", async (error) => {
    assert.isTrue(isTransient(error))
    assert.isTrue(isTransient(Cause.fail(error)))
    for (const failure of await caught(error)) assert.isTrue(isTransient(failure))
  })

  it.each([
    new Conflict(apiError("revoke", 409, detail("conflict"))),
    new ClientError(apiError("list", 413)),
    new NotFound(apiError("revoke", 404)),
    duplicates,
    userExists,
    undefined
  ])("is false for %s", (error) => {
    assert.isFalse(isTransient(error))
  })
})

describe("retryAfter", () => {
  it("is the time that Clerk or the rate limit named", async () => {
    for (const error of [limited, failed, rateLimited]) {
      assertSome(retryAfter(error), Duration.seconds(30))
      assertSome(retryAfter(Cause.fail(error)), Duration.seconds(30))
      for (const failure of await caught(error)) assertSome(retryAfter(failure), Duration.seconds(30))
    }
  })

  it("is None if the error has no such time", () => {
    const silent = new TooManyRequests({ operation: "create", status: 429, ...noTrace, retryAfter: Option.none() })
    for (const error of [silent, locked, duplicates, undefined, new Error("x"), { retryAfter: wait }]) {
      assertNone(retryAfter(error))
    }
  })
})

describe("the code of a ClientError", () => {
  it("is that of the first entry, or None", () => {
    assertSome(new ClientError(apiError("list", 413, detail("too_large"), detail("other"))).code, "too_large")
    assertNone(new ClientError(apiError("list", 413)).code)
  })
})
