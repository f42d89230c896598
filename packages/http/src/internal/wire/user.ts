import { Metadata } from "@effect-clerk/core/Metadata"
import * as Schema from "effect/Schema"

const Empty = Schema.Struct({})

const None = Schema.Tuple()

const EmailAddressRow = Schema.Struct({
  id: Schema.String,
  object: Schema.Literal("email_address"),
  email_address: Schema.String,
  reserved: Schema.Boolean,
  verification: Schema.Struct({
    object: Schema.Literal("verification_ticket"),
    status: Schema.Literal("verified"),
    strategy: Schema.Literal("ticket"),
    attempts: Schema.Null,
    expire_at: Schema.Null
  }),
  linked_to: None,
  created_at: Schema.Number,
  updated_at: Schema.Number
})

/**
 * A user as Clerk sends it, with the fields that `@clerk/backend` reads. Times are Unix milliseconds.
 */
export const UserRow = Schema.Struct({
  id: Schema.String,
  object: Schema.Literal("user"),
  username: Schema.Null,
  first_name: Schema.Null,
  last_name: Schema.Null,
  locale: Schema.Null,
  image_url: Schema.String,
  has_image: Schema.Boolean,
  primary_email_address_id: Schema.String,
  primary_phone_number_id: Schema.Null,
  primary_web3_wallet_id: Schema.Null,
  password_enabled: Schema.Boolean,
  two_factor_enabled: Schema.Boolean,
  totp_enabled: Schema.Boolean,
  backup_code_enabled: Schema.Boolean,
  email_addresses: Schema.Array(EmailAddressRow),
  phone_numbers: None,
  web3_wallets: None,
  passkeys: None,
  external_accounts: None,
  saml_accounts: None,
  enterprise_accounts: None,
  public_metadata: Metadata,
  private_metadata: Empty,
  unsafe_metadata: Empty,
  external_id: Schema.Null,
  last_sign_in_at: Schema.Null,
  last_active_at: Schema.Null,
  banned: Schema.Boolean,
  locked: Schema.Boolean,
  delete_self_enabled: Schema.Boolean,
  create_organization_enabled: Schema.Boolean,
  create_organizations_limit: Schema.Null,
  legal_accepted_at: Schema.Null,
  created_at: Schema.Number,
  updated_at: Schema.Number
}).annotations({ identifier: "User" })

/**
 * Clerk's response to a count.
 */
export const TotalCount = Schema.Struct({
  object: Schema.Literal("total_count"),
  total_count: Schema.NonNegativeInt
}).annotations({ identifier: "TotalCount" })
