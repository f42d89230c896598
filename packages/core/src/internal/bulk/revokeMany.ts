import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { InvitationId, InvitationStatus } from "../../Invitation.js"
import type { RevokeError } from "../../InvitationError.js"
import { AmbiguousWrite, isAlreadyAccepted, isAlreadyRevoked, NotFound } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { Filter, Options, RevokeManyError } from "../../RevokeMany.js"
import * as RevokeOutcome from "../../RevokeOutcome.js"
import { paginate } from "../pagination/paginate.js"
import * as Field from "../schema/field.js"
import { typeSide, validate } from "../schema/validate.js"
import { isFatal, retryTransient } from "./retry.js"
import { isIterableOrStream, separateExit, toStream } from "./source.js"

const maxConcurrency = 32

const validateOptions = validate(
  typeSide(Schema.Struct({
    concurrency: Field.optional(
      Schema.Int.pipe(Schema.between(1, maxConcurrency)),
      `a whole number of calls from 1 to ${maxConcurrency}`
    ),
    ordered: Field.optional(Schema.Boolean, "true or false")
  })),
  "revokeMany",
  "options"
)

const validateFilter = validate(
  typeSide(Schema.Struct({
    status: Field.optional(InvitationStatus, Field.status),
    query: Field.optional(Schema.String, "a string")
  })).annotations(Field.structMustBe("an iterable or a Stream of ids, or a filter")),
  "revokeMany",
  "target"
)

const validateId = validate(Schema.typeSchema(InvitationId), "revokeMany", "id")

type Target<E, R> = Iterable<string> | Stream.Stream<string, E, R> | Filter

const isIds = <E, R>(target: Target<E, R>): target is Iterable<string> | Stream.Stream<string, E, R> =>
  Predicate.isObject(target) && isIterableOrStream(target)

const idsOf = <E, R>(
  { list }: InvitationsPrimitives,
  target: Target<E, R>
): Stream.Stream<string, RevokeManyError | E, R> =>
  isIds(target)
    ? toStream(target)
    : Stream.unwrap(Effect.map(validateFilter(target), ({ query, status = "pending" }) =>
      Stream.map(paginate(list, { query, status }), ({ id }) =>
        id)))

const toOutcome = (
  target: RevokeOutcome.Target,
  error: RevokeError
): Effect.Effect<RevokeOutcome.RevokeOutcome, RevokeManyError> => {
  if (isFatal(error)) return Effect.fail(error)
  if (isAlreadyRevoked(error)) return Effect.succeed(RevokeOutcome.AlreadyRevoked(target))
  if (isAlreadyAccepted(error)) return Effect.succeed(RevokeOutcome.AlreadyAccepted(target))
  if (error instanceof NotFound) return Effect.succeed(RevokeOutcome.NotFound(target))
  return Effect.succeed(
    error instanceof AmbiguousWrite
      ? RevokeOutcome.Unknown({ ...target, error })
      : RevokeOutcome.Rejected({ ...target, error })
  )
}

/**
 * Revokes the invitations of a source of ids, or all that match a filter. Paging follows the list while it shrinks.
 */
export const revokeMany = <E, R>(
  primitives: InvitationsPrimitives,
  target: Target<E, R>,
  { retry, ...options }: Options
): Stream.Stream<RevokeOutcome.RevokeOutcome, RevokeManyError | E, R> => {
  const retrying = retryTransient(retry)

  // A span for each id: a span for the job would grow without bound if the input is endless.
  const revoke = (id: string, position: number): Effect.Effect<RevokeOutcome.RevokeOutcome, RevokeManyError> =>
    validateId(id).pipe(
      Effect.flatMap((validId) => retrying(primitives.revoke(validId))),
      Effect.matchEffect({
        onFailure: (error) => toOutcome({ id, position }, error),
        onSuccess: (invitation) =>
          Effect.succeed(RevokeOutcome.Revoked({ id, position, invitation: Option.some(invitation) }))
      }),
      Effect.withSpan("InvitationsService.revokeMany.revoke", { captureStackTrace: false })
    )

  return Stream.unwrap(Effect.gen(function*() {
    const { concurrency = 4, ordered = false } = yield* validateOptions(options)
    const { elements, exit } = yield* separateExit(idsOf(primitives, target))
    return elements.pipe(
      Stream.zipWithIndex,
      // As a value, a failure is emitted after the outcomes that precede it in the order.
      Stream.mapEffect(([id, position]) => Effect.either(revoke(id, position)), { concurrency, unordered: !ordered }),
      Stream.mapEffect(identity),
      Stream.concat(Stream.execute(Effect.flatten(exit)))
    )
  }))
}
