import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { DeletedInvitation, Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import type { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import * as Metadata from "@effect-clerk/core/Metadata"
import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Predicate from "effect/Predicate"

/**
 * Why a decoded response does not belong to its request.
 */
export interface Mismatch {
  /** Names the difference without quoting the response. */
  readonly reason: string
  /** The ids in the response to a create, which may have created these invitations. */
  readonly answered: ReadonlyArray<InvitationId>
}

/**
 * Checks that a decoded response belongs to its request. A proxy, or a kept-alive connection that lost its order, can
 * deliver the response to another request.
 */
export type Check<A> = (value: A) => Either.Either<A, Mismatch>

const mismatch = (reason: string, answered: ReadonlyArray<InvitationId> = []): Either.Either<never, Mismatch> =>
  Either.left({ reason, answered })

const ofAnotherRequest = "a body that belongs to another request"

/**
 * Matches the invitations to the requests one to one, and returns them in the order of the requests. The address
 * decides. If requests have the same address, an invitation with the metadata of a request is matched to it first.
 */
const match = (
  requests: ReadonlyArray<CreateInvitation>,
  invitations: ReadonlyArray<Invitation>
): Option.Option<Arr.NonEmptyReadonlyArray<Invitation>> => {
  const left = new Map(invitations.map((invitation) => [invitation.id, invitation]))
  const take = (matches: (invitation: Invitation) => boolean): Option.Option<Invitation> => {
    const found = Arr.findFirst(left.values(), matches)
    if (Option.isSome(found)) left.delete(found.value.id)
    return found
  }
  const hasAddress = (request: CreateInvitation) => ({ emailAddress }: Invitation) =>
    EmailAddress.equals(request.emailAddress, emailAddress)
  const withMetadata = requests.map((request) =>
    take((invitation) =>
      hasAddress(request)(invitation) && Metadata.equals(request.publicMetadata ?? {}, invitation.publicMetadata)
    )
  )
  return Option.filter(
    Option.all(
      Arr.zipWith(withMetadata, requests, (found, request) => Option.orElse(found, () => take(hasAddress(request))))
    ),
    (matched): matched is Arr.NonEmptyArray<Invitation> => matched.length === invitations.length
  )
}

/**
 * Checks the response to a create: one new invitation for each request, with its address. An invitation is not new if it
 * is revoked, because a revoke has a response of the same form, or if its id `isOlder` than the create.
 */
export const created = (
  requests: ReadonlyArray<CreateInvitation>,
  isOlder: Predicate.Predicate<InvitationId>
): Check<Arr.NonEmptyReadonlyArray<Invitation>> => {
  const isNew = ({ id, status }: Invitation): boolean => status !== "revoked" && !isOlder(id)
  return (invitations) => {
    const [request] = requests
    const [invitation] = invitations
    // The address alone decides for a single create, so it needs no matching.
    if (
      request !== undefined && requests.length === 1 && invitations.length === 1 && isNew(invitation) &&
      EmailAddress.equals(request.emailAddress, invitation.emailAddress)
    ) return Either.right(invitations)
    const newOnes = invitations.filter(isNew)
    return Option.match(newOnes.length < invitations.length ? Option.none() : match(requests, invitations), {
      onSome: Either.right,
      onNone: () => mismatch(ofAnotherRequest, Arr.dedupe(newOnes.map(({ id }) => id)))
    })
  }
}

/**
 * Checks the response to a revoke: the invitation with this id, revoked.
 */
export const revoked = (id: InvitationId): Check<Invitation> => (invitation) =>
  invitation.id === id && invitation.status === "revoked" ? Either.right(invitation) : mismatch(ofAnotherRequest)

/**
 * Checks the response to a delete: this id.
 */
export const deleted = (id: InvitationId): Check<DeletedInvitation> => (invitation) =>
  invitation.id === id ? Either.right(invitation) : mismatch(ofAnotherRequest)

/**
 * Checks a page: no more rows than requested, and no row with a status that the requested one does not allow. A pending
 * invitation may be accepted or expire before Clerk's list shows it, so a page of pending ones may have such rows. The
 * rows of a `query` are not checked, because Clerk does not document which rows match.
 */
export const page = ({ limit, status }: ListInvitations): Check<InvitationPage> => (value) => {
  if (limit !== undefined && value.data.length > limit) return mismatch("more rows than the requested limit")
  const isAllowed = (row: Invitation): boolean =>
    row.status === status || (status === "pending" && (row.status === "accepted" || row.status === "expired"))
  return status === undefined || value.data.every(isAllowed)
    ? Either.right(value)
    : mismatch("a row without the requested status")
}
