import { InviteProgress, type RateLimits } from "@effect-clerk/core"
import { Duration, Option } from "effect"
import type { Counts } from "./preflight.js"

const invitations = (count: number): string => `${count} ${count === 1 ? "invitation" : "invitations"}`

const longest = Duration.hours(1)

/**
 * Says how to invite the people in a durable way, if Clerk's quotas do not allow them within an hour.
 */
export const suggestCampaign = (
  { remaining }: Counts,
  limits: RateLimits.RateLimits
): Option.Option<string> =>
  Duration.greaterThan(InviteProgress.estimate({ count: remaining, limits }), longest)
    ? Option.some(
      "A campaign survives restarts, and can be watched and paused from elsewhere: " +
        "effect-clerk campaign start FILE --id ID --database campaigns.db --run"
    )
    : Option.none()

/**
 * What a run would do, in one line: the numbers of rows, and the time that the quotas of the instance take at least. A second line
 * says how to invite those whose invitation has expired.
 */
export const plan = (
  { done, expired, invalid, pending, remaining, repeated }: Counts,
  limits: RateLimits.RateLimits
): string => {
  const shortest = InviteProgress.estimate({ count: remaining, limits })
  const duration = Duration.toMillis(shortest) === 0
    ? "Clerk's quotas allow them at once."
    : `With Clerk's quotas this takes at least ${Duration.format(shortest)}.`
  const counts = [
    remaining === 0 ? "Nothing to send" : `${remaining} to invite`,
    ...(repeated === 0 ? [] : [`${repeated} repeated`]),
    ...(pending === 0 ? [] : [`${pending} already invited`]),
    ...(done === 0 ? [] : [`${done} done before`]),
    ...(invalid === 0 ? [] : [`${invalid} skipped`])
  ].join(", ")
  return [
    remaining === 0 ? `${counts}.` : `${counts}. ${duration}`,
    ...(expired === 0 ? [] : [
      `${invitations(expired)} of a previous run ${
        expired === 1 ? "has" : "have"
      } expired, unless accepted. Pass --again expired to invite again.`
    ])
  ].join("\n")
}
