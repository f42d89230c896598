import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { booking } from "./contract/booking.js"
import type { MakeStore, Test } from "./contract/fixture.js"
import { makeFixture } from "./contract/fixture.js"
import { followUps } from "./contract/followUps.js"
import { leases } from "./contract/leases.js"
import { loading } from "./contract/loading.js"
import { people } from "./contract/people.js"
import { posts } from "./contract/posts.js"
import { removal } from "./contract/removal.js"
import { retry } from "./contract/retry.js"
import { settle } from "./contract/settle.js"
import { transitions } from "./contract/transitions.js"
import { windows } from "./contract/windows.js"

const groups = { loading, transitions, leases, booking, posts, settle, followUps, retry, people, removal }

/** The behaviour of every store of campaigns. `makeStore` is run for each test. */
export const storeContract = (name: string, makeStore: MakeStore): void => {
  const test: Test = (title, body) => it.scoped(title, () => Effect.flatMap(makeFixture(makeStore), body))
  describe(`the store of campaigns ${name}`, () => {
    for (const [group, declare] of Object.entries(groups)) describe(group, () => declare(test))
    describe("windows", () => windows(makeStore))
  })
}
