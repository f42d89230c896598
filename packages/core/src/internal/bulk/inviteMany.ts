import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CreateInvitation } from "../../CreateInvitation.js"
import { InvalidField, InvalidRequest } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { InviteManyError, Options } from "../../InviteMany.js"
import { defaultRemember } from "../../InviteMany.js"
import type { InviteOutcome } from "../../InviteOutcome.js"
import * as Field from "../schema/field.js"
import { checked, validate } from "../schema/validate.js"
import * as existing from "./existing.js"
import { admit } from "./intake.js"
import * as Desk from "./inviteQueue.js"
import * as inviteSend from "./send.js"
import type { Input } from "./source.js"
import { isInput, toStream } from "./source.js"

const flag = Field.optional(Schema.Boolean, "true or false")

const maxConcurrency = 25

const Checked = Schema.Struct({
  concurrency: Field.optional(
    Schema.Int.pipe(Schema.between(1, maxConcurrency)),
    `a whole number of calls from 1 to ${maxConcurrency}`
  ),
  useSingles: flag,
  onExisting: Field.optional(Schema.Literal("report", "reuse", "replace"), "\"report\", \"reuse\" or \"replace\""),
  lookFirst: flag,
  ordered: flag,
  remember: Field.optional(
    Schema.Int.pipe(Schema.between(1000, 10_000_000)),
    "a whole number of addresses from 1000 to 10,000,000"
  )
})

const validateOptions = validate(checked(Checked), "inviteMany", "options")

// Look-ups that are on their way at once.
const looks = 8

const defaultConcurrency = 2

// What happens along the way is noted in the span of a step: that of the whole may never end, and would only grow.
const step = (name: string) => Effect.withSpan(`InvitationsService.inviteMany.${name}`, { captureStackTrace: false })

const noInput = new InvalidRequest({
  operation: "inviteMany",
  issues: [new InvalidField({ path: "requests", message: "must be an iterable or a Stream of requests" })]
})

const run = <E, R>(
  primitives: InvitationsPrimitives,
  input: Input<CreateInvitation.Input, E, R>,
  options: Options
): Stream.Stream<InviteOutcome, InviteManyError | E, R> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const { concurrency = defaultConcurrency, onUnfinished, ordered = false, useSingles = true } = options
    const desk = Desk.make<InviteManyError | E>({ concurrency, ordered, useSingles })
    if (onUnfinished !== undefined) {
      // Added first, so that it runs when the fibers below are gone.
      yield* Effect.addFinalizer(() =>
        Effect.flatMap(desk.unfinished, (unfinished) =>
          unfinished.outcomes.length + unfinished.unknown.length + unfinished.unsent.length > 0
            ? onUnfinished(unfinished)
            : Effect.void)
      )
    }
    const standing = existing.make(primitives, desk, options)
    const send = inviteSend.make(primitives, desk, standing, options)

    const orFail = <A, R>(effect: Effect.Effect<A, InviteManyError, R>) =>
      Effect.catchAllCause(effect, desk.fail)

    // Nothing is taken before it may be sent: what waits for one quota would be kept from the other.
    const inTurn = primitives.inTurn ?? (() =>
      identity)

    const sender = (
      operation: "create" | "createBulk",
      { take, wait }: Desk.Pile,
      sendAll: (items: ReadonlyArray<Desk.Item>) => Effect.Effect<void, InviteManyError>
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
      Stream.mapEffect(admit(desk, { remember: options.remember ?? defaultRemember })),
      Stream.filterMap(identity),
      Stream.mapEffect((item) =>
        orFail(step("look")(standing.look(item))), { concurrency: looks, unordered: true }),
      Stream.runDrain,
      Effect.zipRight(Effect.suspend(() =>
        desk.end(ending)
      )),
      orFail,
      Effect.forkScoped
    )
    for (let n = 0; n < concurrency; n++) {
      yield* sender("createBulk", desk.chunks, send.bulk)
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
  input: Input<CreateInvitation.Input, E, R>,
  options: Options
): Stream.Stream<InviteOutcome, InviteManyError | E, R> => {
  const { onUnfinished: _onUnfinished, retry: _retry, ...plain } = options
  return Stream.unwrap(Effect.map(
    isInput(input) ? validateOptions(plain) : Effect.fail(noInput),
    () => run(primitives, input, options)
  ))
}
