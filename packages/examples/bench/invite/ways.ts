import type { CreateError, CreateInvitation, InvitationsService } from "@effect-clerk/core"
import { duplicateEmails, EmailAddress, ErrorDetail } from "@effect-clerk/core"
import { Array as Arr, Effect, Option, Stream } from "effect"

/**
 * A way to invite everybody on a list: how many outcomes of each kind it comes to.
 */
export type Way = (
  invitations: InvitationsService.Service,
  list: ReadonlyArray<CreateInvitation.Input>
) => Effect.Effect<ReadonlyMap<string, number>, unknown>

const add = (counts: Map<string, number>, kind: string, more = 1): Map<string, number> =>
  counts.set(kind, (counts.get(kind) ?? 0) + more)

/** What this repository offers. */
export const inviteMany: Way = (invitations, list) =>
  Stream.runFold(
    invitations.inviteMany(list),
    new Map<string, number>(),
    (counts, { _tag }) => add(counts, _tag)
  )

// As long as it takes: a 429 says when to come back.
const afterLimits = <A>(call: Effect.Effect<A, CreateError>): Effect.Effect<A, CreateError> =>
  Effect.catchTag(
    call,
    "TooManyRequests",
    ({ retryAfter }) => Effect.delay(afterLimits(call), Option.getOrElse(retryAfter, () => "1 minute"))
  )

/** One after the other, until a 429 says to wait. */
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

/** Ten at a time; whoever a refusal names is left out, and the others of the ten are sent again. */
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
          // Nobody is named: without the one whose address is malformed, as the client says itself.
          const rest = chunk.filter(({ emailAddress }) => !emailAddress.includes(" "))
          add(counts, error._tag, rest.length < chunk.length ? chunk.length - rest.length : chunk.length)
          return rest.length < chunk.length ? send(rest) : Effect.void
        }
      })
    for (const chunk of Arr.chunksOf(list, 10)) yield* send(chunk)
    return counts
  })
