import { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { Invitation, WithAcceptLink } from "@effect-clerk/core/Invitation"
import {
  AmbiguousWrite,
  BadRequest,
  CreateError,
  hasCode,
  isDuplicate,
  isTransient,
  ListError,
  retryAfter
} from "@effect-clerk/core/InvitationError"
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import * as InvitationsMemory from "@effect-clerk/http/InvitationsMemory"
import {
  HttpApi,
  HttpApiBuilder,
  HttpApiClient,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpClient,
  HttpClientRequest
} from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { failNextCreate, failures, retryAfterSeconds } from "./utils.js"

class Api extends HttpApi.make("application").add(
  HttpApiGroup.make("invitations")
    .add(
      HttpApiEndpoint.post("create", "/invitations")
        .setPayload(CreateInvitation)
        .addSuccess(Invitation)
        .addError(CreateError, { status: 422 })
    )
    .add(
      HttpApiEndpoint.post("createWithLink", "/invitations/with-link")
        .setPayload(CreateInvitation)
        .addSuccess(WithAcceptLink)
        .addError(CreateError, { status: 422 })
    )
    .add(
      HttpApiEndpoint.get("list", "/invitations")
        .addSuccess(Schema.Array(Invitation))
        .addError(ListError, { status: 422 })
    )
) {}

const Handlers = HttpApiBuilder.group(
  Api,
  "invitations",
  (handlers) =>
    Effect.map(InvitationsService, (invitations) =>
      handlers
        .handle("create", ({ payload }) => invitations.create(payload))
        .handle("createWithLink", ({ payload }) => invitations.create(payload))
        .handle("list", () => Effect.map(invitations.list(), ({ data }) => data)))
)

const Live = HttpApiBuilder.serve().pipe(
  Layer.provide(HttpApiBuilder.api(Api)),
  Layer.provide(Handlers),
  Layer.provideMerge(InvitationsMemory.layer()),
  Layer.provideMerge(NodeHttpServer.layerTest)
)

const ada = "ada@example.com"

describe("through an HttpApi, over a real socket", () => {
  it.scopedLive("an invitation arrives without its accept link, also on the wire", () =>
    Effect.gen(function*() {
      const client = yield* HttpApiClient.make(Api)
      const created = yield* client.invitations.create({
        payload: { emailAddress: ada, publicMetadata: { role: "admin" }, expiresInDays: 7 }
      })
      assert.instanceOf(created, Invitation)
      assert.strictEqual(created.emailAddress, ada)
      assert.deepStrictEqual(created.publicMetadata, { role: "admin" })
      assert.isTrue(Option.isNone(created.url))
      assert.isTrue(DateTime.greaterThan(Option.getOrThrow(created.expiresAt), created.createdAt))

      const [listed] = yield* client.invitations.list()
      assert.instanceOf(listed, Invitation)
      assert.strictEqual(listed.id, created.id)

      const text = yield* HttpClientRequest.get("/invitations").pipe(
        HttpClient.execute,
        Effect.flatMap((response) => response.text)
      )
      assert.include(text, ada)
      assert.notInclude(text, "ticket")
    }).pipe(Effect.provide(Live)))

  it.scopedLive("WithAcceptLink keeps the accept link, redacted again", () =>
    Effect.gen(function*() {
      const client = yield* HttpApiClient.make(Api)
      const { url } = yield* client.invitations.createWithLink({ payload: { emailAddress: ada } })
      assert.include(Redacted.value(Option.getOrThrow(url)), "ticket")
    }).pipe(Effect.provide(Live)))

  it.scopedLive("an invalid payload is rejected before the service is called", () =>
    Effect.gen(function*() {
      const response = yield* HttpClientRequest.post("/invitations").pipe(
        HttpClientRequest.bodyUnsafeJson({ emailAddress: ada, expiresInDays: 400 }),
        HttpClient.execute
      )
      assert.strictEqual(response.status, 400)
    }).pipe(Effect.provide(Live)))

  it.scopedLive("a duplicate is still a duplicate, and names nobody", () =>
    Effect.gen(function*() {
      const client = yield* HttpApiClient.make(Api)
      yield* client.invitations.create({ payload: { emailAddress: ada } })
      const error = yield* Effect.flip(client.invitations.create({ payload: { emailAddress: ada } }))
      assert.instanceOf(error, BadRequest)
      assert.isTrue(isDuplicate(error))
      assert.notInclude(JSON.stringify(Schema.encodeUnknownSync(CreateError)(error)), ada)
    }).pipe(Effect.provide(Live)))

  for (const [status, code, tag] of failures) {
    it.scopedLive(`the error of a ${status} ${code} arrives as ${tag}, with what the predicates need`, () =>
      Effect.gen(function*() {
        const client = yield* HttpApiClient.make(Api)
        yield* failNextCreate(status, code)
        const error = yield* Effect.flip(client.invitations.create({ payload: { emailAddress: ada } }))
        assert.strictEqual(error._tag, tag)
        if (error._tag === "AmbiguousWrite") {
          assert.instanceOf(error, AmbiguousWrite)
          assert.strictEqual(error.lastFailure._tag, "ServerError")
          assert.deepStrictEqual(Redacted.value(error.emailAddresses), [ada])
          return
        }
        assert.isTrue(hasCode(error, code))
        assert.strictEqual(isTransient(error), tag === "TooManyRequests" || tag === "Conflict")
        assert.strictEqual(
          Option.getOrUndefined(Option.map(retryAfter(error), Duration.toSeconds)),
          tag === "TooManyRequests" ? retryAfterSeconds : undefined
        )
        assert.include(error.message, String(status))
      }).pipe(Effect.provide(Live)))
  }
})
