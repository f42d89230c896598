import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CreateInvitation } from "../../CreateInvitation.js"
import { InvalidField, InvalidRequest } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { InviteManyError, Options } from "../../InviteMany.js"
import type * as InviteOutcome from "../../InviteOutcome.js"
import * as Field from "../schema/field.js"
import { typeSide, validate } from "../schema/validate.js"
import * as Intake from "./intake.js"
import * as InviteQueue from "./inviteQueue.js"
import type { Item } from "./item.js"
import * as Send from "./send.js"
import type { Source } from "./source.js"
import { isIterableOrStream, separateExit, toStream } from "./source.js"

const flag = Field.optional(Schema.Boolean, "true or false")

const maxConcurrency = 25

const CheckedOptions = Schema.Struct({
  concurrency: Field.optional(
    Schema.Int.pipe(Schema.between(1, maxConcurrency)),
    `a whole number of calls from 1 to ${maxConcurrency}`
  ),
  useSingleCreates: flag,
  onExisting: Field.optional(Schema.Literal("report", "reuse", "resend"), "\"report\", \"reuse\" or \"resend\""),
  checkExisting: flag,
  ordered: flag,
  deduplicationWindow: Field.optional(
    Schema.Int.pipe(Schema.between(1000, 10_000_000)),
    "a whole number of addresses from 1000 to 10,000,000"
  )
})

const validateOptions = validate(typeSide(CheckedOptions), "inviteMany", "options")

const lookUpConcurrency = 8

// A span for each step: a span for the job would grow without bound if the input is endless.
const withStepSpan = (step: "look" | "create" | "createBulk") =>
  Effect.withSpan(`InvitationsService.inviteMany.${step}`, { captureStackTrace: false })

const invalidSource = new InvalidRequest({
  operation: "inviteMany",
  issues: [new InvalidField({ path: "requests", message: "must be an iterable or a Stream of requests" })]
})

const run = <E, R>(
  primitives: InvitationsPrimitives,
  source: Source<CreateInvitation.Input, E, R>,
  {
    checkExisting = true,
    concurrency = 2,
    deduplicationWindow = 100_000,
    onExisting = "report",
    onIncomplete,
    ordered = false,
    retry,
    useSingleCreates = true
  }: Options
): Stream.Stream<InviteOutcome.InviteOutcome, InviteManyError | E, R> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const queue = InviteQueue.make<InviteManyError | E>({ concurrency, ordered, useSingleCreates })
    if (onIncomplete !== undefined) {
      // Finalizers run in reverse order, so this one runs after the fibers below have ended.
      yield* Effect.addFinalizer(() =>
        Effect.flatMap(queue.incomplete, (incomplete) =>
          incomplete.outcomes.length + incomplete.unknown.length + incomplete.unsent.length > 0
            ? onIncomplete(incomplete)
            : Effect.void)
      )
    }
    const admit = Intake.make(queue, { deduplicationWindow })
    const send = Send.make(primitives, queue, { checkExisting, onExisting, retry, useSingleCreates })

    const forkOrFail = <R>(effect: Effect.Effect<void, InviteManyError, R>) =>
      Effect.forkScoped(Effect.catchAllCause(effect, queue.fail))

    // Reserves before it takes: an item that waited for one quota could not be sent under the other meanwhile.
    const withReservation = primitives.withReservation ?? (() =>
      identity)

    const forkWorker = (
      operation: "create" | "createBulk",
      { take, wait }: InviteQueue.WorkSource,
      sendItems: (items: ReadonlyArray<Item>) => Effect.Effect<void, InviteManyError>
    ) => {
      const sendNext = Effect.flatMap(take, sendItems).pipe(withReservation(operation), withStepSpan(operation))
      const loop: Effect.Effect<void, InviteManyError> = Effect.flatMap(wait, (more) =>
        more ? Effect.zipRight(sendNext, loop) : Effect.void)
      return forkOrFail(loop)
    }

    const { elements, exit } = yield* separateExit(toStream(source))
    yield* elements.pipe(
      Stream.mapEffect(admit),
      Stream.filterMap(identity),
      Stream.mapEffect((item) =>
        withStepSpan("look")(send.checkExisting(item)), {
        concurrency: lookUpConcurrency,
        unordered: true
      }),
      Stream.runDrain,
      Effect.zipRight(Effect.flatMap(exit, queue.end)),
      forkOrFail
    )
    for (let worker = 0; worker < concurrency; worker++) {
      yield* forkWorker("createBulk", queue.batches, send.batch)
    }
    if (useSingleCreates) {
      yield* forkWorker("create", queue.singles, send.singles)
    }
    return Stream.repeatEffectOption(queue.next)
  }))

/**
 * Invites every address of the source. One fiber admits the inputs and looks their invitations up, `concurrency` fibers
 * send batches, and one sends singles. An {@link InviteQueue.InviteQueue} connects them and the consumer.
 */
export const inviteMany = <E, R>(
  primitives: InvitationsPrimitives,
  source: Source<CreateInvitation.Input, E, R>,
  options: Options
): Stream.Stream<InviteOutcome.InviteOutcome, InviteManyError | E, R> => {
  const { onIncomplete: _onIncomplete, retry: _retry, ...checked } = options
  return Stream.unwrap(Effect.map(
    isIterableOrStream(source) ? validateOptions(checked) : Effect.fail(invalidSource),
    () => run(primitives, source, options)
  ))
}
