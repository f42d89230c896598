import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { ListError } from "../../InvitationError.js"
import type { InvitationPage } from "../../InvitationPage.js"
import * as NextPage from "./nextPage.js"

interface Prefetched {
  readonly offset: number
  readonly limit: number
  readonly fiber: Fiber.Fiber<void, ListError>
  /** Waits for the page, and drops it. Runs once. */
  readonly take: Effect.Effect<InvitationPage, ListError>
}

type FetchPage = (offset: number, limit: number) => Effect.Effect<InvitationPage, ListError>

/**
 * Fetches a page in a fiber that does not have the page as its result. V8's minor collections keep fibers that have
 * ended, with their results: then every page lives until a major collection, and a list takes 1.4 times the CPU time
 * (bench row "list-in-turn").
 */
const prefetch = (
  fetchPage: FetchPage,
  { limit, offset, scope }: { readonly offset: number; readonly limit: number; readonly scope: Scope.Scope }
): Effect.Effect<Prefetched> => {
  let page: Effect.Effect<InvitationPage> = Effect.never
  const fetched = Effect.map(fetchPage(offset, limit), (result) => {
    page = Effect.succeed(result)
  })
  return Effect.map(Effect.forkIn(fetched, scope), (fiber) => ({
    offset,
    limit,
    fiber,
    take: Effect.flatMap(Fiber.join(fiber), () => {
      const result = page
      page = Effect.never
      return result
    })
  }))
}

/**
 * Fetches the page that a state names. While the total is known, up to `concurrency` pages are in flight at the offsets
 * where the next pages are expected. If the offset or the limit has shifted, they are interrupted and fetched again.
 * Closing the scope interrupts them too.
 */
export const make = (
  fetchPage: FetchPage,
  concurrency: number,
  scope: Scope.Scope
): (state: NextPage.State) => Effect.Effect<InvitationPage, ListError> => {
  let prefetched: ReadonlyArray<Prefetched> = []

  const cancelMisplaced = ({ limit, offset }: NextPage.State) =>
    Effect.suspend(() => {
      const first = prefetched[0]
      if (first === undefined || (first.offset === offset && first.limit === limit)) return Effect.void
      const fibers = prefetched.map(({ fiber }) => fiber)
      prefetched = []
      return Fiber.interruptAll(fibers)
    })

  const fill = (state: NextPage.State) =>
    Effect.suspend(() => {
      const { limit, total = 0 } = state
      const stride = NextPage.stride(state)
      const last = prefetched[prefetched.length - 1]
      const offsets: Array<number> = []
      for (
        let offset = last === undefined ? state.offset : last.offset + stride;
        offset < total && prefetched.length + offsets.length < concurrency;
        offset += stride
      ) offsets.push(offset)
      return Effect.forEach(offsets, (offset) =>
        Effect.map(prefetch(fetchPage, { offset, limit, scope }), (next) => {
          prefetched = [...prefetched, next]
        }))
    })

  const take = (state: NextPage.State) =>
    Effect.suspend(() => {
      const [first, ...rest] = prefetched
      // Nothing is prefetched while the total is unknown, and nothing at or after the end of the list.
      if (first === undefined) return fetchPage(state.offset, state.limit)
      prefetched = rest
      return first.take
    })

  return (state) =>
    concurrency === 1
      ? fetchPage(state.offset, state.limit)
      : cancelMisplaced(state).pipe(
        Effect.zipRight(fill(state)),
        Effect.zipRight(take(state))
      )
}
