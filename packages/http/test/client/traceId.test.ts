import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { reply } from "../utils/rawServer.js"
import { errors, html } from "../utils/wire.js"
import { failing, traceIdOf } from "./utils.js"

describe("the trace id", () => {
  const cases: ReadonlyArray<
    readonly [what: string, body: unknown, headers: { readonly [name: string]: string }, id: string | undefined]
  > = [
    ["is read from the body", errors("x", {}, "trace_1"), { "cf-ray": "ray_1" }, "trace_1"],
    [
      "is read from cf-ray if the body has no trace id",
      errors("x"),
      { "cf-ray": "8f1a2b3c4d5e6f70-FRA" },
      "8f1a2b3c4d5e6f70-FRA"
    ],
    ["is read from cf-ray if the body is an HTML page", html, { "cf-ray": "8f-FRA" }, "8f-FRA"],
    [
      "is read from x-clerk-trace-id if the body has no trace id",
      errors("x"),
      { "x-clerk-trace-id": "trace_2", "cf-ray": "ray_1" },
      "trace_2"
    ],
    ["is read from x-clerk-trace-id if the body is an HTML page", html, { "x-clerk-trace-id": "trace_2" }, "trace_2"],
    [
      "ignores an x-clerk-trace-id that is an address",
      errors("x"),
      { "x-clerk-trace-id": "ada@example.com" },
      undefined
    ],
    ["is None if neither the body nor a header contains one", errors("x"), {}, undefined],
    ["ignores a cf-ray that is an address", errors("x"), { "cf-ray": "ada@example.com" }, undefined],
    ["ignores an address in the body", errors("x", {}, "ada@example.com"), {}, undefined],
    ["ignores a sentence in the body", errors("x", {}, "two words"), {}, undefined],
    ["ignores an empty string in the body", errors("x", {}, ""), {}, undefined],
    ["ignores more than 128 characters in the body", errors("x", {}, "x".repeat(129)), {}, undefined],
    ["is read from cf-ray if the body contains a number", errors("x", {}, 42), { "cf-ray": "ray_1" }, "ray_1"],
    [
      "is read from cf-ray if the body contains a sentence",
      errors("x", {}, "two words"),
      { "cf-ray": "ray_1" },
      "ray_1"
    ]
  ]

  for (const [what, body, headers, id] of cases) {
    it.scoped(what, () =>
      Effect.gen(function*() {
        const { error } = yield* failing("list", reply({ status: 422, headers, body }))
        assert.strictEqual(traceIdOf(error), id)
        if (id !== undefined) assert.include(error.message, id)
      }))
  }

  it.scoped("is kept in an UnexpectedResponse", () =>
    Effect.gen(function*() {
      const { error } = yield* failing("list", reply({ body: { foo: 1 }, headers: { "cf-ray": "ray_1" } }))
      assert.strictEqual(error._tag, "UnexpectedResponse")
      assert.strictEqual(traceIdOf(error), "ray_1")
    }))
})
