import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Invitation } from "../../Invitation.js"
import type { ListError } from "../../InvitationError.js"
import { UnexpectedResponse } from "../../InvitationError.js"
import type { InvitationPage } from "../../InvitationPage.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { StreamInvitations } from "../../ListInvitations.js"
import { maxLimit } from "../../ListInvitations.js"
import * as Cursor from "./cursor.js"

// What a page needs to repeat a row and still bring a new one.
const minLimit = 2

interface Prefetched {
  readonly offset: number
  readonly limit: number
  readonly fiber: Fiber.Fiber<InvitationPage, ListError>
}

const contradiction = (reason: string): UnexpectedResponse =>
  new UnexpectedResponse({ operation: "list", status: 200, reason, excerpt: "", traceId: Option.none() })

// How often a page that cannot be is asked for before the server is taken at its word.
const maxContradictions = 3

// Pages without anything new, beyond those that a walk over the whole list would take, before it is given up.
const maxStalled = 50

/**
 * Everything on a list, although the list changes meanwhile: a row that is there throughout is emitted exactly once, and none
 * twice. In memory are the pages that are on their way.
 *
 * Every page repeats a few rows of the one before it. If it does not reach back to them, because rows before it have gone, the
 * walk steps back. Pages are asked for ahead of time at the offsets where they should be; those that turn out to be elsewhere
 * are asked for again.
 */
export const paginate = (
  list: InvitationsPrimitives["list"],
  { concurrency = 4, orderBy = "-created_at", pageSize = maxLimit, query, status }: StreamInvitations
): Stream.Stream<Invitation, ListError> =>
  Stream.unwrapScoped(Effect.map(Effect.scope, (scope) => {
    const cursor = Cursor.make(orderBy)
    let prefetched: ReadonlyArray<Prefetched> = []
    let offset = 0
    let limit = Math.max(minLimit, pageSize)
    let total: number | undefined
    let contradictions = 0
    let stalled = 0
    let emitted = 0
    let rewinds = 0
    let done = false

    const fetchPage = (at: number) => list({ status, query, orderBy, limit, offset: at })

    const stride = () => Math.max(1, limit - cursor.overlap(limit))

    const cancelPrefetch = Effect.suspend(() => {
      const left = prefetched.map(({ fiber }) => fiber)
      prefetched = []
      return Fiber.interruptAll(left)
    })

    // Asks for the pages that should come next, as far as they are known to be there.
    const prefetch = Effect.suspend(() => {
      const offsets: Array<number> = []
      const next = prefetched.length === 0 ? offset : (prefetched[prefetched.length - 1]?.offset ?? offset) + stride()
      for (let at = next; offsets.length < concurrency - prefetched.length && at < (total ?? 0); at += stride()) {
        offsets.push(at)
      }
      return Effect.forEach(offsets, (at) =>
        Effect.map(Effect.forkIn(fetchPage(at), scope), (fiber) => {
          prefetched = [...prefetched, { offset: at, limit, fiber }]
        }), { discard: true })
    })

    const nextPage: Effect.Effect<InvitationPage, ListError> = Effect.suspend(() => {
      if (concurrency === 1 || total === undefined) return fetchPage(offset)
      const misplaced = prefetched[0] !== undefined &&
        (prefetched[0].offset !== offset || prefetched[0].limit !== limit)
      return Effect.zipRight(
        misplaced ? Effect.zipRight(cancelPrefetch, prefetch) : prefetch,
        Effect.suspend(() => {
          const [first, ...rest] = prefetched
          if (first === undefined) return fetchPage(offset)
          prefetched = rest
          return Fiber.join(first.fiber)
        })
      )
    })

    const rewind = (distance: number): void => {
      offset = Math.max(0, offset - distance * 2 ** rewinds)
      rewinds++
    }

    // Asks again for a page that cannot be; a list that has just changed may explain it once.
    const refetch = (reason: string): Effect.Effect<void, UnexpectedResponse> =>
      Effect.suspend(() => ++contradictions > maxContradictions ? Effect.fail(contradiction(reason)) : cancelPrefetch)

    const advance = (page: InvitationPage): Effect.Effect<ReadonlyArray<Invitation>, UnexpectedResponse> =>
      Effect.suspend(() => {
        const { data, totalCount, totalIsKnown } = page
        const gone = Math.max(0, (total ?? totalCount) - totalCount)
        total = totalIsKnown ? totalCount : undefined
        const end = offset + data.length
        if (totalIsKnown && data.length === 0 && offset < totalCount) {
          return Effect.as(refetch("an empty page in the middle of the list"), [])
        }
        if (totalIsKnown && data.length > Math.max(0, totalCount - offset)) {
          return Effect.as(refetch("more rows than it counts"), [])
        }
        const advanced = cursor.advance({ data, offset, limit })
        if (Option.isNone(advanced)) {
          rewind(Math.max(stride(), gone + cursor.overlap(limit)))
          return Effect.succeed([])
        }
        const rows = advanced.value
        contradictions = 0
        if (rows.length > 0) rewinds = 0
        const full = data.length >= limit
        done = totalIsKnown
          ? end >= totalCount && !full
          : rows.length === 0 && (!full || (data.length > limit && !cursor.isBefore(data)))
        // A server that gives fewer rows than asked for will do so again; one that does not may be asked for more.
        limit = full
          ? Math.min(Math.max(minLimit, pageSize), limit * 2)
          : done
          ? limit
          : Math.max(minLimit, data.length)
        offset = Math.max(offset + 1, end - cursor.overlap(limit))
        return Effect.succeed(rows)
      })

    const step: Effect.Effect<Chunk.Chunk<Invitation>, Option.Option<ListError>> = Effect.suspend(() =>
      done
        ? Effect.fail(Option.none())
        : Effect.flatMap(Effect.mapError(Effect.flatMap(nextPage, advance), Option.some), (rows) => {
          if (rows.length > 0) {
            stalled = 0
            emitted += rows.length
            return Effect.succeed(Chunk.unsafeFromArray(rows))
          }
          return ++stalled > maxStalled + Math.min(total ?? 0, 4 * emitted) / stride()
            ? Effect.fail(Option.some(contradiction("a list that changes faster than it can be followed")))
            : step
        })
    )

    return Stream.repeatEffectChunkOption(step)
  }))
