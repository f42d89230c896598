import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * The newest version of the settings and of the rows of the people that this code writes. It reads all versions up to this one.
 */
export const version = 2

/**
 * How the people are followed up that have not accepted.
 */
export const FollowUp = Schema.Struct({
  /** The time from an invitation to the next one, in milliseconds. */
  after: Schema.Int.pipe(Schema.positive()),
  /** How often people are invited again. */
  times: Schema.Int.pipe(Schema.positive())
})

/**
 * The options of `start` that are stored with a campaign.
 */
export const Settings = Schema.Struct({
  onExisting: Schema.Literal("report", "reuse", "resend"),
  checkExisting: Schema.Boolean,
  useSingleCreates: Schema.Boolean,
  allowDuplicates: Schema.Boolean,
  /** How long the people are kept after the end, in milliseconds. */
  retention: Schema.NonNegativeInt,
  tenant: Schema.optionalWith(Schema.String, { exact: true }),
  followUp: Schema.optionalWith(FollowUp, { exact: true })
})
export type Settings = typeof Settings.Type

/**
 * The version of a campaign with these settings: the lowest that can work on it. A process of version 1 would complete a campaign
 * before its follow-ups.
 */
export const versionOf = ({ followUp }: Settings): number => followUp === undefined ? 1 : version

const SettingsJson = Schema.parseJson(Settings)

export const toJson = Schema.encodeSync(SettingsJson)

export const fromJson = Schema.decodeOption(SettingsJson)

export const defaultRetention = Duration.days(30)
