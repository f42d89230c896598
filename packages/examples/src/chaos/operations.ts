/**
 * The operations of a chaos run, and a report of the result of each.
 */
import { InvitationsService } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Effect, Either, Random } from "effect"

/** The request of an operation and its result. */
export type Report =
  | {
    readonly _tag: "Create"
    readonly name: string
    readonly requests: ReadonlyArray<CreateInvitation.Input>
    readonly result: Either.Either<ReadonlyArray<Invitation>, Failure>
  }
  | {
    readonly _tag: "Resend"
    readonly name: string
    readonly emailAddress: string
    /** The invitation before the calls. */
    readonly old: InvitationId
    /** The results of the calls in turn; all but the last one are failures. */
    readonly results: ReadonlyArray<Either.Either<Invitation, ResendFailure>>
  }
  | {
    readonly _tag: "Revoke" | "Delete"
    readonly name: string
    readonly id: InvitationId
    readonly result: Either.Either<unknown, Failure>
  }
  | {
    readonly _tag: "List"
    readonly name: string
    readonly ids: ReadonlyArray<InvitationId>
  }

export interface Failure {
  readonly _tag: string
  readonly message: string
}

export interface ResendFailure extends Failure {
  /** The error inside a `ResendIncomplete`; otherwise the tag of the error itself. */
  readonly reason: string
}

const metadataOf = (index: number) => ({ chaos: String(index) })

const createOne = (index: number) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const ignoreExisting = (yield* Random.next) < 0.3
    const request = { emailAddress: `one${index}@example.com`, publicMetadata: metadataOf(index), ignoreExisting }
    const result = yield* Effect.either(invitations.create(request))
    return [report("create", [request], Either.map(result, (invitation) => [invitation]))]
  })

const createBulk = (index: number) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const size = yield* Random.nextIntBetween(1, 11)
    const ignoreExisting = (yield* Random.next) < 0.2
    const requests = Array.from({ length: size }, (_, position) => ({
      emailAddress: `bulk${index}-${position}@example.com`,
      publicMetadata: metadataOf(index),
      ignoreExisting
    }))
    return [report("bulk create", requests, yield* Effect.either(invitations.createBulk(requests)))]
  })

// These requests are equal, so reconciliation can only tell their invitations apart by time.
const createSame = (index: number) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const ignoreExisting = yield* Random.nextBoolean
    const request = { emailAddress: `same${index}@example.com`, ignoreExisting }
    return yield* Effect.forEach([1, 2, 3], () =>
      Effect.map(Effect.either(invitations.create(request)), (result) =>
        report("concurrent create of one address", [request], Either.map(result, (invitation) => [invitation]))), {
      concurrency: "unbounded"
    })
  })

const report = (
  name: string,
  requests: ReadonlyArray<CreateInvitation.Input>,
  result: Either.Either<ReadonlyArray<Invitation>, Failure>
): Report => ({ _tag: "Create", name, requests, result })

const seeded = (index: number) =>
  Effect.flatMap(InvitationsControl, (control) => control.seed([{ emailAddress: `seeded${index}@example.com` }]))

const revoke = (index: number) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    return yield* Effect.forEach(yield* seeded(index), ({ id }) =>
      Effect.map(
        Effect.either(invitations.revoke(id)),
        (result): Report => ({ _tag: "Revoke", name: "revoke", id, result })
      ))
  })

const maxResends = 5

// Calls again after each failure, as the documents say.
const resend = (index: number) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    return yield* Effect.forEach(yield* seeded(index), ({ emailAddress, id }) =>
      Effect.gen(function*() {
        const results: Array<Either.Either<Invitation, ResendFailure>> = []
        while (results.length < maxResends && !results.some(Either.isRight)) {
          const result = yield* Effect.either(invitations.resend({ emailAddress, publicMetadata: metadataOf(index) }))
          results.push(Either.mapLeft(result, (error) => ({
            _tag: error._tag,
            message: error.message,
            reason: error._tag === "ResendIncomplete" ? error.error._tag : error._tag
          })))
        }
        return { _tag: "Resend", name: "resend", emailAddress, old: id, results } satisfies Report
      }))
  })

const revokeAgainstAccept = (index: number) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const control = yield* InvitationsControl
    const wait = yield* Random.nextIntBetween(0, 20)
    return yield* Effect.forEach(yield* seeded(index), ({ id }) =>
      Effect.map(
        Effect.zip(
          Effect.either(invitations.revoke(id)),
          Effect.delay(Effect.either(control.accept(id)), wait),
          { concurrent: true }
        ),
        ([result]): Report => ({ _tag: "Revoke", name: "revoke against accept", id, result })
      ))
  })

const remove = (index: number) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    return yield* Effect.forEach(yield* seeded(index), ({ id }) =>
      Effect.map(
        Effect.either(invitations.delete(id)),
        (result): Report => ({ _tag: "Delete", name: "delete", id, result })
      ))
  })

const list = Effect.gen(function*() {
  const invitations = yield* InvitationsService
  const limit = yield* Random.nextIntBetween(1, 50)
  const page = yield* Effect.either(invitations.list({ limit }))
  const ids = Either.isRight(page) ? page.right.data.map(({ id }) => id) : []
  return [{ _tag: "List", name: "list", ids } satisfies Report]
})

const staleReads = Effect.gen(function*() {
  const control = yield* InvitationsControl
  yield* control.freezeReads(yield* Random.nextIntBetween(5, 60))
  return yield* list
})

const kinds = [
  [createOne, 40],
  [createBulk, 15],
  [createSame, 8],
  [revoke, 12],
  [resend, 10],
  [revokeAgainstAccept, 6],
  [remove, 10],
  [() => list, 8],
  [() => staleReads, 1]
] as const

const total = kinds.reduce((sum, [, weight]) => sum + weight, 0)

/**
 * A random operation. `index` makes its addresses unique.
 */
export const operation = (
  index: number
): Effect.Effect<ReadonlyArray<Report>, never, InvitationsService | InvitationsControl> =>
  Effect.gen(function*() {
    let remaining = (yield* Random.next) * total
    for (const [run, weight] of kinds) {
      remaining -= weight
      if (remaining < 0) return yield* run(index)
    }
    return []
  })
