import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Invitation, InvitationId } from "../../Invitation.js"
import type { CreateError } from "../../InvitationError.js"
import { AmbiguousWrite, isTransient } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { Options } from "../../InviteMany.js"
import { revokeExisting } from "../write/revokeExisting.js"
import type { Batch } from "./backlog.js"
import * as Decide from "./decide.js"
import * as Existing from "./existing.js"
import type { InviteQueue } from "./inviteQueue.js"
import type { Item } from "./item.js"
import type { Fatal } from "./refusal.js"
import { commonOf } from "./refusal.js"
import { retryTransient } from "./retry.js"
import type { Expected } from "./source.js"

// The job has stopped between two revokes.
const stopped = { _tag: "Stopped" } as const

export interface Send {
  /** Looks up an item's existing invitations, then finishes or enqueues the item. */
  readonly checkExisting: (item: Item) => Effect.Effect<void, Fatal>
  /** Sends the items of a batch by one `createBulk`, until the queue owns each item again or has its outcome. */
  readonly batch: (batch: Batch) => Effect.Effect<void, Fatal>
  /** The same by one `create` an item. */
  readonly singles: (batch: Batch) => Effect.Effect<void, Fatal>
}

/**
 * The options of `inviteMany` that the calls depend on, and what is known about the source.
 */
export interface Settings extends Pick<Options, "retry"> {
  readonly checkExisting: boolean
  readonly onExisting: NonNullable<Options["onExisting"]>
  readonly expected: Expected
  /** Stops or fails the job. */
  readonly endJob: (cause: Cause.Cause<Fatal>) => Effect.Effect<void>
}

/**
 * Makes the calls, and runs the actions that {@link Decide} derives from the results.
 */
export const make = <E>(
  { create, createBulk, list, revoke }: InvitationsPrimitives,
  queue: InviteQueue<E>,
  { checkExisting, endJob, expected, onExisting, retry }: Settings
): Effect.Effect<Send> =>
  Effect.map(Existing.make(list, expected), (findExisting) => {
    const lookUpDuplicate = Existing.lookUp(list)
    const retrying = {
      create: retryTransient(retry, queue.waitToRetry("create")),
      createBulk: retryTransient(retry, queue.waitToRetry("createBulk"))
    }

    const runAction: (action: Decide.Action) => Effect.Effect<void, Fatal> = Decide.Action.$match({
      Enqueue: ({ asSingle, item }) => queue.enqueue(item, asSingle),
      Finish: ({ outcome }) => queue.finish(outcome),
      Requeue: ({ items }) => queue.requeue(items),
      Keep: ({ items }) => Effect.forEach(items, queue.update, { discard: true }),
      Divide: ({ items }) => queue.divide(items),
      LookUpDuplicate: ({ item }) =>
        Effect.flatMap(
          lookUpDuplicate(item),
          (found) => runAction(Decide.afterDuplicateLookUp(item, found, onExisting))
        ),
      // Ends the job before another worker can take an item.
      Fail: ({ cause }) => Effect.zipRight(endJob(cause), Effect.failCause(cause))
    })

    const runActions = (actions: ReadonlyArray<Decide.Action>) => Effect.forEach(actions, runAction, { discard: true })

    // Returns the item without existing invitations; `None` if an action has disposed of it.
    const makeRoom = (operation: "create" | "createBulk") => (item: Item): Effect.Effect<Option.Option<Item>, Fatal> =>
      item.existing.length === 0 ? Effect.succeedSome(item) : Effect.gen(function*() {
        let current: Item = { ...item, existing: [], existingRevoked: true }
        const revokeUnlessStopped = (id: InvitationId) =>
          Effect.zipRight(
            Effect.flatMap(queue.isStopped, (isStopped) => isStopped ? Effect.fail(stopped) : Effect.void),
            retrying[operation](revoke(id))
          )
        const result = yield* Effect.either(
          revokeExisting(item.existing, revokeUnlessStopped, (id) => {
            current = { ...current, replaced: [...current.replaced, id] }
            return queue.update(current)
          })
        )
        if (Either.isRight(result)) return Option.some(current)
        const error = result.left
        if (error._tag === "Stopped") return Option.none()
        // The stop of the job has ended the wait for another attempt.
        if (isTransient(error) && (yield* queue.isStopped)) return Option.none()
        yield* runAction(Decide.afterRevokeFailure(current, error))
        return Option.none()
      })

    const send = (
      operation: "create" | "createBulk",
      call: (items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<Invitation>, CreateError>
    ) =>
    (batch: Batch): Effect.Effect<void, Fatal> =>
      Effect.gen(function*() {
        const items = (yield* Effect.forEach(batch.items, makeRoom(operation))).flatMap(Option.toArray)
        const sent = { ...batch, items }
        if (items.length === 0 || (yield* queue.isStopped)) return yield* queue.settled(sent)
        yield* queue.markSent(items)
        const result = yield* Effect.either(retrying[operation](call(items)))
        if (Either.isRight(result)) {
          yield* runActions(Decide.afterSuccess(items, result.right))
          return yield* queue.accepted(sent)
        }
        const error = result.left
        if (!(error instanceof AmbiguousWrite)) yield* queue.markNotSent(items)
        if (!Decide.namesNobody(items, error)) {
          yield* queue.settled(sent)
        } else if (yield* queue.refused(sent, commonOf(items.map(({ request }) => request), error))) {
          return yield* runActions(Decide.endJob(items, error))
        }
        // The stop of the job has ended the wait for another attempt.
        yield* isTransient(error) && (yield* queue.isStopped)
          ? queue.requeue(items)
          : runActions(Decide.afterFailure(items, error, onExisting))
      })

    return {
      checkExisting: (item) =>
        !checkExisting || item.request.ignoreExisting === true
          ? queue.enqueue(item, false)
          : Effect.flatMap(findExisting(item), (found) => runAction(Decide.afterLookUp(item, found, onExisting))),
      batch: send("createBulk", (items) =>
        createBulk(
          items.map(({ request }) => request),
          { known: items.flatMap(({ replaced }) => replaced) }
        )),
      singles: send("create", Effect.forEach(({ replaced, request }) => create(request, { known: replaced })))
    }
  })
