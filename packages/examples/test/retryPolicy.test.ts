import { InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import { HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Chunk, Clock, Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { isInvited, nightly } from "../src/recipes/retryPolicy.js"

type Reaction = Response | { readonly code: string }

const page = () => Response.json({ data: [], total_count: 0 })
const busy = (retryAfter: number) =>
  Response.json({ errors: [] }, { status: 429, headers: { "retry-after": String(retryAfter) } })
const down = () => Response.json({ errors: [] }, { status: 503 })

/** The service with the policy of the recipe, over an API that sends these responses in turn, and the times of the requests. */
const make = (...reactions: ReadonlyArray<() => Reaction>) =>
  Effect.gen(function*() {
    const asked: Array<number> = []
    const client = HttpClient.make((request) =>
      Effect.gen(function*() {
        const reaction = (reactions[asked.length] ?? page)()
        asked.push(yield* Clock.currentTimeMillis)
        return reaction instanceof Response ? HttpClientResponse.fromWeb(request, reaction) : yield* Effect.fail(
          new HttpClientError.RequestError({
            request,
            reason: "Transport",
            cause: Object.assign(new Error("no connection"), reaction)
          })
        )
      })
    )
    const layer = InvitationsHttp.layer({ secretKey: Redacted.make("sk_test_any"), ...nightly }).pipe(
      Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
    )
    return { asked, layer }
  })

const turn = Effect.promise(() =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
)

/** Advances the clock to the end of the next sleep, again and again; bodies are read in between. */
const runWithClock = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    while (fiber.unsafePoll() === null) {
      yield* Effect.repeatN(turn, 20)
      const sleeps = yield* TestClock.sleeps()
      if (Chunk.isNonEmpty(sleeps)) yield* TestClock.setTime(Math.min(...sleeps))
    }
    return yield* Fiber.join(fiber)
  })

const list = Effect.flatMap(InvitationsService, (invitations) => invitations.list())

it.effect("doubles the delay between requests, and gives up after six requests", () =>
  Effect.gen(function*() {
    const { asked, layer } = yield* make(...Array.from({ length: 10 }, () => down))
    const error = yield* runWithClock(Effect.flip(list).pipe(Effect.provide(layer)))
    assert.strictEqual(error._tag, "ServerError")
    assert.strictEqual(asked.length, 6)
    asked.slice(1).forEach((at, n) => {
      // The jitter of a schedule is a fifth of the delay in each direction.
      assert.isAtLeast(at - (asked[n] ?? 0), 800 * 2 ** n)
    })
  }))

it.effect("waits for the next hour's quota", () =>
  Effect.gen(function*() {
    const { asked, layer } = yield* make(() => busy(3000), page)
    yield* runWithClock(list.pipe(Effect.provide(layer)))
    assert.strictEqual(asked.length, 2)
    assert.isAtLeast((asked[1] ?? 0) - (asked[0] ?? 0), 3_000_000)
  }))

it.effect("does not retry an unknown host name", () =>
  Effect.gen(function*() {
    const { asked, layer } = yield* make(() => ({ code: "ENOTFOUND" }), page)
    const error = yield* runWithClock(Effect.flip(list).pipe(Effect.provide(layer)))
    assert.deepInclude(error, { _tag: "ConnectionError", reason: "Dns" })
    assert.strictEqual(asked.length, 1)
  }))

it.effect("does not retry for an interactive page", () =>
  Effect.gen(function*() {
    const { asked, layer } = yield* make(down, page)
    const error = yield* runWithClock(Effect.flip(isInvited("ada@example.com")).pipe(Effect.provide(layer)))
    assert.strictEqual(error._tag, "ServerError")
    assert.strictEqual(asked.length, 1)
  }))
