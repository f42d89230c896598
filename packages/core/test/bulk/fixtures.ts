import type { InviteOutcome } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { AmbiguousWrite, TooManyRequests, Unprocessable } from "@effect-clerk/core/InvitationError"
import type { Duration } from "effect"
import { Option, Redacted } from "effect"
import type { Item } from "../../src/internal/bulk/item.js"

export const person = (n: number): CreateInvitation.Input => ({ emailAddress: `person${n}@example.com` })

export const people = (count: number): ReadonlyArray<CreateInvitation.Input> =>
  Array.from({ length: count }, (_, n) => person(n + 1))

/** An endless iterable of inputs that counts how many were pulled. */
export const endless = () => {
  const pulled = { count: 0, closed: false }
  const iterable: Iterable<CreateInvitation.Input> = {
    *[Symbol.iterator]() {
      try {
        for (;;) yield person(++pulled.count)
      } finally {
        pulled.closed = true
      }
    }
  }
  return { iterable, pulled }
}

/** The outcomes that belong to an input. */
export const inputOutcomes = (
  outcomes: Iterable<InviteOutcome.InviteOutcome>
): ReadonlyArray<InviteOutcome.InputOutcome> =>
  Array.from(outcomes).filter((outcome): outcome is InviteOutcome.InputOutcome => outcome._tag !== "Stopped")

export const tags = (outcomes: Iterable<InviteOutcome.InviteOutcome>): ReadonlyArray<string> =>
  Array.from(outcomes, ({ _tag }) => _tag)

export const responseFields = { status: 422, errors: [], traceId: Option.none() }

export const rejection = (operation: "create" | "createBulk", code = "form_param_value_invalid") =>
  new Unprocessable({
    ...responseFields,
    operation,
    errors: [new ErrorDetail({ code, message: "", longMessage: "", meta: {} })]
  })

export const tooMany = (retryAfter: Option.Option<Duration.Duration>) =>
  new TooManyRequests({ operation: "createBulk", status: 429, errors: [], traceId: Option.none(), retryAfter })

export const ambiguous = new AmbiguousWrite({
  operation: "createBulk",
  emailAddresses: Redacted.make([]),
  id: Option.none(),
  candidates: [],
  lastFailure: tooMany(Option.none())
})

/** An item whose address and position are derived from `n`. */
export const item = (n: number, fields: Partial<Item> & { readonly ignoreExisting?: boolean } = {}): Item => {
  const { ignoreExisting, ...rest } = fields
  const emailAddress = `person${n}@example.com`
  return {
    input: { emailAddress },
    position: n,
    emailAddress,
    replaced: [],
    request: { emailAddress, ignoreExisting },
    existing: [],
    existingRevoked: false,
    ambiguity: Option.none(),
    ...rest
  }
}

export const attempted = ({ emailAddress, input, position, replaced }: Item): InviteOutcome.Attempted => ({
  input,
  position,
  emailAddress,
  replaced
})

/** The queue's capacity: two batches a bulk call, and the allowance for singles. */
export const capacity = (concurrency: number): number => 20 * concurrency + 50

// Inputs in the eight look-ups, and the one that waits for room.
export const inIntake = 10
