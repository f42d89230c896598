import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import { maxLimit } from "@effect-clerk/core/ListInvitations"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { EmulatorApi } from "../../EmulatorApi.js"
import type { InvitationsControl } from "../../InvitationsControl.js"
import type { UserRow } from "../wire/user.js"
import type { Instances } from "./instances.js"

const toRow = ({ createdAt, emailAddress, id, publicMetadata }: InvitationsControl.User): typeof UserRow.Encoded => {
  const emailId = id.replace(/^user_/, "idn_")
  const millis = DateTime.toEpochMillis(createdAt)
  return {
    id,
    object: "user",
    username: null,
    first_name: null,
    last_name: null,
    locale: null,
    image_url: "",
    has_image: false,
    primary_email_address_id: emailId,
    primary_phone_number_id: null,
    primary_web3_wallet_id: null,
    password_enabled: false,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    email_addresses: [{
      id: emailId,
      object: "email_address",
      email_address: emailAddress,
      reserved: false,
      verification: {
        object: "verification_ticket",
        status: "verified",
        strategy: "ticket",
        attempts: null,
        expire_at: null
      },
      linked_to: [],
      created_at: millis,
      updated_at: millis
    }],
    phone_numbers: [],
    web3_wallets: [],
    passkeys: [],
    external_accounts: [],
    saml_accounts: [],
    enterprise_accounts: [],
    public_metadata: publicMetadata,
    private_metadata: {},
    unsafe_metadata: {},
    external_id: null,
    last_sign_in_at: null,
    last_active_at: null,
    banned: false,
    locked: false,
    delete_self_enabled: true,
    create_organization_enabled: true,
    create_organizations_limit: null,
    legal_accepted_at: null,
    created_at: millis,
    updated_at: millis
  }
}

// Clerk's default.
const defaultLimit = 10

/**
 * The handlers of Clerk's user endpoints.
 */
export const layer = (instances: Instances) => {
  const matching = (
    { headers }: HttpServerRequest.HttpServerRequest,
    emailAddress: string | ReadonlyArray<string> | undefined
  ): Effect.Effect<ReadonlyArray<InvitationsControl.User>> =>
    Effect.map(Effect.flatMap(instances.of(headers), ({ control }) => control.users), (users) => {
      if (emailAddress === undefined) return users
      const wanted = new Set(Arr.ensure(emailAddress).map(EmailAddress.fold))
      return users.filter((user) => wanted.has(EmailAddress.fold(user.emailAddress)))
    })

  return HttpApiBuilder.group(EmulatorApi, "users", (handlers) =>
    handlers
      .handle("list", ({ request, urlParams: { email_address, limit = defaultLimit, offset = 0 } }) =>
        Effect.map(matching(request, email_address), (users) =>
          [...users].reverse().slice(offset, offset + Math.min(limit, maxLimit)).map(toRow)))
      .handle("count", ({ request, urlParams }) =>
        Effect.map(matching(request, urlParams.email_address), (users) => ({
          object: "total_count" as const,
          total_count: users.length
        }))))
}
