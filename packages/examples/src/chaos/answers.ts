/**
 * Responses that belong to another request, as a proxy or a kept-alive connection that lost its order delivers them.
 */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import type { HttpClientRequest } from "@effect/platform"
import { Deferred, Effect, Option, Random, Schema } from "effect"
import type { Counter } from "./faults.js"

/** Requests of one kind have responses of one form. */
const kindOf = ({ method, url }: HttpClientRequest.HttpClientRequest): string =>
  `${method} ${new URL(url).pathname.replace(/inv_\w+/, "{id}")}`

const decodeRows = Schema.decodeUnknownOption(Schema.parseJson(Schema.Array(Schema.Unknown)))

/** The body of a bulk create, with its first row in place of every row. */
const duplicated = (body: string): string =>
  Option.match(decodeRows(body), {
    onNone: () => body,
    onSome: (rows) => JSON.stringify(rows.map(() => rows[0]))
  })

/** The body with the ids and addresses of invitations that do not exist. */
const foreign = (body: string): string =>
  body.replace(/inv_/g, "inv_foreign").replace(/@example\.com/g, "@foreign.example")

interface Waiting {
  readonly body: string
  readonly other: Deferred.Deferred<string>
}

/**
 * Makes the function that exchanges the bodies of two requests in flight. A request whose partner does not arrive within
 * 20 milliseconds keeps its body.
 */
const makeSwap = () => {
  const waiting = new Map<string, Waiting>()
  return (kind: string, body: string): Effect.Effect<string> =>
    Effect.gen(function*() {
      const partner = waiting.get(kind)
      if (partner !== undefined) {
        waiting.delete(kind)
        yield* Deferred.succeed(partner.other, body)
        return partner.body
      }
      const other = yield* Deferred.make<string>()
      waiting.set(kind, { body, other })
      return yield* Deferred.await(other).pipe(
        Effect.timeoutTo({ duration: "20 millis", onSuccess: (received) => received, onTimeout: () => body }),
        Effect.ensuring(Effect.sync(() => {
          if (waiting.get(kind)?.other === other) waiting.delete(kind)
        }))
      )
    })
}

const maxSize = 1_000_000

/**
 * With this probability, replaces the body of a 200: with that of another request in flight (swapped), with that of an
 * earlier request (stale), with one row in place of all (duplicated), or with rows that do not exist (foreign). The
 * status remains, because an error does not name its request, so the client cannot recognize that of another one.
 */
export const answersOfOthers =
  (probability: number, counter: Counter) => (client: HttpClient.HttpClient): HttpClient.HttpClient => {
    const swap = makeSwap()
    const earlier = new Map<string, string>()

    const replace = (kind: string, body: string): Effect.Effect<string> =>
      Effect.gen(function*() {
        const stale = earlier.get(kind)
        earlier.set(kind, body)
        switch (yield* Random.nextIntBetween(0, 4)) {
          case 0: {
            const swapped = yield* swap(kind, body)
            if (swapped !== body) counter.add("answer: swapped")
            return swapped
          }
          case 1: {
            if (stale === undefined) return body
            counter.add("answer: stale")
            return stale
          }
          case 2: {
            if (kind !== "POST /v1/invitations/bulk") return body
            counter.add("answer: duplicated")
            return duplicated(body)
          }
          default:
            counter.add("answer: foreign")
            return foreign(body)
        }
      })

    return HttpClient.transform(client, (sent, request) =>
      Effect.gen(function*() {
        const response = yield* sent
        const drawn = (yield* Random.next) < probability
        if (!drawn || response.status !== 200 || Number(response.headers["content-length"]) > maxSize) return response
        const body = yield* replace(kindOf(request), yield* response.text)
        return HttpClientResponse.fromWeb(
          request,
          new Response(body, { headers: { "content-type": "application/json", date: response.headers["date"] ?? "" } })
        )
      }))
  }
