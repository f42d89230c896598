/**
 * Invitations and pages for tests that need no service: of a function that takes an invitation, or of a page that shows
 * one. The same arguments give equal results.
 *
 * @since 0.1.0
 */
import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import type { AnyInvitationStatus } from "@effect-clerk/core/Invitation"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { Metadata } from "@effect-clerk/core/Metadata"
import { sha256 } from "@noble/hashes/sha2"
import * as DateTime from "effect/DateTime"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/**
 * The fields that matter to a test. The others get values that fit together.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fields {
  /** Defaults to an id that is derived from the address, so that different addresses have different ids. */
  readonly id?: string | undefined
  /** Defaults to `ada@example.com`. */
  readonly emailAddress?: string | undefined
  /** Defaults to `{}`. */
  readonly publicMetadata?: Metadata | undefined
  /** Defaults to `"pending"`. Any other text is a status that Clerk may add later. */
  readonly status?: AnyInvitationStatus | undefined
  /** Defaults to the time 0, at which `TestClock` starts. */
  readonly createdAt?: DateTime.Utc | undefined
  /** Defaults to `createdAt`. */
  readonly updatedAt?: DateTime.Utc | undefined
  /** Defaults to 30 days after `createdAt`, less 2 ms as Clerk does; of an expired invitation, to `createdAt`. */
  readonly expiresAt?: Option.Option<DateTime.Utc> | undefined
  /** Defaults to a link that no server answers; of a revoked invitation, to `None`. */
  readonly url?: Option.Option<Redacted.Redacted> | undefined
}

const defaultAddress = "ada@example.com"

const lifetime = 30 * 24 * 60 * 60 * 1000 - 2

// 27 characters, as the ids of Clerk have.
const idOf = (emailAddress: string): string =>
  `inv_${Encoding.encodeHex(sha256(EmailAddress.fold(emailAddress))).slice(0, 27)}`

/**
 * Makes an invitation as Clerk sends one with this status: only a revoked one has `revoked`, and it has no accept link.
 * Throws if a field is not valid, for example an id with white space.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { InvitationFixture } from "@effect-clerk/http"
 *
 * const invitation = InvitationFixture.invitation({ emailAddress: "grace@example.com", status: "accepted" })
 *
 * invitation.isPending // false
 * ```
 */
export const invitation = (
  {
    createdAt = DateTime.unsafeMake(0),
    emailAddress = defaultAddress,
    id = idOf(emailAddress),
    publicMetadata = {},
    status = "pending",
    updatedAt = createdAt,
    expiresAt = Option.some(status === "expired" ? createdAt : DateTime.add(createdAt, { millis: lifetime })),
    url = status === "revoked"
      ? Option.none()
      : Option.some(Redacted.make(`https://clerk.invalid/v1/tickets/accept?ticket=${id}`))
  }: Fields = {}
): Invitation =>
  new Invitation({
    id: InvitationId.make(id),
    emailAddress,
    publicMetadata,
    status,
    ...(status === "revoked" ? { revoked: true } : {}),
    expiresAt,
    createdAt,
    updatedAt,
    url
  })

/**
 * Makes one page of a list. `totalCount` defaults to the number of its invitations. Throws if a field is not valid.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { InvitationFixture } from "@effect-clerk/http"
 *
 * // The first page of 40 invitations.
 * const page = InvitationFixture.page([{ emailAddress: "ada@example.com" }, { emailAddress: "grace@example.com" }], 40)
 * ```
 */
export const page = (invitations: Iterable<Fields>, totalCount?: number): InvitationPage => {
  const data = Array.from(invitations, invitation)
  return new InvitationPage({ data, totalCount: totalCount ?? data.length })
}
