import { ClerkEmulator } from "@effect-clerk/http"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"
import { programs } from "../globalSetup.js"
import * as Programs from "../utils/programs.js"

/** The bundled command line as processes. `file` is below `cli`. */
export const { run, start } = Programs.make(programs)

/**
 * The emulator on a free port of this machine, and what a process needs to be started.
 */
export const emulator = (secretKey?: string) =>
  Layer.provideMerge(
    ClerkEmulator.layer(secretKey === undefined ? {} : { secretKey: Redacted.make(secretKey) }),
    NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })
  )

export const testKey = "sk_test_5ecret0f7his7est"

const accepts = "ticket="

/**
 * Starts `invitations` against the emulator.
 */
export const startCli = (args: ReadonlyArray<string>, env: Record<string, string> = {}) =>
  HttpServer.addressFormattedWith((apiUrl) =>
    start("main.ts", args, { CLERK_SECRET_KEY: testKey, CLERK_API_URL: apiUrl, ...env })
  )

/**
 * Runs `invitations` to its end. Whatever it is about, it prints neither its key nor, unless it is asked to, an accept link.
 */
export const cli = (args: ReadonlyArray<string>, env: Record<string, string> = {}) =>
  Effect.scoped(Effect.flatMap(startCli(args, env), ({ end }) => end)).pipe(
    Effect.tap(({ stderr, stdout }) =>
      Effect.sync(() => {
        const key = env["CLERK_SECRET_KEY"] ?? testKey
        if (key !== "") assert.notInclude(stdout + stderr, key)
        if (!args.includes("--show-url")) assert.notInclude(stdout + stderr, accepts)
      })
    )
  )

/**
 * The objects of a text that has one a line.
 */
export const objects = (text: string): ReadonlyArray<unknown> =>
  text.split("\n").filter((line) => line !== "").map((line): unknown => JSON.parse(line))
