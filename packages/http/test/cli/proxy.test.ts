import { HttpServer } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { createServer, type Server } from "node:http"
import { connect } from "node:net"
import { cli, emulator, startCli } from "./utils.js"

/** A proxy that tunnels every connection to the port, and records the hosts that were asked for. */
const startProxy = (port: number) =>
  Effect.acquireRelease(
    Effect.async<{ readonly server: Server; readonly url: string; readonly hosts: Array<string> }>((resume) => {
      const hosts: Array<string> = []
      const server = createServer((_, response) => response.writeHead(501).end())
      server.on("connect", (request, socket) => {
        hosts.push(request.url ?? "")
        const upstream = connect(port, "127.0.0.1", () => {
          socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
          upstream.pipe(socket)
          socket.pipe(upstream)
        })
        for (const side of [socket, upstream]) side.on("error", () => {})
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const proxyPort = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ server, hosts, url: `http://127.0.0.1:${proxyPort}` }))
      })
    }),
    ({ server }) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  )

it.scopedLive("the command sends its requests through the proxy of the environment", () =>
  Effect.gen(function*() {
    const port = yield* HttpServer.addressWith((address) =>
      Effect.succeed(address._tag === "TcpAddress" ? address.port : 0)
    )
    const { hosts, url } = yield* startProxy(port)
    // The emulator allows the names below localhost. No name server is asked: the proxy connects.
    const settings = { CLERK_API_URL: "http://clerk.localhost:81", HTTP_PROXY: url, HTTPS_PROXY: "" }
    const listed = yield* Effect.flatMap(startCli(["list", "--json"], settings), ({ end }) => end)
    assert.deepStrictEqual([listed.code, listed.stderr], [0, ""])
    assert.deepStrictEqual(hosts, ["clerk.localhost:81"])

    const direct = yield* Effect.flatMap(
      startCli(["list", "--json"], { ...settings, NO_PROXY: "clerk.localhost" }),
      ({ end }) => end
    )
    assert.strictEqual(direct.code, 3)
    assert.strictEqual(hosts.length, 1)
  }).pipe(Effect.provide(emulator())), 60_000)

it.live("an invalid proxy is reported in one line", () => {
  const before = process.env["HTTPS_PROXY"]
  process.env["HTTPS_PROXY"] = "no url"
  return Effect.gen(function*() {
    const { code, stderr, stdout } = yield* cli(["list"])
    assert.deepStrictEqual([code, stdout], [2, ""])
    assert.match(stderr, /^HTTPS_PROXY: .*proxy is invalid.*\n$/)
  }).pipe(
    Effect.provide(emulator()),
    Effect.ensuring(Effect.sync(() => {
      if (before === undefined) delete process.env["HTTPS_PROXY"]
      else process.env["HTTPS_PROXY"] = before
    }))
  )
})
