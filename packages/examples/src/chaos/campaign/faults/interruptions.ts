/**
 * Pauses and cancels campaigns while a fault lasts, and checks that neither is lost.
 */
import { EmailAddress } from "@effect-clerk/core"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import { Effect } from "effect"
import { addressOf } from "../people.js"
import { untilUp } from "./measure.js"
import type { Plan } from "./plan.js"
import type { Timing } from "./settings.js"

/** The number of invitations for the people of a plan. */
const invited = ({ first, people }: Plan) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const addresses = new Set(
      Array.from({ length: people }, (_, position) => EmailAddress.fold(addressOf(first + position)))
    )
    return (yield* control.invitations).filter(({ emailAddress }) => addresses.has(EmailAddress.fold(emailAddress)))
      .length
  })

const stops = (plan: Plan, state: "paused" | "cancelled", { inFlight, pause }: Timing) =>
  Effect.gen(function*() {
    const campaigns = yield* InviteCampaigns.InviteCampaigns
    // While the database is down, a pause fails with StoreError and is tried again.
    yield* untilUp(state === "paused" ? campaigns.pause(plan.id) : campaigns.cancel(plan.id))
    yield* Effect.sleep(inFlight)
    const before = yield* invited(plan)
    yield* Effect.sleep(pause)
    const after = yield* invited(plan)
    const { state: found } = yield* untilUp(campaigns.get(plan.id))
    if (state === "paused") yield* untilUp(campaigns.resume(plan.id))
    return [
      ...(found === state ? [] : [`${plan.id} is ${found} although it was ${state}`]),
      ...(before === after ? [] : [`${plan.id} sent ${after - before} invitations although it was ${state}`])
    ]
  })

/** Interrupts the campaigns of the plans that say so. Returns the violations. */
export const interrupt = (plans: ReadonlyArray<Plan>, timing: Timing) =>
  Effect.map(
    Effect.forEach(
      plans,
      (plan) => plan.isInterrupted === undefined ? Effect.succeed([]) : stops(plan, plan.isInterrupted, timing),
      { concurrency: "unbounded" }
    ),
    (violations) => violations.flat()
  )
