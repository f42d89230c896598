// Run it with: npx pnpm@10 emulator --port 4010
import { ClerkEmulator, InvitationsControl, RateLimits } from "@effect-clerk/http"
import { Command, Options } from "@effect/cli"
import { HttpServer } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Data, Effect, Layer, Logger, Option, Predicate, Schema } from "effect"
import { createServer } from "node:http"
import { pathToFileURL } from "node:url"

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
  Options.withDescription("How many pending invitations there are from the start: person-1@example.com and so on.")
)

export class CannotListen extends Data.TaggedError("CannotListen")<{ readonly port: number; readonly cause: unknown }> {
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
  { port, secretKey, rateLimits, seed, json },
  (options) =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.seed(
        Array.from({ length: options.seed }, (_, index) => ({ emailAddress: `person-${index + 1}@example.com` }))
      )
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
).pipe(
  Command.withDescription("Serves Clerk's Invitations API from memory, below /v1, until it is interrupted.")
)

// Also a command of the command line, which has its own way to run it.
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const cli = Command.run(emulator, { name: "Clerk invitations emulator", version: "0.0.0", executable: "emulator" })

  // Some package managers pass the `--` on that ends their own options.
  const args = process.argv.filter((arg, index) => index !== 2 || arg !== "--")

  // Standard output is for the line that says where it listens. An interruption is how it ends, so that is a success.
  cli(args).pipe(
    Effect.tapErrorTag("CannotListen", (error) => Console.error(error.message)),
    Effect.tapDefect((defect) => Effect.logFatal(defect)),
    Effect.provide(NodeContext.layer),
    Effect.provide(Logger.replace(Logger.defaultLogger, Logger.prettyLogger({ stderr: true }))),
    NodeRuntime.runMain({ disableErrorReporting: true, disablePrettyLogger: true })
  )
}
