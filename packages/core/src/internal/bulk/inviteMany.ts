import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CreateInvitation } from "../../CreateInvitation.js"
import { InvalidField, InvalidRequest } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { InviteManyError, Options } from "../../InviteMany.js"
import type { InviteOutcome } from "../../InviteOutcome.js"
import * as Field from "../schema/field.js"
import { typeSide, validate } from "../schema/validate.js"
import * as Existing from "./existing.js"
import { admit } from "./intake.js"
import * as InviteQueue from "./inviteQueue.js"
import * as Send from "./send.js"
import type { Source } from "./source.js"
import { isIterableOrStream, toStream } from "./source.js"

const flag = Field.optional(Schema.Boolean, "true or false")

const maxConcurrency = 25

const Checked = Schema.Struct({
  concurrency: Field.optional(
    Schema.Int.pipe(Schema.between(1, maxConcurrency)),
    `a whole number of calls from 1 to ${maxConcurrency}`
  ),
  useSingleCreates: flag,
  onExisting: Field.optional(Schema.Literal("report", "reuse", "replace"), "\"report\", \"reuse\" or \"replace\""),
  checkExisting: flag,
  ordered: flag,
  deduplicationWindow: Field.optional(
    Schema.Int.pipe(Schema.between(1000, 10_000_000)),
    "a whole number of addresses from 1000 to 10,000,000"
  )
})

const validateOptions = validate(typeSide(Checked), "inviteMany", "options")

// Look-ups that are on their way at once.
const lookUpConcurrency = 8

const defaultConcurrency = 2

// How many of the most recent distinct addresses are remembered to find duplicates.
const defaultDeduplicationWindow = 100_000

// What happens along the way is noted in the span of a step: that of the whole may never end, and would only grow.
const step = (name: string) => Effect.withSpan(`InvitationsService.inviteMany.${name}`, { captureStackTrace: false })

const noInput = new InvalidRequest({
  operation: "inviteMany",
  issues: [new InvalidField({ path: "requests", message: "must be an iterable or a Stream of requests" })]
})

const run = <E, R>(
  primitives: InvitationsPrimitives,
  input: Source<CreateInvitation.Input, E, R>,
  options: Options
): Stream.Stream<InviteOutcome, InviteManyError | E, R> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const {
      concurrency = defaultConcurrency,
      onIncomplete: onUnfinished,
      ordered = false,
      useSingleCreates: useSingles = true
    } = options
    const desk = InviteQueue.make<InviteManyError | E>({ concurrency, ordered, useSingles })
    if (onUnfinished !== undefined) {
      // Added first, so that it runs when the fibers below are gone.
      yield* Effect.addFinalizer(() =>
        Effect.flatMap(desk.incomplete, (unfinished) =>
          unfinished.outcomes.length + unfinished.unknown.length + unfinished.unsent.length > 0
            ? onUnfinished(unfinished)
            : Effect.void)
      )
    }
    const standing = Existing.make(primitives, desk, options)
    const send = Send.make(primitives, desk, standing, options)

    const orFail = <A, R>(effect: Effect.Effect<A, InviteManyError, R>) =>
      Effect.catchAllCause(effect, desk.fail)

    // Nothing is taken before it may be sent: what waits for one quota would be kept from the other.
    const inTurn = primitives.withReservation ?? (() =>
      identity)

    const sender = (
      operation: "create" | "createBulk",
      { take, wait }: InviteQueue.WorkSource,
      sendAll: (items: ReadonlyArray<InviteQueue.Item>) => Effect.Effect<void, InviteManyError>
    ) => {
      const sendSome = inTurn(operation)(
        Effect.flatMap(take, (items) => items.length === 0 ? Effect.void : sendAll(items))
      ).pipe(step(operation))
      const loop: Effect.Effect<void, InviteManyError> = Effect.flatMap(wait, (more) =>
        more ? Effect.zipRight(sendSome, loop) : Effect.void)
      return Effect.forkScoped(orFail(loop))
    }

    // Kept apart from the looks: those that are on their way go on when the input fails.
    let ending: Exit.Exit<void, E> = Exit.void
    yield* toStream(input).pipe(
      Stream.catchAllCause((cause) => {
        ending = Exit.failCause(cause)
        return Stream.empty
      }),
      Stream.mapEffect(admit(desk, { remember: options.deduplicationWindow ?? defaultDeduplicationWindow })),
      Stream.filterMap(identity),
      Stream.mapEffect((item) =>
        orFail(step("look")(standing.checkExisting(item))), { concurrency: lookUpConcurrency, unordered: true }),
      Stream.runDrain,
      Effect.zipRight(Effect.suspend(() =>
        desk.end(ending)
      )),
      orFail,
      Effect.forkScoped
    )
    for (let n = 0; n < concurrency; n++) {
      yield* sender("createBulk", desk.batches, send.bulk)
    }
    if (useSingles) {
      yield* sender("create", desk.singles, send.single)
    }
    return Stream.repeatEffectOption(desk.next)
  }))

/**
 * Invites everybody on a list. A fiber takes the input in and looks every address up; others send chunks, and one sends one at
 * a time; between them, and the consumer, is a desk.
 */
export const inviteMany = <E, R>(
  primitives: InvitationsPrimitives,
  input: Source<CreateInvitation.Input, E, R>,
  options: Options
): Stream.Stream<InviteOutcome, InviteManyError | E, R> => {
  const { onIncomplete: _onUnfinished, retry: _retry, ...plain } = options
  return Stream.unwrap(Effect.map(
    isIterableOrStream(input) ? validateOptions(plain) : Effect.fail(noInput),
    () => run(primitives, input, options)
  ))
}
