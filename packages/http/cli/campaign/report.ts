import type { Campaign, Person } from "@effect-clerk/http/InviteCampaign"
import { stringify } from "csv-stringify/sync"
import { DateTime, Option } from "effect"
import { protectApostrophe } from "../csv/cells.js"
import { summary } from "../invite/report.js"
import { json } from "../terminal/render.js"
import { escapeControlChars } from "../terminal/terminalText.js"

const time = (value: Option.Option<DateTime.Utc>) => Option.getOrNull(Option.map(value, DateTime.formatIso))

const minute = (value: DateTime.Utc): string => `${DateTime.formatIso(value).slice(0, 16)}Z`

/**
 * A campaign as one line of JSON.
 */
export const campaignJson = (campaign: Campaign): string =>
  json({
    id: campaign.id,
    state: campaign.state,
    total: campaign.total,
    done: campaign.done,
    remaining: campaign.remaining,
    counts: campaign.counts,
    accepted: campaign.accepted,
    rate_per_hour: Math.round(campaign.ratePerHour),
    created_at: DateTime.formatIso(campaign.createdAt),
    started_at: time(campaign.startedAt),
    ended_at: time(campaign.endedAt),
    next_slice_at: time(campaign.nextSliceAt),
    estimated_end: time(campaign.estimatedEnd),
    stalled_since: time(campaign.stalledSince),
    stalled_reason: Option.getOrNull(campaign.stalledReason),
    reason: Option.getOrNull(Option.map(campaign.problem, ({ message }) => message))
  })

const parts = (texts: ReadonlyArray<string | undefined>): string =>
  texts.filter((text) => text !== undefined && text !== "").join(", ")

/**
 * How far a campaign is, without its id: "120 of 10000, 350 an hour, ends about 2026-12-02T10:00Z".
 */
export const progress = (campaign: Campaign): string =>
  parts([
    `${campaign.done} of ${campaign.total}`,
    // Repeated addresses have their outcome from the start.
    campaign.state === "running" && campaign.done > campaign.counts.Repeated
      ? `${Math.round(campaign.ratePerHour)} an hour` :
      undefined,
    Option.getOrUndefined(Option.map(campaign.estimatedEnd, (end) => `ends about ${minute(end)}`)),
    // The next look at who has accepted.
    campaign.state === "running" && campaign.remaining === 0
      ? Option.getOrUndefined(Option.map(campaign.nextSliceAt, (next) => `follows up about ${minute(next)}`))
      : undefined,
    Option.getOrUndefined(Option.map(campaign.endedAt, (end) => `ended ${minute(end)}`))
  ])

/**
 * The counts in one line, for example "2 invited, 1 rejected"; empty if nobody has an outcome.
 */
export const outcomes = ({ accepted, counts }: Campaign): string =>
  parts([summary({ ...counts, NotAttempted: 0 }), accepted === 0 ? undefined : `${accepted} accepted`])

/**
 * A campaign on one line.
 */
export const line = (campaign: Campaign): string => `${campaign.id}  ${campaign.state}  ${progress(campaign)}`

/**
 * A campaign with its counts, and why it does not go on if it does not.
 */
export const details = (campaign: Campaign): string =>
  [
    line(campaign),
    outcomes(campaign),
    ...Option.toArray(
      Option.map(
        Option.all([campaign.stalledSince, campaign.stalledReason]),
        ([since, reason]) => `stands still since ${minute(since)}: ${reason}`
      )
    ),
    ...Option.toArray(Option.map(campaign.problem, ({ message }) => `latest failure: ${message}`))
  ].filter((text) => text !== "").map(escapeControlChars).join("\n")

const columns = (id: string, state: string, done: string, total: string, end: string): string =>
  `${state.padEnd(9)} ${done.padStart(8)} ${total.padStart(8)} ${end.padEnd(17)} ${id}`

/**
 * The header of the table of {@link row}.
 */
export const header = columns("ID", "STATE", "DONE", "TOTAL", "END")

/**
 * A campaign as a row of a table. The id has no fixed width and therefore comes last.
 */
export const row = (campaign: Campaign): string =>
  columns(
    escapeControlChars(campaign.id),
    campaign.state,
    String(campaign.done),
    String(campaign.total),
    Option.match(Option.orElse(campaign.endedAt, () => campaign.estimatedEnd), { onNone: () => "-", onSome: minute })
  )

const personFields = ({ decidedAt, emailAddress, invitationId, position, problem, state }: Person) => ({
  position,
  email_address: emailAddress,
  outcome: state,
  id: Option.getOrUndefined(invitationId),
  reason: Option.getOrUndefined(Option.map(problem, ({ message }) => message)),
  at: Option.getOrUndefined(Option.map(decidedAt, DateTime.formatIso))
})

/**
 * A person as one line of JSON.
 */
export const personJson = (person: Person): string => json(personFields(person))

// A spreadsheet would run an address such as =HYPERLINK(…)@example.com as a formula.
const csv = (values: ReadonlyArray<string>): string =>
  stringify([values.map(protectApostrophe)], { escape_formulas: true, eof: false })

/**
 * The header of the rows of {@link personCsv}.
 */
export const peopleHeader = csv(["position", "email_address", "outcome", "id", "reason", "at"])

/**
 * A person as a row of a CSV file.
 */
export const personCsv = (person: Person): string => {
  const { at, email_address, id, outcome, position, reason } = personFields(person)
  return csv([String(position), email_address, outcome, id ?? "", reason ?? "", at ?? ""])
}
