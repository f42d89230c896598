import type { InvitationsService } from "@effect-clerk/core"
import { EmailAddress } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import type { CreateError } from "@effect-clerk/core/InvitationError"
import { duplicateEmails } from "@effect-clerk/core/InvitationError"
import { Array as Arr, Effect, Option, Stream } from "effect"

/**
 * A strategy to invite all addresses of a list; returns the number of outcomes of each kind.
 */
export type Way = (
  invitations: InvitationsService.Service,
  list: ReadonlyArray<CreateInvitation.Input>
) => Effect.Effect<ReadonlyMap<string, number>, unknown>

const add = (counts: Map<string, number>, kind: string, more = 1): Map<string, number> =>
  counts.set(kind, (counts.get(kind) ?? 0) + more)

/** `inviteMany` of this repository. */
export const inviteMany: Way = (invitations, list) =>
  Stream.runFold(
    invitations.inviteMany(list),
    new Map<string, number>(),
    (counts, { _tag }) => add(counts, _tag)
  )

// Retries without a limit, after the Retry-After of a 429.
const afterLimits = <A>(call: Effect.Effect<A, CreateError>): Effect.Effect<A, CreateError> =>
  Effect.catchTag(
    call,
    "TooManyRequests",
    ({ retryAfter }) => Effect.delay(afterLimits(call), Option.getOrElse(retryAfter, () => "1 minute"))
  )

/** Single creates in sequence; waits after a 429. */
export const naive: Way = (invitations, list) =>
  Effect.gen(function*() {
    const counts = new Map<string, number>()
    for (const request of list) {
      const result = yield* Effect.either(afterLimits(invitations.create(request)))
      add(counts, result._tag === "Right" ? "Created" : result.left._tag)
    }
    return counts
  })

const named = (error: CreateError): ReadonlyArray<string> =>
  "errors" in error
    ? error.errors.flatMap((detail) => detail instanceof ErrorDetail ? detail.emailAddresses : [])
    : duplicateEmails(error)

/** Batches of ten. After a rejection that names addresses, the rest of the batch is sent again. */
export const bulkOnly: Way = (invitations, list) =>
  Effect.gen(function*() {
    const counts = new Map<string, number>()
    const send = (chunk: ReadonlyArray<CreateInvitation.Input>): Effect.Effect<void> =>
      chunk.length === 0 ? Effect.void : Effect.matchEffect(afterLimits(invitations.createBulk(chunk)), {
        onSuccess: (created) => Effect.sync(() => add(counts, "Created", created.length)),
        onFailure: (error) => {
          const blamed = named(error)
          const left = chunk.filter(({ emailAddress }) =>
            !blamed.some((address) => EmailAddress.equals(address, emailAddress))
          )
          if (left.length < chunk.length) {
            add(counts, error._tag, chunk.length - left.length)
            return send(left)
          }
          // The rejection names no address: leave out the malformed one.
          const rest = chunk.filter(({ emailAddress }) => !emailAddress.includes(" "))
          add(counts, error._tag, rest.length < chunk.length ? chunk.length - rest.length : chunk.length)
          return rest.length < chunk.length ? send(rest) : Effect.void
        }
      })
    for (const chunk of Arr.chunksOf(list, 10)) yield* send(chunk)
    return counts
  })
