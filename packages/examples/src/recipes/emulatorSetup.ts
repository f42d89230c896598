// A set-up of vitest: name the file in `globalSetup` of vitest.config.ts. A test reads the URL with `inject("clerkApiUrl")`.
// Run its test, test/emulatorSetup.test.ts, with: npx -y pnpm@10 vitest run emulatorSetup
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, ManagedRuntime } from "effect"
import { createServer } from "node:http"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  export interface ProvidedContext {
    /** The URL of the emulator, for `apiUrl` and `CLERK_API_URL`. */
    readonly clerkApiUrl: string
  }
}

// Each secret key has a store of its own, so test files that run at the same time use different keys.
const Emulator = ClerkEmulator.layer({ storePerKey: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 }))
)

/** Starts the emulator on a free port before the tests. vitest calls the returned function after them: it stops the emulator. */
export default async (project: Pick<TestProject, "provide">): Promise<() => Promise<void>> => {
  const runtime = ManagedRuntime.make(Emulator)
  project.provide("clerkApiUrl", await runtime.runPromise(HttpServer.addressFormattedWith(Effect.succeed)))
  return () => runtime.dispose()
}
