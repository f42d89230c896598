import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Stream from "effect/Stream"
import * as EmailAddress from "../../EmailAddress.js"
import type { Invitation, InvitationId } from "../../Invitation.js"
import type { ListError } from "../../InvitationError.js"
import { UnexpectedResponse } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import { paginate } from "./paginate.js"

type List = InvitationsPrimitives["list"]

type LookUps = Pick<InvitationsPrimitives, "list" | "withDeadline">

// A look-up matches a few rows. A server that ignores the query could send pages without end.
const maxPages = 20

const tooManyPages = new UnexpectedResponse({
  operation: "list",
  status: 200,
  reason: `more than ${maxPages} pages for one look-up`,
  excerpt: "",
  traceId: Option.none()
})

/**
 * Runs a look-up: it fails with `UnexpectedResponse` instead of requesting more than `maxPages` pages, and ends at the
 * deadline of the layer, if the layer has one.
 */
const bounded = <A>(
  { list, withDeadline }: LookUps,
  lookUp: (list: List) => Effect.Effect<A, ListError>
): Effect.Effect<A, ListError> =>
  Effect.suspend(() => {
    let pages = 0
    const result = lookUp((params) =>
      Effect.suspend(() => pages++ < maxPages ? list(params) : Effect.fail(tooManyPages))
    )
    return withDeadline === undefined ? result : withDeadline(result)
  })

/**
 * Streams the invitations of every status that match a query, or all of them. Clerk lists revoked invitations only on request. They are
 * listed last, so one revoked between the two lists is emitted twice rather than missed.
 */
export const everyStatus = (list: List, query: string | undefined): Stream.Stream<Invitation, ListError> =>
  Stream.concat(paginate(list, { query }), paginate(list, { query, status: "revoked" }))

export const byId = (
  primitives: LookUps,
  id: InvitationId
): Effect.Effect<Option.Option<Invitation>, ListError> =>
  bounded(primitives, (list) =>
    everyStatus(list, id).pipe(
      Stream.filter((invitation) => invitation.id === id),
      Stream.runHead
    ))

const newestFirst = Order.reverse(Order.mapInput(DateTime.Order, (invitation: Invitation) => invitation.createdAt))

export const byEmail = (
  primitives: InvitationsPrimitives,
  emailAddress: string
): Effect.Effect<ReadonlyArray<Invitation>, ListError> =>
  bounded(primitives, (list) =>
    everyStatus(list, emailAddress).pipe(
      Stream.filter((invitation) => EmailAddress.equals(invitation.emailAddress, emailAddress)),
      Stream.runFold(new Map<InvitationId, Invitation>(), (found, invitation) => found.set(invitation.id, invitation)),
      Effect.map((found) => Array.from(found.values()).sort(newestFirst))
    ))

const pendingOf = (list: List, emailAddress: string): Stream.Stream<Invitation, ListError> =>
  paginate(list, { query: emailAddress, status: "pending" }).pipe(
    Stream.filter((invitation) => EmailAddress.equals(invitation.emailAddress, emailAddress))
  )

/**
 * Finds a pending invitation of an address.
 */
export const firstPending = (
  primitives: InvitationsPrimitives,
  emailAddress: string
): Effect.Effect<Option.Option<Invitation>, ListError> =>
  bounded(primitives, (list) => Stream.runHead(pendingOf(list, emailAddress)))
