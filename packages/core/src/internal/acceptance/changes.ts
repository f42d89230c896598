import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Invitation } from "../../Invitation.js"
import type { ListError, TransientError } from "../../InvitationError.js"
import { isTransient } from "../../InvitationError.js"
import { cappedRetryAfter } from "../cappedRetryAfter.js"
import * as Oldest from "./oldest.js"
import type { Target } from "./target.js"
import * as Watermark from "./watermark.js"

/**
 * A changed invitation, and the watermark after it.
 */
export type Emitted = readonly [invitation: Invitation, watermark: () => Watermark.Watermark]

// The changes that one read keeps in memory. If there are more, the list is read again for the next ones.
const maxChanges = 10_000

interface State {
  readonly watermark: Watermark.Watermark
  /** The newest change that an earlier read has seen. Every change up to it happened before the next read begins. */
  readonly horizon: number
  /** The newest `updatedAt` of the rows that the reads have seen. */
  readonly serverTime: number
  /** How long to wait before the read. */
  readonly wait: Duration.Duration
  /** Whether the read follows at once on one that has seen changes beyond its horizon. */
  readonly confirms: boolean
}

interface Found {
  readonly changes: ReadonlyArray<Invitation>
  readonly hasMore: boolean
  readonly newest: number
  readonly serverTime: number
}

/**
 * Reads the changes after the watermark, up to the horizon, and the time of the newest change.
 *
 * The pages of a read are fetched one after the other. An invitation may change after its page was fetched, and a later
 * page may show a later change of another one. The watermark must not pass the change that was not seen, so changes beyond
 * the horizon are left to the next read.
 */
const read = (target: Target, state: State): Effect.Effect<Found, ListError> =>
  Effect.suspend(() => {
    const isNew = Watermark.isNewAfter(state.watermark)
    const oldest = Oldest.make(maxChanges)
    let { horizon: newest, serverTime } = state
    const add = (invitation: Invitation): void => {
      const at = Watermark.changedAt(invitation)
      newest = Math.max(newest, at)
      serverTime = Math.max(serverTime, invitation.updatedAt.epochMillis)
      if (!isNew(invitation) && !target.differs(invitation)) target.emitted(invitation)
      else if (at <= state.horizon) oldest.add(invitation)
    }
    return Effect.map(
      Stream.runForEach(target.rows, (invitation) => Effect.sync(() => add(invitation))),
      () => ({ ...oldest.result(), newest, serverTime })
    )
  })

type Step = readonly [emitted: Chunk.Chunk<Emitted>, next: Option.Option<State>]

/**
 * Emits the changes of a target after a watermark, from the oldest to the newest. Polls until the target is done. A poll
 * that fails with a transient error is repeated after the wait.
 */
export const changes = (
  target: Target,
  after: Watermark.Watermark,
  pollEvery: Duration.Duration
): Stream.Stream<Emitted, Exclude<ListError, TransientError>> => {
  const toStep = (state: State, { changes, hasMore, newest, serverTime }: Found): Step => {
    const watermarkAfter = Watermark.advance(state.watermark, changes, serverTime)
    for (const invitation of changes) target.emitted(invitation)
    const confirms = newest > state.horizon && !state.confirms
    return [
      Chunk.unsafeFromArray(changes.map((invitation, index): Emitted => [invitation, () => watermarkAfter(index)])),
      target.isDone() ? Option.none() : Option.some({
        watermark: changes.length === 0 ? state.watermark : watermarkAfter(changes.length - 1),
        horizon: newest,
        serverTime,
        wait: confirms || hasMore ? Duration.zero : pollEvery,
        confirms
      })
    ]
  }

  const poll = (state: State): Effect.Effect<Step, Exclude<ListError, TransientError>> =>
    read(target, state).pipe(
      Effect.map((found) => toStep(state, found)),
      Effect.catchAll((error) =>
        isTransient(error)
          ? Effect.succeed<Step>([
            Chunk.empty(),
            Option.some({ ...state, wait: Duration.max(pollEvery, cappedRetryAfter(error)), confirms: false })
          ])
          : Effect.fail(error)
      ),
      // A span for each poll: a span for the stream would never end.
      Effect.withSpan("Acceptance.changes.poll", { captureStackTrace: false }),
      Effect.delay(state.wait)
    )

  return Stream.paginateChunkEffect(
    {
      watermark: after,
      horizon: Watermark.newest(after),
      serverTime: after.time,
      wait: Duration.zero,
      confirms: false
    },
    poll
  )
}
