import { InvitationsHttp } from "@effect-clerk/http"
import { Effect, Layer } from "effect"
import { undici } from "./clients.js"
import type { clients } from "./clients.js"
import * as rawServer from "./rawServer.js"
import { secretKey } from "./wire.js"

/**
 * The service over a real socket to a scripted server.
 */
export const overRaw = Effect.fnUntraced(function*(
  scripts: Parameters<typeof rawServer.make>[0],
  options: Partial<InvitationsHttp.Options> = {},
  client: (typeof clients)[number][1] = undici
) {
  const server = yield* rawServer.make(scripts)
  const context = yield* Layer.build(client)
  const invitations = yield* InvitationsHttp.make({ secretKey, apiUrl: server.url, ...options }).pipe(
    Effect.provide(context)
  )
  return { server, invitations }
})

/** Every request once. */
export const once = { retry: "none" } as const
