import { maxBulkSize } from "@effect-clerk/core/CreateInvitation"
import * as Effect from "effect/Effect"
import type { Quota } from "../model/quota.js"
import * as Turns from "../model/turns.js"
import * as Post from "./post.js"
import * as Prepare from "./prepare.js"
import * as Stops from "./stop.js"
import type { Work } from "./work.js"

/**
 * One of the two endpoints that create invitations, each with a quota of its own.
 */
export interface Lane {
  readonly operation: "create" | "createBulk"
  readonly quota: Quota
  /** The positions that this slice is sending. Both lanes share them. */
  readonly taken: Set<number>
}

/**
 * Sends people by one endpoint until the slice is over, no person is left, a quota or the share of it is used up, or a call fails.
 */
export const run = (work: Work, lane: Lane) =>
  Effect.gen(function*() {
    let left = Turns.callsOf(work.share, lane.quota.limit)
    while (true) {
      const now = yield* work.store.now
      // Another campaign may have its turn before the next slice.
      if (now >= work.until || left <= 0) return Stops.timeIsUp
      const { free, until } = yield* work.store.room(lane.quota)
      if (free <= 0) return Stops.wait(until)
      const size = lane.operation === "create" ? Math.min(free, left, maxBulkSize) : maxBulkSize
      const { ready, reserved, stop } = yield* Prepare.prepare(work, lane, size)
      if (ready.length === 0) return stop ?? Stops.empty
      const positions = ready.map(({ recipient }) => recipient.person.position)
      const stopAfterPost = yield* Effect.ensuring(
        Post.post(work, lane, { ready, reserved }),
        Effect.sync(() => {
          for (const position of positions) lane.taken.delete(position)
        })
      )
      left -= lane.operation === "create" ? positions.length : 1
      if (stopAfterPost !== undefined) return stopAfterPost
      if (stop !== undefined) return stop
    }
  })
