/**
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Field from "./internal/schema/field.js"
import { InvitationStatus } from "./Invitation.js"

/**
 * The maximum of `limit` and `pageSize`: 500 rows. A larger limit fails with `InvalidRequest`, because Clerk was seen
 * to ignore it silently.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxLimit = 500

/**
 * The fields by which Clerk can order a list, under Clerk's names.
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
 * A field and a direction: `+` or no sign for ascending, `-` for descending, for example `"-created_at"`.
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
   * The filter and the order of `list` and `stream`.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Filter {
    /**
     * Selects invitations with this status. Defaults to every status **except revoked**.
     */
    readonly status?: InvitationStatus | undefined
    /**
     * Selects invitations whose address or id matches. Clerk does not document whether a partial match counts, so
     * compare the rows yourself.
     */
    readonly query?: string | undefined
    /**
     * The order of the rows. Defaults to `"-created_at"`: the newest first.
     */
    readonly orderBy?: OrderBy | undefined
  }

  /**
   * The input of `list`.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Input extends Filter {
    /**
     * The maximum number of rows, 1 to 500. Defaults to 10.
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
   * The input of `stream`.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Input extends ListInvitations.Filter {
    /**
     * How many rows to fetch with one request, 1 to 500. Defaults to 500.
     */
    readonly pageSize?: number | undefined
    /**
     * The maximum number of page requests in flight, 1 to 32. Defaults to 4.
     */
    readonly concurrency?: number | undefined
  }
}

const filterFields = {
  status: Field.optional(InvitationStatus, Field.status),
  query: Field.optional(Schema.String, "a string"),
  orderBy: Field.optional(OrderBy, orderByMust)
}

const limitMust = `a whole number of rows from 1 to ${maxLimit}`

/**
 * The validated input of `list`.
 *
 * @since 0.1.0
 * @category schemas
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/ListInvitations
 */
export const ListInvitations = Schema.Struct({
  ...filterFields,
  limit: Field.optional(Schema.Int.pipe(Schema.between(1, maxLimit)), limitMust),
  offset: Field.optional(Schema.NonNegativeInt, "a whole number of rows, 0 or more")
}).annotations({ identifier: "ListInvitations" })

/**
 * @since 0.1.0
 * @category models
 */
export type ListInvitations = typeof ListInvitations.Type

/**
 * The validated input of `stream`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StreamInvitations = Schema.Struct({
  ...filterFields,
  pageSize: Field.optional(Schema.Int.pipe(Schema.between(1, maxLimit)), limitMust),
  concurrency: Field.optional(Schema.Int.pipe(Schema.between(1, 32)), "a whole number of requests from 1 to 32")
}).annotations({ identifier: "StreamInvitations" })

/**
 * @since 0.1.0
 * @category models
 */
export type StreamInvitations = typeof StreamInvitations.Type
