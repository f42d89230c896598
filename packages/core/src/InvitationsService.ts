/**
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { CreateInvitation, maxBulkSize } from "./CreateInvitation.js"
import { EmailAddress } from "./EmailAddress.js"
import { inviteMany } from "./internal/bulk/inviteMany.js"
import { revokeMany } from "./internal/bulk/revokeMany.js"
import * as Find from "./internal/pagination/find.js"
import { paginate } from "./internal/pagination/paginate.js"
import { structMustBe } from "./internal/schema/field.js"
import { typeSide, validate } from "./internal/schema/validate.js"
import type { DeletedInvitation, Invitation } from "./Invitation.js"
import { InvitationId } from "./Invitation.js"
import type { CreateError, DeleteError, ListError, RevokeError } from "./InvitationError.js"
import type { InvitationPage } from "./InvitationPage.js"
import type { InvitationsPrimitives } from "./InvitationsPrimitives.js"
import type * as InviteMany from "./InviteMany.js"
import type { InviteOutcome } from "./InviteOutcome.js"
import { ListInvitations, StreamInvitations } from "./ListInvitations.js"
import type * as RevokeMany from "./RevokeMany.js"
import type { RevokeOutcome } from "./RevokeOutcome.js"

/**
 * @since 0.1.0
 */
export declare namespace InvitationsService {
  /**
   * What the service can do. Every method checks its input first and fails with `InvalidRequest`, which names the field
   * and its limit, before anything is sent.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /**
     * Creates an invitation and, unless `notify` is false, sends the e-mail.
     *
     * Fails with `BadRequest` if a pending invitation for the address exists (see `isDuplicate`), with `Unprocessable`
     * if it belongs to a user (see `isUserExists`), with `AmbiguousWrite` if it cannot be told whether it happened.
     *
     * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/CreateInvitation
     */
    readonly create: (request: CreateInvitation.Input) => Effect.Effect<Invitation, CreateError>
    /**
     * Creates 1 to 10 invitations in one call, all or none, in the order given.
     *
     * Fails like `create`; `duplicateEmails` of the error names the addresses that stood in the way.
     *
     * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/CreateBulkInvitations
     */
    readonly createBulk: (
      requests: ReadonlyArray<CreateInvitation.Input>
    ) => Effect.Effect<ReadonlyArray<Invitation>, CreateError>
    /**
     * One page: at most `limit` rows (default 10, at most 500) after the first `offset`. Without `status`, every
     * invitation except revoked ones, the newest first.
     *
     * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/ListInvitations
     */
    readonly list: (params?: ListInvitations.Input) => Effect.Effect<InvitationPage, ListError>
    /**
     * Makes the accept link of a pending invitation useless.
     *
     * Fails with `NotFound` if there is none with this id, with `BadRequest` if it was revoked or accepted before (see
     * `isAlreadyRevoked`, `isAlreadyAccepted`).
     *
     * @see https://clerk.com/docs/reference/backend-api/tag/Invitations#operation/RevokeInvitation
     */
    readonly revoke: (id: InvitationId | string) => Effect.Effect<Invitation, RevokeError>
    /**
     * Deletes an invitation, whatever its status. The record is gone.
     *
     * Fails with `NotFound` if there is none with this id.
     */
    readonly delete: (id: InvitationId | string) => Effect.Effect<DeletedInvitation, DeleteError>
    /**
     * All invitations that match, fetched page by page. A page that fails fails the stream.
     */
    readonly stream: (params?: StreamInvitations.Input) => Stream.Stream<Invitation, ListError>
    /**
     * The invitation with this id, revoked or not.
     */
    readonly findById: (id: InvitationId | string) => Effect.Effect<Option.Option<Invitation>, ListError>
    /**
     * All invitations for this address, whatever its case and their status, the newest first.
     */
    readonly findByEmail: (emailAddress: string) => Effect.Effect<ReadonlyArray<Invitation>, ListError>
    /**
     * The pending invitation for the address if there is one, otherwise a new one.
     *
     * The one that exists is answered as it is: the other fields of the request apply to a new one only. `ignoreExisting`
     * does not apply at all, since it would make a second one for whoever is not quick enough.
     */
    readonly ensure: (request: CreateInvitation.Input) => Effect.Effect<Invitation, CreateError>
    /**
     * Invites everybody on a list of any length, and tells what became of each, as soon as that is known. Bad ones never cost
     * the others anything. Only as much is taken from the input as the consumer keeps up with, so that it may be endless.
     *
     * Fails as a whole only where nothing else can succeed, see `InviteManyError`, or as the input does; what is known by then
     * comes first.
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
    ) => Stream.Stream<InviteOutcome, InviteMany.InviteManyError | E, R>
    /**
     * Revokes every invitation of a list of ids, or all that match a filter (pending ones unless it has a `status`), and tells
     * what became of each.
     *
     * Fails as a whole only where nothing else can succeed (`Unauthorized`, `Forbidden`), or as the list or the input does. What
     * was on its way at that moment may have been revoked without an outcome; doing it again does no harm.
     *
     * @example
     * ```ts
     * import { InvitationsService } from "@effect-clerk/core"
     * import { Effect, Stream } from "effect"
     *
     * // Takes back whatever is still pending, and says how many outcomes of each kind there were.
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
      target: Iterable<InvitationId | string> | Stream.Stream<InvitationId | string, E, R> | RevokeMany.Filter,
      options?: RevokeMany.Options
    ) => Stream.Stream<RevokeOutcome, RevokeMany.RevokeManyError | E, R>
  }
}

const bulkSize = structMustBe(`an array of 1 to ${maxBulkSize} requests`)

const CreateInvitations = Schema.Array(typeSide(CreateInvitation)).annotations(bulkSize).pipe(
  Schema.minItems(1, bulkSize),
  Schema.maxItems(maxBulkSize, bulkSize)
)

const validateCreate = validate(typeSide(CreateInvitation), "create")
const validateBulk = validate(CreateInvitations, "createBulk", "requests")
const validateList = validate(typeSide(ListInvitations), "list")
const validateRevoke = validate(Schema.typeSchema(InvitationId), "revoke", "id")
const validateDelete = validate(Schema.typeSchema(InvitationId), "delete", "id")
const validateStream = validate(typeSide(StreamInvitations), "stream")
const validateFindById = validate(Schema.typeSchema(InvitationId), "findById", "id")
const validateFindByEmail = validate(EmailAddress, "findByEmail", "emailAddress")
const validateEnsure = validate(typeSide(CreateInvitation), "ensure")

const fromPrimitives = (primitives: InvitationsPrimitives): InvitationsService.Service => ({
  create: Effect.fn("InvitationsService.create")((request) =>
    Effect.flatMap(validateCreate(request), primitives.create)
  ),
  createBulk: Effect.fn("InvitationsService.createBulk")((requests) =>
    Effect.flatMap(validateBulk(requests), primitives.createBulk)
  ),
  list: Effect.fn("InvitationsService.list")((params) => Effect.flatMap(validateList(params ?? {}), primitives.list)),
  revoke: Effect.fn("InvitationsService.revoke")((id) => Effect.flatMap(validateRevoke(id), primitives.revoke)),
  delete: Effect.fn("InvitationsService.delete")((id) => Effect.flatMap(validateDelete(id), primitives.delete)),
  stream: (params) =>
    Stream.unwrap(Effect.map(validateStream(params ?? {}), (checked) => paginate(primitives.list, checked))).pipe(
      Stream.withSpan("InvitationsService.stream")
    ),
  findById: Effect.fn("InvitationsService.findById")((id) =>
    Effect.flatMap(validateFindById(id), (checked) => Find.byId(primitives.list, checked))
  ),
  findByEmail: Effect.fn("InvitationsService.findByEmail")((emailAddress) =>
    Effect.flatMap(validateFindByEmail(emailAddress), (checked) => Find.byEmail(primitives.list, checked))
  ),
  ensure: Effect.fn("InvitationsService.ensure")((request) =>
    Effect.flatMap(validateEnsure(request), (checked) => Find.ensure(primitives, checked))
  ),
  inviteMany: (requests, options) =>
    inviteMany(primitives, requests, options ?? {}).pipe(Stream.withSpan("InvitationsService.inviteMany")),
  revokeMany: (target, options) =>
    revokeMany(primitives, target, options ?? {}).pipe(Stream.withSpan("InvitationsService.revokeMany"))
})

/**
 * Invites people through Clerk.
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
   * Makes the service from its five primitives: adds the checks of inputs, the derived methods and a span a method, so
   * that every layer behaves alike.
   *
   * @since 0.1.0
   */
  static readonly fromPrimitives = fromPrimitives
}
