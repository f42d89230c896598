// Run it with: npx -y pnpm@10 demo
import { InvitationsHttp, InvitationsMemory } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"
import { program } from "./program.js"
import { step } from "./step.js"

// The emulator, on a free port.
const EmulatorLive = ClerkEmulator.layer().pipe(
  Layer.provideMerge(NodeHttpServer.layerServer(createServer, { host: "127.0.0.1", port: 0 }))
)

// The service over HTTP. An application would use Clerk's URL and its own key.
const InvitationsLive = Layer.unwrapEffect(
  HttpServer.addressFormattedWith((apiUrl) =>
    Effect.succeed(InvitationsHttp.layer({ apiUrl, secretKey: Redacted.make("sk_test_demo") }))
  )
).pipe(Layer.provide(NodeHttpClient.layerUndici))

const overHttp = Effect.gen(function*() {
  const address = yield* HttpServer.addressFormattedWith(Effect.succeed)
  yield* Console.log(`Over HTTP, to the emulator on ${address}\n`)
  return yield* program
}).pipe(
  Effect.provide(InvitationsLive.pipe(Layer.provideMerge(EmulatorLive))),
  step("total over HTTP", () => "")
)

const inMemory = Console.log("\nThe same program in memory, without a network\n").pipe(
  Effect.zipRight(program),
  Effect.provide(InvitationsMemory.layer()),
  step("total in memory", () => "")
)

Effect.gen(function*() {
  yield* overHttp
  yield* inMemory
  yield* Console.log("\nBoth runs returned the expected results.")
}).pipe(NodeRuntime.runMain)
