import { EmailAddress, InvitationsService } from "@effect-clerk/core"
import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { DeletedInvitation, Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { BadRequest, NotFound, ServerError } from "@effect-clerk/core/InvitationError"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import { Cause, Console, DateTime, Effect, Exit, Logger, Option, Predicate, Redacted, Ref } from "effect"
import { Console as NodeConsole } from "node:console"
import { Writable } from "node:stream"
import { format, inspect } from "node:util"

/**
 * Passes a value of any type, like an untyped caller. The only unchecked cast of these tests.
 */
export const untyped = <A>(value: unknown): A => value as A

/** The first of January 2026. */
export const start = 1767225600000

/**
 * An invitation whose id, address and time are derived from `n`.
 */
export const makeInvitation = (
  n: number,
  fields: {
    readonly id?: string
    readonly emailAddress?: string
    readonly status?: string
    readonly createdAt?: number
    readonly url?: string
  } = {}
): Invitation => {
  const time = DateTime.unsafeMake(fields.createdAt ?? start + n)
  return new Invitation({
    id: InvitationId.make(fields.id ?? `inv_${n}`),
    emailAddress: fields.emailAddress ?? `person${n}@example.com`,
    publicMetadata: {},
    status: fields.status ?? "pending",
    url: Option.map(Option.fromNullable(fields.url), Redacted.make),
    expiresAt: Option.none(),
    createdAt: time,
    updatedAt: time
  })
}

/**
 * `count` pending invitations, numbered from 1.
 */
export const makeInvitations = (count: number): ReadonlyArray<Invitation> =>
  Array.from({ length: count }, (_, index) => makeInvitation(index + 1))

export const duplicate = (...emailAddresses: ReadonlyArray<string>): BadRequest =>
  new BadRequest({
    operation: "create",
    status: 400,
    errors: [
      new ErrorDetail({
        code: "duplicate_record",
        message: "duplicate invitation",
        longMessage: `There are already pending invitations for: ${emailAddresses.join(", ")}`,
        meta: { email_addresses: emailAddresses }
      })
    ],
    traceId: Option.none()
  })

export const serverError = new ServerError({
  operation: "list",
  status: 503,
  errors: [],
  traceId: Option.none(),
  retryAfter: Option.none()
})

export const notFound = (operation: "revoke" | "delete"): NotFound =>
  new NotFound({ operation, status: 404, errors: [], traceId: Option.none() })

export interface Call {
  readonly method: keyof InvitationsPrimitives
  readonly input: unknown
  /** The name of the span around the call. */
  readonly span: string
}

/**
 * The service over rows in memory, which filters and pages like Clerk and records the calls of its primitives. `change`
 * replaces primitives; calls of the replacements are recorded too.
 *
 * It is not the emulator's store: these tests choose ids, times, unknown statuses and missing links, and replace rows
 * during a call, which that store does not allow.
 */
export const makeFake = Effect.fnUntraced(function*(
  initial: ReadonlyArray<Invitation> = [],
  change: (
    primitives: InvitationsPrimitives,
    rows: Ref.Ref<ReadonlyArray<Invitation>>
  ) => Partial<InvitationsPrimitives> = () => ({})
) {
  const rows = yield* Ref.make(initial)
  const calls = yield* Ref.make<ReadonlyArray<Call>>([])

  const findOrFail = (id: InvitationId, operation: "revoke" | "delete") =>
    Effect.flatMap(Ref.get(rows), (all) => {
      const found = all.find((row) => row.id === id)
      return found === undefined ? Effect.fail(notFound(operation)) : Effect.succeed(found)
    })

  const base: InvitationsPrimitives = {
    create: (request) =>
      Effect.flatMap(Ref.get(rows), (all) => {
        const exists = all.some((row) =>
          row.status === "pending" && EmailAddress.equals(row.emailAddress, request.emailAddress)
        )
        if (exists && request.ignoreExisting !== true) {
          return Effect.fail(duplicate(request.emailAddress))
        }
        const created = makeInvitation(all.length + 1, { emailAddress: request.emailAddress })
        return Effect.as(Ref.set(rows, [...all, created]), created)
      }),
    createBulk: Effect.forEach((request) => base.create(request)),
    list: ({ limit = 10, offset = 0, query, status }) =>
      Effect.map(Ref.get(rows), (all) => {
        const matching = all.filter((row) =>
          (status === undefined ? row.status !== "revoked" : row.status === status) &&
          (query === undefined || `${row.id} ${row.emailAddress}`.toLowerCase().includes(query.toLowerCase()))
        )
        return new InvitationPage({
          data: matching.slice(offset, offset + limit),
          totalCount: matching.length,
          totalIsKnown: true
        })
      }),
    revoke: (id) =>
      Effect.flatMap(findOrFail(id, "revoke"), (found) => {
        const revoked = new Invitation({ ...found, status: "revoked" })
        return Effect.as(Ref.update(rows, (all) => all.map((row) => row === found ? revoked : row)), revoked)
      }),
    delete: (id) => Effect.as(findOrFail(id, "delete"), new DeletedInvitation({ id }))
  }
  const changed = { ...base, ...change(base, rows) }

  const recorded = <Input, Options extends ReadonlyArray<unknown>, A, E>(
    method: keyof InvitationsPrimitives,
    primitive: (input: Input, ...options: Options) => Effect.Effect<A, E>
  ) =>
  (input: Input, ...options: Options): Effect.Effect<A, E> =>
    Effect.currentSpan.pipe(
      Effect.match({ onFailure: () => "none", onSuccess: (span) => span.name }),
      Effect.flatMap((span) => Ref.update(calls, (before) => [...before, { method, input, span }])),
      Effect.zipRight(primitive(input, ...options))
    )

  return {
    rows,
    calls: Ref.get(calls),
    service: InvitationsService.fromPrimitives({
      create: recorded("create", changed.create),
      createBulk: recorded("createBulk", changed.createBulk),
      list: recorded("list", changed.list),
      revoke: recorded("revoke", changed.revoke),
      delete: recorded("delete", changed.delete),
      withReservation: changed.withReservation,
      withRequiredReservation: changed.withRequiredReservation
    })
  }
})

/**
 * The usual renderings of a value as text, except logging.
 */
export const renderings = (value: unknown): ReadonlyArray<readonly [how: string, text: string]> => [
  ["String", String(value)],
  ["JSON.stringify", JSON.stringify([value])],
  ["inspect", inspect(value, { depth: null })],
  ["inspect with hidden", inspect(value, { depth: null, showHidden: true })],
  ["%s", format("%s", value)],
  ["%o", format("%o", value)],
  ["%j", format("%j", value)],
  ["own values", Predicate.isObject(value) ? Object.values(value).map(String).join() : ""],
  ["Exit", JSON.stringify(Exit.fail(value))],
  ["String of Exit", String(Exit.fail(value))],
  ["Cause", JSON.stringify(Cause.fail(value))],
  ["String of Cause", String(Cause.fail(value))],
  ["inspect of Cause", inspect(Cause.fail(value), { depth: null })],
  ["Cause.pretty", Cause.pretty(Cause.fail(value), { renderErrorCause: true })],
  ["Cause.pretty of a defect", Cause.pretty(Cause.die(value), { renderErrorCause: true })],
  ["inspect of prettyErrors", inspect(Cause.prettyErrors(Cause.fail(value)), { depth: null })]
]

/**
 * The output of each usual logger for a program that logs the error as a value, as a cause and as an annotation.
 */
export const logged = Effect.fnUntraced(function*(error: unknown) {
  const lines: Array<readonly [how: string, text: string]> = []
  const keep = (how: string) => (text: string) => {
    lines.push([how, text])
  }
  const sink = (how: string) =>
    new Writable({
      write(chunk, _, done) {
        keep(how)(String(chunk))
        done()
      }
    })
  const program = Effect.all([
    Effect.logError("it failed", error),
    Effect.logError("it failed", Cause.fail(error)),
    Effect.annotateLogs(Effect.logError("it failed"), { error })
  ], { discard: true })
  const withLogger = <Output>(logger: Logger.Logger<unknown, Output>) =>
    Effect.provide(program, Logger.replace(Logger.defaultLogger, logger))

  yield* withLogger(Logger.map(Logger.jsonLogger, keep("json")))
  yield* withLogger(Logger.map(Logger.logfmtLogger, keep("logfmt")))
  yield* withLogger(Logger.map(Logger.stringLogger, keep("string")))
  yield* withLogger(Logger.map(Logger.structuredLogger, (entry) => {
    keep("structured, inspected")(inspect(entry, { depth: null }))
    keep("structured, as JSON")(JSON.stringify(entry))
  }))
  const console_ = yield* Console.consoleWith(Effect.succeed)
  for (const mode of ["tty", "browser"] as const) {
    const stream = sink(`pretty, ${mode}`)
    yield* withLogger(Logger.prettyLogger({ colors: false, mode })).pipe(
      Effect.withConsole({ ...console_, unsafe: new NodeConsole({ stdout: stream, stderr: stream }) })
    )
  }
  return lines
})
