import type { Invitation } from "@effect-clerk/core"
import { Chunk, DateTime, Effect, Option, Predicate, Redacted, Stream } from "effect"
import { type CommandFailed, exitPartly, OutputClosed } from "./exitCode.js"

const closed = ["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"]

// A disk that is full must not pass for a reader that has gone: what is there is less than what was asked for.
const notWritten = (error: Error): CommandFailed | OutputClosed => {
  const code = Predicate.hasProperty(error, "code") ? String(error.code) : error.name
  return closed.includes(code) ? new OutputClosed() : exitPartly(`The output cannot be written: ${code}`)
}

/**
 * Writes, and waits until it is taken.
 */
export const write = (to: NodeJS.WritableStream) => (text: string): Effect.Effect<void, CommandFailed | OutputClosed> =>
  text === ""
    ? Effect.void
    : Effect.async((resume) => {
      to.write(text, (error) => resume(error instanceof Error ? Effect.fail(notWritten(error)) : Effect.void))
    })

/**
 * Writes to standard output, and waits until that has taken it.
 */
export const printLine = (text: string) => write(process.stdout)(`${text}\n`)

/**
 * Writes to standard error. Nobody has to be listening.
 */
export const printError = (text: string) => Effect.ignore(write(process.stderr)(`${text}\n`))

/**
 * Writes lines as they come, those that come together in one go.
 */
export const printLines = <E, R>(
  lines: Stream.Stream<string, E, R>
): Effect.Effect<void, E | CommandFailed | OutputClosed, R> =>
  Stream.runForEachChunk(lines, (chunk) => Chunk.isEmpty(chunk) ? Effect.void : printLine(Chunk.join(chunk, "\n")))

/**
 * What others wrote must not steer the terminal.
 */
export const stripControlChars = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd")

/**
 * JSON on one line. What is left of control characters inside strings is escaped as well.
 */
export const json = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/**
 * How an invitation is shown.
 */
export interface RenderOptions {
  /** Whether the accept link is shown, which lets whoever reads it sign up. */
  readonly showUrl: boolean
}

const link = ({ url }: Invitation, { showUrl }: RenderOptions): string | undefined =>
  Option.getOrUndefined(Option.map(url, (url) => showUrl ? Redacted.value(url) : "<redacted>"))

const millis = (time: Option.Option<DateTime.Utc>) => Option.getOrNull(Option.map(time, DateTime.toEpochMillis))

/**
 * The object that Clerk answers with, but for the accept link.
 */
export const toObject = (invitation: Invitation, showing: RenderOptions) => ({
  object: invitation.object,
  id: invitation.id,
  email_address: invitation.emailAddress,
  public_metadata: invitation.publicMetadata,
  status: invitation.status,
  url: link(invitation, showing),
  expires_at: millis(invitation.expiresAt),
  created_at: DateTime.toEpochMillis(invitation.createdAt),
  updated_at: DateTime.toEpochMillis(invitation.updatedAt)
})

const time = (value: DateTime.Utc): string => DateTime.formatIso(value).replace(/\.\d+Z$/, "Z")

const columns = (id: string, status: string, created: string, expires: string, address: string, url: string) =>
  `${id.padEnd(32)} ${status.padEnd(8)} ${created.padEnd(20)} ${expires.padEnd(20)} ${address}${url}`

/**
 * The head of a table of invitations. The widths are fixed, so that rows can be shown as they come.
 */
export const head = ({ showUrl }: RenderOptions): string =>
  columns("ID", "STATUS", "CREATED", "EXPIRES", "ADDRESS", showUrl ? "  URL" : "")

/**
 * The row of an invitation. The address is last, since its length is anybody's guess.
 */
export const row = (invitation: Invitation, showing: RenderOptions): string =>
  columns(
    invitation.id,
    stripControlChars(invitation.status),
    time(invitation.createdAt),
    Option.match(invitation.expiresAt, { onNone: () => "-", onSome: time }),
    stripControlChars(invitation.emailAddress),
    showing.showUrl ? `  ${stripControlChars(link(invitation, showing) ?? "-")}` : ""
  )

// With the first row, so that a call that fails does not leave a head without a table.
const table = <E, R>(
  invitations: Stream.Stream<Invitation, E, R>,
  showing: RenderOptions
): Stream.Stream<string, E, R> =>
  Stream.mapAccum(invitations, true, (first, invitation) => {
    const line = row(invitation, showing)
    return [false, first ? `${head(showing)}\n${line}` : line]
  })

/**
 * Invitations as a table, or an object a line.
 */
export const printInvitations = <E, R>(
  invitations: Stream.Stream<Invitation, E, R>,
  showing: RenderOptions & { readonly json: boolean }
): Effect.Effect<void, E | CommandFailed | OutputClosed, R> =>
  printLines(
    showing.json
      ? Stream.map(invitations, (invitation) => json(toObject(invitation, showing)))
      : table(invitations, showing)
  )

/**
 * Whether somebody looks at this.
 */
export const isTerminal = (stream: { readonly isTTY?: boolean }): boolean => stream.isTTY === true
