import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as EmailAddress from "../../EmailAddress.js"
import type { Invitation } from "../../Invitation.js"
import type { ListError } from "../../InvitationError.js"
import { InvitationPage } from "../../InvitationPage.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import { maxLimit } from "../../ListInvitations.js"
import { pagesOf, startingWith } from "../pagination/firstPage.js"
import { paginate } from "../pagination/paginate.js"
import type { Fatal } from "./refusal.js"
import { isFatal } from "./refusal.js"
import type { Expected } from "./source.js"

interface Recipient {
  readonly emailAddress: string
}

// An error that other calls may survive finds nothing: then Clerk's own check for duplicates applies.
const orElseNothing = <A>(self: Effect.Effect<A, ListError>, nothing: A): Effect.Effect<A, Fatal> =>
  Effect.catchAll(self, (error) => isFatal(error) ? Effect.fail(error) : Effect.succeed(nothing))

/**
 * Looks up the invitations of one address that are not revoked, the newest first. Empty if the look-up fails with an
 * error that other calls may survive.
 */
export const lookUp =
  (list: InvitationsPrimitives["list"]) =>
  ({ emailAddress }: Recipient): Effect.Effect<ReadonlyArray<Invitation>, Fatal> =>
    orElseNothing(
      paginate(list, { query: emailAddress }).pipe(
        Stream.filter((invitation) => EmailAddress.equals(invitation.emailAddress, emailAddress)),
        Stream.runCollect,
        Effect.map((found) => Arr.fromIterable(found))
      ),
      []
    )

const emptyPage = new InvitationPage({ data: [], totalCount: 0 })

// Reads all pending invitations. The order has few equal rows, so pages repeat few of them.
const orderBy = "email_address"

// The pages that are read instead of sending one query for each input of a source of unknown size.
const maxPagesForUnknown = 20

// Memory holds this many pages of invitations whose addresses cannot be compared with the inputs.
const maxPagesInMemory = 200

// After this many queries that found nothing, a refusal of Clerk costs less time than the queries that avoid it.
const maxFruitlessQueries = 500

// An older list is checked by a query before an outcome relies on it.
const maxAge = 60_000

interface Index {
  readonly byAddress: ReadonlyMap<string, ReadonlyArray<Invitation>>
  /** When the last page was read, in milliseconds. */
  readonly readAt: number
}

const readIndex = (
  list: InvitationsPrimitives["list"],
  first: InvitationPage,
  isWanted: (address: string) => boolean
): Effect.Effect<Index, Fatal> =>
  Effect.gen(function*() {
    const byAddress = new Map<string, Array<Invitation>>()
    yield* orElseNothing(
      Stream.runForEach(paginate(startingWith(first, list), { status: "pending", orderBy }), (invitation) =>
        Effect.sync(() => {
          const address = EmailAddress.fold(invitation.emailAddress)
          if (!isWanted(address)) {
            return
          }
          const known = byAddress.get(address)
          if (known === undefined) {
            byAddress.set(address, [invitation])
          } else known.push(invitation)
        })),
      undefined
    )
    return { byAddress, readAt: yield* Clock.currentTimeMillis }
  })

/**
 * Makes the look-up of a job, which finds the pending invitations of an address before the job sends it.
 *
 * The first look-up requests one page of the pending invitations, which tells how many there are. If all pages are fewer
 * than the inputs, the job reads them once; otherwise it sends one query for each address. In both cases that is at most one
 * call more than the smaller number.
 */
export const make = (
  list: InvitationsPrimitives["list"],
  expected: Expected
): Effect.Effect<(recipient: Recipient) => Effect.Effect<ReadonlyArray<Invitation>, Fatal>> =>
  Effect.gen(function*() {
    const query = lookUp(list)
    const isWanted = (address: string): boolean => expected.addresses?.has(address) ?? true
    const first = yield* Effect.cached(list({ status: "pending", limit: maxLimit, offset: 0, orderBy }))
    const index = yield* Effect.cached(
      Effect.flatMap(orElseNothing(first, emptyPage), (page) => readIndex(list, page, isWanted))
    )
    let queries = 0
    let found = 0

    const usesIndex = (page: InvitationPage): boolean => {
      const pages = pagesOf(page)
      if (expected.addresses !== undefined) return pages <= expected.addresses.size
      return pages <= maxPagesForUnknown || (pages <= maxPagesInMemory && pages <= queries)
    }

    const fromQuery = (recipient: Recipient) =>
      Effect.suspend(() => {
        if (found === 0 && queries >= maxFruitlessQueries) return Effect.succeed([])
        queries++
        return Effect.tap(query(recipient), (invitations) =>
          Effect.sync(() => {
            found += invitations.length
          }))
      })

    const fromIndex = (recipient: Recipient) =>
      Effect.gen(function*() {
        const { byAddress, readAt } = yield* index
        const invitations = byAddress.get(EmailAddress.fold(recipient.emailAddress)) ?? []
        const age = (yield* Clock.currentTimeMillis) - readAt
        return invitations.length > 0 && age > maxAge ? yield* query(recipient) : invitations
      })

    return (recipient) =>
      Effect.matchEffect(first, {
        onFailure: (error) => isFatal(error) ? Effect.fail(error) : fromQuery(recipient),
        onSuccess: (page) => usesIndex(page) ? fromIndex(recipient) : fromQuery(recipient)
      })
  })
