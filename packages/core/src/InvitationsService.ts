/**
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CreateInvitation } from "./CreateInvitation.js"
import { inviteMany } from "./internal/bulk/inviteMany.js"
import { revokeMany } from "./internal/bulk/revokeMany.js"
import * as Find from "./internal/pagination/find.js"
import { paginate } from "./internal/pagination/paginate.js"
import * as Requests from "./internal/schema/requests.js"
import { spanned } from "./internal/service/spanned.js"
import { ensure } from "./internal/write/ensure.js"
import { resend } from "./internal/write/resend.js"
import type { DeletedInvitation, Invitation, InvitationId } from "./Invitation.js"
import type { CreateError, DeleteError, ListError, ResendError, RevokeError } from "./InvitationError.js"
import type { InvitationPage } from "./InvitationPage.js"
import type { InvitationsPrimitives } from "./InvitationsPrimitives.js"
import type * as InviteMany from "./InviteMany.js"
import type * as InviteOutcome from "./InviteOutcome.js"
import type { ListInvitations, StreamInvitations } from "./ListInvitations.js"
import type * as RevokeMany from "./RevokeMany.js"
import type * as RevokeOutcome from "./RevokeOutcome.js"

/**
 * @since 0.1.0
 */
export declare namespace InvitationsService {
  /**
   * The methods of the service. Every method validates its input first: an invalid input fails with `InvalidRequest`,
   * which names the field and its limit, and nothing is sent.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /**
     * Creates an invitation. Clerk sends the e-mail unless `notify` is false.
     *
     * Fails with `BadRequest` if a pending invitation for the address exists (see `isDuplicate`), with `Unprocessable`
     * if the address belongs to a user (see `isUserExists`), and with `AmbiguousWrite` if the outcome is unknown. After
     * success exactly one invitation was created; after any other error none was.
     *
     * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/CreateInvitation
     */
    readonly create: (request: CreateInvitation.Input) => Effect.Effect<Invitation, CreateError>
    /**
     * Creates 1 to 10 invitations in one call: all of them, or none. Returns them in the order of the requests.
     *
     * Fails like `create`. `duplicateEmails(error)` returns the addresses that already have a pending invitation.
     *
     * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/CreateBulkInvitations
     */
    readonly createBulk: (
      requests: ReadonlyArray<CreateInvitation.Input>
    ) => Effect.Effect<ReadonlyArray<Invitation>, CreateError>
    /**
     * Returns one page: `limit` rows (default 10, maximum 500) after the first `offset` rows (default 0). Without
     * `status`, revoked invitations are left out. Without `orderBy`, the newest come first.
     *
     * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/ListInvitations
     */
    readonly list: (params?: ListInvitations.Input) => Effect.Effect<InvitationPage, ListError>
    /**
     * Revokes a pending invitation, so that its accept link no longer works. Returns the revoked invitation.
     *
     * Fails with `NotFound` if no invitation has this id, and with `BadRequest` if it is already revoked or accepted
     * (see `isAlreadyRevoked`, `isAlreadyAccepted`).
     *
     * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/RevokeInvitation
     */
    readonly revoke: (id: InvitationId | string) => Effect.Effect<Invitation, RevokeError>
    /**
     * Deletes the record of an invitation of any status. It cannot be restored.
     *
     * Fails with `NotFound` if no invitation has this id.
     *
     * @see https://clerk.com/docs/reference/backend-api/tag/Invitations
     */
    readonly delete: (id: InvitationId | string) => Effect.Effect<DeletedInvitation, DeleteError>
    /**
     * Streams all matching invitations in order, and fetches them page by page: `pageSize` rows a request (default
     * 500), at most `concurrency` requests in flight (default 4).
     *
     * Invitations may be created, revoked and deleted meanwhile: an invitation that matches throughout is emitted
     * exactly once. If a page fails, the stream fails with its error. If pages contradict each other, it fails with
     * `UnexpectedResponse`.
     *
     * @example
     * ```ts
     * import { InvitationsService } from "@effect-clerk/core"
     * import { Effect, Stream } from "effect"
     *
     * const pending = Effect.flatMap(InvitationsService, (invitations) =>
     *   invitations.stream({ status: "pending" }).pipe(
     *     Stream.map(({ emailAddress }) => emailAddress),
     *     Stream.runCollect
     *   ))
     * ```
     *
     * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/ListInvitations
     */
    readonly stream: (params?: StreamInvitations.Input) => Stream.Stream<Invitation, ListError>
    /**
     * Finds the invitation with this id, of any status. `None` if no invitation has it.
     *
     * Clerk has no endpoint for one invitation: the list is queried for the id, and then the list of revoked invitations
     * if the first does not contain it. Fails with `UnexpectedResponse` if that takes more than 20 pages, and with
     * `Timeout` if it takes longer than the timeout of one call.
     */
    readonly findById: (id: InvitationId | string) => Effect.Effect<Option.Option<Invitation>, ListError>
    /**
     * Finds all invitations for this address, of any status, the newest first. The case of the address is ignored.
     * Empty if the address was never invited. Fails with `UnexpectedResponse` if that takes more than 20 pages, and
     * with `Timeout` if it takes longer than the timeout of one call.
     */
    readonly findByEmail: (emailAddress: string) => Effect.Effect<ReadonlyArray<Invitation>, ListError>
    /**
     * Returns the pending invitation for the address if one exists, otherwise creates one.
     *
     * An existing invitation is returned unchanged: the other fields of the request apply only to a new one.
     * `ignoreExisting` is ignored: with it, two concurrent calls would each create an invitation.
     *
     * Fails like `create`. It fails with a duplicate (see `isDuplicate`) only if the existing invitation is not found.
     * Each look-up of the existing invitation has the bounds of `findByEmail`.
     */
    readonly ensure: (request: CreateInvitation.Input) => Effect.Effect<Invitation, CreateError>
    /**
     * Revokes the pending invitations of the address, then creates another: the old accept links stop working, and Clerk
     * sends a new e-mail unless `notify` is false. An address without a pending invitation gets its first.
     *
     * Nothing of the old invitation is kept: metadata, expiry and redirect URL are those of the request. `ignoreExisting`
     * is ignored.
     *
     * Fails like `create` and `revoke`. If an invitation was revoked before the failure, the error is a
     * `ResendIncomplete` with its id. After any failure or interruption, another call finishes the job: if that call fails
     * too, and has revoked nothing itself, its error is the plain one. If Clerk rejects the new invitation as a duplicate,
     * because the list was stale, both calls are made once more. A rate limit of the layer is awaited before the revoke. The
     * promise of `create` holds: after success exactly one invitation was created, and after any error but `AmbiguousWrite`, also
     * inside a `ResendIncomplete`, none was.
     *
     * @example
     * ```ts
     * import { InvitationsService } from "@effect-clerk/core"
     * import { isTransient, type ResendError } from "@effect-clerk/core/InvitationError"
     * import { Effect, Schedule } from "effect"
     *
     * const mayFinish = (error: ResendError) => isTransient(error._tag === "ResendIncomplete" ? error.error : error)
     *
     * const remind = (emailAddress: string) =>
     *   Effect.flatMap(InvitationsService, (invitations) => invitations.resend({ emailAddress })).pipe(
     *     Effect.retry({ schedule: Schedule.spaced("1 minute"), times: 10, while: mayFinish })
     *   )
     * ```
     */
    readonly resend: (request: CreateInvitation.Input) => Effect.Effect<Invitation, ResendError>
    /**
     * Invites any number of addresses and emits one outcome per input, as soon as it is known. A rejected request never
     * affects the others. Inputs are pulled only as fast as outcomes are consumed, so the input may be infinite.
     *
     * An error that every other request would fail with too ends the job: then inputs that were read but not invited are
     * `NotAttempted`, and the last outcome is `Stopped`. With `onInstanceRefusal: "fail"` the stream fails instead. It also
     * fails with the error of the input, after the outcomes known by then.
     *
     * Creates outside the job use up the same hourly quotas: pass them to `InviteProgress.estimate` as `sent`.
     *
     * @example
     * ```ts
     * import { InvitationsService, InviteOutcome } from "@effect-clerk/core"
     * import { Effect, Stream } from "effect"
     *
     * const program = Effect.gen(function*() {
     *   const invitations = yield* InvitationsService
     *   const addresses = ["ada@example.com", "grace@example.com"]
     *   yield* invitations.inviteMany(addresses.map((emailAddress) => ({ emailAddress }))).pipe(
     *     Stream.filter(InviteOutcome.$is("Rejected")),
     *     Stream.runForEach(({ error, position }) => Effect.logWarning(`line ${position + 1}: ${error.message}`))
     *   )
     * })
     * ```
     */
    readonly inviteMany: <E = never, R = never>(
      requests: Iterable<CreateInvitation.Input> | Stream.Stream<CreateInvitation.Input, E, R>,
      options?: InviteMany.Options
    ) => Stream.Stream<InviteOutcome.InviteOutcome, InviteMany.InviteManyError | E, R>
    /**
     * Revokes invitations and emits one outcome per invitation. The target is an iterable or a Stream of ids, or one of
     * `{ ids }`, `{ emailAddresses }` (whole addresses), `{ query, status? }` (parts of addresses match too) and
     * `{ allPending: true }`.
     *
     * Fails only with an error that every other revoke would fail with too (`Unauthorized`, `Forbidden`), or with the
     * error of the list or of the input. Revokes in flight at that moment may have happened without an outcome; it is
     * safe to run `revokeMany` again.
     *
     * @example
     * ```ts
     * import { InvitationsService } from "@effect-clerk/core"
     * import { Effect, Stream } from "effect"
     *
     * // Revokes all pending invitations of a domain, and counts the outcomes by kind.
     * const program = Effect.gen(function*() {
     *   const invitations = yield* InvitationsService
     *   return yield* Stream.runFold(
     *     invitations.revokeMany({ query: "@example.com" }),
     *     new Map<string, number>(),
     *     (counts, { _tag }) => counts.set(_tag, (counts.get(_tag) ?? 0) + 1)
     *   )
     * })
     * ```
     */
    readonly revokeMany: <E = never, R = never>(
      target: RevokeMany.Target<E, R>,
      options?: RevokeMany.Options
    ) => Stream.Stream<RevokeOutcome.RevokeOutcome, RevokeMany.RevokeManyError | E, R>
  }
}

const fromPrimitives = (primitives: InvitationsPrimitives): InvitationsService.Service => ({
  create: spanned(
    "InvitationsService.create",
    (request) => Effect.flatMap(Requests.create(request), primitives.create)
  ),
  createBulk: spanned(
    "InvitationsService.createBulk",
    (requests) => Effect.flatMap(Requests.createBulk(requests), primitives.createBulk)
  ),
  list: spanned("InvitationsService.list", (params) => Effect.flatMap(Requests.list(params ?? {}), primitives.list)),
  revoke: spanned("InvitationsService.revoke", (id) => Effect.flatMap(Requests.revoke(id), primitives.revoke)),
  delete: spanned("InvitationsService.delete", (id) => Effect.flatMap(Requests.remove(id), primitives.delete)),
  stream: (params) =>
    Stream.unwrap(Effect.map(Requests.stream(params ?? {}), (valid) => paginate(primitives.list, valid))).pipe(
      Stream.withSpan("InvitationsService.stream")
    ),
  findById: spanned(
    "InvitationsService.findById",
    (id) => Effect.flatMap(Requests.findById(id), (valid) => Find.byId(primitives, valid))
  ),
  findByEmail: spanned(
    "InvitationsService.findByEmail",
    (emailAddress) => Effect.flatMap(Requests.findByEmail(emailAddress), (valid) => Find.byEmail(primitives, valid))
  ),
  ensure: spanned(
    "InvitationsService.ensure",
    (request) => Effect.flatMap(Requests.ensure(request), (valid) => ensure(primitives, valid))
  ),
  resend: spanned(
    "InvitationsService.resend",
    (request) => Effect.flatMap(Requests.resend(request), (valid) => resend(primitives, valid))
  ),
  inviteMany: (requests, options) =>
    inviteMany(primitives, requests, options ?? {}).pipe(Stream.withSpan("InvitationsService.inviteMany")),
  revokeMany: (target, options) =>
    revokeMany(primitives, target, options ?? {}).pipe(Stream.withSpan("InvitationsService.revokeMany"))
})

/**
 * The client of Clerk's Invitations API. `InvitationsHttp` and `InvitationsMemory` of `@effect-clerk/http` provide it.
 *
 * @since 0.1.0
 * @category services
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations
 * @example
 * ```ts
 * import { InvitationsService } from "@effect-clerk/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const invitations = yield* InvitationsService
 *   const invitation = yield* invitations.create({ emailAddress: "ada@example.com", expiresInDays: 7 })
 *   return yield* invitations.revoke(invitation.id)
 * })
 * ```
 */
export class InvitationsService extends Context.Tag("@effect-clerk/core/InvitationsService")<
  InvitationsService,
  InvitationsService.Service
>() {
  /**
   * Makes the service from its five primitives: adds the validation of inputs, the derived methods and one span per
   * method call (`InvitationsService.<method>`). All layers are made with it, so that they behave alike.
   *
   * @since 0.1.0
   */
  static readonly fromPrimitives = fromPrimitives
}
