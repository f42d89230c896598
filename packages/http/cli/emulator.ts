import { RateLimits } from "@effect-clerk/core"
import { ClerkEmulator, InvitationsControl } from "@effect-clerk/http"
import { Command, Options } from "@effect/cli"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Console, Data, Effect, Layer, Option, Predicate, Schema } from "effect"
import { createServer } from "node:http"
import * as DataFile from "./emulatorState.js"
import { exitUsage } from "./exitCode.js"

const host = "127.0.0.1"

const port = Options.integer("port").pipe(
  Options.withSchema(
    Schema.Int.pipe(
      Schema.between(0, 65535),
      Schema.annotations({ message: () => "--port must be a whole number from 0 to 65535" })
    )
  ),
  Options.withDefault(4010),
  Options.withDescription(`The port to listen on, on ${host}; 0 takes any that is free.`)
)

const secretKey = Options.redacted("secret-key").pipe(
  Options.optional,
  Options.withDescription("The one secret key that is accepted. Without it, every key that begins with sk_test_ is.")
)

const rateLimits = Options.boolean("rate-limits").pipe(
  Options.withDescription(
    "Enforce the rate limits of a development instance: 100 calls in 10 seconds, and an hour 100 creates and 25 bulk " +
      "creates. Off if left out."
  )
)

const maxSeed = 1_000_000

const seed = Options.integer("seed").pipe(
  Options.withSchema(
    Schema.Int.pipe(
      Schema.between(0, maxSeed),
      Schema.annotations({ message: () => `--seed must be a whole number from 0 to ${maxSeed}` })
    )
  ),
  Options.withDefault(0),
  Options.withDescription(
    "How many pending invitations there are from the start: person-1@example.com and so on. With --data, only where the file " +
      "is not there yet."
  )
)

const data = Options.file("data").pipe(
  Options.optional,
  Options.withDescription(
    "Keep invitations, users and e-mails in this file between runs. It holds accept links, so only its owner may read it."
  )
)

class CannotListen extends Data.TaggedError("CannotListen")<{ readonly port: number; readonly cause: unknown }> {
  override get message(): string {
    const code = Predicate.hasProperty(this.cause, "code") ? String(this.cause.code) : String(this.cause)
    switch (code) {
      case "EADDRINUSE":
        return `Port ${this.port} of ${host} is in use. Choose another with --port, or --port 0 for any that is free.`
      case "EACCES":
        return `Port ${this.port} of ${host} is not permitted. Choose one from 1024 up with --port.`
      default:
        return `Cannot listen on port ${this.port} of ${host}: ${code}`
    }
  }
}

// Connections that clients keep open, or that a fault left hanging, must not hold up the end.
const ServerLive = (port: number) =>
  Layer.suspend(() => {
    const server = createServer()
    const closeConnections = Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
    return Layer.scopedDiscard(closeConnections).pipe(
      Layer.provideMerge(NodeHttpServer.layerServer(() => server, { host, port })),
      Layer.catchAll(({ cause }) => Layer.fail(new CannotListen({ port, cause })))
    )
  })

const json = Options.boolean("json").pipe(
  Options.withDescription("Say where it listens as a JSON object.")
)

const announcement = (url: string, options: { readonly json: boolean }): string =>
  options.json ? JSON.stringify({ url }) : `listening on ${url}`

export const emulator = Command.make(
  "emulator",
  { port, secretKey, rateLimits, seed, data, json },
  (options) =>
    Effect.gen(function*() {
      const file = yield* Effect.transposeMapOption(options.data, DataFile.open)
      return yield* Effect.gen(function*() {
        const control = yield* InvitationsControl
        if (Option.isNone(file) || file.value.isNew) {
          yield* control.seed(
            Array.from({ length: options.seed }, (_, index) => ({ emailAddress: `person-${index + 1}@example.com` }))
          )
        }
        if (Option.isSome(file)) yield* file.value.keep(control)
        yield* HttpServer.addressFormattedWith((address) => Console.log(announcement(address, options)))
        return yield* Effect.never
      }).pipe(
        Effect.provide(
          ClerkEmulator.layer({
            secretKey: Option.getOrUndefined(options.secretKey),
            rateLimits: options.rateLimits ? RateLimits.development : "off"
          }).pipe(Layer.provideMerge(ServerLive(options.port)))
        )
      )
    }).pipe(
      Effect.scoped,
      Effect.catchTag("CannotListen", "UnreadableData", "UnwritableData", ({ message }) =>
        Effect.fail(exitUsage(message)))
    )
).pipe(
  Command.withDescription(
    "Serves Clerk's Invitations API from memory, below /v1, until it is interrupted. In a browser, it is a page to look at."
  )
)
