// Run its test, test/remind.test.ts, with: npx -y pnpm@10 vitest run remind
import { InvitationsService } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import type { ListError, ResendError } from "@effect-clerk/core/InvitationError"
import { isTransient, isUserExists } from "@effect-clerk/core/InvitationError"
import { DateTime, type Duration, Effect, Schedule, Stream } from "effect"

// A call can fail after the revoke. The next call finishes it, so that the address does not stay without an invitation. Clerk's
// quotas are given by the hour.
const patiently = Schedule.exponential("1 second").pipe(
  Schedule.either(Schedule.spaced("10 minutes")),
  Schedule.intersect(Schedule.recurs(24))
)

const reasonOf = (error: ResendError) => error._tag === "ResendIncomplete" ? error.error : error

const resend = ({ emailAddress, publicMetadata }: Invitation) =>
  Effect.flatMap(InvitationsService, (invitations) => invitations.resend({ emailAddress, publicMetadata })).pipe(
    Effect.retry({ schedule: patiently, while: (error) => isTransient(reasonOf(error)) }),
    Effect.asSome,
    // The person has signed up meanwhile, and needs no reminder.
    Effect.catchIf((error) => isUserExists(reasonOf(error)), () => Effect.succeedNone)
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
