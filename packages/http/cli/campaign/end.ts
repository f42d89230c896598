import { InviteProgress } from "@effect-clerk/core"
import type { Campaign } from "@effect-clerk/http/InviteCampaign"
import { Effect, Option } from "effect"
import { exitCodeOf, summary } from "../invite/report.js"
import { CommandFailed, exitCodes, exitPartial } from "../terminal/exitCode.js"

const sum = (campaigns: ReadonlyArray<Campaign>) =>
  campaigns.reduce<typeof InviteProgress.noOutcomes>((sum, { counts }) => ({
    ...sum,
    Created: sum.Created + counts.Created,
    AlreadyInvited: sum.AlreadyInvited + counts.AlreadyInvited,
    UserExists: sum.UserExists + counts.UserExists,
    Rejected: sum.Rejected + counts.Rejected,
    Unknown: sum.Unknown + counts.Unknown,
    Repeated: sum.Repeated + counts.Repeated
  }), InviteProgress.noOutcomes)

/**
 * Fails with an exit code as `invite` does, if the campaigns have people who were not invited.
 */
export const checkEnd = (campaigns: ReadonlyArray<Campaign>): Effect.Effect<void, CommandFailed> => {
  const open = campaigns.find(({ state }) => state === "failed" || state === "paused")
  if (open !== undefined) {
    const reason = Option.match(open.problem, { onNone: () => "", onSome: ({ message }) => `: ${message}` })
    return exitPartial(
      `${open.id} ${
        open.state === "failed" ? "failed" : "is paused"
      }${reason}\nContinue with: effect-clerk campaign resume ID`
    )
  }
  const counts = sum(campaigns)
  const code = exitCodeOf(counts)
  return code === exitCodes.ok
    ? Effect.void
    : new CommandFailed({ code, message: `${summary(counts)}. See: effect-clerk campaign people ID` })
}
