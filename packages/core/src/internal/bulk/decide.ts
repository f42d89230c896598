import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Option from "effect/Option"
import * as EmailAddress from "../../EmailAddress.js"
import type { ErrorDetail } from "../../ErrorDetail.js"
import type { Invitation } from "../../Invitation.js"
import type { CreateError, RevokeError } from "../../InvitationError.js"
import { AmbiguousWrite, isTransient } from "../../InvitationError.js"
import type { Options } from "../../InviteMany.js"
import * as InviteOutcome from "../../InviteOutcome.js"
import type { Item } from "./item.js"
import { toAttempted } from "./item.js"
import type { Fatal, InstanceRefusal } from "./refusal.js"
import { isFatal, isRefusal } from "./refusal.js"

/**
 * The next step for items whose look-up or call has returned. A worker owns its items until an action disposes of them.
 *
 * The job terminates whenever the input does. `Divide` and `Requeue` make batches smaller, and a single item is never
 * requeued, with two exceptions that happen once an item: after an unknown outcome, and to replace an existing
 * invitation.
 */
export type Action = Data.TaggedEnum<{
  /** Appends the item to the queue. */
  Enqueue: { readonly item: Item; readonly asSingle: boolean }
  /** Records the outcome of an item. */
  Finish: { readonly outcome: InviteOutcome.InputOutcome }
  /** Returns the items to the front of the queue. */
  Requeue: { readonly items: ReadonlyArray<Item> }
  /** Records the items of a job that ends. They are not sent again. */
  Keep: { readonly items: ReadonlyArray<Item> }
  /** Divides a batch that was refused without naming an address. */
  Divide: { readonly items: ReadonlyArray<Item> }
  /** Looks the existing invitations up, then continues with {@link afterDuplicateLookUp}. */
  LookUpDuplicate: { readonly item: Item }
  /** Fails the job. */
  Fail: { readonly cause: Cause.Cause<Fatal> }
}>

export const Action = Data.taggedEnum<Action>()

type OnExisting = NonNullable<Options["onExisting"]>

type Rejection = Exclude<CreateError, AmbiguousWrite>

const alreadyInvited = (item: Item, invitation: Option.Option<Invitation>): Action =>
  Action.Finish({
    outcome: InviteOutcome.AlreadyInvited({
      ...toAttempted(item),
      id: Option.map(invitation, ({ id }) => id),
      invitation
    })
  })

const unknown = (item: Item, error: AmbiguousWrite): Action =>
  Action.Finish({ outcome: InviteOutcome.Unknown({ ...toAttempted(item), error }) })

// A rejection does not resolve the unknown outcome of an earlier attempt.
const rejected = (item: Item, error: Rejection): Action =>
  Option.match(item.ambiguity, {
    onNone: () => Action.Finish({ outcome: InviteOutcome.Rejected({ ...toAttempted(item), error }) }),
    onSome: (ambiguity) => unknown(item, ambiguity)
  })

/**
 * Ends the job, which has not sent the items.
 */
export const endJob = (items: ReadonlyArray<Item>, error: Fatal): ReadonlyArray<Action> => [
  Action.Keep({ items }),
  fail(error)
]

const fail = (error: Fatal): Action => Action.Fail({ cause: Cause.fail(error) })

const isPending = (invitation: Invitation): boolean => invitation.isPending

/**
 * After the look-up that precedes the first attempt. `found` are the address's invitations that are not revoked.
 */
export const afterLookUp = (item: Item, found: ReadonlyArray<Invitation>, onExisting: OnExisting): Action => {
  const pending = found.filter(isPending)
  return pending.length > 0 && onExisting !== "resend"
    ? alreadyInvited(item, Arr.head(pending))
    // An address that has accepted an invitation most likely belongs to a user, and is rejected then.
    : Action.Enqueue({
      item: { ...item, existing: pending },
      asSingle: found.some(({ status }) => status === "accepted")
    })
}

/**
 * After the look-up that follows a rejection as a duplicate.
 */
export const afterDuplicateLookUp = (item: Item, found: ReadonlyArray<Invitation>, onExisting: OnExisting): Action => {
  const pending = found.filter(isPending)
  return onExisting === "reuse" || pending.length === 0
    ? alreadyInvited(item, Arr.head(pending))
    : Action.Requeue({ items: [{ ...item, existing: pending }] })
}

/**
 * After a failure to revoke one of the item's existing invitations.
 */
export const afterRevokeFailure = (item: Item, error: RevokeError): Action => {
  if (isFatal(error)) return fail(error)
  if (error instanceof AmbiguousWrite) return unknown(item, error)
  return Action.Finish({ outcome: InviteOutcome.Rejected({ ...toAttempted(item), error }) })
}

/**
 * After a successful create of `items`, all of which have different addresses.
 */
export const afterSuccess = (
  items: ReadonlyArray<Item>,
  invitations: ReadonlyArray<Invitation>
): ReadonlyArray<Action> =>
  items.map((item, index) => {
    // Clerk does not document the order of the response. If it has rewritten an address, the order is all that is left.
    const invitation = invitations.find(({ emailAddress }) => EmailAddress.equals(emailAddress, item.emailAddress)) ??
      invitations[index]
    return invitation === undefined
      ? Action.Fail({ cause: Cause.die(new Cause.RuntimeException("createBulk returned too few invitations")) })
      : Action.Finish({ outcome: InviteOutcome.Created({ ...toAttempted(item), invitation }) })
  })

/**
 * After a failed create of `items`, once it is not retried any more.
 */
export const afterFailure = (
  items: ReadonlyArray<Item>,
  error: CreateError,
  onExisting: OnExisting
): ReadonlyArray<Action> => {
  if (isFatal(error)) return endJob(items, error)
  if (error instanceof AmbiguousWrite) return afterUnknownOutcome(items, error)
  if (isTransient(error)) return items.map((item) => rejected(item, error))
  const details = "errors" in error ? error.errors : []
  const culprit = (item: Item, own: ReadonlyArray<ErrorDetail>): Action => {
    const codes = own.map(({ code }) => code)
    if (codes.includes("duplicate_record")) return afterDuplicate(item, onExisting)
    if (codes.includes("form_identifier_exists")) {
      return Action.Finish({ outcome: InviteOutcome.UserExists(toAttempted(item)) })
    }
    return rejected(item, error)
  }
  if (items.length === 1) return items.map((item) => culprit(item, details))
  const [others, culprits] = Arr.partition(items, (item) => details.some((detail) => names(detail, item)))
  if (culprits.length > 0) {
    return [
      Action.Requeue({ items: others }),
      ...culprits.map((item) => culprit(item, details.filter((detail) => names(detail, item))))
    ]
  }
  return [Action.Divide({ items })]
}

/**
 * Whether a create of `items` was refused for a reason other than the whole instance, without naming one of them.
 */
export const namesNobody = (items: ReadonlyArray<Item>, error: CreateError): error is InstanceRefusal =>
  isRefusal(error) && !isFatal(error) &&
  !items.some((item) => error.errors.some((detail) => names(detail, item)))

const names = (detail: ErrorDetail, { emailAddress }: Item): boolean =>
  detail.emailAddresses.some((address) => EmailAddress.equals(address, emailAddress))

// Without `ignoreExisting` Clerk rejects a second pending invitation, so one more attempt is safe. If it creates the
// invitation, the earlier attempt did not; if it is rejected, the outcome remains unknown.
const isRepeatable = ({ ambiguity, request }: Item): boolean =>
  request.ignoreExisting !== true && Option.isNone(ambiguity)

const afterUnknownOutcome = (items: ReadonlyArray<Item>, error: AmbiguousWrite): ReadonlyArray<Action> => {
  const [finished, repeatable] = Arr.partition(items, isRepeatable)
  return [
    ...finished.map((item) => unknown(item, error)),
    Action.Requeue({ items: repeatable.map((item) => ({ ...item, ambiguity: Option.some(error) })) })
  ]
}

const afterDuplicate = (item: Item, onExisting: OnExisting): Action => {
  if (Option.isSome(item.ambiguity)) return unknown(item, item.ambiguity.value)
  return onExisting === "report" || item.existingRevoked
    ? alreadyInvited(item, Option.none())
    : Action.LookUpDuplicate({ item })
}
