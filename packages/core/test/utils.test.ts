import { assert, describe, it } from "@effect/vitest"
import { Data, Effect } from "effect"
import { logged, renderings } from "./utils.js"

class Leaky extends Data.TaggedError("Leaky")<{ readonly emailAddress: string }> {
  override get message() {
    return `no mail for ${this.emailAddress}`
  }
}

// The redaction tests can only fail if these helpers show an address that an error contains.
describe("helpers of the redaction tests", () => {
  it("every rendering shows an address that an error does not redact", () => {
    const blind = renderings(new Leaky({ emailAddress: "ada@example.com" })).flatMap(([how, text]) =>
      text.includes("ada@example.com") ? [] : [how]
    )
    assert.deepStrictEqual(blind, [])
  })

  it.effect("every logger shows an address that an error does not redact", () =>
    Effect.gen(function*() {
      const lines = yield* logged(new Leaky({ emailAddress: "ada@example.com" }))
      const loggers = new Set(lines.map(([how]) => how))
      assert.deepStrictEqual([...loggers], [
        "json",
        "logfmt",
        "string",
        "structured, inspected",
        "structured, as JSON",
        "pretty, tty",
        "pretty, browser"
      ])
      for (const logger of loggers) {
        assert.include(lines.filter(([how]) => how === logger).map(([, text]) => text).join("\n"), "ada@example.com")
      }
    }))
})
