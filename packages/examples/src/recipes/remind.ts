// Run its test, test/remind.test.ts, with: npx -y pnpm@10 vitest run remind
import { InvitationsService } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import type { ListError, ResendError } from "@effect-clerk/core/InvitationError"
import { isUserExists } from "@effect-clerk/core/InvitationError"
import { DateTime, type Duration, Effect, Schedule, Stream } from "effect"

// A call that failed after the revoke is finished by another: the address must not stay without an invitation.
const finish = Schedule.exponential("1 second").pipe(Schedule.intersect(Schedule.recurs(5)))

const resend = ({ emailAddress, publicMetadata }: Invitation) =>
  Effect.flatMap(InvitationsService, (invitations) => invitations.resend({ emailAddress, publicMetadata })).pipe(
    Effect.retry({ schedule: finish, while: ({ _tag }) => _tag === "ResendIncomplete" }),
    Effect.asSome,
    // Somebody signed up meanwhile, and needs no reminder.
    Effect.catchIf(
      (error) => isUserExists(error._tag === "ResendIncomplete" ? error.error : error),
      () => Effect.succeedNone
    )
  )

/**
 * Sends another e-mail to everybody whose invitation has been pending for longer than `age`. The old accept links stop working.
 * Streams the new invitations.
 */
export const remind = (
  age: Duration.DurationInput
): Stream.Stream<Invitation, ListError | ResendError, InvitationsService> =>
  Stream.unwrap(Effect.gen(function*() {
    const invitations = yield* InvitationsService
    const before = DateTime.subtractDuration(yield* DateTime.now, age)
    return invitations.stream({ status: "pending", orderBy: "created_at" }).pipe(
      Stream.takeWhile(({ createdAt }) => DateTime.lessThan(createdAt, before)),
      Stream.mapEffect(resend),
      Stream.filterMap((resent) => resent)
    )
  }))
