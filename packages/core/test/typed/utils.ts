import { InvitationsService, TypedMetadata } from "@effect-clerk/core"
import { Invitation } from "@effect-clerk/core/Invitation"
import { Effect, Schema } from "effect"
import { makeFake, makeInvitation } from "../utils.js"

export const Membership = Schema.Struct({
  team: Schema.NonEmptyString,
  seats: Schema.NumberFromString,
  since: Schema.optional(Schema.Date)
})

export type Membership = typeof Membership.Type

/** Metadata that the schema decodes. */
export const fit = { team: "engines", seats: "3" }

/** An invitation with this metadata. */
export const withMetadata = (n: number, publicMetadata: Invitation["publicMetadata"], status = "pending"): Invitation =>
  new Invitation({ ...makeInvitation(n, { status }), publicMetadata })

/** The view over rows in memory whose creates keep the metadata, unless `change` replaces them. */
export const makeView = Effect.fnUntraced(function*(...parameters: Parameters<typeof makeFake>) {
  const [initial, change = () => ({})] = parameters
  const fake = yield* makeFake(initial, (base, rows) => ({
    create: (request) =>
      Effect.map(
        base.create(request),
        (created) => new Invitation({ ...created, publicMetadata: request.publicMetadata ?? {} })
      ),
    createBulk: Effect.forEach((request) =>
      Effect.map(
        base.create(request),
        (created) => new Invitation({ ...created, publicMetadata: request.publicMetadata ?? {} })
      )
    ),
    ...change(base, rows)
  }))
  const view = yield* Effect.provideService(TypedMetadata.make(Membership), InvitationsService, fake.service)
  return { ...fake, view }
})
