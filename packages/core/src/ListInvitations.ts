/**
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Field from "./internal/schema/field.js"
import { InvitationStatus } from "./Invitation.js"

/**
 * The most rows of a page. Clerk has been seen to ignore a larger limit silently, so it is refused here.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxLimit = 500

/**
 * The fields that a list can be ordered by.
 *
 * @since 0.1.0
 * @category models
 */
export const OrderField = Schema.Literal("created_at", "email_address", "expires_at")

/**
 * @since 0.1.0
 * @category models
 */
export type OrderField = typeof OrderField.Type

/**
 * A field to order by: ascending with `+` or without a sign, descending with `-`.
 *
 * @since 0.1.0
 * @category models
 */
export const OrderBy = Schema.TemplateLiteral(Schema.Literal("", "+", "-"), OrderField)

/**
 * @since 0.1.0
 * @category models
 */
export type OrderBy = typeof OrderBy.Type

const orderByMust = "created_at, email_address or expires_at, with an optional + or - before it"

/**
 * @since 0.1.0
 */
export declare namespace ListInvitations {
  /**
   * What a list, or a stream, is narrowed and ordered by.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Filter {
    /**
     * Only invitations in this state. Without it, Clerk lists all **except revoked** ones.
     */
    readonly status?: InvitationStatus | undefined
    /**
     * Only invitations whose address or id matches; Clerk does not say whether exactly or in part.
     */
    readonly query?: string | undefined
    /**
     * The order of the rows. Defaults to `"-created_at"`, the newest first.
     */
    readonly orderBy?: OrderBy | undefined
  }

  /**
   * What a caller gives to ask for one page.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Input extends Filter {
    /**
     * The most rows to answer with, 1 to 500. Defaults to 10.
     */
    readonly limit?: number | undefined
    /**
     * How many rows to skip, 0 or more. Defaults to 0.
     */
    readonly offset?: number | undefined
  }
}

/**
 * @since 0.1.0
 */
export declare namespace StreamInvitations {
  /**
   * What a caller gives to walk over all invitations.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Input extends ListInvitations.Filter {
    /**
     * Rows a request, 1 to 500. Defaults to 500.
     */
    readonly pageSize?: number | undefined
    /**
     * The most pages that are on their way at once, 1 to 32. Defaults to 4.
     */
    readonly concurrency?: number | undefined
  }
}

const filterFields = {
  status: Field.optional(InvitationStatus, Field.status),
  query: Field.optional(Schema.String, "a string")
}

const limitMust = `a whole number of rows from 1 to ${maxLimit}`

/**
 * A checked request for one page. Its encoded side is the query string that Clerk takes.
 *
 * @since 0.1.0
 * @category schemas
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/ListInvitations
 */
export const ListInvitations = Schema.Struct({
  ...filterFields,
  orderBy: Field.optional(OrderBy, orderByMust).pipe(Schema.fromKey("order_by")),
  limit: Field.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, maxLimit)), limitMust),
  offset: Field.optional(
    Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative()),
    "a whole number of rows, 0 or more"
  )
}).annotations({ identifier: "ListInvitations" })

/**
 * @since 0.1.0
 * @category models
 */
export type ListInvitations = typeof ListInvitations.Type

/**
 * A checked request to walk over all invitations.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StreamInvitations = Schema.Struct({
  ...filterFields,
  orderBy: Field.optional(OrderBy, orderByMust),
  pageSize: Field.optional(Schema.Int.pipe(Schema.between(1, maxLimit)), limitMust),
  concurrency: Field.optional(Schema.Int.pipe(Schema.between(1, 32)), "a whole number of requests from 1 to 32")
}).annotations({ identifier: "StreamInvitations" })

/**
 * @since 0.1.0
 * @category models
 */
export type StreamInvitations = typeof StreamInvitations.Type
