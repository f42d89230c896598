import { RateLimits } from "@effect-clerk/core"
import { InstanceRefusalCode } from "@effect-clerk/core/ErrorDetail"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Command, Options } from "@effect/cli"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpServer from "@effect/platform/HttpServer"
import { Data, Effect, Layer, Option, Predicate, Redacted, Schema } from "effect"
import { createServer } from "node:http"
import * as EmulatorState from "../emulator/emulatorState.js"
import * as flags from "../settings/flags.js"
import { exitUsage } from "../terminal/exitCode.js"
import { printLine } from "../terminal/stdio.js"
import { describe, help } from "./help.js"

const host = Options.text("host").pipe(
  Options.withDefault("127.0.0.1"),
  Options.withDescription(
    "The address to listen on. 0.0.0.0 makes the emulator reachable from containers and other machines. Default: " +
      "127.0.0.1."
  )
)

const allowedHosts = Options.text("allowed-host").pipe(
  Options.repeated,
  Options.withDescription(
    "A host name under which the emulator may be reached, besides localhost and IP addresses, for example " +
      "host.docker.internal. May be repeated; * allows every name."
  )
)

const port = Options.integer("port").pipe(
  Options.withSchema(
    Schema.Int.pipe(
      Schema.between(0, 65535),
      Schema.annotations({ message: () => "--port must be a whole number from 0 to 65535" })
    )
  ),
  Options.withDefault(4010),
  Options.withDescription("The port to listen on; 0 chooses a free port. Default: 4010.")
)

const secretKey = Options.redacted("secret-key").pipe(
  Options.optional,
  Options.withDescription("The only secret key to accept. Without it, every key that begins with sk_test_ is accepted.")
)

const storePerKey = Options.boolean("store-per-key").pipe(
  Options.withDescription(
    "Give each secret key a store of its own, so that parallel test suites share the emulator. Not with --data or --seed."
  )
)

const rateLimits = Options.boolean("rate-limits").pipe(
  Options.withDescription(
    "Enforce the rate limits of a development instance: 100 calls in 10 seconds, 100 creates an hour and 25 bulk creates " +
      "an hour. Default: no limits."
  )
)

const instanceRefusal = Options.choice("refuse", InstanceRefusalCode.literals).pipe(
  Options.withDefault("off" as const),
  Options.withDescription(
    "Refuse every create of the instance with this code, as Clerk does when the monthly e-mail limit, the plan or a quota " +
      "of the instance does not allow it. Default: refuse none."
  )
)

const blocklist = Options.text("block").pipe(
  Options.repeated,
  Options.withDescription(
    "An address that may not be invited, or a whole domain such as *@example.com. May be repeated."
  )
)

const publicUrl = Options.text("public-url").pipe(
  Options.withSchema(
    Schema.String.pipe(
      Schema.filter((url) => /^https?:/i.test(url) && URL.canParse(url)),
      Schema.annotations({ message: () => "--public-url must be an http or https URL" })
    )
  ),
  Options.optional,
  Options.withDescription(
    "The origin of the accept links, if browsers do not reach the emulator under the address on which it listens."
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
    "How many pending invitations to create at the start: person-1@example.com and so on. Ignored if the file of --data " +
      "exists. Default: 0."
  )
)

const data = Options.file("data").pipe(
  Options.optional,
  Options.withDescription(
    "A file that keeps invitations, users and e-mails between runs. It holds accept links, so only its owner may read it."
  )
)

class CannotListen extends Data.TaggedError("CannotListen")<{
  readonly host: string
  readonly port: number
  readonly cause: unknown
}> {
  override get message(): string {
    const { host, port } = this
    const code = Predicate.hasProperty(this.cause, "code") ? String(this.cause.code) : String(this.cause)
    switch (code) {
      case "EADDRINUSE":
        return `Port ${port} of ${host} is in use. Choose another with --port, or pass --port 0 for a free one.`
      case "EACCES":
        return `Not permitted to listen on port ${port} of ${host}. Choose a port from 1024 up with --port.`
      case "EADDRNOTAVAIL":
      case "ENOTFOUND":
        return `${host} is no address of this machine. Choose another with --host.`
      default:
        return `Cannot listen on port ${port} of ${host}: ${code}`
    }
  }
}

// Closes connections that clients keep open or that an injected fault left stalled. They would delay the shutdown.
const ServerLive = ({ host, port }: { readonly host: string; readonly port: number }) =>
  Layer.suspend(() => {
    const server = createServer()
    const closeConnections = Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
    return Layer.scopedDiscard(closeConnections).pipe(
      Layer.provideMerge(NodeHttpServer.layerServer(() => server, { host, port })),
      Layer.catchAll(({ cause }) => Layer.fail(new CannotListen({ host, port, cause })))
    )
  })

const json = Options.boolean("json").pipe(
  Options.withDescription("Print the URL as a JSON object.")
)

// An IPv6 address needs brackets in a URL.
const urlOf = (address: HttpServer.Address): string =>
  address._tag === "TcpAddress" && address.hostname.includes(":")
    ? `http://[${address.hostname}]:${address.port}`
    : HttpServer.formatAddress(address)

const announcement = (url: string, options: { readonly json: boolean }): string =>
  options.json ? JSON.stringify({ url }) : `listening on ${url}`

export const emulator = Command.make(
  "emulator",
  {
    host,
    port,
    allowedHosts,
    secretKey,
    storePerKey,
    rateLimits,
    instanceRefusal,
    blocklist,
    publicUrl,
    seed,
    data,
    json,
    quiet: flags.settings.quiet
  },
  (options) =>
    Effect.gen(function*() {
      if (options.storePerKey && (options.seed > 0 || Option.isSome(options.data))) {
        return yield* exitUsage("--store-per-key cannot be combined with --data or --seed")
      }
      if (Option.exists(options.secretKey, (key) => Redacted.value(key) === "")) {
        return yield* exitUsage("--secret-key must not be empty")
      }
      if (!options.blocklist.every((entry) => /.@./.test(entry))) {
        return yield* exitUsage("--block must be an address, or a domain such as *@example.com")
      }
      const state = yield* Effect.transposeMapOption(options.data, EmulatorState.open)
      return yield* Effect.gen(function*() {
        const control = yield* InvitationsControl
        if (Option.isNone(state) || state.value.isNew) {
          yield* control.seed(
            Array.from({ length: options.seed }, (_, index) => ({ emailAddress: `person-${index + 1}@example.com` }))
          )
        }
        if (Option.isSome(state)) yield* state.value.attach(control)
        yield* HttpServer.addressWith((address) => printLine(announcement(urlOf(address), options)))
        return yield* Effect.never
      }).pipe(
        Effect.provide(
          ClerkEmulator.layer({
            secretKey: Option.getOrUndefined(options.secretKey),
            storePerKey: options.storePerKey,
            allowedHosts: options.allowedHosts,
            instanceRefusal: options.instanceRefusal,
            blocklist: options.blocklist,
            publicUrl: Option.getOrUndefined(options.publicUrl),
            rateLimits: options.rateLimits ? RateLimits.development : "off"
          }).pipe(Layer.provideMerge(ServerLive(options)))
        )
      )
    }).pipe(
      Effect.scoped,
      Effect.catchTag("CannotListen", "FileInUse", "LockStuck", "UnreadableState", "UnwritableState", ({ message }) =>
        Effect.fail(exitUsage(message)))
    )
).pipe(
  Command.withDescription(describe(help.emulator))
)
