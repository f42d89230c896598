import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { CreateInvitation } from "../../CreateInvitation.js"
import { maxBulkSize } from "../../CreateInvitation.js"
import type { Invitation } from "../../Invitation.js"
import type { AmbiguousWrite } from "../../InvitationError.js"
import type { Unfinished } from "../../InviteMany.js"
import { orderedWindow } from "../../InviteMany.js"
import type { InviteOutcome } from "../../InviteOutcome.js"

/**
 * An address on its way.
 */
export interface Item extends InviteOutcome.Sent {
  /** What was given, checked. */
  readonly request: CreateInvitation
  /** Pending invitations that are to be revoked before it is sent. */
  readonly existing: ReadonlyArray<Invitation>
  /** Whether that has been done: once is enough, however often somebody else is quicker. */
  readonly cleared: boolean
  /** That an earlier call for it may have happened, although no look at the list has shown that it did. */
  readonly doubt: Option.Option<AmbiguousWrite>
}

/**
 * Something to send. Between looking and taking, somebody else may take it.
 */
export interface Pile {
  /** Waits until there is something; false when there never will be. */
  readonly wait: Effect.Effect<boolean>
  readonly take: Effect.Effect<ReadonlyArray<Item>>
}

/**
 * What is on its way between the input, those who send and the consumer. All of it is bounded: nothing more is taken from the
 * input while there is enough to do, and nothing is sent while there are outcomes that the consumer has not taken.
 */
export interface Desk<E> {
  /** Takes something from the input in, and waits until there is room for it; there is none after a failure. */
  readonly admit: (subject: InviteOutcome.Subject) => Effect.Effect<void>
  /** Has it sent; alone if it is likely to be refused, since that would cost a chunk more than it costs itself. */
  readonly enqueue: (item: Item, alone: boolean) => Effect.Effect<void>
  /** There is no more input. Fails with that once everything taken in has its outcome. */
  readonly end: (exit: Exit.Exit<unknown, E>) => Effect.Effect<void>
  /** What is sent in chunks: up to ten, less than that only if there is no more, or if the order keeps more from coming. */
  readonly chunks: Pile
  /** What is sent one at a time. */
  readonly singles: Pile
  /** Notes that a call for these begins: from now on it is not certain that nothing happens. */
  readonly sending: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  /** Puts back what was not to blame, before everything else. */
  readonly putBack: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  /** Puts back what has to be sent alone. */
  readonly putApart: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  /** Notes what was done about an address meanwhile. */
  readonly update: (item: Item) => Effect.Effect<void>
  readonly finish: (outcome: InviteOutcome) => Effect.Effect<void>
  /** Ends everything at once: nothing more is taken in or sent. The outcomes that there are come first. */
  readonly fail: (cause: Cause.Cause<E>) => Effect.Effect<void>
  /** The next outcome; fails with none at the end. */
  readonly next: Effect.Effect<InviteOutcome, Option.Option<E>>
  readonly unfinished: Effect.Effect<Unfinished>
}

// Outcomes that the consumer has not taken, above which it is waited for.
const maxOutbox = maxBulkSize

// Beyond what is being sent: what waits to be sent alone, so that a run of refusals does not hold up the chunks at once.
const slack = 50

// Above that, the likely refusals go with the chunks after all, where one refusal names all of them.
const maxAlone = 20

export const make = <E>(
  options: { readonly concurrency: number; readonly ordered: boolean; readonly useSingles: boolean }
): Desk<E> => {
  const capacity = 2 * maxBulkSize * options.concurrency + slack
  const open = new Map<number, InviteOutcome.Sent>()
  /** Where it is not certain that nothing has happened. */
  const sent = new Set<number>()
  const outbox: Array<InviteOutcome> = []
  /** Outcomes whose turn has not come, where the order matters. */
  const held = new Map<number, InviteOutcome>()
  let due = 0
  /** The position that was taken in last. */
  let last = -1
  let ready: Array<Item> = []
  let apart: Array<Item> = []
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

  const isAhead = (position: number): boolean => options.ordered && position >= due + orderedWindow

  // Nothing is taken in any more until the one that is due is done. If it waits for a chunk to be full, it waits for good.
  const isHeldUp = (): boolean => isAhead(last) && ready.some(({ position }) => position === due)

  const deliver = (): void => {
    for (let outcome = held.get(due); outcome !== undefined; outcome = held.get(due)) {
      held.delete(due++)
      outbox.push(outcome)
    }
  }

  const pile = (queue: () => Array<Item>, most: number): Pile => ({
    wait: waitFor(() =>
      isOver() || Option.isSome(failed)
        ? Option.some(false)
        : queue().length > 0 && isDrained()
        ? Option.some(true)
        : Option.none()
    ),
    take: Effect.sync(() => Option.isSome(failed) ? [] : queue().splice(0, most))
  })

  const putBefore = (items: ReadonlyArray<Item>, queue: ReadonlyArray<Item>): Array<Item> => {
    for (const item of items) {
      if (Option.isNone(item.doubt)) sent.delete(item.position)
      open.set(item.position, item)
    }
    return [...items, ...queue]
  }

  return {
    admit: (subject) =>
      Effect.zipRight(
        change(() => {
          last = subject.position
          open.set(last, { ...subject, replaced: [] })
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
        if (alone && options.useSingles && apart.length < maxAlone) apart.push(item)
        else ready.push(item)
      }),
    end: (exit) =>
      change(() => {
        ended = Option.some(exit)
      }),
    chunks: pile(
      () => ready.length >= maxBulkSize || Option.isSome(ended) || isHeldUp() ? ready : [],
      maxBulkSize
    ),
    singles: pile(() => apart.length > 0 ? apart : ready, 1),
    sending: (items) =>
      Effect.sync(() => {
        for (const { position } of items) sent.add(position)
      }),
    putBack: (items) =>
      change(() => {
        ready = putBefore(items, ready)
      }),
    putApart: (items) =>
      change(() => {
        apart = putBefore(items, apart)
      }),
    update: (item) => change(() => open.set(item.position, item)),
    finish: (outcome) =>
      change(() => {
        open.delete(outcome.position)
        sent.delete(outcome.position)
        if (options.ordered) {
          held.set(outcome.position, outcome)
          deliver()
        } else outbox.push(outcome)
      }),
    fail: (cause) =>
      change(() => {
        failed = Option.orElse(failed, () => Option.some(cause))
        outbox.push(...Array.from(held.values()).sort((a, b) => a.position - b.position))
        held.clear()
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
    unfinished: Effect.sync(() => {
      const left = Array.from(open.values()).map(({ emailAddress, input, position, replaced }) => ({
        input,
        position,
        emailAddress,
        replaced
      }))
      return {
        outcomes: [...outbox, ...held.values()],
        unknown: left.filter(({ position }) => sent.has(position)),
        unsent: left.filter(({ position }) => !sent.has(position))
      }
    })
  }
}
