import * as CreateInvitation from "@effect-clerk/core/CreateInvitation"
import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import type { InvalidRequest } from "@effect-clerk/core/InvitationError"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { toInvalidRequest } from "../../client/options.js"
import * as Request from "../model/request.js"
import type { NewPerson } from "../model/row.js"
import type { Settings } from "../model/settings.js"

/**
 * People as `start` takes them.
 */
export type Source<E, R> =
  | Iterable<CreateInvitation.CreateInvitation.Input>
  | Stream.Stream<CreateInvitation.CreateInvitation.Input, E, R>

const isStream = <E, R>(source: Source<E, R>): source is Stream.Stream<CreateInvitation.CreateInvitation.Input, E, R> =>
  Predicate.hasProperty(source, Stream.StreamTypeId)

const operation = "InviteCampaigns.start"

const toPerson = (input: unknown, position: number, { allowDuplicates }: Settings) =>
  Effect.flatMap(
    CreateInvitation.validate(input, { operation, path: `people[${position}]` }),
    (request): Effect.Effect<NewPerson, InvalidRequest> =>
      request.ignoreExisting === true && !allowDuplicates
        ? Effect.fail(toInvalidRequest(operation, {
          path: `people[${position}].ignoreExisting`,
          requirement: "requires allowDuplicates: true, because a crash can then send a second e-mail"
        }))
        : Effect.succeed({
          position,
          emailAddress: request.emailAddress,
          folded: EmailAddress.fold(request.emailAddress),
          request: Request.toJson(request)
        })
  )

/**
 * Validates people one by one. Fails with the first that cannot be sent.
 */
export const validate = <E, R>(
  source: Source<E, R>,
  settings: Settings
): Stream.Stream<NewPerson, InvalidRequest | E, R> =>
  (isStream(source) ? source : Stream.fromIterable(source)).pipe(
    Stream.zipWithIndex,
    Stream.mapEffect(([input, position]) => toPerson(input, position, settings))
  )
