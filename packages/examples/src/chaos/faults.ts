/**
 * Random faults, drawn with a seed: responses of the emulator, and connection errors of the client.
 */
import { Fault } from "@effect-clerk/http"
import { HttpClient, HttpClientError, HttpClientRequest } from "@effect/platform"
import { Array, Duration, Effect, Option, Random } from "effect"

/**
 * Counts the injected faults by class.
 */
export interface Counter {
  readonly add: (name: string) => void
  readonly entries: () => ReadonlyArray<readonly [name: string, count: number]>
}

export const makeCounter = (): Counter => {
  const counts = new Map<string, number>()
  return {
    add: (name) => {
      counts.set(name, (counts.get(name) ?? 0) + 1)
    },
    entries: () => [...counts].sort(([a], [b]) => a < b ? -1 : 1)
  }
}

const { Body, Drip, Reset, Stall, Status, Truncated } = Fault.Response

const retryAfters = ["0", "0", "-1", "1e999", "NaN", "", "Thu, 01 Jan 1970 00:00:00 GMT", "soon", "1", "3"]

const lateBy = Random.nextIntBetween(5, 60).pipe(Effect.map(Duration.millis))

type Make = Effect.Effect<Fault.Fault>

const either = (response: Fault.Response): Make =>
  Effect.map(Random.nextBoolean, (committed) => Fault.make(response, committed ? "before" : "never"))

// JSON.stringify allocates the whole string now. A string concatenated on first use would look like a leak.
const oversized = JSON.stringify({ object: "invitation", padding: "x".repeat(33 * 1024 * 1024) })

const faults: ReadonlyArray<readonly [name: string, weight: number, fault: Make]> = [
  ["reset before the write", 6, Effect.succeed(Fault.make(Reset()))],
  ["reset after the commit", 8, Effect.succeed(Fault.make(Reset(), "before"))],
  ["reset, late commit", 4, Effect.map(lateBy, (late) => Fault.make(Reset(), late))],
  ["cut off in mid-response", 6, either(Truncated())],
  ["stall before the headers", 2, either(Stall({ at: "headers" }))],
  ["stall in mid-body", 2, either(Stall({ at: "body" }))],
  ["drip", 2, Effect.succeed(Fault.make(Drip({ every: Duration.millis(1) })))],
  ["500 before the commit", 4, Effect.succeed(Fault.make(Status({ status: 500 })))],
  ["500 after the commit", 6, Effect.succeed(Fault.make(Status({ status: 500 }), "before"))],
  ["503 with Retry-After", 2, either(Status({ status: 503, code: "service_unavailable", retryAfter: "0" }))],
  ["504, late commit", 4, Effect.map(lateBy, (late) => Fault.make(Status({ status: 504 }), late))],
  [
    "52x as HTML",
    4,
    Effect.flatMap(Random.nextIntBetween(520, 528), (status) => either(Status({ status, html: true })))
  ],
  ["empty body", 3, either(Body({ body: "" }))],
  ["mistyped body", 3, either(Body({ body: JSON.stringify({ foo: 1 }) }))],
  ["null body", 2, either(Body({ body: "null", contentType: "text/plain; charset=utf-8" }))],
  ["oversized body", 0.05, either(Body({ body: oversized }))],
  [
    "429 with some Retry-After",
    1.5,
    Effect.gen(function*() {
      const index = yield* Random.nextIntBetween(0, retryAfters.length)
      return Fault.make(Status({ status: 429, code: "too_many_requests", retryAfter: retryAfters[index] ?? "" }))
    })
  ],
  ["409 resource_locked", 3, Effect.succeed(Fault.make(Status({ status: 409, code: "resource_locked" })))]
]

const total = faults.reduce((sum, [, weight]) => sum + weight, 0)

/**
 * With this probability, a fault for the current call of the emulator.
 */
export const serverFaults = (probability: number, counter: Counter): Effect.Effect<Option.Option<Fault.Fault>> =>
  Effect.gen(function*() {
    if ((yield* Random.next) >= probability) return Option.none()
    let remaining = (yield* Random.next) * total
    for (const [name, weight, make] of faults) {
      remaining -= weight
      if (remaining < 0) {
        counter.add(name)
        return Option.some(yield* make)
      }
    }
    return Option.none()
  })

const connectErrors = ["ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT", "EHOSTUNREACH"]

/**
 * With this probability, fails an attempt before it is sent: with a request to a closed port, or with the platform's error for
 * a failed name lookup or a connect timeout.
 */
export const clientFaults =
  (probability: number, closedPort: number, counter: Counter) =>
  (client: HttpClient.HttpClient): HttpClient.HttpClient =>
    HttpClient.transform(client, (sent, request) =>
      Effect.gen(function*() {
        if ((yield* Random.next) >= probability) return yield* sent
        const code = Array.get(connectErrors, yield* Random.nextIntBetween(0, connectErrors.length * 2))
        if (Option.isNone(code)) {
          counter.add("connection refused")
          return yield* client.execute(
            HttpClientRequest.setUrl(request, request.url.replace(/:\d+\//, `:${closedPort}/`))
          )
        }
        counter.add(`not connected: ${code.value}`)
        return yield* new HttpClientError.RequestError({
          request,
          reason: "Transport",
          cause: Object.assign(new Error(code.value), { code: code.value })
        })
      }))
