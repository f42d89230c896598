import { assert, describe, it } from "@effect/vitest"
import { Data, Effect } from "effect"
import { logged, renderings } from "./utils.js"

class Leaky extends Data.TaggedError("Leaky")<{ readonly emailAddress: string }> {
  override get message() {
    return `no mail for ${this.emailAddress}`
  }
}

// What "nothing leaks" is worth depends on these seeing a leak where there is one.
describe("the renderings that the leak tests look through", () => {
  it("show an address that an error does not hide, each of them", () => {
    const blind = renderings(new Leaky({ emailAddress: "ada@example.com" })).flatMap(([how, text]) =>
      text.includes("ada@example.com") ? [] : [how]
    )
    assert.deepStrictEqual(blind, [])
  })

  it.effect("show an address that an error does not hide, in every logger", () =>
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
