import { InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import type { HttpClient } from "@effect/platform"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { createServer, request, type Server } from "node:http"
import { connect } from "node:net"
import * as proxy from "../src/recipes/proxy.js"

// No name server knows it: only the proxy reaches the emulator under this name.
const host = "clerk.internal.invalid"

/** A proxy that passes everything on to the port, and records the hosts that were asked for. */
const startProxy = (port: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<readonly [Server, Array<string>]>((resume) => {
        const seen: Array<string> = []
        const server = createServer((incoming, outgoing) => {
          const url = new URL(incoming.url ?? "")
          seen.push(url.hostname)
          const upstream = request({
            port,
            host: "127.0.0.1",
            method: incoming.method,
            path: `${url.pathname}${url.search}`,
            headers: incoming.headers
          }, (response) => {
            outgoing.writeHead(response.statusCode ?? 500, response.headers)
            response.pipe(outgoing)
          })
          incoming.pipe(upstream)
        })
        server.on("connect", (incoming, socket) => {
          seen.push(incoming.url?.split(":")[0] ?? "")
          const upstream = connect(port, "127.0.0.1", () => {
            socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
            upstream.pipe(socket)
            socket.pipe(upstream)
          })
          for (const side of [socket, upstream]) side.on("error", () => {})
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed([server, seen])))
      }),
      ([server]) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    ),
    ([server, seen]) => {
      const address = server.address()
      assert(typeof address === "object" && address !== null)
      return { url: `http://127.0.0.1:${address.port}`, seen }
    }
  )

const EmulatorLive = ClerkEmulator.layer({ allowedHosts: [host] }).pipe(
  Layer.provideMerge(NodeHttpServer.layerServer(createServer, { host: "127.0.0.1", port: 0 }))
)

const create = (client: Layer.Layer<HttpClient.HttpClient>) =>
  Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress: "ada@example.com" })).pipe(
    Effect.provide(
      InvitationsHttp.layer({ secretKey: Redacted.make("sk_test_any"), apiUrl: `http://${host}`, retry: "none" }).pipe(
        Layer.provide(client)
      )
    )
  )

describe("each client reaches Clerk through a proxy", () => {
  const before = { ...process.env }
  beforeEach(() => {
    for (const name of ["http_proxy", "https_proxy", "no_proxy"]) process.env[name] = ""
  })
  afterEach(() => {
    process.env = { ...before }
  })

  const clients = { undici: () => proxy.undici, fetch: () => proxy.fetch, nodeHttp: proxy.nodeHttp }
  for (const [name, client] of Object.entries(clients)) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const port = yield* HttpServer.addressWith((address) =>
          Effect.succeed(address._tag === "TcpAddress" ? address.port : 0)
        )
        const { seen, url } = yield* startProxy(port)
        process.env["http_proxy"] = url
        assert.strictEqual((yield* create(client(url))).status, "pending")
        assert.deepStrictEqual(seen, [host])
        if (name === "nodeHttp") return
        process.env["no_proxy"] = host
        assert.strictEqual((yield* Effect.flip(create(client(url))))._tag, "ConnectionError")
        assert.deepStrictEqual(seen, [host])
      }).pipe(Effect.provide(EmulatorLive)))
  }
})
