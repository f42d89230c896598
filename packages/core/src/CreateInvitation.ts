/**
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { EmailAddress } from "./EmailAddress.js"
import * as Field from "./internal/schema/field.js"
import * as Validate from "./internal/schema/validate.js"
import type { InvalidRequest } from "./InvitationError.js"
import * as Metadata from "./Metadata.js"

/**
 * The e-mail templates that Clerk offers for an invitation.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateSlug = Schema.Literal("invitation", "waitlist_invitation").annotations({
  identifier: "TemplateSlug"
})

/**
 * @since 0.1.0
 * @category models
 */
export type TemplateSlug = typeof TemplateSlug.Type

/**
 * The maximum of `expiresInDays`: 365 days.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxExpiresInDays = 365

/**
 * The maximum number of invitations in one `createBulk` call: 10.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxBulkSize = 10

/**
 * @since 0.1.0
 */
export declare namespace CreateInvitation {
  /**
   * The input of `create`: a plain object. Only `emailAddress` is required.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Input {
    /**
     * The e-mail address to invite: `name@domain`, at most 254 characters. `EmailAddress` lists the refused characters.
     */
    readonly emailAddress: string
    /**
     * A JSON object that becomes the user's public metadata on sign-up, at most 8 KB of JSON. Its type may be an interface.
     * Defaults to `{}`.
     */
    readonly publicMetadata?: Metadata.Input | undefined
    /**
     * The URL to which Clerk redirects the user after a click on the accept link. Only custom sign-up flows need it.
     *
     * @see https://clerk.com/docs/authentication/invitations#custom-flow
     */
    readonly redirectUrl?: string | undefined
    /**
     * Whether Clerk sends an e-mail with the accept link. Defaults to `true`.
     */
    readonly notify?: boolean | undefined
    /**
     * Whether to create an invitation even if a pending one exists for the address. Defaults to `false`.
     */
    readonly ignoreExisting?: boolean | undefined
    /**
     * How many days the invitation is valid, a whole number from 1 to 365. Defaults to 30.
     */
    readonly expiresInDays?: number | undefined
    /**
     * The template of the e-mail. Defaults to `"invitation"`.
     */
    readonly templateSlug?: TemplateSlug | undefined
  }
}

/**
 * The validated input of `create`.
 *
 * @since 0.1.0
 * @category schemas
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/CreateInvitation
 */
export const CreateInvitation = Schema.Struct({
  emailAddress: EmailAddress,
  publicMetadata: Field.optional(Metadata.Metadata.pipe(Schema.filter(Metadata.isWithinSize)), Field.metadata),
  redirectUrl: Field.optional(Schema.NonEmptyString, "a URL, not empty"),
  notify: Field.optional(Schema.Boolean, "true or false"),
  ignoreExisting: Field.optional(Schema.Boolean, "true or false"),
  expiresInDays: Field.optional(
    Schema.Int.pipe(Schema.between(1, maxExpiresInDays)),
    `a whole number of days from 1 to ${maxExpiresInDays}`
  ),
  templateSlug: Field.optional(TemplateSlug, "\"invitation\" or \"waitlist_invitation\"")
}).annotations({ identifier: "CreateInvitation" })

/**
 * @since 0.1.0
 * @category models
 */
export type CreateInvitation = typeof CreateInvitation.Type

const typeSide = Validate.typeSide(CreateInvitation)

/**
 * Checks a request as `create` does, and sends nothing. Fails with an `InvalidRequest` whose fields are those below `path`.
 *
 * @since 0.1.0
 * @category utils
 * @example
 * ```ts
 * import { CreateInvitation } from "@effect-clerk/core"
 *
 * // Fails: importPeople was not sent: people[3].emailAddress must be …
 * const program = CreateInvitation.validate({ emailAddress: "ada" }, { operation: "importPeople", path: "people[3]" })
 * ```
 */
export const validate = (
  input: unknown,
  { operation = "create", path = "" }: {
    /** The operation that the error names. Defaults to `"create"`. */
    readonly operation?: string | undefined
    /** The path of the input, for example `people[3]`. Defaults to that of a single request. */
    readonly path?: string | undefined
  } = {}
): Effect.Effect<CreateInvitation, InvalidRequest> => Validate.validate(typeSide, operation, path)(input)
