import { InvalidRequest, Timeout } from "@effect-clerk/core/InvitationError"
import type { InvitationsHttp } from "@effect-clerk/http"
import * as RateLimiter from "@effect/experimental/RateLimiter"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Cause, Config, ConfigError, ConfigProvider, Duration, Effect, Exit, Redacted, Stream, TestClock } from "effect"
import { inspect } from "node:util"
import { runStubWithClock } from "../utils/clock.js"
import { invite } from "../utils/limits.js"
import * as stub from "../utils/stub.js"
import { call, operations, page, proper, row } from "../utils/wire.js"

const properly = ({ operation }: stub.Seen): stub.Reaction => ({ body: proper[operation] })

/** Reads `key-1`, then `key-2`, and so on. */
const rotating = () => {
  let reads = 0
  return Effect.sync(() => Redacted.make(`key-${++reads}`))
}

const keysOf = (seen: ReadonlyArray<stub.Seen>) => seen.map(({ headers }) => headers["authorization"])

const rendered = (exit: Exit.Exit<unknown, unknown>): string =>
  [inspect(exit, { depth: null }), JSON.stringify(exit), Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""].join()

describe("a secret key in an effect", () => {
  it.effect("is not read by the layer, and once by each call", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(properly, { secretKey: rotating() })
      for (const operation of operations) yield* call(invitations, operation)
      assert.deepStrictEqual(keysOf(seen), [1, 2, 3, 4, 5].map((n) => `Bearer key-${n}`))
    }))

  it.effect("is the same for all attempts and look-ups of a call", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        ({ operation }, index) =>
          operation === "list" ? { body: page([]) } : index < 6 ? { status: 503 } : { body: row(1) },
        { secretKey: rotating() }
      )
      yield* runStubWithClock(invitations.create(invite(1)))
      assert.deepStrictEqual(seen.map(({ operation }) => operation), [
        "create",
        "list",
        "list",
        "create",
        "list",
        "list",
        "create"
      ])
      assert.isTrue(keysOf(seen).every((authorization) => authorization === "Bearer key-1"))
    }))

  it.effect("is read again after the time to live of Effect.cachedWithTTL", () =>
    Effect.gen(function*() {
      const secretKey = yield* Effect.cachedWithTTL(rotating(), "5 minutes")
      const { invitations, seen } = yield* stub.service(properly, { secretKey })
      yield* invitations.list()
      yield* invitations.list()
      yield* TestClock.adjust("5 minutes")
      yield* invitations.list()
      assert.deepStrictEqual(keysOf(seen), ["Bearer key-1", "Bearer key-1", "Bearer key-2"])
    }))

  for (const bad of ["", " ", "hunter2\n", "hunter2 hunter2", "hunter2é", "hunter2\0"]) {
    it.effect(`if it is ${JSON.stringify(bad)}, every call fails with an InvalidRequest that does not quote it`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(properly, {
          secretKey: Effect.sync(() => Redacted.make(bad))
        })
        for (const operation of operations) {
          const exit = yield* Effect.exit(call(invitations, operation))
          const error = yield* Effect.flip(exit)
          assert.instanceOf(error, InvalidRequest)
          assert.deepStrictEqual(error.issues.map(({ path }) => path), ["secretKey"])
          assert.notInclude(rendered(exit), "hunter2")
        }
        assert.deepStrictEqual(seen, [])
      }))
  }

  it.effect("that fails makes the call fail with an InvalidRequest without the message of the error", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(properly, {
        secretKey: Effect.fail(ConfigError.InvalidData(["KEY"], "Expected a key but received hunter2"))
      })
      const exit = yield* Effect.exit(invitations.list())
      assert.include(rendered(exit), "secretKey must be available, but its effect failed with InvalidData")
      assert.notInclude(rendered(exit), "hunter2")
      assert.deepStrictEqual(seen, [])
    }))

  it.effect("may be a Config", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(properly, { secretKey: Config.redacted("KEY") })
      assert.instanceOf(yield* Effect.flip(invitations.list()), InvalidRequest)
      yield* Effect.withConfigProvider(invitations.list(), ConfigProvider.fromMap(new Map([["KEY", "key-1"]])))
      assert.deepStrictEqual(keysOf(seen), ["Bearer key-1"])
    }))

  it.effect("that does not end makes the call fail at its deadline", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(properly, { secretKey: Effect.never })
      const error = yield* runStubWithClock(Effect.flip(invitations.create(invite(1))))
      assert.isTrue(error instanceof Timeout && error.limit === "total" && Duration.toSeconds(error.duration) === 60)
      assert.deepStrictEqual(seen, [])
    }))

  it.effect("if it becomes invalid, ends a job at once", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(properly, { secretKey: Effect.succeed(Redacted.make(" ")) })
      const invited = yield* Effect.exit(
        Stream.runCollect(invitations.inviteMany(Array.from({ length: 25 }, (_, n) => invite(n))))
      )
      assert.instanceOf(yield* Effect.flip(invited), InvalidRequest)
      assert.instanceOf(
        yield* Effect.flip(Stream.runCollect(invitations.revokeMany(["inv_1", "inv_2"]))),
        InvalidRequest
      )
      assert.deepStrictEqual(seen, [])
    }))

  it.effect("an invalid id does not end a job", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(properly)
      const outcomes = yield* Stream.runCollect(invitations.revokeMany(["", "inv_1"], { ordered: true }))
      assert.deepStrictEqual(Array.from(outcomes, ({ _tag }) => _tag), ["Rejected", "Revoked"])
      assert.strictEqual(seen.length, 1)
    }))
})

describe("rate limits with a secret key in an effect", () => {
  it.effect("read the key once when the layer is built, for the published limits", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(properly, { secretKey: rotating(), rateLimit: "clerk" })
      yield* invitations.list()
      assert.deepStrictEqual(keysOf(seen), ["Bearer key-2"])
      const exit = yield* Effect.exit(
        stub.service(properly, { secretKey: Effect.succeed(Redacted.make("hunter2 ")), rateLimit: "clerk" })
      )
      assert.include(rendered(exit), "secretKey")
      assert.notInclude(rendered(exit), "hunter2")
    }))

  it.effect("need a key for a shared store", () =>
    Effect.gen(function*() {
      const limiter = yield* Effect.provide(RateLimiter.make, RateLimiter.layerStoreMemory)
      const exit = yield* Effect.exit(stub.service(properly, { secretKey: rotating(), rateLimit: { limiter } }))
      assert.include(rendered(exit), "rateLimit.key is required with a limiter if secretKey is an effect")
    }))
})

describe("types", () => {
  it("a key is a Redacted, or an effect that fails with a ConfigError at most", () => {
    expectTypeOf<InvitationsHttp.Options["secretKey"]>().toEqualTypeOf<
      Redacted.Redacted | Effect.Effect<Redacted.Redacted, ConfigError.ConfigError>
    >()
    expectTypeOf<Config.Config<Redacted.Redacted>>().toExtend<InvitationsHttp.Options["secretKey"]>()
    expectTypeOf<Effect.Effect<Redacted.Redacted, string>>().not.toExtend<InvitationsHttp.Options["secretKey"]>()
    expectTypeOf<Effect.Effect<string>>().not.toExtend<InvitationsHttp.Options["secretKey"]>()
    expectTypeOf<string>().not.toExtend<InvitationsHttp.Options["secretKey"]>()
  })
})
