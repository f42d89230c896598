import type { InvitationAttempts, InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import type { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import type { HttpClient } from "@effect/platform"
import { HttpServer } from "@effect/platform"
import { Chunk, Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import type { Environment } from "../conformance/index.js"

// `setImmediate` where it exists: a turn in which sockets are read. In a Worker a timer is such a turn.
const turn = Effect.promise(() =>
  new Promise<void>((resolve) => {
    if (typeof setImmediate === "function") setImmediate(() => resolve())
    else setTimeout(resolve, 1)
  })
)

const runWithClock = (turns: number): Environment["runWithClock"] => (effect) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    const isDone = () => fiber.unsafePoll() !== null
    const wait = Effect.repeat(turn, { times: turns, while: () => !isDone() })
    yield* wait
    while (!isDone()) {
      const sleeps = yield* TestClock.sleeps()
      if (Chunk.isNonEmpty(sleeps)) yield* TestClock.setTime(Math.min(...sleeps))
      yield* wait
    }
    return yield* Fiber.join(fiber)
  })

/** The emulator on a server of this runtime, and the service over an HTTP client of this runtime, over a real socket. */
export const make = (options: {
  readonly server: Layer.Layer<HttpServer.HttpServer>
  readonly client: Layer.Layer<HttpClient.HttpClient>
  /** How many turns of the event loop a response over the loopback interface takes at most. */
  readonly turns: number
}): Environment => ({
  layer: (emulator) => {
    const service: Layer.Layer<InvitationsService | InvitationAttempts, never, HttpServer.HttpServer> = Layer
      .unwrapEffect(
        HttpServer.addressFormattedWith((apiUrl) =>
          Effect.succeed(InvitationsHttp.layer({ secretKey: Redacted.make("sk_test_runtime"), apiUrl }))
        )
      ).pipe(Layer.provide(options.client), Layer.orDie)
    const both: Layer.Layer<InvitationsService | InvitationAttempts | InvitationsControl> = service.pipe(
      Layer.provideMerge(ClerkEmulator.layer(emulator)),
      Layer.provide(options.server)
    )
    return both
  },
  runWithClock: runWithClock(options.turns),
  inspect: (value) => [String(value)]
})
