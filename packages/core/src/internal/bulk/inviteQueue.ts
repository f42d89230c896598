import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { maxBulkSize } from "../../CreateInvitation.js"
import type { Incomplete } from "../../InviteMany.js"
import * as InviteOutcome from "../../InviteOutcome.js"
import * as Backlog from "./backlog.js"
import type { Item } from "./item.js"
import * as Ledger from "./ledger.js"
import * as Monitor from "./monitor.js"
import type { Common, InstanceRefusal } from "./refusal.js"
import * as ReorderBuffer from "./reorderBuffer.js"

/**
 * A queue of items to send. `wait` only observes: another worker may take the items first, so `take` can return none.
 */
export interface WorkSource {
  /** Waits until items are available. Returns `false` once the job is over or has failed. */
  readonly wait: Effect.Effect<boolean>
  readonly take: Effect.Effect<Backlog.Batch>
}

/**
 * The bounded work queue of a job. Intake pauses while enough items are in progress; intake and sending pause while the
 * consumer has outcomes to take.
 *
 * The intake owns an item until `enqueue`, the worker that took it from then on. The worker gives it up by `finish` or
 * `requeue`. It reports how its batch fared by `accepted`, `settled` or `refused`.
 */
export interface InviteQueue<E> {
  /**
   * Admits an input, then waits until the job has room for it. Never returns after a failure. `firstPosition` is the position of
   * an earlier input with the same address.
   */
  readonly admit: (recipient: InviteOutcome.Recipient, firstPosition?: number) => Effect.Effect<void>
  /** Appends an item. Pass `asSingle` if it is likely to be rejected, since that would cost a whole batch. */
  readonly enqueue: (item: Item, asSingle: boolean) => Effect.Effect<void>
  /** See {@link Backlog.Backlog.accepted}. */
  readonly accepted: (batch: Backlog.Batch) => Effect.Effect<void>
  /** See {@link Backlog.Backlog.settled}. */
  readonly settled: (batch: Backlog.Batch) => Effect.Effect<void>
  /** See {@link Backlog.Backlog.refused}. */
  readonly refused: (batch: Backlog.Batch, common: Option.Option<Common>) => Effect.Effect<boolean>
  /** See {@link Backlog.Backlog.divide}. */
  readonly divide: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  /** Ends the input. Once every admitted input has its outcome, the job ends with `exit`. */
  readonly end: (exit: Exit.Exit<unknown, E>) => Effect.Effect<void>
  /** Batches for `createBulk`: full, or partial if the input has ended or the order blocks the intake. */
  readonly batches: WorkSource
  /** Items to send by `create`, one at a time. */
  readonly singles: WorkSource
  /** See {@link Ledger.Ledger.markSent}. */
  readonly markSent: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  /** See {@link Ledger.Ledger.markNotSent}. */
  readonly markNotSent: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  /** Returns items to the front of the queue. */
  readonly requeue: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  /** Records a change to an item that the worker keeps. */
  readonly update: (item: Item) => Effect.Effect<void>
  readonly finish: (outcome: InviteOutcome.InputOutcome) => Effect.Effect<void>
  /** Stops intake and sending, because Clerk refuses the whole instance. {@link close} ends the job. */
  readonly stop: (error: InstanceRefusal) => Effect.Effect<void>
  /** Waits until the job is stopped or has failed. */
  readonly stopped: Effect.Effect<void>
  /** Waits before an attempt. Returns false if the job stops meanwhile, or if `wait` does. */
  readonly waitToRetry: (
    operation: "create" | "createBulk"
  ) => (wait: Effect.Effect<boolean>) => Effect.Effect<boolean>
  readonly isStopped: Effect.Effect<boolean>
  /**
   * Ends a stopped job once all its calls have ended: gives every input without an outcome one, and emits `Stopped`. Does
   * nothing to another job.
   */
  readonly close: Effect.Effect<void>
  /** Fails the job: stops intake and sending. Outcomes already recorded are emitted before the first failure. */
  readonly fail: (cause: Cause.Cause<E>) => Effect.Effect<void>
  /** Takes the next outcome. Fails with `None` at the end of the job. */
  readonly next: Effect.Effect<InviteOutcome.InviteOutcome, Option.Option<E>>
  readonly incomplete: Effect.Effect<Incomplete>
}

// How many positions work may run ahead of the next outcome to emit, in ordered mode.
const orderedWindow = 1000

// Intake and sending pause while the consumer has this many outcomes to take.
const maxOutbox = maxBulkSize

// Items in progress beyond two batches a worker. Rejected batches fill the singles first, so they do not stop full
// batches.
const singlesAllowance = 50

const isInputOutcome = (outcome: InviteOutcome.InviteOutcome): outcome is InviteOutcome.InputOutcome =>
  outcome._tag !== "Stopped"

export const make = <E>(
  { concurrency, isPaced, ordered, useSingleCreates }: {
    readonly concurrency: number
    readonly isPaced: boolean
    readonly ordered: boolean
    readonly useSingleCreates: boolean
  }
): InviteQueue<E> => {
  const { change, waitUntil } = Monitor.make()
  const ledger = Ledger.make()
  const backlog = Backlog.make({ isPaced, useSingleCreates })
  const outbox: Array<InviteOutcome.InviteOutcome> = []
  const reorderBuffer = ReorderBuffer.make<InviteOutcome.InputOutcome>()
  const capacity = 2 * maxBulkSize * concurrency + singlesAllowance
  let lastAdmitted = 0
  let inputExit: Option.Option<Exit.Exit<unknown, E>> = Option.none()
  let failure: Option.Option<Cause.Cause<E>> = Option.none()

  let refusal: Option.Option<InstanceRefusal> = Option.none()
  let isClosed = false

  // No more items are sent.
  const isStopped = (): boolean => Option.isSome(failure) || Option.isSome(refusal)

  // No more outcomes follow those in the outbox.
  const isOver = (): boolean =>
    Option.isSome(failure) || isClosed ||
    (Option.isNone(refusal) && Option.isSome(inputExit) && ledger.size() === 0)

  const outboxHasRoom = (): boolean => outbox.length < maxOutbox

  const isTooFarAhead = (position: number): boolean =>
    ordered && position >= reorderBuffer.nextPosition() + orderedWindow

  // In ordered mode, intake stops until the next due item finishes. If that item waited for a full batch, the job would
  // deadlock.
  const allowPartial = (): boolean =>
    Option.isSome(inputExit) || (isTooFarAhead(lastAdmitted) && backlog.has(reorderBuffer.nextPosition()))

  const workSource = (isAvailable: () => boolean, take: () => Backlog.Batch): WorkSource => ({
    wait: Effect.map(
      waitUntil(() => isStopped() || isOver() || (isAvailable() && outboxHasRoom())),
      () => !isStopped() && !isOver()
    ),
    take: Effect.sync(() => isStopped() ? Backlog.none : take())
  })

  const inOrder = (outcome: InviteOutcome.InputOutcome): ReadonlyArray<InviteOutcome.InputOutcome> =>
    ordered ? reorderBuffer.add(outcome) : [outcome]

  const endOfJob = (): Effect.Effect<never, Option.Option<E>> => {
    const cause = Option.orElse(failure, () => isClosed ? Option.none() : Option.flatMap(inputExit, Exit.causeOption))
    return Option.match(cause, {
      onNone: () => Effect.fail(Option.none()),
      onSome: (reason) => Effect.mapError(Effect.failCause(reason), Option.some)
    })
  }

  return {
    admit: (recipient, firstPosition) =>
      Effect.zipRight(
        change(() => {
          lastAdmitted = recipient.position
          if (!isClosed) ledger.set({ ...recipient, replaced: [], firstPosition })
        }),
        waitUntil(() =>
          !isStopped() &&
          ledger.size() <= capacity &&
          outboxHasRoom() &&
          !isTooFarAhead(recipient.position)
        )
      ),
    enqueue: (item, asSingle) =>
      change(() => {
        if (isClosed) return
        ledger.set(item)
        backlog.append(item, asSingle)
      }),
    accepted: (batch) => change(() => backlog.accepted(batch)),
    settled: (batch) => change(() => backlog.settled(batch)),
    refused: (batch, common) => change(() => backlog.refused(batch, common)),
    divide: (items) =>
      change(() => {
        for (const item of items) ledger.set(item)
        backlog.divide(items)
      }),
    end: (exit) =>
      change(() => {
        inputExit = Option.some(exit)
      }),
    batches: workSource(() => backlog.hasBatch(allowPartial()), () => backlog.takeBatch(allowPartial())),
    singles: workSource(() => backlog.hasSingle(allowPartial()), () => backlog.takeSingle(allowPartial())),
    markSent: (items) => change(() => ledger.markSent(items)),
    markNotSent: (items) => change(() => ledger.markNotSent(items)),
    requeue: (items) =>
      change(() => {
        for (const item of items) ledger.set(item)
        backlog.prepend(items)
      }),
    update: (item) => change(() => ledger.set(item)),
    finish: (outcome) =>
      change(() => {
        // A look-up that ends after `close`: the input has its outcome.
        if (isClosed) return
        ledger.remove(outcome.position)
        outbox.push(...inOrder(outcome))
      }),
    stop: (error) =>
      change(() => {
        refusal = Option.orElse(refusal, () => Option.some(error))
      }),
    stopped: waitUntil(isStopped),
    waitToRetry: (operation) => (wait) =>
      Effect.acquireUseRelease(
        change(() => backlog.setWaiting(operation, true)),
        () => Effect.raceFirst(wait, Effect.as(waitUntil(isStopped), false)),
        () => change(() => backlog.setWaiting(operation, false))
      ),
    isStopped: Effect.sync(isStopped),
    close: change(() => {
      if (Option.isNone(refusal) || Option.isSome(failure) || isClosed) return
      isClosed = true
      outbox.push(...ledger.abandon().flatMap(inOrder), InviteOutcome.Stopped({ error: refusal.value }))
    }),
    fail: (cause) =>
      change(() => {
        failure = Option.orElse(failure, () => Option.some(cause))
        outbox.push(...reorderBuffer.drain())
      }),
    next: Effect.flatMap(
      waitUntil(() => outbox.length > 0 || isOver()),
      // Taken only now: an interrupted consumer leaves the outcome to `incomplete`.
      () =>
        Effect.flatMap(
          change(() => Option.fromNullable(outbox.shift())),
          Option.match({
            onNone: endOfJob,
            onSome: Effect.succeed
          })
        )
    ),
    incomplete: Effect.sync(() => ({
      outcomes: [...outbox.filter(isInputOutcome), ...reorderBuffer.drain()],
      ...ledger.incomplete()
    }))
  }
}
