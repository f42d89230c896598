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
import { walk } from "../pagination/paginate.js"
import type { Desk, Item } from "./inviteQueue.js"
import type { Fatal } from "./retry.js"
import { isFatal, patiently } from "./retry.js"

export interface Existing {
  /** Looks an address up, and has it sent unless that shows that there is no need. */
  readonly look: (item: Item) => Effect.Effect<void, Fatal>
  /** What to do with an address that the server says is invited. */
  readonly refused: (item: Item) => Effect.Effect<void, Fatal>
  /** Revokes what is to make room; none if the address has its outcome by that. */
  readonly clear: (item: Item) => Effect.Effect<Option.Option<Item>, Fatal>
}

const isGone = (error: unknown): boolean =>
  isAlreadyRevoked(error) || isAlreadyAccepted(error) || error instanceof NotFound

export const make = <E>(
  { list, revoke }: InvitationsPrimitives,
  desk: Desk<E>,
  { lookFirst = true, onExisting = "report", retry }: Options
): Existing => {
  // Everything but revoked ones: who has accepted one is most likely a user.
  const listed = ({ emailAddress }: Item): Effect.Effect<ReadonlyArray<Invitation>, Fatal> =>
    walk(list, { query: emailAddress }).pipe(
      Stream.filter((invitation) => EmailAddress.equals(invitation.emailAddress, emailAddress)),
      Stream.runCollect,
      Effect.map((found) => Arr.fromIterable(found)),
      // A look that fails shows nothing: then the server's own check has to do.
      Effect.catchAll((error) => isFatal(error) ? Effect.fail(error) : Effect.succeed([]))
    )

  const alreadyInvited = (item: Item, invitation: Option.Option<Invitation>) =>
    desk.finish(InviteOutcome.AlreadyInvited({ ...subject(item), invitation }))

  return {
    look: (item) =>
      !lookFirst || item.request.ignoreExisting === true
        ? desk.enqueue(item, false)
        : Effect.flatMap(listed(item), (found) => {
          const pending = found.filter(({ isPending }) => isPending)
          return pending.length > 0 && onExisting !== "replace"
            ? alreadyInvited(item, Arr.head(pending))
            : desk.enqueue({ ...item, existing: pending }, found.some(({ status }) => status === "accepted"))
        }),
    refused: (item) =>
      Option.isSome(item.doubt)
        ? desk.finish(InviteOutcome.Unknown({ ...subject(item), error: item.doubt.value }))
        : onExisting === "report" || item.cleared
        ? alreadyInvited(item, Option.none())
        : Effect.flatMap(listed(item), (found) => {
          const pending = found.filter(({ isPending }) => isPending)
          return onExisting === "reuse" || pending.length === 0
            ? alreadyInvited(item, Arr.head(pending))
            : desk.putBack([{ ...item, existing: pending }])
        }),
    clear: (item) =>
      item.existing.length === 0 ? Effect.succeedSome(item) : Effect.gen(function*() {
        let cleared: Item = { ...item, existing: [], cleared: true }
        for (const { id } of item.existing) {
          const result = yield* Effect.either(patiently(retry)(revoke(id)))
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
              ? InviteOutcome.Unknown({ ...subject(cleared), error })
              : InviteOutcome.Rejected({ ...subject(cleared), error })
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
export const subject = ({ emailAddress, input, position, replaced }: Item): InviteOutcome.Sent => ({
  input,
  position,
  emailAddress,
  replaced
})
