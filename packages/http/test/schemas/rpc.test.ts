import { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { Invitation } from "@effect-clerk/core/Invitation"
import {
  BadRequest,
  CreateError,
  hasCode,
  isDuplicate,
  ListError,
  retryAfter
} from "@effect-clerk/core/InvitationError"
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import { InviteManyError } from "@effect-clerk/core/InviteMany"
import * as InviteOutcome from "@effect-clerk/core/InviteOutcome"
import * as RevokeOutcome from "@effect-clerk/core/RevokeOutcome"
import * as InvitationsMemory from "@effect-clerk/http/InvitationsMemory"
import { HttpRouter } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Rpc, RpcClient, RpcGroup, RpcSerialization, RpcServer } from "@effect/rpc"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Duration, Effect, Layer, Option, Schema, Stream } from "effect"
import { failNextCreate, failures, retryAfterSeconds } from "./utils.js"

class Rpcs extends RpcGroup.make(
  Rpc.make("create", { payload: CreateInvitation, success: Invitation, error: CreateError }),
  Rpc.make("stream", { success: Invitation, error: ListError, stream: true }),
  Rpc.make("inviteMany", {
    payload: { requests: Schema.Array(CreateInvitation) },
    success: InviteOutcome.InviteOutcome,
    error: InviteManyError,
    stream: true
  }),
  Rpc.make("revokeAll", { success: RevokeOutcome.RevokeOutcome, error: ListError, stream: true })
) {}

const Handlers = Rpcs.toLayer(
  Effect.map(InvitationsService, (invitations) => ({
    create: (request: CreateInvitation) => invitations.create(request),
    stream: () => invitations.stream(),
    inviteMany: ({ requests }: { readonly requests: ReadonlyArray<CreateInvitation> }) =>
      invitations.inviteMany(requests, { ordered: true }),
    revokeAll: () => invitations.revokeMany({ allPending: true })
  }))
)

const Server = HttpRouter.Default.serve().pipe(
  Layer.provide(RpcServer.layer(Rpcs).pipe(Layer.provide(Handlers))),
  Layer.provide(RpcServer.layerProtocolHttp({ path: "/" })),
  Layer.provideMerge(InvitationsMemory.layer()),
  Layer.provideMerge(NodeHttpServer.layerTest)
)

const Live = RpcClient.layerProtocolHttp({ url: "" }).pipe(
  Layer.provideMerge(Server),
  Layer.provide(RpcSerialization.layerNdjson)
)

const ada = "ada@example.com"

describe("through @effect/rpc, over a real socket", () => {
  it.scopedLive("invitations arrive without their accept links", () =>
    Effect.gen(function*() {
      const client = yield* RpcClient.make(Rpcs)
      const created = yield* client.create({ emailAddress: ada })
      assert.instanceOf(created, Invitation)
      assert.isTrue(Option.isNone(created.url))
      const rows = Chunk.toReadonlyArray(yield* Stream.runCollect(client.stream()))
      assert.deepStrictEqual(rows.map(({ id }) => id), [created.id])
      assert.instanceOf(rows[0], Invitation)
    }).pipe(Effect.provide(Live)))

  it.scopedLive("a duplicate is still a duplicate", () =>
    Effect.gen(function*() {
      const client = yield* RpcClient.make(Rpcs)
      yield* client.create({ emailAddress: ada })
      const error = yield* Effect.flip(client.create({ emailAddress: ada }))
      assert.instanceOf(error, BadRequest)
      assert.isTrue(isDuplicate(error))
    }).pipe(Effect.provide(Live)))

  it.scopedLive("outcomes arrive one by one, without accept links", () =>
    Effect.gen(function*() {
      const client = yield* RpcClient.make(Rpcs)
      const { id } = yield* client.create({ emailAddress: ada })
      const requests = [{ emailAddress: ada }, { emailAddress: "bob@example.com" }, { emailAddress: "Bob@example.com" }]
      const outcomes = Chunk.toReadonlyArray(yield* Stream.runCollect(client.inviteMany({ requests })))
      assert.deepStrictEqual(
        outcomes.map(InviteOutcome.$match({
          Created: ({ emailAddress, invitation }) => `created ${emailAddress} ${invitation.url._tag}`,
          AlreadyInvited: (outcome) =>
            `invited ${outcome.emailAddress} ${Option.contains(outcome.id, id)} ${outcome.invitation._tag}`,
          UserExists: ({ _tag }) => _tag,
          Rejected: ({ _tag }) => _tag,
          Unknown: ({ _tag }) => _tag,
          Repeated: ({ firstPosition }) => `repeats ${firstPosition}`,
          NotAttempted: ({ _tag }) => _tag,
          Stopped: ({ _tag }) => _tag
        })),
        [`invited ${ada} true None`, "created bob@example.com None", "repeats 1"]
      )
      const revoked = Chunk.toReadonlyArray(yield* Stream.runCollect(client.revokeAll()))
      assert.deepStrictEqual(revoked.map(({ _tag }) => _tag), ["Revoked", "Revoked"])
      assert.include(revoked.map((outcome) => outcome.id), id)
    }).pipe(Effect.provide(Live)))

  for (const [status, code, tag] of failures) {
    it.scopedLive(`the error of a ${status} ${code} arrives as ${tag}`, () =>
      Effect.gen(function*() {
        const client = yield* RpcClient.make(Rpcs)
        yield* failNextCreate(status, code)
        const error = yield* Effect.flip(client.create({ emailAddress: ada }))
        assert.strictEqual(error._tag, tag)
        assert.strictEqual(hasCode(error, code), tag !== "AmbiguousWrite")
        assert.strictEqual(
          Option.getOrUndefined(Option.map(retryAfter(error), Duration.toSeconds)),
          tag === "TooManyRequests" ? retryAfterSeconds : undefined
        )
      }).pipe(Effect.provide(Live)))
  }
})
