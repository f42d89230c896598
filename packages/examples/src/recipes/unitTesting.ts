// Run its test, test/unitTesting.test.ts, with: npx -y pnpm@10 vitest run unitTesting
import { InvitationsService } from "@effect-clerk/core"
import { isUserExists } from "@effect-clerk/core/InvitationError"
import { Effect } from "effect"

/**
 * Invites every address that has neither a user nor a pending invitation. The invitations expire after a week.
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
