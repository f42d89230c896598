import { hmac } from "@noble/hashes/hmac"
import { sha256 } from "@noble/hashes/sha2"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/**
 * The claims of a ticket, as Clerk names them.
 */
const Claims = Schema.Struct({
  /** The lifetime, in seconds. */
  eis: Schema.Number,
  /** When the ticket expires, in Unix seconds. */
  exp: Schema.Number,
  /** The id of the instance. */
  iid: Schema.String,
  /** The id of the invitation. */
  sid: Schema.String,
  st: Schema.Literal("invitation")
})

type Claims = typeof Claims.Type

const decodeClaims = Schema.decodeUnknownOption(Schema.parseJson(Claims))

const encodeText = (text: string): Uint8Array => new TextEncoder().encode(text)

const header = Encoding.encodeBase64Url(JSON.stringify({ alg: "HS256", typ: "JWT" }))

const claimsOf = (ticket: string): Option.Option<Claims> =>
  Option.flatMap(
    Either.getRight(Encoding.decodeBase64UrlString(ticket.split(".")[1] ?? "")),
    (json) => decodeClaims(json)
  )

/**
 * The instance that a ticket names. The signature is not checked.
 */
export const instanceIdOf = (ticket: string): Option.Option<string> => Option.map(claimsOf(ticket), ({ iid }) => iid)

/**
 * Signs and reads the tickets of one instance. A ticket is the secret of an accept link: a JSON Web Token, signed with
 * HMAC SHA-256.
 */
export interface Tickets {
  /** Times are Unix milliseconds. */
  readonly sign: (invitation: { readonly id: string; readonly createdAt: number; readonly expiresAt: number }) => string
  /** The id of the invitation. `None` if the instance did not sign the ticket. */
  readonly verify: (ticket: string) => Option.Option<string>
}

/**
 * Makes the tickets of an instance, signed with `key`.
 */
export const make = (instanceId: string, key: string): Tickets => {
  const mac = hmac.create(sha256, encodeText(key))
  const signature = (text: string): string => Encoding.encodeBase64Url(mac.clone().update(encodeText(text)).digest())

  return {
    sign: ({ createdAt, expiresAt, id }) => {
      const claims: Claims = {
        eis: Math.round((expiresAt - createdAt) / 1000),
        exp: Math.round(expiresAt / 1000),
        iid: instanceId,
        sid: id,
        st: "invitation"
      }
      const signed = `${header}.${Encoding.encodeBase64Url(JSON.stringify(claims))}`
      return `${signed}.${signature(signed)}`
    },
    verify: (ticket) => {
      const end = ticket.lastIndexOf(".")
      return signature(ticket.slice(0, end)) === ticket.slice(end + 1)
        ? Option.map(Option.filter(claimsOf(ticket), ({ iid }) => iid === instanceId), ({ sid }) => sid)
        : Option.none()
    }
  }
}
