import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { InvitationId } from "../../Invitation.js"
import type { RevokeError } from "../../InvitationError.js"
import { AmbiguousWrite, isAlreadyAccepted, isAlreadyRevoked, NotFound } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { Options, RevokeManyError, Target } from "../../RevokeMany.js"
import * as RevokeOutcome from "../../RevokeOutcome.js"
import * as Field from "../schema/field.js"
import { typeSide, validate } from "../schema/validate.js"
import { isFatal } from "./refusal.js"
import { retryTransient } from "./retry.js"
import { idsOf, validateTarget } from "./revokeTarget.js"
import { separateExit } from "./source.js"

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

const validateId = validate(Schema.typeSchema(InvitationId), "revokeMany", "id")

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
 * Revokes the invitations of a target.
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
      Effect.matchEffect({
        onFailure: (error) => Effect.succeed(RevokeOutcome.Rejected({ id, position, error })),
        onSuccess: (validId) =>
          Effect.matchEffect(retrying(primitives.revoke(validId)), {
            onFailure: (error) => toOutcome({ id, position }, error),
            onSuccess: (invitation) =>
              Effect.succeed(RevokeOutcome.Revoked({ id, position, invitation: Option.some(invitation) }))
          })
      }),
      Effect.withSpan("InvitationsService.revokeMany.revoke", { captureStackTrace: false })
    )

  return Stream.unwrap(Effect.gen(function*() {
    const { concurrency = 4, ordered = false } = yield* validateOptions(options)
    yield* validateTarget(target)
    const { elements, exit } = yield* separateExit(idsOf(primitives.list, target))
    return elements.pipe(
      Stream.zipWithIndex,
      // As a value, a failure is emitted after the outcomes that precede it in the order.
      Stream.mapEffect(([id, position]) => Effect.either(revoke(id, position)), { concurrency, unordered: !ordered }),
      Stream.mapEffect(identity),
      Stream.concat(Stream.execute(Effect.flatten(exit)))
    )
  }))
}
