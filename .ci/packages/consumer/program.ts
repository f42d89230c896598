// A first program of a user: the service over a real socket to the emulator, with one handled error.
import { InvitationsService } from "@effect-clerk/core"
import { isDuplicate } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Redacted, Stream } from "effect"
import { createServer } from "node:http"

const program = Effect.gen(function*() {
  const invitations = yield* InvitationsService
  const control = yield* InvitationsControl
  const { id } = yield* invitations.create({ emailAddress: "ada@example.com", expiresInDays: 7 })
  const again = yield* invitations.create({ emailAddress: "ada@example.com" }).pipe(
    Effect.as("created"),
    Effect.catchIf(isDuplicate, () => Effect.succeed("duplicate"))
  )
  const { status } = yield* invitations.revoke(id)
  const rows = yield* Stream.runCount(invitations.stream({ status: "revoked" }))
  const seen = [again, status, rows, (yield* control.outbox).length].join()
  if (seen !== "duplicate,revoked,1,1") return yield* Effect.dieMessage(`saw ${seen}`)
})

const Invitations = Layer.unwrapEffect(
  HttpServer.addressFormattedWith((apiUrl) =>
    Effect.succeed(InvitationsHttp.layer({ apiUrl, secretKey: Redacted.make("sk_test_any") }))
  )
).pipe(
  Layer.provide(NodeHttpClient.layerUndici),
  Layer.provideMerge(ClerkEmulator.layer()),
  Layer.provide(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 }))
)

program.pipe(Effect.provide(Invitations), NodeRuntime.runMain)
