import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as EmailAddress from "../../EmailAddress.js"
import type { Invitation } from "../../Invitation.js"
import { AmbiguousWrite, isAlreadyAccepted, isAlreadyRevoked, NotFound } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { Options } from "../../InviteMany.js"
import { InviteOutcome } from "../../InviteOutcome.js"
import { paginate } from "../pagination/paginate.js"
import type { InviteQueue, Item } from "./inviteQueue.js"
import type { Fatal } from "./retry.js"
import { isFatal, retryTransient } from "./retry.js"

export interface Existing {
  /** Looks an address up, and has it sent unless that shows that there is no need. */
  readonly checkExisting: (item: Item) => Effect.Effect<void, Fatal>
  /** What to do with an address that the server says is invited. */
  readonly onDuplicate: (item: Item) => Effect.Effect<void, Fatal>
  /** Revokes what is to make room; none if the address has its outcome by that. */
  readonly revokeExisting: (item: Item) => Effect.Effect<Option.Option<Item>, Fatal>
}

const isGone = (error: unknown): boolean =>
  isAlreadyRevoked(error) || isAlreadyAccepted(error) || error instanceof NotFound

export const make = <E>(
  { list, revoke }: InvitationsPrimitives,
  desk: InviteQueue<E>,
  { checkExisting: lookFirst = true, onExisting = "report", retry }: Options
): Existing => {
  // Everything but revoked ones: who has accepted one is most likely a user.
  const listed = ({ emailAddress }: Item): Effect.Effect<ReadonlyArray<Invitation>, Fatal> =>
    paginate(list, { query: emailAddress }).pipe(
      Stream.filter((invitation) => EmailAddress.equals(invitation.emailAddress, emailAddress)),
      Stream.runCollect,
      Effect.map((found) => Arr.fromIterable(found)),
      // A look that fails shows nothing: then the server's own check has to do.
      Effect.catchAll((error) => isFatal(error) ? Effect.fail(error) : Effect.succeed([]))
    )

  const alreadyInvited = (item: Item, invitation: Option.Option<Invitation>) =>
    desk.finish(InviteOutcome.AlreadyInvited({ ...recipientOf(item), invitation }))

  return {
    checkExisting: (item) =>
      !lookFirst || item.request.ignoreExisting === true
        ? desk.enqueue(item, false)
        : Effect.flatMap(listed(item), (found) => {
          const pending = found.filter(({ isPending }) => isPending)
          return pending.length > 0 && onExisting !== "replace"
            ? alreadyInvited(item, Arr.head(pending))
            : desk.enqueue({ ...item, existing: pending }, found.some(({ status }) => status === "accepted"))
        }),
    onDuplicate: (item) =>
      Option.isSome(item.ambiguity)
        ? desk.finish(InviteOutcome.Unknown({ ...recipientOf(item), error: item.ambiguity.value }))
        : onExisting === "report" || item.existingRevoked
        ? alreadyInvited(item, Option.none())
        : Effect.flatMap(listed(item), (found) => {
          const pending = found.filter(({ isPending }) => isPending)
          return onExisting === "reuse" || pending.length === 0
            ? alreadyInvited(item, Arr.head(pending))
            : desk.requeue([{ ...item, existing: pending }])
        }),
    revokeExisting: (item) =>
      item.existing.length === 0 ? Effect.succeedSome(item) : Effect.gen(function*() {
        let cleared: Item = { ...item, existing: [], existingRevoked: true }
        for (const { id } of item.existing) {
          const result = yield* Effect.either(retryTransient(retry)(revoke(id)))
          if (result._tag === "Right") {
            cleared = { ...cleared, replaced: [...cleared.replaced, result.right] }
            yield* desk.update(cleared)
            continue
          }
          const error = result.left
          if (isGone(error)) continue
          if (isFatal(error)) return yield* Effect.fail(error)
          yield* desk.finish(
            error instanceof AmbiguousWrite
              ? InviteOutcome.Unknown({ ...recipientOf(cleared), error })
              : InviteOutcome.Rejected({ ...recipientOf(cleared), error })
          )
          return Option.none()
        }
        return Option.some(cleared)
      })
  }
}

/**
 * What an outcome says about whom it is about.
 */
export const recipientOf = ({ emailAddress, input, position, replaced }: Item): InviteOutcome.Attempted => ({
  input,
  position,
  emailAddress,
  replaced
})
