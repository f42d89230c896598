import type { InviteOutcome } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { InvitationsHttp } from "@effect-clerk/http"
import type { Duration } from "effect"
import { Effect, Fiber, Inspectable, Option, Redacted, Schema, TestClock } from "effect"
import { InvitationRow } from "../../src/internal/wire/invitation.js"

export const ada = "ada@example.com"

/** A day in milliseconds. */
export const day = 24 * 60 * 60 * 1000

/** All fields of an invitation. Two `Redacted` print alike, so the accept link is compared in its encoded form. */
export const encode = Schema.encodeSync(InvitationRow)

export const encodeAll = (invitations: Iterable<Invitation>) =>
  Array.from(invitations, (invitation) => encode(invitation))

export const ids = (invitations: Iterable<Invitation>): Array<string> => Array.from(invitations, ({ id }) => id)

export const addresses = (invitations: Iterable<{ readonly emailAddress: string }>): Array<string> =>
  Array.from(invitations, ({ emailAddress }) => emailAddress)

export const urlOf = (invitation: Invitation): string =>
  Redacted.value(Option.getOrThrowWith(invitation.url, () => new Error("the invitation has no accept link")))

/** `count` requests for `person<from>@example.com` and the following numbers. */
export const makeRequests = (count: number, from = 1): Array<CreateInvitation.Input> =>
  Array.from({ length: count }, (_, index) => ({ emailAddress: `person${index + from}@example.com` }))

/** One seed of each status. The status is also the name in the address. */
export const seedsOfEveryStatus = (["pending", "accepted", "revoked", "expired"] as const).map((status) => ({
  emailAddress: `${status}@example.com`,
  status
}))

/** Expects the effect to fail with an instance of this class, and returns that error. */
export const failure = <A, E, T>(
  effect: Effect.Effect<A, E>,
  constructor: abstract new(...args: never) => T
): Effect.Effect<E & T> =>
  Effect.flatMap(
    Effect.either(effect),
    (result) =>
      result._tag === "Left" && result.left instanceof constructor
        ? Effect.succeed(result.left)
        : Effect.dieMessage(`expected ${constructor.name}, got ${Inspectable.toStringUnknown(result)}`)
  )

/** Sends every call once only, so that a fault reaches the caller. */
export const withoutRetry = InvitationsHttp.withRetry("none")

/** Moves the clock by `step` until the effect is done. The effect may wait on a real socket meanwhile. */
export const adjustUntilDone = <A, E>(
  effect: Effect.Effect<A, E>,
  step: Duration.DurationInput
): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    while (Option.isNone(yield* Fiber.poll(fiber))) yield* TestClock.adjust(step)
    return yield* Fiber.join(fiber)
  })

/** The outcomes that belong to an input. */
export const inputOutcomes = (
  outcomes: Iterable<InviteOutcome.InviteOutcome>
): ReadonlyArray<InviteOutcome.InputOutcome> =>
  Array.from(outcomes).filter((outcome): outcome is InviteOutcome.InputOutcome => outcome._tag !== "Stopped")

/** How many values have each tag. */
export const countTags = (values: Iterable<{ readonly _tag: string }>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { _tag } of values) counts[_tag] = (counts[_tag] ?? 0) + 1
  return counts
}
