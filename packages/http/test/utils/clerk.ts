import { InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpClient, HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Clock, Context, Effect, Layer } from "effect"
import { createServer } from "node:http"
import { undici } from "./clients.js"
import type { Operation } from "./wire.js"
import { operationOf, secretKey } from "./wire.js"

/**
 * An attempt, as the client made it.
 */
export interface Attempt {
  readonly operation: Operation
  readonly at: number
}

/**
 * The service over a real socket to the emulator, with the control of the emulator and the attempts that were made.
 */
export const make = Effect.fnUntraced(function*(options: Partial<InvitationsHttp.Options> = {}) {
  const attempts: Array<Attempt> = []
  const context = yield* Layer.build(
    ClerkEmulator.layer().pipe(
      Layer.provideMerge(NodeHttpServer.layer(() => createServer(), { host: "127.0.0.1", port: 0 }))
    )
  )
  const url = HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address)
  const client = yield* Layer.build(undici)
  const invitations = yield* InvitationsHttp.make({
    secretKey,
    apiUrl: url,
    ...options,
    transformClient: (base) =>
      HttpClient.transform(
        options.transformClient?.(base) ?? base,
        (effect, request) =>
          Effect.zipRight(
            Effect.map(
              Clock.currentTimeMillis,
              (at) => attempts.push({ operation: operationOf(request.method, new URL(request.url).pathname), at })
            ),
            effect
          )
      )
  }).pipe(Effect.provide(client))
  const count = (operation: Operation) => attempts.filter((attempt) => attempt.operation === operation).length
  return { invitations, control: Context.get(context, InvitationsControl), url, attempts, count }
})
