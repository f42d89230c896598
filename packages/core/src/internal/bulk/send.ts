import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as EmailAddress from "../../EmailAddress.js"
import type { ErrorDetail } from "../../ErrorDetail.js"
import type { Invitation } from "../../Invitation.js"
import type { CreateError } from "../../InvitationError.js"
import { AmbiguousWrite, isDuplicate, isTransient, isUserExists } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { Options } from "../../InviteMany.js"
import { InviteOutcome } from "../../InviteOutcome.js"
import type { Existing } from "./existing.js"
import { recipientOf } from "./existing.js"
import type { InviteQueue, Item } from "./inviteQueue.js"
import type { Fatal } from "./retry.js"
import { isFatal, retryTransient } from "./retry.js"

type Rejection = Exclude<CreateError, AmbiguousWrite>

const detailsOf = (error: Rejection): ReadonlyArray<ErrorDetail> => "errors" in error ? error.errors : []

// The names of a chunk are all different, so that the address says which is whose, in whatever order they come back.
const invitationFor = (item: Item, index: number, made: ReadonlyArray<Invitation>): Invitation | undefined =>
  made.find(({ emailAddress }) => EmailAddress.equals(emailAddress, item.emailAddress)) ?? made[index]

// Where the server refuses a second pending invitation it is safe to send once more. If that creates one, the earlier call did
// not; if it is refused as a duplicate, the earlier call may have.
const isGuarded = ({ request }: Item): boolean => request.ignoreExisting !== true

const rejected = (item: Item, error: Rejection): InviteOutcome =>
  Option.match(item.ambiguity, {
    onNone: () => InviteOutcome.Rejected({ ...recipientOf(item), error }),
    onSome: (doubt) => InviteOutcome.Unknown({ ...recipientOf(item), error: doubt })
  })

/**
 * Sends addresses, each with an outcome or back on the desk in the end. What goes back is always less than what was sent, or is
 * sent alone, so that there is no end to it only if there is none to the input.
 */
export const make = <E>(
  primitives: InvitationsPrimitives,
  desk: InviteQueue<E>,
  existing: Existing,
  { retry, useSingleCreates: useSingles = true }: Options
) => {
  const finishAll = (items: ReadonlyArray<Item>, outcome: (item: Item) => InviteOutcome) =>
    Effect.forEach(items, (item) => desk.finish(outcome(item)), { discard: true })

  const onRejected = (item: Item, error: Rejection): Effect.Effect<void, Fatal> => {
    if (isDuplicate(error)) return existing.onDuplicate(item)
    return desk.finish(
      isUserExists(error)
        ? InviteOutcome.UserExists(recipientOf(item))
        : rejected(item, error)
    )
  }

  // One answer may name some as invited and others as users.
  const onNamed = (item: Item, error: Rejection): Effect.Effect<void, Fatal> => {
    const codes = detailsOf(error).filter((detail) => names(detail, item)).map(({ code }) => code)
    if (codes.includes("duplicate_record")) return existing.onDuplicate(item)
    if (codes.includes("form_identifier_exists")) return desk.finish(InviteOutcome.UserExists(recipientOf(item)))
    return desk.finish(rejected(item, error))
  }

  const onFailure = (items: ReadonlyArray<Item>, error: CreateError): Effect.Effect<void, Fatal> => {
    if (isFatal(error)) return Effect.zipRight(desk.requeue(items), Effect.fail(error))
    if (error instanceof AmbiguousWrite) {
      const [settled, doubtful] = Arr.partition(items, (item) => isGuarded(item) && Option.isNone(item.ambiguity))
      return Effect.zipRight(
        finishAll(settled, (item) => InviteOutcome.Unknown({ ...recipientOf(item), error })),
        desk.requeue(doubtful.map((item) => ({ ...item, ambiguity: Option.some(error) })))
      )
    }
    if (isTransient(error)) return finishAll(items, (item) => rejected(item, error))
    if (items.length === 1) return Effect.forEach(items, (item) => onRejected(item, error), { discard: true })
    const named = new Set(items.filter((item) => detailsOf(error).some((detail) => names(detail, item))))
    if (named.size > 0) {
      return Effect.zipRight(
        desk.requeue(items.filter((item) => !named.has(item))),
        Effect.forEach(named, (item) => onNamed(item, error), { discard: true })
      )
    }
    if (useSingles) return desk.requeueAsSingles(items)
    const half = Math.ceil(items.length / 2)
    return Effect.zipRight(sendBatch(items.slice(0, half)), sendBatch(items.slice(half)))
  }

  const send = (
    items: ReadonlyArray<Item>,
    call: (items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<Invitation>, CreateError>
  ): Effect.Effect<void, Fatal> =>
    Effect.flatMap(Effect.forEach(items, existing.revokeExisting), (cleared) => {
      const left = cleared.flatMap(Option.toArray)
      if (left.length === 0) return Effect.void
      return Effect.matchEffect(Effect.zipRight(desk.markSent(left), retryTransient(retry)(call(left))), {
        onFailure: (error) => onFailure(left, error),
        onSuccess: (made) =>
          Effect.forEach(left, (item, index) => {
            const invitation = invitationFor(item, index, made)
            return invitation === undefined
              ? Effect.dieMessage("createBulk answered with fewer invitations than it was asked for")
              : desk.finish(InviteOutcome.Created({ ...recipientOf(item), invitation }))
          }, { discard: true })
      })
    })

  const sendBatch = (items: ReadonlyArray<Item>): Effect.Effect<void, Fatal> =>
    send(items, (left) => primitives.createBulk(left.map(({ request }) => request)))

  return {
    bulk: sendBatch,
    single: (items: ReadonlyArray<Item>): Effect.Effect<void, Fatal> =>
      send(items, (left) => Effect.forEach(left, ({ request }) => primitives.create(request)))
  }
}

const names = (detail: ErrorDetail, { emailAddress }: Item): boolean =>
  detail.emailAddresses.some((address) => EmailAddress.equals(address, emailAddress))
