import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as EmailAddress from "../../EmailAddress.js"
import type { ErrorDetail } from "../../ErrorDetail.js"
import type { Invitation } from "../../Invitation.js"
import type { CreateError } from "../../InvitationError.js"
import { AmbiguousWrite, isDuplicate, isUserExists } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { Options } from "../../InviteMany.js"
import { InviteOutcome } from "../../InviteOutcome.js"
import type { Existing } from "./existing.js"
import { subject } from "./existing.js"
import type { Desk, Item } from "./inviteQueue.js"
import type { Fatal } from "./retry.js"
import { isFatal, isTransient, patiently } from "./retry.js"

type Definitive = Exclude<CreateError, AmbiguousWrite>

const detailsOf = (error: Definitive): ReadonlyArray<ErrorDetail> => "errors" in error ? error.errors : []

// The names of a chunk are all different, so that the address says which is whose, in whatever order they come back.
const madeFor = (item: Item, index: number, made: ReadonlyArray<Invitation>): Invitation | undefined =>
  made.find(({ emailAddress }) => EmailAddress.equals(emailAddress, item.emailAddress)) ?? made[index]

// Where the server refuses a second pending invitation it is safe to send once more. If that creates one, the earlier call did
// not; if it is refused as a duplicate, the earlier call may have.
const isGuarded = ({ request }: Item): boolean => request.ignoreExisting !== true

const rejected = (item: Item, error: Definitive): InviteOutcome =>
  Option.match(item.doubt, {
    onNone: () => InviteOutcome.Rejected({ ...subject(item), error }),
    onSome: (doubt) => InviteOutcome.Unknown({ ...subject(item), error: doubt })
  })

/**
 * Sends addresses, each with an outcome or back on the desk in the end. What goes back is always less than what was sent, or is
 * sent alone, so that there is no end to it only if there is none to the input.
 */
export const make = <E>(
  primitives: InvitationsPrimitives,
  desk: Desk<E>,
  existing: Existing,
  { retry, useSingles = true }: Options
) => {
  const finishAll = (items: ReadonlyArray<Item>, outcome: (item: Item) => InviteOutcome) =>
    Effect.forEach(items, (item) => desk.finish(outcome(item)), { discard: true })

  const refused = (item: Item, error: Definitive): Effect.Effect<void, Fatal> => {
    if (isDuplicate(error)) return existing.refused(item)
    return desk.finish(
      isUserExists(error)
        ? InviteOutcome.UserExists(subject(item))
        : rejected(item, error)
    )
  }

  // One answer may name some as invited and others as users.
  const named = (item: Item, error: Definitive): Effect.Effect<void, Fatal> => {
    const codes = detailsOf(error).filter((detail) => names(detail, item)).map(({ code }) => code)
    if (codes.includes("duplicate_record")) return existing.refused(item)
    if (codes.includes("form_identifier_exists")) return desk.finish(InviteOutcome.UserExists(subject(item)))
    return desk.finish(rejected(item, error))
  }

  const notCreated = (items: ReadonlyArray<Item>, error: CreateError): Effect.Effect<void, Fatal> => {
    if (isFatal(error)) return Effect.zipRight(desk.putBack(items), Effect.fail(error))
    if (error instanceof AmbiguousWrite) {
      const [settled, doubtful] = Arr.partition(items, (item) => isGuarded(item) && Option.isNone(item.doubt))
      return Effect.zipRight(
        finishAll(settled, (item) => InviteOutcome.Unknown({ ...subject(item), error })),
        desk.putBack(doubtful.map((item) => ({ ...item, doubt: Option.some(error) })))
      )
    }
    if (isTransient(error)) return finishAll(items, (item) => rejected(item, error))
    if (items.length === 1) return Effect.forEach(items, (item) => refused(item, error), { discard: true })
    const blamed = new Set(items.filter((item) => detailsOf(error).some((detail) => names(detail, item))))
    if (blamed.size > 0) {
      return Effect.zipRight(
        desk.putBack(items.filter((item) => !blamed.has(item))),
        Effect.forEach(blamed, (item) => named(item, error), { discard: true })
      )
    }
    if (useSingles) return desk.putApart(items)
    const half = Math.ceil(items.length / 2)
    return Effect.zipRight(bulk(items.slice(0, half)), bulk(items.slice(half)))
  }

  const send = (
    items: ReadonlyArray<Item>,
    call: (items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<Invitation>, CreateError>
  ): Effect.Effect<void, Fatal> =>
    Effect.flatMap(Effect.forEach(items, existing.clear), (cleared) => {
      const left = cleared.flatMap(Option.toArray)
      if (left.length === 0) return Effect.void
      return Effect.matchEffect(Effect.zipRight(desk.sending(left), patiently(retry)(call(left))), {
        onFailure: (error) => notCreated(left, error),
        onSuccess: (made) =>
          Effect.forEach(left, (item, index) => {
            const invitation = madeFor(item, index, made)
            return invitation === undefined
              ? Effect.dieMessage("createBulk answered with fewer invitations than it was asked for")
              : desk.finish(InviteOutcome.Created({ ...subject(item), invitation }))
          }, { discard: true })
      })
    })

  const bulk = (items: ReadonlyArray<Item>): Effect.Effect<void, Fatal> =>
    send(items, (left) => primitives.createBulk(left.map(({ request }) => request)))

  return {
    bulk,
    single: (items: ReadonlyArray<Item>): Effect.Effect<void, Fatal> =>
      send(items, (left) => Effect.forEach(left, ({ request }) => primitives.create(request)))
  }
}

const names = (detail: ErrorDetail, { emailAddress }: Item): boolean =>
  detail.emailAddresses.some((address) => EmailAddress.equals(address, emailAddress))
