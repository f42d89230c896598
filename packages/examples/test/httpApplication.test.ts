import { Fault } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpApiBuilder, HttpApiClient, HttpClient, HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createServer } from "node:http"
import { SignUpApi, SignUpApiLive } from "../src/recipes/httpApplication.js"
import { Emulated } from "./utils.js"

// Two real sockets: one from the caller to the application, one from the application to the emulator.
const Application = HttpApiBuilder.serve().pipe(
  Layer.provide(SignUpApiLive),
  Layer.provideMerge(NodeHttpServer.layer(() => createServer(), { host: "127.0.0.1", port: 0 })),
  Layer.provideMerge(Emulated)
)

const client = Effect.gen(function*() {
  const baseUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
  const { signUps } = yield* HttpApiClient.make(SignUpApi, { baseUrl })
  return (emailAddress: string) => signUps.request({ payload: { emailAddress }, withResponse: true })
})

it.live("a request to sign up creates an invitation, or gets a response that tells the caller what to do", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const ask = yield* client

    const [accepted, response] = yield* ask("ada@example.com")
    assert.strictEqual(response.status, 202)
    assert.strictEqual(accepted.emailAddress, "ada@example.com")
    assert.deepStrictEqual((yield* control.outbox).map(({ to }) => to), ["ada@example.com"])

    const unacceptable = yield* Effect.flip(ask("ada"))
    assert.strictEqual(unacceptable._tag, "Unacceptable")

    // Longer than the `maxRetryAfter` of the client.
    yield* control.failNext(Fault.Response.Status({ status: 429, code: "too_many_requests", retryAfter: "90" }))
    const unavailable = yield* Effect.flip(ask("grace@example.com"))
    assert.deepInclude(unavailable, { _tag: "Unavailable", retryAfterSeconds: 90 })

    // The application does not serve the routes of the emulator, though both are built from one layer.
    const baseUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
    assert.strictEqual((yield* HttpClient.get(`${baseUrl}/_emulator/state`)).status, 404)

    const calls = (yield* control.calls).map(({ operation, outcome }) => `${operation} ${outcome}`)
    assert.deepStrictEqual(calls, ["create ok", "create Status"])
  }).pipe(Effect.provide(Layer.merge(Application, NodeHttpClient.layerUndici))))
