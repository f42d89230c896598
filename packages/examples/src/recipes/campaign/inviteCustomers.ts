// Run its test, test/campaignInMemory.test.ts, with: npx -y pnpm@10 vitest run campaignInMemory
import { InviteCampaigns } from "@effect-clerk/http/InviteCampaigns"
import { Effect } from "effect"

export interface Customer {
  readonly emailAddress: string
  readonly plan: string
}

/**
 * Starts the campaign of a list of customers and returns at once. A second call with the same list changes nothing.
 */
export const inviteCustomers = (list: string, customers: ReadonlyArray<Customer>) =>
  Effect.gen(function*() {
    const campaigns = yield* InviteCampaigns
    const { campaign, started } = yield* campaigns.start({
      id: `customers-${list}`,
      people: customers.map(({ emailAddress, plan }) => ({ emailAddress, publicMetadata: { plan } }))
    })
    return { id: campaign.id, started }
  })
