// Run its test, test/typedMetadata.test.ts, with: npx -y pnpm@10 vitest run typedMetadata
import { TypedMetadata } from "@effect-clerk/core"
import { Effect, Either, Schema, Stream } from "effect"

/** The metadata of this application. Clerk stores the date as text. */
export const Membership = Schema.Struct({
  team: Schema.NonEmptyString,
  role: Schema.Literal("admin", "member"),
  since: Schema.DateTimeUtc
})

/** The service with metadata of this type. Its layer requires `InvitationsService`. */
export class TeamInvitations extends Effect.Service<TeamInvitations>()("app/TeamInvitations", {
  effect: TypedMetadata.make(Membership)
}) {}

/** Invites a member, unless the address has a pending invitation to this team. */
export const inviteMember = (emailAddress: string, publicMetadata: typeof Membership.Type) =>
  Effect.flatMap(TeamInvitations, (invitations) => invitations.ensure({ emailAddress, publicMetadata })).pipe(
    Effect.filterOrFail(
      (invitation) => invitation.publicMetadata.team === publicMetadata.team,
      () => "InvitedToAnotherTeam" as const
    )
  )

/** The addresses of the pending invitations of a team. An invitation with other metadata is logged and left out. */
export const pendingOf = (team: string) =>
  Effect.gen(function*() {
    const invitations = yield* TeamInvitations
    const addresses = yield* invitations.stream({ status: "pending" }).pipe(
      // The message names the id and the fields, never a value.
      Stream.tap((row) => Either.isLeft(row) ? Effect.logWarning(row.left.message) : Effect.void),
      Stream.filterMap(Either.getRight),
      Stream.filter(({ publicMetadata }) => publicMetadata.team === team),
      Stream.map(({ emailAddress }) => emailAddress),
      Stream.runCollect
    )
    return Array.from(addresses)
  })
