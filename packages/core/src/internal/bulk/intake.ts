import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { CreateInvitation } from "../../CreateInvitation.js"
import * as EmailAddress from "../../EmailAddress.js"
import * as InviteOutcome from "../../InviteOutcome.js"
import { validateCreate } from "../schema/createRequest.js"
import type { InviteQueue } from "./inviteQueue.js"
import type { Item } from "./item.js"

const validateRequest = validateCreate("inviteMany")

/**
 * Remembers the `size` most recent distinct addresses. Returns the position at which an address was seen first; `None`
 * if it is new.
 */
const makeDeduplicator = (size: number) => {
  const seen = new Map<string, number>()
  return (emailAddress: string, position: number): Option.Option<number> => {
    const key = EmailAddress.fold(emailAddress)
    const first = seen.get(key)
    if (first !== undefined) return Option.some(first)
    for (const oldest of seen.keys()) {
      if (seen.size < size) break
      seen.delete(oldest)
    }
    seen.set(key, position)
    return Option.none()
  }
}

const addressOf = (input: unknown): string =>
  Predicate.hasProperty(input, "emailAddress") && typeof input.emailAddress === "string" ? input.emailAddress : ""

/**
 * Admits inputs one by one. Returns the item to send; `None` if the input is finished as repeated or invalid.
 */
export const make = <E>(
  queue: InviteQueue<E>,
  options: { readonly deduplicationWindow: number }
): (input: CreateInvitation.Input) => Effect.Effect<Option.Option<Item>> => {
  const findFirst = makeDeduplicator(options.deduplicationWindow)
  let count = 0
  return (input) =>
    Effect.gen(function*() {
      const emailAddress = addressOf(input)
      const recipient = { input, position: count++, emailAddress }
      const first = emailAddress === "" ? Option.none() : findFirst(emailAddress, recipient.position)
      yield* queue.admit(recipient, Option.getOrUndefined(first))
      if (Option.isSome(first)) {
        yield* queue.finish(InviteOutcome.Repeated({ ...recipient, firstPosition: first.value }))
        return Option.none()
      }
      const request = yield* Effect.either(validateRequest(input))
      if (Either.isLeft(request)) {
        yield* queue.finish(InviteOutcome.Rejected({ ...recipient, replaced: [], error: request.left }))
        return Option.none()
      }
      return Option.some({
        ...recipient,
        request: request.right,
        replaced: [],
        existing: [],
        existingRevoked: false,
        ambiguity: Option.none()
      })
    })
}
