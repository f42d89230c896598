import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { reply } from "../utils/rawServer.js"
import { errors } from "../utils/wire.js"
import { failing, retryAfterOf } from "./utils.js"

describe("Retry-After", () => {
  const dateOf = (seconds: number) => new Date(seconds * 1000).toUTCString()
  const epoch2026 = 1_767_225_600

  const cases: ReadonlyArray<
    readonly [what: string, headers: { readonly [name: string]: string }, meta: unknown, millis: number | undefined]
  > = [
    ["integer seconds", { "retry-after": "7" }, undefined, 7000],
    ["zero", { "retry-after": "0" }, undefined, 0],
    ["more than a day", { "retry-after": "99999999999" }, undefined, 99_999_999_999_000],
    ["surrounding white space", { "retry-after": "  7  " }, undefined, 7000],
    ["no header", {}, undefined, undefined],
    ["an empty value", { "retry-after": "" }, undefined, undefined],
    ["a negative number", { "retry-after": "-5" }, undefined, undefined],
    ["1e999", { "retry-after": "1e999" }, undefined, undefined],
    ["1e3", { "retry-after": "1e3" }, undefined, undefined],
    ["Infinity", { "retry-after": "Infinity" }, undefined, undefined],
    ["NaN", { "retry-after": "NaN" }, undefined, undefined],
    ["0x10", { "retry-after": "0x10" }, undefined, undefined],
    ["a fraction", { "retry-after": "1.5" }, undefined, undefined],
    ["a word", { "retry-after": "soon" }, undefined, undefined],
    ["an ISO date", { "retry-after": "2026-01-01T00:00:30Z" }, undefined, undefined],
    ["two values", { "retry-after": "5, 9" }, undefined, undefined],
    ["an invalid date", { "retry-after": "Thu, 99 Foo 2026 00:00:30 GMT" }, undefined, undefined],
    [
      "a date, relative to the Date of the response",
      { date: dateOf(epoch2026), "retry-after": dateOf(epoch2026 + 30) },
      undefined,
      30_000
    ],
    ["a date without a Date, relative to the clock", { "retry-after": dateOf(1020) }, undefined, 20_000],
    ["a date with an invalid Date", { date: "today", "retry-after": dateOf(1020) }, undefined, 20_000],
    ["a date in the past", { date: dateOf(epoch2026), "retry-after": dateOf(epoch2026 - 30) }, undefined, 0],
    [
      "a date in the format of RFC 850",
      { date: dateOf(epoch2026), "retry-after": "Thursday, 01-Jan-26 00:00:30 GMT" },
      undefined,
      30_000
    ],
    ["resets_in without a header", {}, { resets_in: 12 }, 12_000],
    ["resets_in with an invalid header", { "retry-after": "1e999" }, { resets_in: 12 }, 12_000],
    ["resets_in with a header, which has precedence", { "retry-after": "7" }, { resets_in: 12 }, 7000],
    ["a negative resets_in", {}, { resets_in: -1 }, undefined],
    ["a resets_in of text", {}, { resets_in: "12" }, undefined],
    ["a resets_in of null", {}, { resets_in: null }, undefined]
  ]

  for (const [what, headers, meta, millis] of cases) {
    it.scoped(`${what}: ${millis === undefined ? "None" : `${millis} ms`}`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(1_000_000)
        const { error } = yield* failing(
          "list",
          reply({ status: 429, headers, body: errors("too_many_requests", { meta }) })
        )
        assert.strictEqual(error._tag, "TooManyRequests")
        assert.strictEqual(retryAfterOf(error), millis)
      }))
  }

  it.scoped("a resets_in that overflows to infinity: None", () =>
    Effect.gen(function*() {
      const { error } = yield* failing(
        "list",
        reply({ status: 429, body: "{\"errors\":[{\"code\":\"too_many_requests\",\"meta\":{\"resets_in\":1e999}}]}" })
      )
      assert.strictEqual(error._tag, "TooManyRequests")
      assert.isUndefined(retryAfterOf(error))
    }))

  it.scoped("a date in the format of asctime is in GMT, in every time zone", () =>
    Effect.gen(function*() {
      const before = process.env["TZ"]
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          if (before === undefined) delete process.env["TZ"]
          else process.env["TZ"] = before
        })
      )
      process.env["TZ"] = "America/New_York"
      assert.strictEqual(new Date(0).getTimezoneOffset(), 300)
      const { error } = yield* failing(
        "list",
        reply({ status: 429, headers: { date: dateOf(epoch2026), "retry-after": "Thu Jan  1 00:00:30 2026" } })
      )
      assert.strictEqual(retryAfterOf(error), 30_000)
    }))

  it.scoped("is kept in a ServerError", () =>
    Effect.gen(function*() {
      const { error } = yield* failing("list", reply({ status: 503, headers: { "retry-after": "7" } }))
      assert.strictEqual(error._tag, "ServerError")
      assert.strictEqual(retryAfterOf(error), 7000)
    }))
})
