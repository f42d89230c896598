import type { Operation } from "@effect-clerk/core/InvitationError"
import {
  AmbiguousWrite,
  BadRequest,
  ClientError,
  Conflict,
  ConnectionError,
  Forbidden,
  NotFound,
  ServerError,
  Timeout,
  TooManyRequests,
  Unauthorized,
  UnexpectedResponse,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { Duration, Effect, Option, Redacted, TestClock } from "effect"
import * as assert from "./assert.js"
import type { ApiError } from "./errors.js"
import { errorFields } from "./errors.js"
import { ada, addresses, adjustUntilDone, encode, encodeAll, failure, makeRequests, withoutRetry } from "./fixtures.js"
import * as Suite from "./suite.js"

export const faults = Suite.make((test) => {
  const statuses = [
    [400, "bad_request", BadRequest],
    [401, "clerk_key_invalid", Unauthorized],
    [403, "quota_exceeded", Forbidden],
    [404, "resource_not_found", NotFound],
    [409, "resource_locked", Conflict],
    [409, "conflict", Conflict],
    [422, "form_param_value_invalid", Unprocessable],
    [429, "too_many_requests", TooManyRequests],
    [402, "quota_exceeded", ClientError],
    [405, "method_not_allowed", ClientError],
    [410, "gone", ClientError],
    [413, "request_too_large", ClientError],
    [415, "unsupported_media_type", ClientError]
  ] as const
  // The operations whose union of errors does not include the class fail with ClientError.
  const outside: { readonly [tag: string]: ReadonlyArray<Operation> } = {
    Conflict: ["list"],
    Unprocessable: ["revoke", "delete"]
  }
  for (const [status, code, constructor] of statuses) {
    test(`status ${status} with code ${code} fails with ${constructor._tag}, or ClientError where that is no error of the operation`, ({ control, invitations }) =>
      Effect.gen(function*() {
        const [seeded] = yield* control.seed([{ emailAddress: ada }])
        assert.isTrue(seeded !== undefined)
        const calls: Record<Operation, Effect.Effect<unknown, unknown>> = {
          create: invitations.create({ emailAddress: "bob@x.co" }),
          createBulk: invitations.createBulk(makeRequests(2)),
          list: invitations.list(),
          revoke: invitations.revoke(seeded.id),
          delete: invitations.delete(seeded.id)
        }
        for (const operation of ["create", "createBulk", "list", "revoke", "delete"] as const) {
          yield* control.failNext(Fault.Response.Status({ status, code }))
          const expected = outside[constructor._tag]?.includes(operation) === true ? ClientError : constructor
          const error = yield* failure<unknown, unknown, ApiError>(withoutRetry(calls[operation]), expected)
          const { errors, ...rest } = errorFields(error)
          assert.deepStrictEqual({ tag: rest.tag, operation: rest.operation, status: rest.status }, {
            tag: expected._tag,
            operation,
            status
          })
          assert.deepStrictEqual(errors, [{ code, message: code, longMessage: code, meta: {} }])
          assert.include(rest.message, `Clerk answered ${operation} with status ${status}: `)
        }
        assert.deepStrictEqual(encodeAll(yield* control.invitations), [encode(seeded)])
      }))
  }

  test(
    "status 503 fails a list with ServerError, its code and its Retry-After",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.failNext(
          Fault.Response.Status({ status: 503, code: "service_unavailable", retryAfter: "120" })
        )
        const error = yield* failure(withoutRetry(invitations.list()), ServerError)
        assert.deepStrictEqual(errorFields(error), {
          tag: "ServerError",
          operation: "list",
          status: 503,
          errors: [{
            code: "service_unavailable",
            message: "service_unavailable",
            longMessage: "service_unavailable",
            meta: {}
          }],
          message: "Clerk answered list with status 503: Clerk is temporarily unavailable (retry after 2m)"
        })
        assert.isSome(error.retryAfter, Duration.minutes(2))
      })
  )

  for (const commit of ["never", "before"] as const) {
    test(
      `status 500 fails writes that ${commit === "never" ? "did not take" : "took"} effect with AmbiguousWrite`,
      (
        { control, invitations }
      ) =>
        Effect.gen(function*() {
          const [one, two] = yield* control.seed([{ emailAddress: ada }, { emailAddress: "bob@x.co" }])
          assert.isTrue(one !== undefined && two !== undefined)
          const writes = [
            ["create", invitations.create({ emailAddress: "cleo@x.co" }), ["cleo@x.co"], Option.none<string>()],
            ["createBulk", invitations.createBulk(makeRequests(2)), addresses(makeRequests(2)), Option.none<string>()],
            ["revoke", invitations.revoke(one.id), [], Option.some<string>(one.id)],
            ["delete", invitations.delete(two.id), [], Option.some<string>(two.id)]
          ] as const
          for (const [operation, call, emailAddresses, id] of writes) {
            yield* control.failNext(Fault.Response.Status({ status: 500 }), { operation, commit })
            const error = yield* failure<unknown, unknown, AmbiguousWrite>(
              withoutRetry<unknown, unknown, never>(call),
              AmbiguousWrite
            )
            assert.strictEqual(error.operation, operation)
            assert.deepStrictEqual(Redacted.value(error.emailAddresses), emailAddresses)
            assert.deepStrictEqual<Option.Option<string>>(error.id, id)
            assert.strictEqual(error.lastFailure._tag, "ServerError")
            assert.include(error.message, `The outcome of ${operation} is unknown`)
          }
          const left = (yield* control.invitations).map(({ emailAddress, status }) => `${emailAddress} ${status}`)
          assert.deepStrictEqual(
            left,
            commit === "never"
              ? [`${ada} pending`, "bob@x.co pending"]
              : [
                `${ada} revoked`,
                "cleo@x.co pending",
                "person1@example.com pending",
                "person2@example.com pending"
              ]
          )
        })
    )
  }

  test("a commit after a delay takes effect at that time", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.failNext(Fault.Response.Status({ status: 500 }), { commit: Duration.seconds(5) })
      yield* failure(withoutRetry(invitations.create({ emailAddress: ada })), AmbiguousWrite)
      yield* TestClock.adjust("4999 millis")
      assert.deepStrictEqual(yield* control.invitations, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(encodeAll(yield* control.invitations).map((row) => [row.email_address, row.created_at]), [[
        ada,
        5000
      ]])
    }))

  test("a gateway's HTML page fails a list with ServerError without codes", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.failNext(Fault.Response.Status({ status: 502, html: true }))
      const error = yield* failure(withoutRetry(invitations.list()), ServerError)
      assert.deepStrictEqual([error.status, error.errors], [502, []])
      assert.match(
        error.message,
        /^Clerk answered list with status 502: Clerk, or a gateway in front of it, failed \[trace id trace_\w+\]$/
      )
    }))

  for (
    const [retryAfter, expected] of [
      ["7", Option.some(Duration.seconds(7))],
      ["0", Option.some(Duration.zero)],
      ["Thu, 01 Jan 1970 00:01:00 GMT", Option.some(Duration.minutes(1))],
      ["1e999", Option.none()],
      ["-5", Option.none()],
      ["soon", Option.none()],
      [undefined, Option.none()]
    ] as const
  ) {
    test(
      `Retry-After: ${retryAfter ?? "absent"} is parsed`,
      ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.failNext(Fault.Response.Status({ status: 429, code: "too_many_requests", retryAfter }))
          const error = yield* failure(withoutRetry(invitations.list()), TooManyRequests)
          assert.deepStrictEqual<Option.Option<Duration.Duration>>(error.retryAfter, expected)
        })
    )
  }

  test(
    "a status that the API does not document fails with ClientError and keeps its code and trace id",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.failNext(Fault.Response.Status({ status: 418, code: "teapot" }))
        const error = yield* failure(withoutRetry(invitations.list()), ClientError)
        const { errors, operation, status } = errorFields(error)
        assert.deepStrictEqual([operation, status, errors[0]?.code], ["list", 418, "teapot"])
        assert.isSome(error.code, "teapot")
      })
  )

  test(
    "a body that is not JSON fails a list with UnexpectedResponse and a create with AmbiguousWrite",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const answer = Fault.Response.Body({ body: "<html>" })
        yield* control.failNext(answer)
        const error = yield* failure(withoutRetry(invitations.list()), UnexpectedResponse)
        assert.deepStrictEqual([error.status, error.reason], [200, "a body that is not JSON"])
        yield* control.failNext(answer, { commit: "before" })
        const ambiguous = yield* failure(withoutRetry(invitations.create({ emailAddress: ada })), AmbiguousWrite)
        assert.strictEqual(ambiguous.lastFailure._tag, "UnexpectedResponse")
        assert.strictEqual((yield* control.invitations).length, 1)
      })
  )

  test("a body of another form fails with UnexpectedResponse", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.failNext(Fault.Response.Body({ body: "{\"foo\":1}" }))
      const error = yield* failure(withoutRetry(invitations.list()), UnexpectedResponse)
      assert.deepStrictEqual([error.status, error.reason], [200, "a body of another form"])
    }))

  test(
    "a closed connection fails a list with ConnectionError and a create with AmbiguousWrite",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        // Several times, because some runtimes repeat a read by themselves.
        yield* control.injectFaults([{ ...Fault.make(Fault.Response.Reset()), times: 5 }])
        const lost = yield* failure(withoutRetry(invitations.list()), ConnectionError)
        assert.deepStrictEqual([lost.operation, lost.reason], ["list", "Lost"])
        yield* control.reset
        yield* control.failNext(Fault.Response.Reset(), { commit: "before" })
        const ambiguous = yield* failure(withoutRetry(invitations.create({ emailAddress: ada })), AmbiguousWrite)
        assert.strictEqual(ambiguous.lastFailure._tag, "ConnectionError")
        assert.strictEqual((yield* control.invitations).length, 1)
      })
  )

  test(
    "a truncated response fails a list with ConnectionError and a create with AmbiguousWrite",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        // Several times, because some runtimes repeat a read by themselves.
        yield* control.injectFaults([{ ...Fault.make(Fault.Response.Truncated()), times: 5 }])
        const lost = yield* failure(withoutRetry(invitations.list()), ConnectionError)
        assert.deepStrictEqual([lost.operation, lost.reason], ["list", "Lost"])
        yield* control.reset
        yield* control.failNext(Fault.Response.Truncated(), { commit: "before" })
        const ambiguous = yield* failure(withoutRetry(invitations.create({ emailAddress: ada })), AmbiguousWrite)
        assert.strictEqual(ambiguous.lastFailure._tag, "ConnectionError")
        assert.strictEqual((yield* control.invitations).length, 1)
      })
  )

  for (const at of ["headers", "body"] as const) {
    test(
      `a response that stalls at the ${at} fails with the timeout of an attempt`,
      ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.failNext(Fault.Response.Stall({ at }))
          const error = yield* failure(adjustUntilDone(withoutRetry(invitations.list()), "1 seconds"), Timeout)
          assert.deepStrictEqual([error.operation, error.limit, Duration.toSeconds(error.duration)], [
            "list",
            "attempt",
            10
          ])
        })
    )
  }

  test(
    "a response that arrives in slices only takes longer",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.failNext(Fault.Response.Drip({ every: Duration.millis(1) }))
        const created = yield* adjustUntilDone(withoutRetry(invitations.create({ emailAddress: ada })), "1 millis")
        assert.deepStrictEqual(encodeAll(yield* control.invitations), [encode(created)])
      })
  )

  test("failNext affects the next call only", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.failNext(Fault.Response.Status({ status: 403 }))
      yield* failure(invitations.list(), Forbidden)
      assert.strictEqual((yield* invitations.list()).totalCount, 0)
    }))

  test("failNext affects only the given operation", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.failNext(Fault.Response.Status({ status: 403 }), { operation: "create" })
      assert.strictEqual((yield* invitations.list()).totalCount, 0)
      yield* invitations.createBulk(makeRequests(1))
      yield* failure(invitations.create({ emailAddress: ada }), Forbidden)
      yield* invitations.create({ emailAddress: ada })
    }))

  test(
    "injectFaults starts at call nth and applies the given number of times",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.injectFaults([
          { ...Fault.make(Fault.Response.Status({ status: 403 })), operation: "list", nth: 3, times: 2 }
        ])
        const outcomes: Array<string> = []
        for (let n = 0; n < 6; n++) {
          yield* invitations.createBulk(makeRequests(1, n))
          outcomes.push(
            yield* invitations.list().pipe(
              Effect.as("ok"),
              Effect.catchAll((error) => Effect.succeed(error._tag))
            )
          )
        }
        assert.deepStrictEqual(outcomes, ["ok", "ok", "Forbidden", "Forbidden", "ok", "ok"])
      })
  )

  test("injectFaults accepts several plans", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.injectFaults([
        { ...Fault.make(Fault.Response.Status({ status: 403 })), operation: "list", nth: 2 },
        { ...Fault.make(Fault.Response.Status({ status: 404 })), nth: 1 },
        { ...Fault.make(Fault.Response.Status({ status: 422 })), operation: "create" }
      ])
      const tagOf = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
        effect.pipe(Effect.as("ok"), Effect.catchAll((error) => Effect.succeed(error._tag)))
      const outcomes = yield* Effect.all([
        tagOf(invitations.list()),
        tagOf(invitations.list()),
        tagOf(invitations.create({ emailAddress: ada })),
        tagOf(invitations.list()),
        tagOf(invitations.create({ emailAddress: ada }))
      ])
      assert.deepStrictEqual(outcomes, ["NotFound", "Forbidden", "Unprocessable", "ok", "ok"])
    }))

  test("setFaultPolicy decides for every call", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.setFaultPolicy((operation) =>
        Effect.succeed(
          operation === "list"
            ? Option.none()
            : Option.some(Fault.make(Fault.Response.Status({ status: 403 })))
        )
      )
      yield* failure(invitations.create({ emailAddress: ada }), Forbidden)
      yield* failure(invitations.delete("inv_1"), Forbidden)
      assert.strictEqual((yield* invitations.list()).totalCount, 0)
    }))
})
