import type { InvitationsService } from "@effect-clerk/core"
import { ClerkEmulator, type InvitationsControl, InvitationsHttp } from "@effect-clerk/http"
import { Command, HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { Effect, Fiber, Layer, Redacted, Stream } from "effect"
import { createServer } from "node:http"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { programs } from "./globalSetup.js"

const root = fileURLToPath(new URL("..", import.meta.url))

const text = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) => bytes.pipe(Stream.decodeText(), Stream.mkString)

/**
 * Starts a file of `src` as a process of its own, which ends with the scope at the latest.
 */
export const start = (file: string, args: ReadonlyArray<string> = [], env: Record<string, string> = {}) =>
  Effect.gen(function*() {
    const child = yield* Command.make(process.execPath, join(programs, file.replace(/ts$/, "mjs")), ...args).pipe(
      Command.workingDirectory(root),
      Command.env(env),
      Command.start
    )
    const stdout = yield* Stream.share(Stream.decodeText(child.stdout), { capacity: "unbounded", replay: 1000 })
    const all = yield* Effect.fork(Stream.mkString(stdout))
    const stderr = yield* Effect.fork(text(child.stderr))
    return {
      kill: child.kill,
      firstLine: stdout.pipe(Stream.splitLines, Stream.runHead, Effect.flatten),
      // Not joined, since that would leave the caller with the fork scope of a stream that has ended.
      end: Effect.all({
        code: child.exitCode,
        stdout: Effect.flatten(Fiber.await(all)),
        stderr: Effect.flatten(Fiber.await(stderr))
      })
    }
  })

/**
 * Runs a file of `src` to its end.
 */
export const run = (file: string, args?: ReadonlyArray<string>, env?: Record<string, string>) =>
  Effect.scoped(Effect.flatMap(start(file, args, env), ({ end }) => end))

/**
 * An emulator on a free port, what controls it, and the server, which knows its address.
 */
export const Emulator = ClerkEmulator.layer().pipe(
  Layer.provideMerge(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 })),
  Layer.orDie
)

/**
 * The service over a real socket to an emulator, and what controls that.
 */
export const Emulated: Layer.Layer<InvitationsService | InvitationsControl | HttpServer.HttpServer> = Layer
  .unwrapEffect(
    HttpServer.addressFormattedWith((apiUrl) =>
      Effect.succeed(InvitationsHttp.layer({ apiUrl, secretKey: Redacted.make("sk_test_any") }))
    )
  ).pipe(
    Layer.provide(NodeHttpClient.layerUndici),
    Layer.orDie,
    Layer.provideMerge(Emulator)
  )
