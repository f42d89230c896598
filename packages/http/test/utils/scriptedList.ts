import { Schema } from "effect"
import type * as stub from "./stub.js"
import { emailAddress } from "./stubbedCalls.js"
import { errors, page } from "./wire.js"

/** A connection that breaks after the request is sent. */
export const lost: stub.Reaction = { code: "ECONNRESET", syscall: "read" }

/** The response to a create of `emailAddress` if a pending invitation exists. */
export const duplicate: stub.Reaction = {
  status: 400,
  body: errors("duplicate_record", { meta: { email_addresses: [emailAddress] } })
}

export interface Script {
  /** The reactions to the POST requests, in order. After the last one every POST is answered with a 500. */
  readonly posts: ReadonlyArray<stub.Reaction>
  /**
   * The rows of both lists, from the number of POST requests so far and the number of look-ups so far. A look-up reads
   * the default list, then the list of revoked invitations.
   */
  readonly rows: (posts: number, lookUps: number) => ReadonlyArray<unknown>
  /** The reaction to a list in look-up number `lookUps`, from 0, in place of its rows. */
  readonly lists?: (lookUps: number) => stub.Reaction | undefined
  /**
   * The server's clock minus the client's in milliseconds, by default 0. `"unknown"` if no response has a `Date` header.
   */
  readonly clockSkew?: number | "unknown"
}

const isRevoked = Schema.is(Schema.Struct({ status: Schema.Literal("revoked") }))

/** Reacts to the creates of a test, and to the look-ups that reconcile them, as a script says. */
export const scripted = ({ clockSkew = 0, lists, posts, rows }: Script) => {
  let sentPosts = 0
  let lookUps = 0
  return (request: stub.Seen): stub.Reaction => {
    const headers = { date: clockSkew === "unknown" ? "" : new Date(request.at + clockSkew).toUTCString() }
    if (request.operation !== "list") {
      const reaction = posts[sentPosts++] ?? { status: 500 }
      return reaction !== "stall" && !("code" in reaction) ? { headers, ...reaction } : reaction
    }
    const revoked = request.url.searchParams.get("status") === "revoked"
    const instead = lists?.(lookUps)
    if (revoked) lookUps++
    return instead ?? { headers, body: page(rows(sentPosts, lookUps).filter((one) => isRevoked(one) === revoked)) }
  }
}
