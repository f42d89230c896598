import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { CreateInvitation } from "../../CreateInvitation.js"
import * as EmailAddress from "../../EmailAddress.js"
import { InviteOutcome } from "../../InviteOutcome.js"
import { typeSide, validate } from "../schema/validate.js"
import type { InviteQueue, Item } from "./inviteQueue.js"

const validateCreate = validate(typeSide(CreateInvitation), "inviteMany")

/**
 * The last so many addresses, folded, with the position where each was seen first.
 */
const makeDeduplicator = (size: number) => {
  const seen = new Map<string, number>()
  return (address: string, position: number): Option.Option<number> => {
    const first = seen.get(address)
    if (first !== undefined) return Option.some(first)
    for (const oldest of seen.keys()) {
      if (seen.size < size) break
      seen.delete(oldest)
    }
    seen.set(address, position)
    return Option.none()
  }
}

const addressOf = (input: unknown): string =>
  Predicate.hasProperty(input, "emailAddress") && typeof input.emailAddress === "string" ? input.emailAddress : ""

/**
 * Takes the input in, one by one: numbers it, folds what repeats itself, checks it.
 */
export const admit = <E>(
  desk: InviteQueue<E>,
  options: { readonly remember: number }
): (input: CreateInvitation.Input) => Effect.Effect<Option.Option<Item>> => {
  const recall = makeDeduplicator(options.remember)
  let count = 0
  return (input) =>
    Effect.suspend(() => {
      const subject = { input, position: count++, emailAddress: addressOf(input) }
      const settled = (outcome: InviteOutcome) => Effect.as(desk.finish(outcome), Option.none())
      return Effect.zipRight(
        desk.admit(subject),
        Effect.suspend(() => {
          const first = subject.emailAddress === ""
            ? Option.none()
            : recall(EmailAddress.fold(subject.emailAddress), subject.position)
          return Option.isSome(first)
            ? settled(InviteOutcome.Repeated({ ...subject, firstPosition: first.value }))
            : Effect.matchEffect(validateCreate(input), {
              onFailure: (error) => settled(InviteOutcome.Rejected({ ...subject, replaced: [], error })),
              onSuccess: (request) =>
                Effect.succeedSome({
                  ...subject,
                  request,
                  replaced: [],
                  existing: [],
                  existingRevoked: false,
                  ambiguity: Option.none()
                })
            })
        })
      )
    })
}
