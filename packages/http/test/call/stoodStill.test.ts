import { InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer } from "node:http"
import { clients } from "../utils/clients.js"
import { emailAddress } from "../utils/stubbedCalls.js"
import { page, row, secretKey } from "../utils/wire.js"

/** Stops the process, as a long computation does. */
const standStill = (millis: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis)

/** Writes a response, then stops the process before the client can read it. */
const respondAndStandStill = (response: ServerResponse, body: unknown) =>
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body), () => {
    standStill(600)
  })

const overServer = (
  client: (typeof clients)[number][1],
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  timeout: InvitationsHttp.Options["timeout"]
) =>
  Effect.gen(function*() {
    const port = yield* Effect.acquireRelease(
      Effect.async<{ readonly server: ReturnType<typeof createServer>; readonly port: number }>((resume) => {
        const server = createServer(handle).listen(0, "127.0.0.1", () => {
          const address = server.address()
          resume(Effect.succeed({ server, port: typeof address === "object" && address !== null ? address.port : 0 }))
        })
      }),
      ({ server }) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    ).pipe(Effect.map(({ port }) => port))
    const context = yield* Layer.build(client)
    return yield* InvitationsHttp.make({
      secretKey,
      apiUrl: `http://127.0.0.1:${port}`,
      retry: { attempts: 1 },
      timeout
    }).pipe(Effect.provide(context))
  })

describe("a response that has arrived while the process stood still", () => {
  for (const [name, client] of clients) {
    it.scopedLive(`outweighs the timeout of its attempt, over ${name}`, () =>
      Effect.gen(function*() {
        const invitations = yield* overServer(
          client,
          ({ method }, response) => {
            if (method === "POST") respondAndStandStill(response, row(1))
            else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(page([])))
          },
          { attempt: "300 millis", total: "10 seconds" }
        )
        assert.strictEqual<string>((yield* invitations.create({ emailAddress })).id, "inv_1")
      }))

    it.scopedLive(`outweighs the deadline of a call that is reconciled, over ${name}`, () =>
      Effect.gen(function*() {
        let createdAt = 0
        const lists: Array<readonly [ServerResponse, body: unknown]> = []
        const invitations = yield* overServer(
          client,
          ({ method, url = "" }, response) => {
            if (method === "POST") {
              createdAt = Date.now()
              response.destroy()
              return
            }
            // The look-up reads two lists at once. The process stops once both responses are written.
            const rows = url.includes("status=revoked") ? [] : [row(1, { created_at: createdAt })]
            lists.push([response, page(rows)])
            const [first, second] = lists
            if (first === undefined || second === undefined) return
            first[0].writeHead(200, { "content-type": "application/json" }).end(
              JSON.stringify(first[1]),
              () => respondAndStandStill(...second)
            )
          },
          { attempt: "10 seconds", total: "400 millis" }
        )
        assert.strictEqual<string>((yield* invitations.create({ emailAddress })).id, "inv_1")
      }))
  }
})
