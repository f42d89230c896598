import { RateLimits } from "@effect-clerk/core"
import { Fault, InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpApiBuilder, HttpApp, type HttpRouter, HttpServer } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, TestClock } from "effect"
import { SignUpApiLive } from "../src/recipes/httpApplication.js"

// The application with the in-memory layer; the tests control the store through `InvitationsControl`.
const application = (options?: InvitationsMemory.Options) =>
  Layer.mergeAll(SignUpApiLive, HttpApiBuilder.Router.Live, HttpApiBuilder.Middleware.layer, HttpServer.layerContext)
    .pipe(
      Layer.provideMerge(InvitationsMemory.layer(options))
    )

// Without a server, in the runtime of the test, so that its `TestClock` applies.
const ask = (emailAddress: string, team?: string) =>
  Effect.gen(function*() {
    const runtime = yield* Effect.runtime<HttpRouter.HttpRouter.DefaultServices>()
    const handler = HttpApp.toWebHandlerRuntime(runtime)(yield* HttpApiBuilder.httpApp)
    const response = yield* Effect.promise(() =>
      handler(
        new Request("http://localhost/sign-ups", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ emailAddress, team })
        })
      )
    )
    const text = yield* Effect.promise(() => response.text())
    const body: unknown = text === "" ? undefined : JSON.parse(text)
    return { status: response.status, retryAfter: response.headers.get("retry-after"), body }
  })

const accepted = { status: 202, retryAfter: null, body: { emailAddress: "ada@example.com" } }

it.effect("invites the address of the request, with the team as metadata", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    assert.deepStrictEqual(yield* ask("ada@example.com", "engines"), accepted)
    const [invitation] = yield* control.invitations
    assert.deepStrictEqual(invitation?.publicMetadata, { team: "engines" })
  }).pipe(Effect.provide(application())))

it.effect("does not reveal invited addresses or accounts, and sends them no e-mail", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    assert.deepStrictEqual(yield* ask("ada@example.com"), accepted)
    assert.deepStrictEqual(yield* ask("ada@example.com"), accepted)
    const [email] = yield* control.outbox
    yield* control.accept(email?.invitationId ?? "none")
    assert.deepStrictEqual(yield* ask("ada@example.com"), accepted)
    assert.strictEqual((yield* control.outbox).length, 1)
  }).pipe(Effect.provide(application())))

it.effect("invites again after a month", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    yield* ask("ada@example.com")
    yield* TestClock.adjust("30 days")
    assert.deepStrictEqual(yield* ask("ada@example.com"), accepted)
    assert.strictEqual((yield* control.outbox).length, 2)
  }).pipe(Effect.provide(application())))

it.effect("names the invalid field", () =>
  Effect.gen(function*() {
    const { body, status } = yield* ask("ada")
    assert.strictEqual(status, 422)
    assert.nestedPropertyVal(body, "_tag", "Unacceptable")
    assert.nestedPropertyVal(body, "issues[0].path", "emailAddress")
  }).pipe(Effect.provide(application())))

it.effect("says when to retry while the hourly quota is used up", () =>
  Effect.gen(function*() {
    yield* Effect.forEach(Array.from({ length: 100 }, (_, n) => `person-${n}@example.com`), (address) => ask(address))
    yield* TestClock.adjust("50 minutes")
    assert.deepStrictEqual(yield* ask("ada@example.com"), {
      status: 503,
      retryAfter: "600",
      body: { _tag: "Unavailable", retryAfterSeconds: 600 }
    })
    yield* TestClock.adjust("10 minutes")
    assert.deepStrictEqual(yield* ask("ada@example.com"), accepted)
  }).pipe(Effect.provide(application({ rateLimits: RateLimits.production }))))

it.effect("responds 503 while the outcome of a create is unknown, and accepts the next request", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: "before" })
    assert.strictEqual((yield* ask("ada@example.com")).status, 503)
    assert.deepStrictEqual(yield* ask("ada@example.com"), accepted)
    assert.strictEqual((yield* control.outbox).length, 1)
  }).pipe(Effect.provide(application())))

it.effect("responds 500 without a reason if Clerk rejects its key", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    yield* control.failNext(Fault.Response.Status({ status: 401, code: "clerk_key_invalid" }))
    assert.deepStrictEqual(yield* ask("ada@example.com"), { status: 500, retryAfter: null, body: undefined })
  }).pipe(Effect.provide(application())))
