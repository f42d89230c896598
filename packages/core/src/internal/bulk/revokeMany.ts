import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { InvitationId, InvitationStatus } from "../../Invitation.js"
import type { RevokeError } from "../../InvitationError.js"
import { AmbiguousWrite, isAlreadyAccepted, isAlreadyRevoked, NotFound } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { Filter, Options, RevokeManyError } from "../../RevokeMany.js"
import { RevokeOutcome } from "../../RevokeOutcome.js"
import { paginate } from "../pagination/paginate.js"
import * as Field from "../schema/field.js"
import { typeSide, validate } from "../schema/validate.js"
import { isFatal, retryTransient } from "./retry.js"
import { isIterableOrStream, toStream } from "./source.js"

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
  subject: RevokeOutcome.Target,
  error: RevokeError
): Effect.Effect<RevokeOutcome, RevokeManyError> => {
  if (isFatal(error)) return Effect.fail(error)
  if (isAlreadyRevoked(error)) return Effect.succeed(RevokeOutcome.AlreadyRevoked(subject))
  if (isAlreadyAccepted(error)) return Effect.succeed(RevokeOutcome.AlreadyAccepted(subject))
  if (error instanceof NotFound) return Effect.succeed(RevokeOutcome.NotFound(subject))
  return Effect.succeed(
    error instanceof AmbiguousWrite
      ? RevokeOutcome.Unknown({ ...subject, error })
      : RevokeOutcome.Rejected({ ...subject, error })
  )
}

/**
 * Revokes everything on a list of ids, or on the list itself, which a walk follows while it shrinks.
 */
export const revokeMany = <E, R>(
  primitives: InvitationsPrimitives,
  target: Target<E, R>,
  { retry, ...options }: Options
): Stream.Stream<RevokeOutcome, RevokeManyError | E, R> => {
  const revoke = (subject: RevokeOutcome.Target): Effect.Effect<RevokeOutcome, RevokeManyError> =>
    validateId(subject.id).pipe(
      Effect.flatMap((id) => retryTransient(retry)(primitives.revoke(id))),
      Effect.matchEffect({
        onFailure: (error) => toOutcome(subject, error),
        onSuccess: (invitation) => Effect.succeed(RevokeOutcome.Revoked({ ...subject, invitation }))
      }),
      // What happens along the way is noted there: the span of the whole may never end, and would only grow.
      Effect.withSpan("InvitationsService.revokeMany.revoke", { captureStackTrace: false })
    )
  return Stream.unwrap(
    Effect.map(validateOptions(options), ({ concurrency = 4, ordered = false }) =>
      idsOf(primitives, target).pipe(
        Stream.zipWithIndex,
        Stream.either,
        // A failure takes its turn like an outcome, so that those before it are not lost with it.
        Stream.mapEffect(
          (next) => Effect.either(Effect.flatMap(next, ([id, position]) => revoke({ id, position }))),
          { concurrency, unordered: !ordered }
        ),
        Stream.mapEffect(identity)
      ))
  )
}
