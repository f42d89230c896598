import type { HttpServer } from "@effect/platform"
import type { Scope } from "effect"
import { Effect } from "effect"
import { connect, type Socket } from "node:net"
import * as emulator from "./emulator.js"

/** A connection that keeps what it receives. */
export interface Connection {
  readonly socket: Socket
  received: string
  closed: boolean
}

/** A connection to the server. The scope closes it. */
export const open: Effect.Effect<Connection, never, HttpServer.HttpServer | Scope.Scope> = Effect.flatMap(
  emulator.apiUrl,
  (url) =>
    Effect.acquireRelease(
      Effect.async<Connection>((resume) => {
        const connection = { socket: connect(Number(new URL(url).port), "127.0.0.1"), received: "", closed: false }
        connection.socket.on("connect", () => resume(Effect.succeed(connection)))
        connection.socket.on("data", (data) => {
          connection.received += String(data)
        })
        connection.socket.on("error", () => {})
        connection.socket.on("close", () => {
          connection.closed = true
        })
      }),
      ({ socket }) => Effect.sync(() => socket.destroy())
    )
)

/** The head of a request with a secret key. */
export const head = (line: string, ...headers: ReadonlyArray<string>): string =>
  [`${line} HTTP/1.1`, "Host: localhost", "Authorization: Bearer sk_test_x", ...headers, "", ""].join("\r\n")
