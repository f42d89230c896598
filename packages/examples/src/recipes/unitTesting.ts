// Its test is test/unitTesting.test.ts; run it with: npx -y pnpm@10 vitest run --project examples
import { InvitationsService, isUserExists } from "@effect-clerk/core"
import { Effect } from "effect"

/**
 * Invites everybody who is neither a user nor invited, for a week.
 */
export const inviteTeam = (team: string, addresses: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const invitations = yield* InvitationsService
    return yield* Effect.forEach(addresses, (emailAddress) =>
      invitations.ensure({ emailAddress, publicMetadata: { team }, expiresInDays: 7 }).pipe(
        Effect.map(({ status }) => ({ emailAddress, status })),
        Effect.catchIf(isUserExists, () =>
          Effect.succeed({ emailAddress, status: "member" }))
      ))
  })
