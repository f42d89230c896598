import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CreateInvitation } from "../../CreateInvitation.js"
import type { InvalidField } from "../../InvitationError.js"
import { InvalidRequest } from "../../InvitationError.js"
import type { InvitationsService } from "../../InvitationsService.js"
import type * as InviteMany from "../../InviteMany.js"
import type * as InviteOutcome from "../../InviteOutcome.js"
import { invalidSource } from "../bulk/inviteMany.js"
import type { Source } from "../bulk/source.js"
import { isCollection, isIterableOrStream, toStream } from "../bulk/source.js"

/**
 * Takes the place of metadata that could not be encoded. It is not a plain object and becomes `null` in JSON, so the service
 * rejects the request, now and after the outcome was stored.
 */
class UnencodedMetadata {
  constructor(readonly issues: NonEmptyReadonlyArray<InvalidField>) {}

  toJSON(): null {
    return null
  }
}

// The service knows only that the metadata is no JSON object.
const explain = (outcome: InviteOutcome.InputOutcome): InviteOutcome.InputOutcome => {
  if (outcome._tag !== "Rejected" || outcome.error._tag !== "InvalidRequest") return outcome
  const { publicMetadata } = outcome.input
  if (!(publicMetadata instanceof UnencodedMetadata)) return outcome
  const others = outcome.error.issues.filter(({ path }) => path !== "publicMetadata")
  return {
    ...outcome,
    error: new InvalidRequest({ ...outcome.error, issues: [...publicMetadata.issues, ...others] })
  }
}

type Other = Omit<CreateInvitation.Input, "publicMetadata">

/**
 * Runs `inviteMany` over requests that are encoded as they are read. A request that cannot be encoded is `Rejected`, and
 * does not affect the others.
 */
export const inviteMany = <Request extends Other, E, R>(
  service: InvitationsService.Service,
  encode: (request: Request) => Effect.Effect<CreateInvitation.Input, NonEmptyReadonlyArray<InvalidField>>,
  source: Source<Request, E, R>,
  options: InviteMany.Options
): Stream.Stream<InviteOutcome.InviteOutcome, InviteMany.InviteManyError | E, R> => {
  const admit = (request: Request): Effect.Effect<CreateInvitation.Input> =>
    Effect.catchAll(
      encode(request),
      (issues) => Effect.succeed({ ...request, publicMetadata: new UnencodedMetadata(issues) })
    )

  // A collection stays one: the job then knows its size, and looks existing invitations up with fewer calls.
  const encoded: Effect.Effect<Source<CreateInvitation.Input, E, R>, InvalidRequest> = !isIterableOrStream(source)
    ? Effect.fail(invalidSource)
    : isCollection(source)
    ? Effect.forEach(source, admit)
    : Effect.succeed(Stream.mapEffect(toStream(source), admit))

  const { onIncomplete } = options
  const explained: InviteMany.Options = onIncomplete === undefined ? options : {
    ...options,
    onIncomplete: (incomplete) => onIncomplete({ ...incomplete, outcomes: incomplete.outcomes.map(explain) })
  }
  return Stream.unwrap(Effect.map(encoded, (requests) => service.inviteMany(requests, explained))).pipe(
    Stream.map((outcome) => outcome._tag === "Stopped" ? outcome : explain(outcome))
  )
}
