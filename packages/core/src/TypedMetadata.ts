/**
 * A view of `InvitationsService` whose metadata has the type of a schema.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CreateInvitation } from "./CreateInvitation.js"
import { inviteMany } from "./internal/typed/inviteMany.js"
import * as Mismatch from "./internal/typed/mismatch.js"
import type { Invitation, InvitationId } from "./Invitation.js"
import type { CreateError, InvalidField, ListError, ResendError, RevokeError } from "./InvitationError.js"
import { InvalidRequest } from "./InvitationError.js"
import type { InvitationPage } from "./InvitationPage.js"
import { InvitationsService } from "./InvitationsService.js"
import type * as InviteMany from "./InviteMany.js"
import type * as InviteOutcome from "./InviteOutcome.js"
import type { ListInvitations, StreamInvitations } from "./ListInvitations.js"
import type * as Metadata from "./Metadata.js"
import type { MetadataMismatch } from "./MetadataMismatch.js"
import { TypedInvitation } from "./TypedInvitation.js"

/**
 * The input of `create`, with metadata of the type of the schema.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request<A> extends Omit<CreateInvitation.Input, "publicMetadata"> {
  /** The metadata. Its encoded form becomes the user's public metadata on sign-up, at most 8 KB of JSON. */
  readonly publicMetadata: A
}

/**
 * An invitation that another client may have created: typed, or the reason why its metadata does not match the schema.
 *
 * @since 0.1.0
 * @category models
 */
export type Row<A> = Either.Either<TypedInvitation<A>, MetadataMismatch>

/**
 * One page of a list.
 *
 * @since 0.1.0
 * @category models
 */
export interface Page<A> extends Omit<Schema.Struct.Type<typeof InvitationPage.fields>, "data"> {
  /** The invitations of this page, in the requested order. */
  readonly data: ReadonlyArray<Row<A>>
}

/**
 * The methods of `InvitationsService` that take or return metadata. Each does what the method of the same name does.
 *
 * Metadata is encoded before a request is sent: if that fails, the method fails with `InvalidRequest`, which names
 * `publicMetadata.<path>`, and nothing is sent. A `create` or a `revoke` that happened does not fail because of the metadata
 * in its response.
 *
 * @since 0.1.0
 * @category models
 */
export interface TypedInvitations<A> {
  /**
   * Creates an invitation. If the metadata of the response does not match the schema, `publicMetadata` of the result is the
   * metadata of the request.
   */
  readonly create: (request: Request<A>) => Effect.Effect<TypedInvitation<A>, CreateError>
  /** Creates 1 to 10 invitations in one call, all of them or none, in the order of the requests. */
  readonly createBulk: (
    requests: ReadonlyArray<Request<A>>
  ) => Effect.Effect<ReadonlyArray<TypedInvitation<A>>, CreateError>
  /** Returns one page. An invitation with other metadata is a `Left` in its place. */
  readonly list: (params?: ListInvitations.Input) => Effect.Effect<Page<A>, ListError>
  /** Streams all matching invitations in order. An invitation with other metadata is a `Left` in its place. */
  readonly stream: (params?: StreamInvitations.Input) => Stream.Stream<Row<A>, ListError>
  /**
   * Finds the invitation with this id, of any status. Fails with `MetadataMismatch` if it exists and its metadata does not
   * match the schema.
   */
  readonly findById: (
    id: InvitationId | string
  ) => Effect.Effect<Option.Option<TypedInvitation<A>>, ListError | MetadataMismatch>
  /** Finds all invitations for this address, the newest first. */
  readonly findByEmail: (emailAddress: string) => Effect.Effect<ReadonlyArray<Row<A>>, ListError>
  /**
   * Returns the pending invitation for the address if one exists, otherwise creates one. Fails with `MetadataMismatch` if
   * the metadata of that invitation does not match the schema: the address then has a pending invitation.
   */
  readonly ensure: (request: Request<A>) => Effect.Effect<TypedInvitation<A>, CreateError | MetadataMismatch>
  /**
   * Revokes the pending invitations of the address, with any metadata, then creates another. If the metadata of the
   * response does not match the schema, `publicMetadata` of the result is the metadata of the request.
   */
  readonly resend: (request: Request<A>) => Effect.Effect<TypedInvitation<A>, ResendError>
  /** Revokes a pending invitation, with any metadata. The revoked invitation is a `Left` if its metadata does not match. */
  readonly revoke: (id: InvitationId | string) => Effect.Effect<Row<A>, RevokeError>
  /**
   * Invites any number of addresses and emits one outcome per input. An input whose metadata cannot be encoded is
   * `Rejected`. `input` of an outcome is the encoded request, which `InvitationsService.inviteMany` accepts again; of an
   * input that could not be encoded, a request that is rejected again. `decode` types the invitation of an outcome.
   */
  readonly inviteMany: <E = never, R = never>(
    requests: Iterable<Request<A>> | Stream.Stream<Request<A>, E, R>,
    options?: InviteMany.Options
  ) => Stream.Stream<InviteOutcome.InviteOutcome, InviteMany.InviteManyError | E, R>
  /** Decodes the metadata of an invitation, for example of an outcome of `inviteMany` or `revokeMany`. */
  readonly decode: (invitation: Invitation) => Effect.Effect<TypedInvitation<A>, MetadataMismatch>
}

// Callers without types may pass any value.
const metadataOf = (request: unknown): unknown =>
  Predicate.hasProperty(request, "publicMetadata") ? request.publicMetadata : undefined

const isArray = (requests: unknown): boolean => Array.isArray(requests)

const invalid = (operation: string) => (issues: Arr.NonEmptyReadonlyArray<InvalidField>): InvalidRequest =>
  new InvalidRequest({ operation, issues })

const view = <A, I extends Metadata.Input>(
  schema: Schema.Schema<A, I>
): (service: InvitationsService.Service) => TypedInvitations<A> => {
  const decodeMetadata = ParseResult.decodeUnknown(schema, { errors: "all" })
  const encodeMetadata = ParseResult.encodeUnknown(schema, { errors: "all" })

  const decode = (invitation: Invitation): Effect.Effect<TypedInvitation<A>, MetadataMismatch> =>
    Mismatch.convert(schema.ast, () => decodeMetadata(invitation.publicMetadata)).pipe(
      Effect.mapBoth({
        onSuccess: (publicMetadata) => new TypedInvitation(invitation, publicMetadata),
        onFailure: (issue) => Mismatch.make(invitation, issue)
      })
    )

  const encode = (
    request: Request<A>,
    root = "publicMetadata"
  ): Effect.Effect<CreateInvitation.Input, Arr.NonEmptyReadonlyArray<InvalidField>> =>
    Mismatch.convert(schema.ast, () => encodeMetadata(metadataOf(request))).pipe(
      Effect.mapBoth({
        onSuccess: (publicMetadata) => ({ ...request, publicMetadata }),
        onFailure: (issue) => Mismatch.issues(issue, root)
      })
    )

  // The create has happened, so it cannot fail any more.
  const created = (invitation: Invitation, { publicMetadata }: Request<A>): Effect.Effect<TypedInvitation<A>> =>
    Effect.orElseSucceed(decode(invitation), () => new TypedInvitation(invitation, publicMetadata))

  // Encodes the metadata, and then makes the call.
  const send = <B, E>(
    operation: string,
    request: Request<A>,
    call: (request: CreateInvitation.Input) => Effect.Effect<B, E>
  ): Effect.Effect<B, E | InvalidRequest> => Effect.flatMap(Effect.mapError(encode(request), invalid(operation)), call)

  const row = (invitation: Invitation): Effect.Effect<Row<A>> => Effect.either(decode(invitation))
  const rows = Effect.forEach(row)

  return (service) => ({
    create: (request) =>
      Effect.flatMap(send("create", request, service.create), (invitation) => created(invitation, request)),
    createBulk: (requests) =>
      // The service rejects an empty array, and so what is no array.
      Effect.validateAll(isArray(requests) ? requests : [], (request, index) =>
        encode(request, `requests[${index}].publicMetadata`)).pipe(
          Effect.mapError((issues) =>
            invalid("createBulk")(Arr.flatten(issues))
          ),
          Effect.flatMap(service.createBulk),
          Effect.flatMap((invitations) =>
            Effect.forEach(Arr.zip(invitations, requests), ([invitation, request]) => created(invitation, request))
          )
        ),
    list: (params) =>
      Effect.flatMap(service.list(params), (page) => Effect.map(rows(page.data), (data) => ({ ...page, data }))),
    stream: (params) =>
      Stream.mapChunksEffect(service.stream(params), (chunk) => Effect.map(rows(chunk), Chunk.unsafeFromArray)),
    findById: (id) => Effect.flatMap(service.findById(id), Effect.transposeMapOption(decode)),
    findByEmail: (emailAddress) => Effect.flatMap(service.findByEmail(emailAddress), rows),
    ensure: (request) => Effect.flatMap(send("ensure", request, service.ensure), decode),
    resend: (request) =>
      Effect.flatMap(send("resend", request, service.resend), (invitation) => created(invitation, request)),
    revoke: (id) => Effect.flatMap(service.revoke(id), row),
    inviteMany: (requests, options) => inviteMany(service, encode, requests, options ?? {}),
    decode
  })
}

/**
 * Makes a view of `InvitationsService` whose metadata is decoded and encoded by a schema. The schema's encoded side must be
 * an object, and JSON at run time. An invitation whose metadata does not match is a {@link Row} of its own: it does not
 * fail the page or the stream that it is in.
 *
 * Keys that the schema does not know are ignored, unless its annotation `parseOptions` says otherwise; `invitation` of a
 * `TypedInvitation` keeps them. A function of the schema that throws is a mismatch at the path `publicMetadata`: its error is
 * dropped, because the text can contain the metadata. `delete` and `revokeMany` take no metadata: use `InvitationsService`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { TypedMetadata } from "@effect-clerk/core"
 * import { Effect, Either, Schema, Stream } from "effect"
 *
 * class TeamInvitations extends Effect.Service<TeamInvitations>()("app/TeamInvitations", {
 *   effect: TypedMetadata.make(Schema.Struct({ team: Schema.NonEmptyString, since: Schema.DateTimeUtc }))
 * }) {}
 *
 * // The pending invitations of a team. Invitations with other metadata are logged and left out.
 * export const pendingOf = (team: string) =>
 *   Effect.flatMap(TeamInvitations, (invitations) =>
 *     invitations.stream({ status: "pending" }).pipe(
 *       Stream.tap((row) => Either.isLeft(row) ? Effect.logWarning(row.left.message) : Effect.void),
 *       Stream.filterMap(Either.getRight),
 *       Stream.filter(({ publicMetadata }) => publicMetadata.team === team),
 *       Stream.runCollect
 *     ))
 * ```
 */
export const make = <A, I extends Metadata.Input>(
  schema: Schema.Schema<A, I>
): Effect.Effect<TypedInvitations<A>, never, InvitationsService> => Effect.map(InvitationsService, view(schema))
