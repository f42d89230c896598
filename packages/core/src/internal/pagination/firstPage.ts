import * as Effect from "effect/Effect"
import type { InvitationPage } from "../../InvitationPage.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import { maxLimit } from "../../ListInvitations.js"

/**
 * How many pages of `maxLimit` rows a list takes, by its first page. `Infinity` if the first page does not tell. Each
 * page repeats two rows of the page before it.
 */
export const pagesOf = ({ data, totalCount, totalIsKnown }: InvitationPage): number => {
  if (!totalIsKnown && data.length >= maxLimit) return Infinity
  return totalCount <= maxLimit ? Math.min(1, totalCount) : Math.ceil((totalCount - 2) / (maxLimit - 2))
}

/**
 * A list whose first call returns a page that was already fetched.
 */
export const startingWith = (
  first: InvitationPage,
  list: InvitationsPrimitives["list"]
): InvitationsPrimitives["list"] => {
  let isFirst = true
  return (params) =>
    Effect.suspend(() => {
      if (!isFirst) return list(params)
      isFirst = false
      return Effect.succeed(first)
    })
}
