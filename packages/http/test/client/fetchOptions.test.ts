import { InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import { FetchHttpClient, HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { page, secretKey } from "../utils/wire.js"

type Seen = RequestInit & { readonly method?: string }

/** The layer of `fetch` over a function that records the options of its calls and answers with `status`. */
const recorded = (status = 200) => {
  const seen: Array<Seen> = []
  const fetch: typeof globalThis.fetch = (_input, init) => {
    seen.push(init ?? {})
    return Promise.resolve(Response.json(page([]), { status, headers: { location: "https://elsewhere.example" } }))
  }
  return { seen, client: FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch))) }
}

const init: RequestInit = { cache: "reload", keepalive: true, headers: { "x-proxy": "1" }, redirect: "follow" }

const list = Effect.flatMap(InvitationsService, (invitations) => invitations.list())

const layer = (client: Layer.Layer<HttpClient.HttpClient>, options: Partial<InvitationsHttp.Options> = {}) =>
  InvitationsHttp.layer({ secretKey, retry: "none", ...options }).pipe(Layer.provide(client))

const Init = Layer.succeed(FetchHttpClient.RequestInit, init)

describe("the options of fetch", () => {
  it.effect("ask for no answer from a cache, and for no redirect", () =>
    Effect.gen(function*() {
      const { client, seen } = recorded()
      yield* Effect.provide(list, layer(client))
      assert.deepInclude(seen[0], { cache: "no-store", redirect: "manual", method: "GET" })
    }))

  const places: ReadonlyArray<
    readonly [place: string, run: (client: Layer.Layer<HttpClient.HttpClient>) => Effect.Effect<unknown, unknown>]
  > = [
    ["the layer of the client", (client) => Effect.provide(list, layer(Layer.provide(client, Init)))],
    ["the layer of the service", (client) => Effect.provide(list, Layer.provide(layer(client), Init))],
    ["the call", (client) => list.pipe(Effect.provide(layer(client)), Effect.provide(Init))],
    [
      "transformClient",
      (client) =>
        Effect.provide(
          list,
          layer(client, {
            transformClient: HttpClient.transform((effect) =>
              Effect.provideService(effect, FetchHttpClient.RequestInit, init)
            )
          })
        )
    ]
  ]
  for (const [place, run] of places) {
    for (const isTraced of [true, false]) {
      it.effect(`of the user survive if they are provided to ${place}, except the redirect (tracing: ${isTraced})`, () =>
        Effect.gen(function*() {
          const { client, seen } = recorded()
          yield* Effect.withTracerEnabled(run(client), isTraced)
          assert.deepInclude(seen[0], { cache: "reload", keepalive: true, redirect: "manual" })
          assert.include(seen[0]?.headers, { "x-proxy": "1" })
        }))
    }
  }

  it.effect("keep a read from being answered by a cache of the framework", () =>
    Effect.gen(function*() {
      // As a framework patches `fetch`: it caches every GET that does not ask for `no-store`.
      const cache = new Map<string, Response>()
      let requests = 0
      const fetch: typeof globalThis.fetch = (input, init) => {
        const key = new Request(input).url
        const cached = init?.cache === "no-store" ? undefined : cache.get(key)
        if (cached !== undefined) return Promise.resolve(cached.clone())
        requests++
        const response = Response.json(page([]))
        cache.set(key, response.clone())
        return Promise.resolve(response)
      }
      const client = FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch)))
      yield* Effect.provide(Effect.zipRight(list, list), layer(client))
      assert.strictEqual(requests, 2)
    }))
})
