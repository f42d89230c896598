import { assert, describe, it } from "@effect/vitest"
import { DateTime, Option } from "effect"
import type { Entry } from "../../cli/invite/outcomesFile.js"
import { isDone, isExpired } from "../../cli/invite/rerun.js"

const at = DateTime.unsafeMake("2026-01-01T00:00:00Z")
const after = (days: number) => DateTime.add(at, { days })
const entry = (outcome: Entry["outcome"], fields: Partial<Entry> = {}): Entry => ({
  line: 2,
  email_address: "ada@example.com",
  outcome,
  at,
  ...fields
})
const request = { emailAddress: "ada@example.com" }
const usual = { again: Option.none<"expired">(), onExisting: "report" } as const
const again = { ...usual, again: Option.some("expired" as const) }

describe("which rows a run sends again", () => {
  it("sends rows without an outcome, rejected and unknown ones", () => {
    const done = [undefined, "Rejected", "Unknown", "Created", "AlreadyInvited", "UserExists"] as const
    assert.deepStrictEqual(
      done.map((outcome) => isDone(outcome === undefined ? undefined : entry(outcome), request, usual, after(90))),
      [false, false, false, true, true, true]
    )
  })

  it("sends expired ones with --again expired, and replaces those of others with --on-existing resend", () => {
    assert.isFalse(isDone(entry("Created"), request, again, after(90)))
    assert.isTrue(isDone(entry("Created"), request, again, after(29)))
    assert.isFalse(isDone(entry("AlreadyInvited"), request, again, after(90)))
    assert.isTrue(isDone(entry("UserExists"), request, again, after(90)))
    const resend = { ...usual, onExisting: "resend" } as const
    assert.isFalse(isDone(entry("AlreadyInvited"), request, resend, after(1)))
    assert.isTrue(isDone(entry("Created"), request, resend, after(90)))
  })

  it("knows when an invitation expires: as recorded, by the row, or after 30 days", () => {
    assert.isTrue(isExpired(entry("Created", { expires_at: after(3) }), { ...request, expiresInDays: 9 }, after(3)))
    assert.isFalse(isExpired(entry("Created", { expires_at: after(3) }), request, after(2)))
    assert.isTrue(isExpired(entry("AlreadyInvited"), { ...request, expiresInDays: 9 }, after(9)))
    assert.isFalse(isExpired(entry("AlreadyInvited"), request, after(29)))
    assert.isTrue(isExpired(entry("AlreadyInvited"), request, after(30)))
    for (const outcome of ["UserExists", "Rejected", "Unknown"] as const) {
      assert.isFalse(isExpired(entry(outcome), request, after(90)))
    }
  })
})
