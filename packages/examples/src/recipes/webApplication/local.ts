import { InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { HttpApiBuilder, HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Option, Redacted } from "effect"
import { createServer } from "node:http"
import * as AdminOnly from "./adminOnly.js"
import { AdminApiLive, interactive } from "./application.js"

const loopback = { host: "127.0.0.1", port: 0 }

// With Clerk it is `InvitationsHttp.layerConfig(interactive)`.
const Invitations = Layer.unwrapEffect(
  HttpServer.addressFormattedWith((apiUrl) =>
    Effect.succeed(
      InvitationsHttp.layer({ apiUrl, secretKey: Redacted.make("sk_test_web_application"), ...interactive })
    )
  )
).pipe(
  Layer.provide(NodeHttpClient.layerUndici),
  Layer.provideMerge(ClerkEmulator.layer()),
  Layer.provide(NodeHttpServer.layerServer(createServer, loopback))
)

/** The session of an admin of the team `engines`. */
export const session = Redacted.make("session-of-ada")

// An application verifies the token of the session here.
const Sessions = AdminOnly.layer((token) =>
  Effect.succeed(Redacted.value(token) === Redacted.value(session) ? Option.some("engines") : Option.none())
)

/** The application and an emulator, each on a free port. Provides the server of the application and the control of the emulator. */
export const Local = HttpApiBuilder.serve().pipe(
  Layer.provide(AdminApiLive),
  Layer.provide(Sessions),
  Layer.provideMerge(NodeHttpServer.layer(createServer, loopback)),
  Layer.provideMerge(Invitations)
)
