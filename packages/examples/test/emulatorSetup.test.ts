import { InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { inject } from "vitest"
import setup from "../src/recipes/emulatorSetup.js"

// Each test has a secret key of its own, and with it a store.
const Invitations = (name: string, apiUrl = inject("clerkApiUrl")) =>
  InvitationsHttp.layer({ apiUrl, secretKey: Redacted.make(`sk_test_${name}`), retry: "none" }).pipe(
    Layer.provide(NodeHttpClient.layerUndici)
  )

const invite = Effect.flatMap(
  InvitationsService,
  (invitations) => invitations.create({ emailAddress: "ada@example.com" })
)

const count = Effect.flatMap(
  InvitationsService,
  (invitations) => Effect.map(invitations.list(), (page) => page.totalCount)
)

it.live("a test invites through the emulator of the set-up", () =>
  Effect.gen(function*() {
    assert.strictEqual((yield* invite).status, "pending")
    assert.strictEqual(yield* count, 1)
  }).pipe(Effect.provide(Invitations("first"))))

it.live("another key finds another store", () =>
  Effect.gen(function*() {
    assert.strictEqual(yield* count, 0)
  }).pipe(Effect.provide(Invitations("second"))))

it.live("the set-up starts an emulator on a port of its own, and the function that it returns stops it", () =>
  Effect.gen(function*() {
    const urls: Array<string> = []
    const stop = yield* Effect.promise(() => setup({ provide: (_, url) => void urls.push(url) }))
    const [url = ""] = urls
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
    assert.notStrictEqual(url, inject("clerkApiUrl"))
    yield* Effect.provide(invite, Invitations("third", url))
    yield* Effect.promise(stop)
    const error = yield* Effect.flip(Effect.provide(invite, Invitations("third", url)))
    assert.deepInclude(error, { _tag: "ConnectionError", reason: "Refused" })
  }))
