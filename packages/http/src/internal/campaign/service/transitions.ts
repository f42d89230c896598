import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { StoreError } from "../../../InviteCampaignError.js"
import { IllegalTransition, NoSuchCampaign } from "../../../InviteCampaignError.js"
import type { CampaignRow, CampaignState, PersonState } from "../model/row.js"
import type { CampaignStore } from "../store/store.js"

type Failure = NoSuchCampaign | IllegalTransition | StoreError

type Changed = Effect.Effect<CampaignRow, Failure>

/**
 * Returns the changed campaign. A campaign that already is in the state `reached` is left as it is.
 */
const orElseExplain = (
  store: CampaignStore,
  { id, reached, transition }: {
    readonly id: string
    readonly transition: IllegalTransition["transition"]
    readonly reached?: CampaignState | undefined
  }
) =>
(changed: Effect.Effect<Option.Option<CampaignRow>, StoreError>): Changed =>
  Effect.flatMap(
    changed,
    (row) =>
      Option.isSome(row) ? Effect.succeed(row.value) : Effect.flatMap(store.get(id), (found): Changed => {
        if (Option.isNone(found)) return new NoSuchCampaign({ id })
        return found.value.state === reached
          ? Effect.succeed(found.value)
          : new IllegalTransition({ id, transition, state: found.value.state })
      })
  )

export const pause = (store: CampaignStore, id: string): Changed =>
  store.transition(id, { from: ["running"], to: "paused", wake: "never" }).pipe(
    orElseExplain(store, { id, transition: "pause", reached: "paused" })
  )

export const resume = (store: CampaignStore, id: string): Changed =>
  store.transition(id, { from: ["paused", "failed"], to: "running", wake: "now", end: "restarts" }).pipe(
    orElseExplain(store, { id, transition: "resume", reached: "running" })
  )

/**
 * A campaign that is loading has no people, so nothing is due after its end. No state leads back to `loading`, so the second
 * step also finds a campaign that was started after the first one.
 */
export const cancel = (store: CampaignStore, id: string): Changed => {
  const change = { to: "cancelled", end: "ends" } as const
  return store.transition(id, { ...change, from: ["loading"], wake: "never" }).pipe(
    Effect.flatMap((row) =>
      Option.isSome(row)
        ? Effect.succeed(row)
        : store.transition(id, { ...change, from: ["running", "paused", "failed"], wake: "now" })
    ),
    orElseExplain(store, { id, transition: "cancel", reached: "cancelled" })
  )
}

export const retry = (store: CampaignStore, id: string, outcomes: ReadonlyArray<PersonState>): Changed =>
  store.retry(id, outcomes, ["running", "paused", "completed", "failed"]).pipe(
    orElseExplain(store, { id, transition: "retry" })
  )
