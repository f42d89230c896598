import type { Scope } from "effect"
import { Data, Effect, Predicate } from "effect"
import type { Socket } from "node:net"
import { connect, createServer } from "node:net"

/**
 * A request as it arrived.
 */
export interface RawRequest {
  readonly method: string
  /** With the query, as it was written. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string
  /** Which connection it came over, beginning with 0. */
  readonly connection: number
}

/**
 * What the server does next. After the last step it keeps the connection open and says nothing more.
 */
export type Step = Data.TaggedEnum<{
  Write: { readonly bytes: string | Uint8Array }
  /** Writes the same bytes over and over until the client hangs up. */
  Flood: { readonly bytes: Uint8Array }
  Wait: { readonly until: Promise<void> }
  /** Hangs up politely. */
  End: {}
  /** Hangs up with a reset. */
  Reset: {}
  /** Hangs up when the connection is made, before anything is read. Must stand alone. */
  HangUpUnread: {}
}>

export const Step = Data.taggedEnum<Step>()

export type Script = ReadonlyArray<Step>

export interface RawServer {
  readonly url: string
  readonly port: number
  /** Everything that arrived. */
  readonly requests: ReadonlyArray<RawRequest>
  /** How many connections are open now. */
  readonly openSockets: () => number
  /** How many connections there have been. */
  readonly connections: () => number
}

/**
 * What one waits for from outside.
 */
export const makeSignal = (): { readonly promise: Promise<void>; readonly open: () => void } => {
  let open = () => {}
  const promise = new Promise<void>((resolve) => {
    open = () => resolve()
  })
  return { promise, open: () => open() }
}

/**
 * An answer, written at once. A body that is no string is sent as JSON.
 */
export const reply = (options: {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: unknown
  /** Null for none. */
  readonly contentType?: string | null
  /** `"exact"` says the length of the body, a number says that, `"chunked"` is framed, `"none"` ends with the connection. */
  readonly length?: "exact" | "chunked" | "none" | number
  /** Cuts the body into writes at these byte offsets, with a turn of the event loop in between. */
  readonly cutAt?: ReadonlyArray<number>
  readonly close?: boolean
} = {}): Script => {
  const { close = false, contentType = "application/json", cutAt = [], headers = {}, length = "exact", status = 200 } =
    options
  const text = typeof options.body === "string" ? options.body : options.body === undefined ? "" : JSON.stringify(
    options.body
  )
  const bytes = Buffer.from(text)
  const head = [
    `HTTP/1.1 ${status} Whatever`,
    ...(contentType === null ? [] : [`content-type: ${contentType}`]),
    ...(length === "exact" ? [`content-length: ${bytes.length}`] : []),
    ...(typeof length === "number" ? [`content-length: ${length}`] : []),
    ...(length === "chunked" ? ["transfer-encoding: chunked"] : []),
    ...(close || length === "none" ? ["connection: close"] : []),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  ].join("\r\n")
  const edges = [0, ...cutAt, bytes.length]
  const pieces = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
  const framed = length === "chunked"
    ? [
      ...pieces.map((piece) =>
        Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")])
      ),
      Buffer.from("0\r\n\r\n")
    ]
    : pieces
  return [
    Step.Write({ bytes: `${head}\r\n\r\n` }),
    ...framed.filter((piece) => piece.length > 0).map((piece) => Step.Write({ bytes: piece })),
    ...(close || length === "none" ? [Step.End()] : [])
  ]
}

/** Reads the request and never says anything. */
export const stall: Script = []

/** Reads the request and hangs up with a reset. */
export const reset: Script = [Step.Reset()]

/** Reads the request and closes the connection. */
export const hangUp: Script = [Step.End()]

/** Hangs up before it reads. */
export const hangUpUnread: Script = [Step.HangUpUnread()]

interface Parsed {
  readonly request: Omit<RawRequest, "connection">
  readonly rest: Buffer
}

const parse = (buffer: Buffer): Parsed | undefined => {
  const end = buffer.indexOf("\r\n\r\n")
  if (end < 0) return undefined
  const [start = "", ...lines] = buffer.subarray(0, end).toString("latin1").split("\r\n")
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(":")
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const [method = "", path = ""] = start.split(" ")
  const from = end + 4
  if (headers["transfer-encoding"] === "chunked") {
    const last = buffer.indexOf("0\r\n\r\n", from)
    if (last < 0) return undefined
    return {
      request: { method, path, headers, body: buffer.subarray(from, last).toString() },
      rest: buffer.subarray(last + 5)
    }
  }
  const length = Number(headers["content-length"] ?? 0)
  if (buffer.length < from + length) return undefined
  return {
    request: { method, path, headers, body: buffer.subarray(from, from + length).toString() },
    rest: buffer.subarray(from + length)
  }
}

const turn = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })

const play = async (socket: Socket, script: Script): Promise<void> => {
  for (const step of script) {
    if (socket.destroyed) return
    switch (step._tag) {
      case "Write":
        socket.write(step.bytes)
        await turn()
        break
      case "Flood":
        while (socket.writable) {
          if (socket.write(step.bytes)) await turn()
          else await Promise.race([once(socket, "drain"), once(socket, "close")])
        }
        break
      case "Wait":
        await step.until
        break
      case "End":
        socket.end()
        break
      case "Reset":
      case "HangUpUnread":
        socket.resetAndDestroy()
        break
    }
  }
}

const once = (socket: Socket, event: "drain" | "close") =>
  new Promise<void>((resolve) => {
    socket.once(event, () => resolve())
  })

/**
 * A server on the loopback that answers the n-th request with the n-th script, whatever it is; a function chooses by what
 * arrived. A request that no script is left for is answered with 418.
 */
export const make = (
  scripts: ReadonlyArray<Script> | ((request: RawRequest, index: number) => Script)
): Effect.Effect<RawServer, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<{ readonly server: RawServer; readonly close: Effect.Effect<void> }>((resume) => {
        const requests: Array<RawRequest> = []
        const sockets = new Set<Socket>()
        let connections = 0
        let served = 0

        const next = (request: RawRequest): Script => {
          const index = served++
          return typeof scripts === "function"
            ? scripts(request, index)
            : scripts[index] ?? reply({ status: 418, body: "no script is left" })
        }

        const server = createServer((socket) => {
          const connection = connections++
          sockets.add(socket)
          socket.on("error", () => {})
          socket.on("close", () => sockets.delete(socket))
          socket.setNoDelay(true)
          if (typeof scripts !== "function" && scripts[served]?.[0]?._tag === "HangUpUnread") {
            served++
            socket.resetAndDestroy()
            return
          }
          let buffer = Buffer.alloc(0)
          socket.on("data", (chunk: Buffer) => {
            buffer = Buffer.concat([buffer, chunk])
            for (let parsed = parse(buffer); parsed !== undefined; parsed = parse(buffer)) {
              buffer = Buffer.from(parsed.rest)
              const request = { ...parsed.request, connection }
              requests.push(request)
              void play(socket, next(request))
            }
          })
        })

        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          const port = Predicate.isObject(address) && "port" in address ? address.port : 0
          resume(Effect.succeed({
            server: {
              url: `http://127.0.0.1:${port}`,
              port,
              requests,
              openSockets: () => sockets.size,
              connections: () => connections
            },
            close: Effect.promise(() =>
              new Promise<void>((resolve) => {
                server.close(() => resolve())
                for (const socket of sockets) socket.destroy()
              })
            )
          }))
        })
      }),
      ({ close }) => close
    ),
    ({ server }) => server
  )

/**
 * A port on which no server listens. Until the scope closes it is the local port of a connection, so that no other test
 * can listen on it.
 */
export const closedPort: Effect.Effect<number, never, Scope.Scope> = Effect.gen(function*() {
  const { port } = yield* make([])
  const socket = yield* Effect.acquireRelease(
    Effect.async<Socket>((resume) => {
      const client = connect(port, "127.0.0.1", () => resume(Effect.succeed(client)))
      client.on("error", (error) => resume(Effect.die(error)))
    }),
    (client) => Effect.sync(() => client.destroy())
  )
  return yield* Effect.orDie(Effect.fromNullable(socket.localPort))
})
