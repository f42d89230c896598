/**
 * Finds out when invitations are accepted. Clerk sends no webhook for them, so these functions poll the list.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { awaitFinal, type End } from "./internal/acceptance/awaitFinal.js"
import * as Changes from "./internal/acceptance/changes.js"
import * as Options from "./internal/acceptance/options.js"
import * as Target from "./internal/acceptance/target.js"
import * as Watermark from "./internal/acceptance/watermark.js"
import * as ErrorMessage from "./internal/errorMessage.js"
import { paced } from "./internal/pagination/paced.js"
import { Invitation, InvitationId } from "./Invitation.js"
import * as InvitationError from "./InvitationError.js"
import { InvitationsService } from "./InvitationsService.js"

/**
 * The invitation can no longer be accepted. `await` fails with this error.
 *
 * @since 0.1.0
 * @category errors
 */
export class AcceptanceFailed extends Schema.TaggedError<AcceptanceFailed>("@effect-clerk/core/AcceptanceFailed")(
  "AcceptanceFailed",
  {
    /** The invitation. */
    id: InvitationId,
    /** What happened to it. `"deleted"` also if no invitation ever had the id. */
    reason: Schema.Literal("revoked", "expired", "deleted")
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.id} can no longer be accepted: ${this.reason === "expired" ? "it has" : "it was"} ${this.reason}`
  }
}

/**
 * The invitation was not accepted within `timeout`. It may still be accepted later.
 *
 * @since 0.1.0
 * @category errors
 */
export class AcceptanceTimeout extends Schema.TaggedError<AcceptanceTimeout>("@effect-clerk/core/AcceptanceTimeout")(
  "AcceptanceTimeout",
  {
    /** The invitation. */
    id: InvitationId,
    /** The `timeout` that elapsed. */
    duration: Schema.DurationFromMillis
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.id} was not accepted within ${ErrorMessage.duration(this.duration)}`
  }
}

/**
 * The errors of a list that end the polling: every error of `list` except the transient ones, see
 * `InvitationError.isTransient`. `changes` fails with them.
 *
 * @since 0.1.0
 * @category errors
 */
export const PollError = Schema.Union(
  InvitationError.InvalidRequest,
  InvitationError.BadRequest,
  InvitationError.Unauthorized,
  InvitationError.Forbidden,
  InvitationError.NotFound,
  InvitationError.Unprocessable,
  InvitationError.ClientError,
  InvitationError.UnexpectedResponse
).annotations({ identifier: "PollError" })

/**
 * @since 0.1.0
 * @category errors
 */
export type PollError = typeof PollError.Type

/**
 * The errors of `await`.
 *
 * @since 0.1.0
 * @category errors
 */
export const AwaitError = Schema.Union(AcceptanceFailed, AcceptanceTimeout, ...PollError.members).annotations({
  identifier: "AwaitError"
})

/**
 * @since 0.1.0
 * @category errors
 */
export type AwaitError = typeof AwaitError.Type

/**
 * A place between two changes, by Clerk's clock. An application stores the cursor of each change that it has handled, and
 * passes the last one as `since` when it starts again. As JSON it contains times, ids and statuses.
 *
 * @since 0.1.0
 * @category models
 */
export class Cursor extends Schema.Class<Cursor>("@effect-clerk/core/Acceptance/Cursor")({
  /** All changes before this time are before the cursor. It is at least 10 seconds before the last change. */
  time: Schema.DateTimeUtc,
  /** The changes at or after `time` that are before the cursor. */
  seen: Schema.Array(
    Schema.Struct({ id: InvitationId, status: Schema.String, changedAt: Schema.DateTimeUtc })
  )
}) {}

/**
 * The cursor before all changes at or after a time.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Acceptance } from "@effect-clerk/core"
 * import { DateTime, Effect, Stream } from "effect"
 *
 * const changesFromNow = Stream.unwrap(
 *   Effect.map(DateTime.now, (now) => Acceptance.changes({ since: Acceptance.cursorAt(now) }))
 * )
 * ```
 */
export const cursorAt = (time: DateTime.Utc): Cursor => new Cursor({ time, seen: [] })

/**
 * An element of `changes`.
 *
 * @since 0.1.0
 * @category models
 */
export class Change extends Schema.Class<Change>("@effect-clerk/core/Acceptance/Change")({
  /** The invitation as it is after the change. */
  invitation: Invitation,
  /** The cursor after the change. Store it once the change is handled. It is made when it is read. */
  cursor: Cursor
}) {}

/**
 * Options of `await`.
 *
 * @since 0.1.0
 * @category models
 */
export interface AwaitOptions {
  /** The time between two polls, 1 second to 1 day. Defaults to 30 seconds. */
  readonly pollEvery?: Duration.DurationInput | undefined
  /** How long to wait, at least 1 millisecond. Defaults to forever. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * Options of `changes`. Without `ids` and `query`, it emits the changes of all invitations.
 *
 * @since 0.1.0
 * @category models
 */
export interface ChangesOptions {
  /** The ids of the invitations to watch. Must not be combined with `query`. */
  readonly ids?: ReadonlyArray<InvitationId | string> | undefined
  /** A part of the addresses or ids of the invitations to watch, for example `"@example.com"`; not empty. */
  readonly query?: string | undefined
  /** The time between two polls, 1 second to 1 day. Defaults to 30 seconds. */
  readonly pollEvery?: Duration.DurationInput | undefined
  /** The cursor to start from. Defaults to the beginning: each existing invitation is emitted once as it is now. */
  readonly since?: Cursor | undefined
}

const defaultPollEvery = "30 seconds"

const validateChanges = Options.validateChanges(Schema.typeSchema(Cursor))

const toAccepted = (id: InvitationId, end: End): Effect.Effect<Invitation, AcceptanceFailed> => {
  const failed = (reason: AcceptanceFailed["reason"]) => Effect.fail(new AcceptanceFailed({ id, reason }))
  if (Option.isNone(end)) return failed("deleted")
  switch (end.value.status) {
    case "revoked":
      return failed("revoked")
    case "expired":
      return failed("expired")
    default:
      return Effect.succeed(end.value)
  }
}

/**
 * Waits until an invitation is accepted, and returns it. Each poll takes one or two list calls.
 *
 * Fails with `AcceptanceFailed` if the invitation is revoked, has expired, or two polls in a row do not find it, and with
 * `AcceptanceTimeout` after `timeout`. The last poll is made at the timeout, and may take 10 seconds. Transient errors of the list do not end the wait: the next poll follows after
 * `pollEvery`, or after the response's `Retry-After` if that is longer, at most 2 hours. Every other error of the list ends
 * the wait at once. An invalid id or option fails with `InvalidRequest`, and nothing is sent.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Acceptance, InvitationsService } from "@effect-clerk/core"
 * import { Effect } from "effect"
 *
 * const inviteAndWait = Effect.gen(function*() {
 *   const invitations = yield* InvitationsService
 *   const { id } = yield* invitations.create({ emailAddress: "ada@example.com" })
 *   return yield* Acceptance.await(id, { timeout: "7 days" })
 * }).pipe(
 *   Effect.catchTag("AcceptanceFailed", ({ reason }) => Effect.logWarning(`not accepted: ${reason}`))
 * )
 * ```
 */
const await_ = (
  id: InvitationId | string,
  options: AwaitOptions = {}
): Effect.Effect<Invitation, AwaitError, InvitationsService> =>
  Effect.gen(function*() {
    const validId = yield* Options.validateId(id)
    const { pollEvery = defaultPollEvery, timeout = Duration.infinity } = yield* Options.validateAwait(options)
    const invitations = yield* InvitationsService
    const duration = Duration.decode(timeout)
    const end = yield* awaitFinal(invitations.findById(validId), {
      pollEvery: Duration.decode(pollEvery),
      timeout: duration
    })
    return Option.isSome(end)
      ? yield* toAccepted(validId, end.value)
      : yield* new AcceptanceTimeout({ id: validId, duration })
  }).pipe(Effect.withSpan("Acceptance.await", { captureStackTrace: false }))

export { await_ as await }

const beginning = cursorAt(DateTime.unsafeMake(0))

const toWatermark = ({ seen, time }: Cursor): Watermark.Watermark => Watermark.make(DateTime.toEpochMillis(time), seen)

const toCursor = ({ seen, time }: Watermark.Watermark): Cursor =>
  new Cursor({ time: DateTime.unsafeMake(time), seen }, { disableValidation: true })

// A cursor lists the changes of the last seconds. If each one were kept, a burst of changes would take quadratic memory.
const toChange = ([invitation, watermark]: Changes.Emitted): Change =>
  Object.defineProperty(new Change({ invitation, cursor: beginning }, { disableValidation: true }), "cursor", {
    enumerable: true,
    get: () => toCursor(watermark())
  })

/**
 * Emits the changes of invitations, from the oldest to the newest, each with the cursor to store after it: created, accepted,
 * revoked and expired ones. The first poll is immediate. Several changes of an invitation between two polls are one element,
 * and deletions are not reported.
 *
 * A stream that starts from the cursor of an element emits every later change **exactly once**. An invitation that expires is
 * changed at `expiresAt`, every other one at `updatedAt`. All times are Clerk's, so the clock of this machine does not matter.
 * A change may become visible up to 10 seconds after a later one, for example because a list was stale, and is then emitted
 * late. One that becomes visible still later can be missed, unless `ids` names the invitation and the stream has seen its
 * status before.
 *
 * - With a `query`, or without a target, a poll reads every page (500 rows) of the matching invitations, with those that are
 *   revoked. If it finds a change, it reads them a second time, since an invitation may change while the pages are fetched.
 * - With `ids`, a poll reads the pending invitations and looks up the ids that are not among them, or looks up every id if that
 *   takes fewer calls. An invitation is watched until it is accepted, revoked or has expired; the stream ends after the last.
 *   An id that is not found is looked up again at each poll.
 *
 * A stream makes at most 40 calls at once, and then 4 a second. Memory holds at most 20,000 changes: if a poll finds more than
 * 10,000, the list is read once more for the next ones. Transient errors are handled as by `await`; the stream fails with
 * every other error of the list. An invalid option fails it with `InvalidRequest`, and nothing is sent.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Acceptance } from "@effect-clerk/core"
 * import { Effect, Stream } from "effect"
 *
 * const follow = (since: Acceptance.Cursor, store: (cursor: Acceptance.Cursor) => Effect.Effect<void>) =>
 *   Acceptance.changes({ query: "@example.com", since }).pipe(
 *     Stream.tap(({ invitation }) => Effect.log(`${invitation.id} is ${invitation.status}`)),
 *     Stream.runForEach(({ cursor }) => store(cursor))
 *   )
 * ```
 */
export const changes = (options: ChangesOptions = {}): Stream.Stream<Change, PollError, InvitationsService> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const { ids, pollEvery = defaultPollEvery, query, since = beginning } = yield* validateChanges(options)
    const invitations = yield* InvitationsService
    const list = yield* paced(invitations.list)
    const target = ids === undefined ? Target.byQuery(list, query) : Target.byIds(list, ids)
    return Stream.map(Changes.changes(target, toWatermark(since), Duration.decode(pollEvery)), toChange)
  }))
