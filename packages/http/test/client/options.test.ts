import { InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Cause, ConfigError, ConfigProvider, Effect, Exit, Layer, Option, Redacted } from "effect"
import { inspect } from "node:util"
import { runWithClock } from "../utils/clock.js"
import { once } from "../utils/overRaw.js"
import * as stub from "../utils/stub.js"
import { key, page } from "../utils/wire.js"

const rendered = (exit: Exit.Exit<unknown, unknown>) =>
  [inspect(exit, { depth: null }), JSON.stringify(exit), Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""].join()

/** Asserts that the exit fails with a `ConfigError` for an invalid option. */
const assertInvalid = (exit: Exit.Exit<unknown, unknown>, option: string) => {
  const error = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
  assert.isTrue(ConfigError.isConfigError(error))
  assert.deepInclude(error, { _op: "InvalidData", path: [option] })
}

describe("options", () => {
  for (
    const apiUrl of [
      "",
      "api.clerk.com",
      "/v1",
      "ftp://api.example.test",
      "https://user:hunter2@api.example.test",
      "https://api.example.test?hunter2",
      "https://api.example.test/#hunter2"
    ]
  ) {
    it.effect(`the API URL "${apiUrl}" fails with a ConfigError that names the option without its value`, () =>
      Effect.gen(function*() {
        const exit = yield* Effect.exit(stub.service(() => ({}), { apiUrl }))
        assertInvalid(exit, "apiUrl")
        assert.notInclude(rendered(exit), "hunter2")
        assert.notInclude(rendered(exit), key)
      }))
  }

  for (const bad of ["", " ", "hunter2\n", " hunter2", "hunter2 hunter2", "hunter2é", "hunter2\r\nx: y", "hunter2\0"]) {
    it.effect(`the secret key ${JSON.stringify(bad)} fails with a ConfigError that does not contain the key`, () =>
      Effect.gen(function*() {
        const exit = yield* Effect.exit(stub.service(() => ({}), { secretKey: Redacted.make(bad) }))
        assertInvalid(exit, "secretKey")
        assert.notInclude(rendered(exit), "hunter2")
      }))
  }
})

describe("layerConfig", () => {
  /** Lists once with the layer, and returns the URL and the authorization of the requests. */
  const requestsWith = (entries: ReadonlyArray<readonly [string, string]>) =>
    Effect.gen(function*() {
      const { client, seen } = stub.make(() => ({ body: page([]) }))
      const context = yield* Layer.build(
        InvitationsHttp.layerConfig(once).pipe(
          Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
          Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(entries))))
        )
      )
      yield* runWithClock(Effect.provide(Effect.flatMap(InvitationsService, (service) => service.list()), context))
      return seen.map(({ headers, url }) => [url.origin + url.pathname, headers["authorization"]])
    })

  it.scoped("reads CLERK_SECRET_KEY and CLERK_API_URL", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* requestsWith([["CLERK_SECRET_KEY", "sk_test_a"], ["CLERK_API_URL", "http://localhost:4010/"]]),
        [["http://localhost:4010/v1/invitations", "Bearer sk_test_a"]]
      )
    }))

  it.scoped("defaults to Clerk's URL", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* requestsWith([["CLERK_SECRET_KEY", "sk_test_a"]]),
        [["https://api.clerk.com/v1/invitations", "Bearer sk_test_a"]]
      )
    }))

  it.scoped("an empty setting counts as absent", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* requestsWith([["CLERK_SECRET_KEY", "sk_test_a"], ["CLERK_API_URL", ""]]),
        [["https://api.clerk.com/v1/invitations", "Bearer sk_test_a"]]
      )
      const error = yield* Effect.flip(requestsWith([["CLERK_SECRET_KEY", ""]]))
      assert.deepInclude(error, { _op: "MissingData", path: ["CLERK_SECRET_KEY"] })
    }))

  it.scoped("fails without a secret key and names the missing setting", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(requestsWith([["CLERK_API_URL", "http://localhost:4010"]]))
      assert.deepInclude(error, { _op: "MissingData", path: ["CLERK_SECRET_KEY"] })
    }))

  it.scoped("fails without quoting a secret key that is illegal in a header", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(requestsWith([["CLERK_SECRET_KEY", "hunter2\n"]]))
      assert.isTrue(Exit.isFailure(exit))
      assert.include(rendered(exit), "secretKey")
      assert.notInclude(rendered(exit), "hunter2")
    }))
})
