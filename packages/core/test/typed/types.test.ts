import type { InvitationsService } from "@effect-clerk/core"
import { TypedMetadata } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { Invitation } from "@effect-clerk/core/Invitation"
import type { CreateError, ListError, RevokeError } from "@effect-clerk/core/InvitationError"
import type { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { InviteManyError } from "@effect-clerk/core/InviteMany"
import type { InviteOutcome } from "@effect-clerk/core/InviteOutcome"
import type { MetadataMismatch } from "@effect-clerk/core/MetadataMismatch"
import type { TypedInvitation } from "@effect-clerk/core/TypedInvitation"
import { describe, expectTypeOf, it } from "@effect/vitest"
import type { Effect, Either, Option, Stream } from "effect"
import { Schema } from "effect"

interface Membership {
  readonly team: string
  readonly seats: number
}

type View = TypedMetadata.TypedInvitations<Membership>
type Row = Either.Either<TypedInvitation<Membership>, MetadataMismatch>

// The compiler checks the types.
describe("the types of a view", () => {
  it("come from the schema", () => {
    const schema = Schema.Struct({ team: Schema.String, seats: Schema.NumberFromString })
    expectTypeOf(TypedMetadata.make(schema)).toEqualTypeOf<
      Effect.Effect<TypedMetadata.TypedInvitations<typeof schema.Type>, never, InvitationsService>
    >()
    class Member extends Schema.Class<Member>("Member")({ team: Schema.String }) {}
    expectTypeOf(TypedMetadata.make(Member)).toEqualTypeOf<
      Effect.Effect<TypedMetadata.TypedInvitations<Member>, never, InvitationsService>
    >()
    interface Encoded {
      readonly team: string
      readonly seats: string
    }
    const declared: Schema.Schema<Membership, Encoded> = schema
    expectTypeOf(TypedMetadata.make(declared)).toEqualTypeOf<Effect.Effect<View, never, InvitationsService>>()
  })

  it("refuse a schema whose encoded side is no object, or that needs services", () => {
    // @ts-expect-error -- A string is no metadata.
    TypedMetadata.make(Schema.String)
    // @ts-expect-error -- An array is no metadata.
    TypedMetadata.make(Schema.Array(Schema.String))
    // @ts-expect-error -- A date is no metadata.
    TypedMetadata.make(Schema.DateFromSelf)
    // @ts-expect-error -- `undefined` is no metadata.
    TypedMetadata.make(Schema.UndefinedOr(Schema.Struct({})))
    const needsService: Schema.Schema<Membership, Membership, InvitationsService> = Schema.Struct({
      team: Schema.String,
      seats: Schema.Number
    })
    // @ts-expect-error -- Nothing provides the service.
    TypedMetadata.make(needsService)
  })

  it("require the metadata of a request", () => {
    expectTypeOf<TypedMetadata.Request<Membership>["publicMetadata"]>().toEqualTypeOf<Membership>()
    expectTypeOf<keyof TypedMetadata.Request<Membership>>().toEqualTypeOf<keyof CreateInvitation.Input>()
    expectTypeOf<{ readonly emailAddress: string }>().not.toExtend<TypedMetadata.Request<Membership>>()
    expectTypeOf<{ readonly emailAddress: string; readonly publicMetadata: { readonly team: string } }>()
      .not.toExtend<TypedMetadata.Request<Membership>>()
  })

  it("list the exact results and errors of each method", () => {
    expectTypeOf<ReturnType<View["create"]>>().toEqualTypeOf<Effect.Effect<TypedInvitation<Membership>, CreateError>>()
    expectTypeOf<ReturnType<View["createBulk"]>>().toEqualTypeOf<
      Effect.Effect<ReadonlyArray<TypedInvitation<Membership>>, CreateError>
    >()
    expectTypeOf<ReturnType<View["list"]>>().toEqualTypeOf<Effect.Effect<TypedMetadata.Page<Membership>, ListError>>()
    expectTypeOf<ReturnType<View["stream"]>>().toEqualTypeOf<Stream.Stream<Row, ListError>>()
    expectTypeOf<ReturnType<View["findByEmail"]>>().toEqualTypeOf<Effect.Effect<ReadonlyArray<Row>, ListError>>()
    expectTypeOf<ReturnType<View["findById"]>>().toEqualTypeOf<
      Effect.Effect<Option.Option<TypedInvitation<Membership>>, ListError | MetadataMismatch>
    >()
    expectTypeOf<ReturnType<View["ensure"]>>().toEqualTypeOf<
      Effect.Effect<TypedInvitation<Membership>, CreateError | MetadataMismatch>
    >()
    expectTypeOf<ReturnType<View["revoke"]>>().toEqualTypeOf<Effect.Effect<Row, RevokeError>>()
    expectTypeOf<ReturnType<typeof _invite>>().toEqualTypeOf<Stream.Stream<InviteOutcome, InviteManyError | "E", "R">>()
  })

  it("keep the fields of a page and of an invitation", () => {
    expectTypeOf<keyof TypedMetadata.Page<Membership>>().toEqualTypeOf<keyof InvitationPage>()
    expectTypeOf<TypedMetadata.Page<Membership>["totalCount"]>().toEqualTypeOf<number>()
    expectTypeOf<Exclude<keyof TypedInvitation<Membership>, "invitation">>().toEqualTypeOf<keyof Invitation>()
    expectTypeOf<TypedInvitation<Membership>["publicMetadata"]>().toEqualTypeOf<Membership>()
  })
})

const _invite = (view: View, requests: Stream.Stream<TypedMetadata.Request<Membership>, "E", "R">) =>
  view.inviteMany(requests)
