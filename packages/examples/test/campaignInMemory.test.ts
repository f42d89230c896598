import { RateLimits } from "@effect-clerk/core"
import { InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import * as InviteCampaigns from "@effect-clerk/http/InviteCampaigns"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, TestClock } from "effect"
import { inviteCustomers } from "../src/recipes/campaign/inviteCustomers.js"

const CampaignsTest = InviteCampaigns.layerPoller().pipe(
  Layer.provideMerge(InviteCampaigns.layerMemory()),
  Layer.provideMerge(InvitationsMemory.layer({ rateLimits: RateLimits.development }))
)

it.effect("400 customers are invited within the hourly limits, once each", () =>
  Effect.gen(function*() {
    const campaigns = yield* InviteCampaigns.InviteCampaigns
    const control = yield* InvitationsControl
    yield* control.addUser("customer-7@example.com")
    const customers = Array.from({ length: 400 }, (_, index) => ({
      emailAddress: `customer-${index}@example.com`,
      plan: "pro"
    }))
    const { id, started } = yield* inviteCustomers("spring", customers)
    assert.isTrue(started)

    // Clerk allows at most 350 invitations an hour.
    yield* TestClock.adjust("30 minutes")
    assert.strictEqual((yield* campaigns.get(id)).state, "running")

    yield* TestClock.adjust("1 hour")
    const { counts, state } = yield* campaigns.get(id)
    assert.deepInclude({ ...counts, state }, { state: "completed", Created: 399, UserExists: 1 })

    assert.isFalse((yield* inviteCustomers("spring", customers)).started)
    yield* TestClock.adjust("1 hour")
    assert.strictEqual((yield* control.outbox).length, 399)
  }).pipe(Effect.provide(CampaignsTest)))
