/**
 * The errors of durable campaigns.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CampaignState } from "./InviteCampaign.js"

/**
 * The store of the campaigns failed. A write may have happened. The error of the driver is not kept, because it may
 * quote addresses.
 *
 * @since 0.1.0
 * @category errors
 */
export class StoreError extends Schema.TaggedError<StoreError>("@effect-clerk/http/StoreError")("StoreError", {
  /** The operation of the store that failed, for example `get` or `settle`. */
  operation: Schema.String,
  /** The code of the driver's error, for example `SQLITE_BUSY` or `ECONNREFUSED`. `None` if it has no code. */
  code: Schema.optionalWith(Schema.String, { as: "Option" })
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const code = Option.match(this.code, { onNone: () => "", onSome: (code) => ` (${code})` })
    return `the store of the campaigns failed in ${this.operation}${code}`
  }
}

/**
 * No campaign has this id.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoSuchCampaign extends Schema.TaggedError<NoSuchCampaign>("@effect-clerk/http/NoSuchCampaign")(
  "NoSuchCampaign",
  {
    /** The id that was given. */
    id: Schema.String
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `no campaign has the id ${JSON.stringify(this.id)}`
  }
}

/**
 * A campaign with this id was started before with other people or other options. Nothing was changed.
 *
 * @since 0.1.0
 * @category errors
 */
export class CampaignConflict extends Schema.TaggedError<CampaignConflict>("@effect-clerk/http/CampaignConflict")(
  "CampaignConflict",
  {
    /** The id that was given. */
    id: Schema.String,
    /** What differs: the people, their order or their requests; or the options. */
    differs: Schema.Literal("people", "options")
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `a campaign with the id ${JSON.stringify(this.id)} was started with other ${this.differs}`
  }
}

/**
 * The state of the campaign does not allow the transition. Nothing was changed.
 *
 * @since 0.1.0
 * @category errors
 */
export class IllegalTransition extends Schema.TaggedError<IllegalTransition>("@effect-clerk/http/IllegalTransition")(
  "IllegalTransition",
  {
    /** The id that was given. */
    id: Schema.String,
    /** The transition that was asked for. */
    transition: Schema.Literal("pause", "resume", "cancel", "retry"),
    /** The state of the campaign. */
    state: CampaignState
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `the campaign ${JSON.stringify(this.id)} is ${this.state}: ${this.transition} is not possible`
  }
}
