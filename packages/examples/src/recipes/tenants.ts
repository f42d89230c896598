// Run its test, test/tenants.test.ts, with: npx -y pnpm@10 vitest run packages/examples/test/tenants.test.ts
import { InvitationsService } from "@effect-clerk/core"
import { type InvitationsHttp, InvitationsTenants } from "@effect-clerk/http"
import { NodeHttpClient } from "@effect/platform-node"
import { Context, Data, Effect, Layer, Option } from "effect"

export class UnknownTenant extends Data.TaggedError("UnknownTenant")<{ readonly tenant: string }> {}

/** The Clerk instances of the tenants, for example in a database. */
export class Instances extends Context.Tag("app/Instances")<Instances, {
  readonly find: (tenant: string) => Effect.Effect<Option.Option<Pick<InvitationsHttp.Options, "secretKey" | "apiUrl">>>
}>() {}

export class Tenants extends InvitationsTenants.Service<Tenants>()("app/Tenants", {
  options: (tenant: string) =>
    Effect.flatMap(Instances, ({ find }) => find(tenant)).pipe(
      Effect.flatMap(Option.match({
        onNone: () => Effect.fail(new UnknownTenant({ tenant })),
        onSome: (instance) => Effect.succeed<InvitationsHttp.Options>({ ...instance, rateLimit: "clerk" })
      })),
      Effect.timeout("5 seconds")
    )
}) {}

/** Invites a person to a tenant's instance. Fails with `UnknownTenant` if the tenant has none. */
export const invite = (tenant: string, emailAddress: string) =>
  Effect.flatMap(InvitationsService, (invitations) => invitations.ensure({ emailAddress })).pipe(
    Effect.provide(Tenants.get(tenant))
  )

/** Call it after a change of a tenant's instance. */
export const changed = (tenant: string) => Tenants.invalidate(tenant)

/** All tenants share the connections of one client. */
export const TenantsLive = Tenants.layer.pipe(Layer.provide(NodeHttpClient.layerUndici))
