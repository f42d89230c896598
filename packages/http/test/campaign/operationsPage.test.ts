import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { readFileSync } from "node:fs"
import { chapter } from "./operationsPage.js"

const source = (file: string) => readFileSync(new URL(`../../src/internal/campaign/${file}`, import.meta.url), "utf8")

describe("OPERATIONS.md", () => {
  it("has a condition for an alert on each metric, and names no other", () => {
    const named = Array.from(chapter("Alerts").matchAll(/\beffect_clerk_campaigns?_\w+/g), ([name]) => name)
    const declared = readFileSync(new URL("../../src/InviteCampaignMetrics.ts", import.meta.url), "utf8")
    const metrics = Array.from(declared.matchAll(/"(effect_clerk_\w+)"/g), ([, name = ""]) => name)
    assert.isAtLeast(metrics.length, 9)
    deepStrictEqual(Array.from(new Set(named)).sort(), metrics.sort())
  })

  it("says what to do for each reason for which a campaign stands still", () => {
    const reasons = ["model/stall.ts", "slice/slice.ts"].flatMap((file) =>
      Array.from(source(file).matchAll(/[rR]eason: "([^"]+)"/g), ([, reason = ""]) => reason)
    )
    assert.lengthOf(reasons, 3)
    for (const reason of reasons) assert.include(chapter("A campaign stands still"), `**\`${reason}\`**`)
  })
})
