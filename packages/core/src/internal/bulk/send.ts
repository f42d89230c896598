import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Invitation } from "../../Invitation.js"
import type { CreateError } from "../../InvitationError.js"
import { AmbiguousWrite } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { Options } from "../../InviteMany.js"
import * as Decide from "./decide.js"
import { lookUp } from "./existing.js"
import type { InviteQueue } from "./inviteQueue.js"
import type { Item } from "./item.js"
import type { Fatal } from "./retry.js"
import { retryTransient } from "./retry.js"

export interface Send {
  /** Looks up an item's existing invitations, then finishes or enqueues the item. */
  readonly checkExisting: (item: Item) => Effect.Effect<void, Fatal>
  /** Sends items by one `createBulk`, until the queue owns each item again or has its outcome. */
  readonly batch: (items: ReadonlyArray<Item>) => Effect.Effect<void, Fatal>
  /** The same by one `create` an item. */
  readonly singles: (items: ReadonlyArray<Item>) => Effect.Effect<void, Fatal>
}

/**
 * Makes the calls, and runs the actions that {@link Decide} derives from the results.
 */
export const make = <E>(
  { create, createBulk, list, revoke }: InvitationsPrimitives,
  queue: InviteQueue<E>,
  options: Decide.Settings & { readonly checkExisting: boolean; readonly retry: Options["retry"] }
): Send => {
  const { checkExisting, onExisting, retry } = options
  const lookUpExisting = lookUp(list)
  const retrying = retryTransient(retry)

  const runAction: (action: Decide.Action) => Effect.Effect<void, Fatal> = Decide.Action.$match({
    Enqueue: ({ asSingle, item }) => queue.enqueue(item, asSingle),
    Finish: ({ outcome }) => queue.finish(outcome),
    Requeue: ({ items }) => queue.requeue(items),
    RequeueAsSingles: ({ items }) => queue.requeueAsSingles(items),
    Split: ({ items }) => {
      const half = Math.ceil(items.length / 2)
      return Effect.zipRight(batch(items.slice(0, half)), batch(items.slice(half)))
    },
    LookUpDuplicate: ({ item }) =>
      Effect.flatMap(lookUpExisting(item), (found) => runAction(Decide.afterDuplicateLookUp(item, found, onExisting))),
    Fail: ({ cause }) => Effect.failCause(cause)
  })

  const runActions = (actions: ReadonlyArray<Decide.Action>) => Effect.forEach(actions, runAction, { discard: true })

  // Returns the item without existing invitations; `None` if an action has disposed of it.
  const revokeExisting = (item: Item): Effect.Effect<Option.Option<Item>, Fatal> =>
    item.existing.length === 0 ? Effect.succeedSome(item) : Effect.gen(function*() {
      let current: Item = { ...item, existing: [], existingRevoked: true }
      for (const { id } of item.existing) {
        const result = yield* Effect.either(retrying(revoke(id)))
        if (Either.isRight(result)) {
          current = { ...current, replaced: [...current.replaced, id] }
          yield* queue.update(current)
          continue
        }
        const actions = Decide.afterRevokeFailure(current, result.left)
        if (actions.length > 0) {
          yield* runActions(actions)
          return Option.none()
        }
      }
      return Option.some(current)
    })

  const send = (
    call: (items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<Invitation>, CreateError>
  ) =>
  (taken: ReadonlyArray<Item>): Effect.Effect<void, Fatal> =>
    Effect.gen(function*() {
      const items = (yield* Effect.forEach(taken, revokeExisting)).flatMap(Option.toArray)
      if (items.length === 0) return
      yield* queue.markSent(items)
      const result = yield* Effect.either(retrying(call(items)))
      if (Either.isRight(result)) return yield* runActions(Decide.afterSuccess(items, result.right))
      if (!(result.left instanceof AmbiguousWrite)) yield* queue.markNotSent(items)
      yield* runActions(Decide.afterFailure(items, result.left, options))
    })

  const batch = send((items) => createBulk(items.map(({ request }) => request)))

  return {
    checkExisting: (item) =>
      !checkExisting || item.request.ignoreExisting === true
        ? queue.enqueue(item, false)
        : Effect.flatMap(lookUpExisting(item), (found) => runAction(Decide.afterLookUp(item, found, onExisting))),
    batch,
    singles: send(Effect.forEach(({ request }) => create(request)))
  }
}
