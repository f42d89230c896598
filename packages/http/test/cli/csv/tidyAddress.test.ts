import { assert, describe, it } from "@effect/vitest"
import { assertNone } from "@effect/vitest/utils"
import { FastCheck, Option } from "effect"
import { isAddress, tidyAddress } from "../../../cli/csv/tidyAddress.js"

describe("tidyAddress", () => {
  it("repairs what surrounds an address", () => {
    for (
      const text of [
        "<ada@example.com>",
        "Ada L <ada@example.com>",
        "\"L, Ada\" <ada@example.com>;",
        "\"Ada@example.com\" <ada@example.com>",
        "mailto:ada@example.com?subject=Hi&cc=bob@example.com",
        "MAILTO:ada@example.com",
        "<mailto:ada@example.com>",
        "\"ada@example.com\"",
        "'ada@example.com',",
        "\u201cada@example.com\u201d",
        "(ada@example.com)",
        "[ada@example.com].",
        "ada@example.com ; ",
        "\u200bada@exam\u00adple.com\ufeff"
      ]
    ) {
      assert.strictEqual(Option.getOrThrow(tidyAddress(text)).address, "ada@example.com", text)
    }
    assert.deepStrictEqual(Option.getOrThrow(tidyAddress("\"Ada <mailto:ada@example.com>\".")).repairs, [
      "trailing punctuation was removed",
      "quotes were removed",
      "a display name was removed",
      "mailto: was removed"
    ])
  })

  it("repairs nothing that leaves the address in doubt", () => {
    for (
      const text of [
        "",
        "Ada",
        "ada@example.com",
        "o'hara@example.com",
        "joe@example",
        "ada@example.com, bob@example.com",
        "bob@example.com <ada@example.com>",
        "Ada <ada@example.com>, Bob <bob@example.com>",
        "mailto:ada%2Bx@example.com",
        "mailto:ada@example.com,bob@example.com",
        "ada @example.com",
        "ada@@example.com",
        "<<<<<<<<<<<<ada@example.com>>>>>>>>>>>>"
      ]
    ) assertNone(tidyAddress(text))
  })

  it.prop("returns only addresses, and only for texts that are none", [FastCheck.array(
    FastCheck.constantFrom("a", "@", "b.c", "<", ">", "\"", "'", ",", ".", " ", "\u200b", "mailto:", "?", "%", "(", ")")
  )], ([parts]) => {
    const text = parts.join("")
    const tidy = tidyAddress(text)
    if (Option.isNone(tidy)) return
    assert.isTrue(isAddress(tidy.value.address))
    assert.isFalse(isAddress(text.trim()))
    assert.isAbove(tidy.value.repairs.length, 0)
  })
})
