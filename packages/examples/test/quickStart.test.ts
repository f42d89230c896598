import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createServer as createHttpServer } from "node:http"
import { run } from "./utils.js"

describe("the quick start", () => {
  it.live("invites through the API of CLERK_API_URL", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const apiUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
      const { code, stderr, stdout } = yield* run("recipes/quickStart.ts", [], {
        CLERK_SECRET_KEY: "sk_test_local",
        CLERK_API_URL: apiUrl
      })
      const [invitation] = yield* control.invitations
      assert.deepStrictEqual({ code, stderr, stdout }, {
        code: 0,
        stderr: "",
        stdout: `Invited ada@example.com (${invitation?.id})\n`
      })
    }).pipe(
      Effect.provide(Layer.provideMerge(
        ClerkEmulator.layer(),
        NodeHttpServer.layer(createHttpServer, { host: "127.0.0.1", port: 0 })
      ))
    ))
})
