import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * The version of the settings and of the rows of the people that this code writes. It reads all versions up to this one.
 */
export const version = 1

/**
 * The options of `start` that are stored with a campaign.
 */
export const Settings = Schema.Struct({
  onExisting: Schema.Literal("report", "reuse", "resend"),
  checkExisting: Schema.Boolean,
  useSingleCreates: Schema.Boolean,
  allowDuplicates: Schema.Boolean,
  /** How long the people are kept after the end, in milliseconds. */
  retention: Schema.NonNegativeInt
})
export type Settings = typeof Settings.Type

const SettingsJson = Schema.parseJson(Settings)

export const toJson = Schema.encodeSync(SettingsJson)

export const fromJson = Schema.decodeOption(SettingsJson)

export const defaultRetention = Duration.days(30)
