/**
 * How campaigns share the limits of an instance: tenants have equal shares, and so have the campaigns of a tenant. A campaign
 * without a tenant is a tenant of its own.
 *
 * Each post moves the turn of its campaign by the time that the post lasts at the share of the campaign, and the campaign with
 * the earliest turn goes first. A campaign that gets its share has a turn near the present.
 */
import { maxBulkSize } from "@effect-clerk/core/CreateInvitation"
import type { Quotas } from "./tuning.js"

export type Tenant = string | undefined

/**
 * The share of a campaign of a tenant, from 0 to 1, while the campaigns of `tenants` are due.
 */
export const shares = (tenants: ReadonlyArray<Tenant>): (tenant: Tenant) => number => {
  const campaigns = new Map<string, number>()
  let single = 0
  for (const tenant of tenants) {
    if (tenant === undefined) single += 1
    else campaigns.set(tenant, (campaigns.get(tenant) ?? 0) + 1)
  }
  const all = Math.max(1, single + campaigns.size)
  return (tenant) => 1 / all / (tenant === undefined ? 1 : campaigns.get(tenant) ?? 1)
}

/**
 * The number of calls of a limit that a campaign with a share may make in one slice. A campaign that is alone takes all.
 */
export const callsOf = (share: number, limit: number): number =>
  share >= 1 ? Infinity : Math.max(1, Math.ceil(limit * share))

/**
 * How long the posts of so many people last at a share, in milliseconds.
 */
export const durationOf = (people: number, share: number, { create, createBulk }: Quotas): number => {
  const peoplePerMilli = create.limit / create.window + maxBulkSize * createBulk.limit / createBulk.window
  return Math.ceil(people / peoplePerMilli / share)
}
