import type { Invitation } from "@effect-clerk/core/Invitation"
import { DateTime, type Effect, Option, Redacted, Stream } from "effect"
import type { CommandFailed, OutputClosed } from "./exitCode.js"
import { printLines, type Stdio } from "./stdio.js"
import { escapeControlChars } from "./terminalText.js"

/**
 * JSON on one line. Escapes also the control characters that `JSON.stringify` leaves as they are.
 */
export const json = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/**
 * How an invitation is rendered.
 */
export interface RenderOptions {
  /** Whether to show the accept link. Its holder can sign up. */
  readonly showUrl: boolean
}

const acceptLink = ({ url }: Invitation, { showUrl }: RenderOptions): string | undefined =>
  Option.getOrUndefined(Option.map(url, (url) => showUrl ? Redacted.value(url) : "<redacted>"))

const millis = (time: Option.Option<DateTime.Utc>) => Option.getOrNull(Option.map(time, DateTime.toEpochMillis))

/**
 * The object in Clerk's format. The accept link is redacted unless `showUrl` is set.
 */
export const toObject = (invitation: Invitation, options: RenderOptions) => ({
  object: "invitation",
  id: invitation.id,
  email_address: invitation.emailAddress,
  public_metadata: invitation.publicMetadata,
  status: invitation.status,
  url: acceptLink(invitation, options),
  expires_at: millis(invitation.expiresAt),
  created_at: DateTime.toEpochMillis(invitation.createdAt),
  updated_at: DateTime.toEpochMillis(invitation.updatedAt)
})

const time = (value: DateTime.Utc): string => DateTime.formatIso(value).replace(/\.\d+Z$/, "Z")

// The widths are fixed, so that a row can be printed before the next one is known. The address has no fixed width and
// therefore comes last.
const columns = (id: string, status: string, created: string, expires: string, address: string, url: string) =>
  `${id.padEnd(32)} ${status.padEnd(8)} ${created.padEnd(20)} ${expires.padEnd(20)} ${address}${url}`

const header = ({ showUrl }: RenderOptions): string =>
  columns("ID", "STATUS", "CREATED", "EXPIRES", "ADDRESS", showUrl ? "  URL" : "")

const row = (invitation: Invitation, options: RenderOptions): string =>
  columns(
    invitation.id,
    escapeControlChars(invitation.status),
    time(invitation.createdAt),
    Option.match(invitation.expiresAt, { onNone: () => "-", onSome: time }),
    escapeControlChars(invitation.emailAddress),
    options.showUrl ? `  ${escapeControlChars(acceptLink(invitation, options) ?? "-")}` : ""
  )

// The header comes with the first row, so that a call that fails prints no header.
const table = <E, R>(
  invitations: Stream.Stream<Invitation, E, R>,
  options: RenderOptions
): Stream.Stream<string, E, R> =>
  Stream.mapAccum(invitations, true, (isFirst, invitation) => {
    const line = row(invitation, options)
    return [false, isFirst ? `${header(options)}\n${line}` : line]
  })

/**
 * Prints invitations as a table, or with `json` as one object a line.
 */
export const printInvitations = <E, R>(
  invitations: Stream.Stream<Invitation, E, R>,
  options: RenderOptions & { readonly json: boolean }
): Effect.Effect<void, E | CommandFailed | OutputClosed, R | Stdio> =>
  printLines(
    options.json
      ? Stream.map(invitations, (invitation) => json(toObject(invitation, options)))
      : table(invitations, options)
  )
