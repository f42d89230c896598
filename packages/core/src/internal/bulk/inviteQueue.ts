import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { CreateInvitation } from "../../CreateInvitation.js"
import { maxBulkSize } from "../../CreateInvitation.js"
import type { Invitation } from "../../Invitation.js"
import type { AmbiguousWrite } from "../../InvitationError.js"
import type { Incomplete } from "../../InviteMany.js"
import type { InviteOutcome } from "../../InviteOutcome.js"

/**
 * An address on its way.
 */
export interface Item extends InviteOutcome.Attempted {
  /** What was given, checked. */
  readonly request: CreateInvitation
  /** Pending invitations that are to be revoked before it is sent. */
  readonly existing: ReadonlyArray<Invitation>
  /** Whether that has been done: once is enough, however often somebody else is quicker. */
  readonly existingRevoked: boolean
  /** That an earlier call for it may have happened, although no look at the list has shown that it did. */
  readonly ambiguity: Option.Option<AmbiguousWrite>
}

/**
 * Something to send. Between looking and taking, somebody else may take it.
 */
export interface WorkSource {
  /** Waits until there is something; false when there never will be. */
  readonly wait: Effect.Effect<boolean>
  readonly take: Effect.Effect<ReadonlyArray<Item>>
}

/**
 * What is on its way between the input, those who send and the consumer. All of it is bounded: nothing more is taken from the
 * input while there is enough to do, and nothing is sent while there are outcomes that the consumer has not taken.
 */
export interface InviteQueue<E> {
  /** Takes something from the input in, and waits until there is room for it; there is none after a failure. */
  readonly admit: (subject: InviteOutcome.Recipient) => Effect.Effect<void>
  /** Has it sent; alone if it is likely to be refused, since that would cost a chunk more than it costs itself. */
  readonly enqueue: (item: Item, alone: boolean) => Effect.Effect<void>
  /** There is no more input. Fails with that once everything taken in has its outcome. */
  readonly end: (exit: Exit.Exit<unknown, E>) => Effect.Effect<void>
  /** What is sent in chunks: up to ten, less than that only if there is no more, or if the order keeps more from coming. */
  readonly batches: WorkSource
  /** What is sent one at a time. */
  readonly singles: WorkSource
  /** Notes that a call for these begins: from now on it is not certain that nothing happens. */
  readonly markSent: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  /** Puts back what was not to blame, before everything else. */
  readonly requeue: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  /** Puts back what has to be sent alone. */
  readonly requeueAsSingles: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  /** Notes what was done about an address meanwhile. */
  readonly update: (item: Item) => Effect.Effect<void>
  readonly finish: (outcome: InviteOutcome) => Effect.Effect<void>
  /** Ends everything at once: nothing more is taken in or sent. The outcomes that there are come first. */
  readonly fail: (cause: Cause.Cause<E>) => Effect.Effect<void>
  /** The next outcome; fails with none at the end. */
  readonly next: Effect.Effect<InviteOutcome, Option.Option<E>>
  readonly incomplete: Effect.Effect<Incomplete>
}

// How many positions work may run ahead of the next outcome to emit, in ordered mode.
const orderedWindow = 1000

// Outcomes that the consumer has not taken, above which it is waited for.
const maxOutbox = maxBulkSize

// Beyond what is being sent: what waits to be sent alone, so that a run of refusals does not hold up the chunks at once.
const singlesAllowance = 50

// Above that, the likely refusals go with the chunks after all, where one refusal names all of them.
const maxSingles = 20

export const make = <E>(
  options: { readonly concurrency: number; readonly ordered: boolean; readonly useSingles: boolean }
): InviteQueue<E> => {
  const capacity = 2 * maxBulkSize * options.concurrency + singlesAllowance
  const open = new Map<number, InviteOutcome.Attempted>()
  /** Where it is not certain that nothing has happened. */
  const sent = new Set<number>()
  const outbox: Array<InviteOutcome> = []
  /** Outcomes whose turn has not come, where the order matters. */
  const reorderBuffer = new Map<number, InviteOutcome>()
  let nextPosition = 0
  /** The position that was taken in last. */
  let lastAdmitted = -1
  let ready: Array<Item> = []
  let singles: Array<Item> = []
  let ended: Option.Option<Exit.Exit<unknown, E>> = Option.none()
  let failed: Option.Option<Cause.Cause<E>> = Option.none()
  const waiting = new Set<() => void>()

  // Those who wait look again at once, so that none of them can miss it.
  const change = (f: () => void): Effect.Effect<void> =>
    Effect.sync(() => {
      f()
      for (const look of Array.from(waiting)) look()
    })

  const waitFor = <A>(attempt: () => Option.Option<A>): Effect.Effect<A> =>
    Effect.async((resume) => {
      const look = () => {
        const found = attempt()
        if (Option.isSome(found)) {
          waiting.delete(look)
          resume(Effect.succeed(found.value))
        }
      }
      waiting.add(look)
      look()
      return Effect.sync(() => waiting.delete(look))
    })

  const isOver = (): boolean => Option.isSome(ended) && open.size === 0

  const isDrained = (): boolean => outbox.length < maxOutbox

  const isAhead = (position: number): boolean => options.ordered && position >= nextPosition + orderedWindow

  // Nothing is taken in any more until the one that is due is done. If it waits for a chunk to be full, it waits for good.
  const mustFlushPartialBatch = (): boolean =>
    isAhead(lastAdmitted) && ready.some(({ position }) => position === nextPosition)

  const deliver = (): void => {
    for (
      let outcome = reorderBuffer.get(nextPosition);
      outcome !== undefined;
      outcome = reorderBuffer.get(nextPosition)
    ) {
      reorderBuffer.delete(nextPosition++)
      outbox.push(outcome)
    }
  }

  const workSource = (queue: () => Array<Item>, most: number): WorkSource => ({
    wait: waitFor(() =>
      isOver() || Option.isSome(failed)
        ? Option.some(false)
        : queue().length > 0 && isDrained()
        ? Option.some(true)
        : Option.none()
    ),
    take: Effect.sync(() => Option.isSome(failed) ? [] : queue().splice(0, most))
  })

  const prepend = (items: ReadonlyArray<Item>, queue: ReadonlyArray<Item>): Array<Item> => {
    for (const item of items) {
      if (Option.isNone(item.ambiguity)) sent.delete(item.position)
      open.set(item.position, item)
    }
    return [...items, ...queue]
  }

  return {
    admit: (subject) =>
      Effect.zipRight(
        change(() => {
          lastAdmitted = subject.position
          open.set(lastAdmitted, { ...subject, replaced: [] })
        }),
        waitFor(() =>
          Option.isNone(failed) && open.size <= capacity && isDrained() && !isAhead(subject.position)
            ? Option.some(undefined)
            : Option.none()
        )
      ),
    enqueue: (item, alone) =>
      change(() => {
        open.set(item.position, item)
        if (alone && options.useSingles && singles.length < maxSingles) singles.push(item)
        else ready.push(item)
      }),
    end: (exit) =>
      change(() => {
        ended = Option.some(exit)
      }),
    batches: workSource(
      () => ready.length >= maxBulkSize || Option.isSome(ended) || mustFlushPartialBatch() ? ready : [],
      maxBulkSize
    ),
    singles: workSource(() => singles.length > 0 ? singles : ready, 1),
    markSent: (items) =>
      Effect.sync(() => {
        for (const { position } of items) sent.add(position)
      }),
    requeue: (items) =>
      change(() => {
        ready = prepend(items, ready)
      }),
    requeueAsSingles: (items) =>
      change(() => {
        singles = prepend(items, singles)
      }),
    update: (item) => change(() => open.set(item.position, item)),
    finish: (outcome) =>
      change(() => {
        open.delete(outcome.position)
        sent.delete(outcome.position)
        if (options.ordered) {
          reorderBuffer.set(outcome.position, outcome)
          deliver()
        } else outbox.push(outcome)
      }),
    fail: (cause) =>
      change(() => {
        failed = Option.orElse(failed, () => Option.some(cause))
        outbox.push(...Array.from(reorderBuffer.values()).sort((a, b) => a.position - b.position))
        reorderBuffer.clear()
      }),
    next: Effect.flatten(
      Effect.flatMap(
        // Looks only: an outcome leaves when the consumer has really come for it.
        waitFor(() => outbox.length > 0 || Option.isSome(failed) || isOver() ? Option.some(undefined) : Option.none()),
        () =>
          Effect.map(
            Effect.tap(Effect.sync(() => outbox.shift()), () => change(() => undefined)),
            (outcome): Effect.Effect<InviteOutcome, Option.Option<E>> => {
              if (outcome !== undefined) return Effect.succeed(outcome)
              if (Option.isSome(failed)) return Effect.mapError(Effect.failCause(failed.value), Option.some)
              return Option.isSome(ended) && Exit.isFailure(ended.value)
                ? Effect.mapError(Effect.failCause(ended.value.cause), Option.some)
                : Effect.fail(Option.none())
            }
          )
      )
    ),
    incomplete: Effect.sync(() => {
      const left = Array.from(open.values()).map(({ emailAddress, input, position, replaced }) => ({
        input,
        position,
        emailAddress,
        replaced
      }))
      return {
        outcomes: [...outbox, ...reorderBuffer.values()],
        unknown: left.filter(({ position }) => sent.has(position)),
        unsent: left.filter(({ position }) => !sent.has(position))
      }
    })
  }
}
