import { InvitationCalls, InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp, InvitationsMemory } from "@effect-clerk/http"
import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option, Stream, Tracer } from "effect"
import { build } from "esbuild"
import { runWithClock } from "../utils/clock.js"
import * as stub from "../utils/stub.js"
import { recordingTracer } from "../utils/tracer.js"
import { secretKey } from "../utils/wire.js"

const calls = (
  react: Parameters<typeof stub.make>[0],
  options: Partial<InvitationsHttp.CallsOptions> = {}
) => {
  const { client, seen } = stub.make(react)
  const layer = InvitationsHttp.layerCalls({ secretKey, ...options }).pipe(
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
  )
  return Effect.map(Effect.provide(InvitationCalls, layer), (invitations) => ({ invitations, seen }))
}

const request = { emailAddress: "person1@example.com" }

describe("layerCalls", () => {
  it.effect("calls every endpoint", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* calls(stub.properly)
      const { id } = yield* invitations.create(request)
      yield* invitations.createBulk([request])
      yield* invitations.list()
      // The response has another id, so that the outcome is looked up.
      yield* runWithClock(Effect.exit(invitations.revoke(id)))
      yield* runWithClock(Effect.exit(invitations.delete(id)))
      yield* runWithClock(Effect.exit(Stream.runDrain(invitations.stream())))
      const operations = new Set(seen.map(({ operation }) => operation))
      assert.deepStrictEqual(operations, new Set(["create", "createBulk", "list", "revoke", "delete"]))
      assert.sameMembers(Object.keys(invitations), ["create", "createBulk", "list", "revoke", "delete", "stream"])
    }))

  it.effect("sends nothing that Clerk would reject for its form", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* calls(stub.properly)
      const errors = yield* Effect.all([
        Effect.flip(invitations.create({ emailAddress: "ada" })),
        Effect.flip(invitations.createBulk([])),
        Effect.flip(invitations.list({ limit: 501 })),
        Effect.flip(invitations.revoke("a/b")),
        Effect.flip(invitations.delete("")),
        Effect.flip(Stream.runDrain(invitations.stream({ pageSize: 0 })))
      ])
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag), Array.from({ length: 6 }, () => "InvalidRequest"))
      assert.lengthOf(seen, 0)
    }))

  it.effect("retries a list, and does not repeat a create with an unknown outcome blindly", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* calls(
        ({ operation }, index) =>
          index === 0 || operation === "create" ? { status: 503 } : { body: { data: [], total_count: 0 } }
      )
      yield* runWithClock(invitations.list())
      assert.lengthOf(seen, 2)
      const error = yield* Effect.flip(runWithClock(invitations.create(request)))
      assert.strictEqual(error._tag, "AmbiguousWrite")
      assert.isAbove(seen.filter(({ operation }) => operation === "list").length, 1)
    }))

  it.effect("runs each method in a span of its own", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recordingTracer()
      const { invitations } = yield* calls(stub.properly)
      yield* Effect.withTracer(invitations.create(request), tracer)
      assert.deepStrictEqual(spans.map(({ name }) => name), ["InvitationCalls.create", "POST /v1/invitations"])
    }))

  it.effect("ends the span of an attempt without its value, which may be a page", () =>
    Effect.gen(function*() {
      const exits: Array<Exit.Exit<unknown, unknown>> = []
      const { tracer } = recordingTracer()
      const { invitations } = yield* calls(stub.properly)
      yield* Effect.withTracer(
        invitations.list(),
        Tracer.make({
          context: (f) => f(),
          span: (...args) => {
            const span = tracer.span(...args)
            const [, , , , , kind] = args
            return Object.assign(span, {
              end: (_: bigint, exit: Exit.Exit<unknown, unknown>) => {
                if (kind === "client") exits.push(exit)
              }
            })
          }
        })
      )
      assert.deepStrictEqual(exits, [Exit.void])
    }))

  it.effect("refuses client-side rate limits", () =>
    Effect.gen(function*() {
      const untyped: object = { rateLimit: "clerk" }
      const error = yield* Effect.flip(calls(stub.properly, untyped))
      assert.isTrue("path" in error && error.path.includes("rateLimit"))
      yield* calls(stub.properly, { rateLimit: "off" })
    }))

  it.effect("has a replacement for tests", () =>
    Effect.gen(function*() {
      const invitations = yield* InvitationCalls
      const { id } = yield* invitations.create(request)
      const found = Option.getOrThrow(yield* Stream.runHead(invitations.stream()))
      assert.strictEqual(found.id, id)
    }).pipe(
      Effect.provide(Layer.project(InvitationsMemory.layer(), InvitationsService, InvitationCalls, (_) => _))
    ))

  it("has none of the code of rate limits and bulk jobs in a bundle", async () => {
    const { metafile } = await build({
      stdin: {
        contents: `export { layerCalls } from "./src/InvitationsHttp.js"`,
        resolveDir: new URL("../..", import.meta.url).pathname
      },
      bundle: true,
      minify: true,
      format: "esm",
      metafile: true,
      write: false,
      outdir: "out",
      logLevel: "error"
    })
    const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([name]) => name)
    )
    assert.isTrue(bundled.some((name) => name.endsWith("internal/write/primitives.ts")))
    assert.deepStrictEqual(bundled.filter((name) => /internal\/(?:limiter|bulk|emulator)\//.test(name)), [])
  }, 60_000)
})
