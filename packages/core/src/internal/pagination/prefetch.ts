import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { ListError } from "../../InvitationError.js"
import type { InvitationPage } from "../../InvitationPage.js"
import * as NextPage from "./nextPage.js"

interface Prefetched {
  readonly offset: number
  readonly limit: number
  readonly fiber: Fiber.Fiber<InvitationPage, ListError>
}

type FetchPage = (offset: number, limit: number) => Effect.Effect<InvitationPage, ListError>

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
        Effect.map(Effect.forkIn(fetchPage(offset, limit), scope), (fiber) => {
          prefetched = [...prefetched, { offset, limit, fiber }]
        }))
    })

  const take = (state: NextPage.State) =>
    Effect.suspend(() => {
      const [first, ...rest] = prefetched
      // Nothing is prefetched while the total is unknown, and nothing at or after the end of the list.
      if (first === undefined) return fetchPage(state.offset, state.limit)
      prefetched = rest
      return Fiber.join(first.fiber)
    })

  return (state) =>
    cancelMisplaced(state).pipe(
      Effect.zipRight(fill(state)),
      Effect.zipRight(take(state))
    )
}
