import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { Client } from "./contestant.js"
import { bodyOf, headers, idOf, parsePage, pool, searchOf } from "./contestant.js"

/**
 * The bare client of @effect/platform: the lower bound for every client on top of it.
 */
export const make = (httpClient: Layer.Layer<HttpClient.HttpClient>) => (apiUrl: string): Client => {
  const runtime = ManagedRuntime.make(httpClient)
  const send = (request: HttpClientRequest.HttpClientRequest) =>
    Effect.flatMap(
      HttpClient.HttpClient,
      (client) =>
        Effect.flatMap(HttpClient.withTracerDisabledWhen(client, () => true).execute(request), ({ text }) => text)
    )
  return {
    create: (count) =>
      runtime.runPromise(Effect.gen(function*() {
        for (let index = 0; index < count; index++) {
          const body = HttpBody.text(bodyOf(index), "application/json")
          JSON.parse(yield* send(HttpClientRequest.post(`${apiUrl}/v1/invitations`, { headers, body })))
        }
      })),
    revoke: (count) =>
      runtime.runPromise(Effect.gen(function*() {
        for (let index = 0; index < count; index++) {
          JSON.parse(
            yield* send(HttpClientRequest.post(`${apiUrl}/v1/invitations/${idOf(index)}/revoke`, { headers }))
          )
        }
      })),
    listTen: (count) =>
      runtime.runPromise(Effect.gen(function*() {
        for (let index = 0; index < count; index++) {
          JSON.parse(
            yield* send(HttpClientRequest.get(`${apiUrl}/v1/invitations?paginated=true&limit=10`, { headers }))
          )
        }
      })),
    list: (ahead) =>
      pool(ahead, async (offset) =>
        parsePage(
          await runtime.runPromise(
            send(HttpClientRequest.get(`${apiUrl}/v1/invitations${searchOf(offset)}`, { headers }))
          )
        )),
    close: () => runtime.dispose()
  }
}
