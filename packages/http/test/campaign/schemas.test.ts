import { Campaign, Counts, Person, Problem } from "@effect-clerk/http/InviteCampaign"
import { CampaignConflict, IllegalTransition, NoSuchCampaign, StoreError } from "@effect-clerk/http/InviteCampaignError"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Equal, Schema } from "effect"

const roundTrip = <A, I>(name: string, schema: Schema.Schema<A, I>) =>
  it.effect.prop(name, [Arbitrary.make(schema)], ([value]) =>
    Effect.gen(function*() {
      const json = JSON.stringify(yield* Schema.encode(schema)(value))
      const decoded = yield* Schema.decodeUnknown(schema)(JSON.parse(json))
      assert.isTrue(Schema.equivalence(schema)(decoded, value) || Equal.equals(decoded, value))
    }))

describe("the schemas of campaigns survive JSON", () => {
  roundTrip("Campaign", Campaign)
  roundTrip("Counts", Counts)
  roundTrip("Person", Person)
  roundTrip("Problem", Problem)
  roundTrip("StoreError", StoreError)
  roundTrip("NoSuchCampaign", NoSuchCampaign)
  roundTrip("CampaignConflict", CampaignConflict)
  roundTrip("IllegalTransition", IllegalTransition)
})
