import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CreateInvitation } from "../../CreateInvitation.js"
import { InvalidField, InvalidRequest } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { InviteManyError, Options } from "../../InviteMany.js"
import type * as InviteOutcome from "../../InviteOutcome.js"
import { paced } from "../pagination/paced.js"
import * as Field from "../schema/field.js"
import { typeSide, validate } from "../schema/validate.js"
import type { Batch } from "./backlog.js"
import * as Intake from "./intake.js"
import * as InviteQueue from "./inviteQueue.js"
import type { Item } from "./item.js"
import type { Fatal } from "./refusal.js"
import { isRefusal } from "./refusal.js"
import * as Send from "./send.js"
import type { Source } from "./source.js"
import { expectedOf, isIterableOrStream, separateExit, toStream } from "./source.js"

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
  onInstanceRefusal: Field.optional(Schema.Literal("report", "fail"), "\"report\" or \"fail\""),
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

/**
 * The error for a source of another form.
 */
export const invalidSource = new InvalidRequest({
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
    onInstanceRefusal = "report",
    ordered = false,
    retry,
    useSingleCreates = true
  }: Options
): Stream.Stream<InviteOutcome.InviteOutcome, InviteManyError | E, R> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const queue = InviteQueue.make<InviteManyError | E>({
      concurrency,
      isPaced: primitives.withReservation !== undefined,
      ordered,
      useSingleCreates
    })
    if (onIncomplete !== undefined) {
      // Finalizers run in reverse order, so this one runs after the fibers below have ended.
      yield* Effect.addFinalizer(() =>
        Effect.flatMap(queue.incomplete, (incomplete) =>
          incomplete.outcomes.length + incomplete.unknown.length + incomplete.unsent.length > 0
            ? onIncomplete(incomplete)
            : Effect.void)
      )
    }
    const endJob = (cause: Cause.Cause<Fatal>): Effect.Effect<void> => {
      const refusal = Option.filter(Cause.failureOption(cause), isRefusal)
      return onInstanceRefusal === "report" && Option.isSome(refusal)
        ? queue.stop(refusal.value)
        : queue.fail(cause)
    }
    const admit = Intake.make(queue, { deduplicationWindow })
    // A layer with rate limits paces the look-ups itself.
    const list = primitives.withReservation === undefined ? yield* paced(primitives.list) : primitives.list
    const send = yield* Send.make({ ...primitives, list }, queue, {
      checkExisting,
      endJob,
      expected: checkExisting ? expectedOf(source) : {},
      onExisting,
      retry
    })

    const forkOrEnd = <R>(effect: Effect.Effect<void, Fatal, R>) =>
      Effect.forkScoped(Effect.catchAllCause(effect, endJob))

    // Reserves before it takes: an item that waited for one quota could not be sent under the other meanwhile. A stop ends
    // the wait for a reservation, but not a call.
    const reserving = (operation: "create" | "createBulk", sendNext: Effect.Effect<void, Fatal>) => {
      const { withReservation } = primitives
      return withReservation === undefined ? sendNext : Effect.suspend(() => {
        let isSending = false
        return Effect.sync(() => {
          isSending = true
        }).pipe(
          Effect.zipRight(sendNext),
          withReservation(operation),
          Effect.raceFirst(Effect.flatMap(queue.stopped, () =>
            isSending ? Effect.never : Effect.void))
        )
      })
    }

    const forkWorker = (
      operation: "create" | "createBulk",
      { take, wait }: InviteQueue.WorkSource,
      sendItems: (batch: Batch) => Effect.Effect<void, Fatal>
    ) => {
      const sendNext = withStepSpan(operation)(reserving(operation, Effect.flatMap(take, sendItems)))
      const loop: Effect.Effect<void, Fatal> = Effect.flatMap(wait, (more) =>
        more ? Effect.zipRight(sendNext, loop) : Effect.void)
      return forkOrEnd(loop)
    }

    const { elements, exit } = yield* separateExit(toStream(source))
    // `Stream.mapEffect` with a concurrency takes ten times as long for each item as a fork.
    const lookUps = yield* Effect.makeSemaphore(lookUpConcurrency)
    const lookUp = (item: Item) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.zipRight(
          restore(lookUps.take(1)),
          // The interruption of a look-up does not end the job: the job has ended by then, with an error of its own.
          restore(Effect.catchAllCause(withStepSpan("look")(send.checkExisting(item)), endJob)).pipe(
            Effect.ensuring(lookUps.release(1)),
            Effect.forkScoped
          )
        )
      )
    // The fibers of the look-ups end with the intake.
    const intake = yield* elements.pipe(
      Stream.mapEffect(admit),
      Stream.filterMap(identity),
      Stream.runForEach(lookUp),
      Effect.zipRight(lookUps.take(lookUpConcurrency)),
      Effect.scoped,
      Effect.zipRight(Effect.flatMap(exit, queue.end)),
      forkOrEnd
    )
    const workers = yield* Effect.all([
      ...Arr.makeBy(concurrency, () =>
        forkWorker("createBulk", queue.batches, send.batch)),
      ...(useSingleCreates ? [forkWorker("create", queue.singles, send.singles)] : [])
    ])
    const endIntake = Effect.zipRight(queue.stopped, Fiber.interrupt(intake))
    yield* Effect.forkScoped(
      Effect.all([Fiber.awaitAll(workers), Effect.raceFirst(endIntake, Fiber.await(intake))], {
        concurrency: "unbounded",
        discard: true
      }).pipe(Effect.zipRight(queue.close))
    )
    // The fibers are interrupted one after the other. Finalizers run in reverse order, so from now on none takes an item.
    yield* Effect.addFinalizer(() =>
      queue.fail(Cause.empty)
    )
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
