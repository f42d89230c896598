import type { CreateInvitation, InviteOutcome } from "@effect-clerk/core"
import { ErrorDetail, TooManyRequests, Unprocessable } from "@effect-clerk/core"
import type { Duration } from "effect"
import { Option } from "effect"

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

/** The queue's capacity: two batches a bulk call, and the allowance for singles. */
export const capacity = (concurrency: number): number => 20 * concurrency + 50

// Inputs in the eight look-ups, and the one that waits for room.
export const inIntake = 10
