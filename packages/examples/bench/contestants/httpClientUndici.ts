import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { bodyOf, contest, headers, parsePage, pool, searchOf } from "./contestant.js"

// The bare client of @effect/platform: the lower bound for every client on top of it.
await contest((apiUrl) => {
  const runtime = ManagedRuntime.make(NodeHttpClient.layerUndici)
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
    list: (ahead) =>
      pool(ahead, async (offset) =>
        parsePage(
          await runtime.runPromise(
            send(HttpClientRequest.get(`${apiUrl}/v1/invitations${searchOf(offset)}`, { headers }))
          )
        )),
    close: () => runtime.dispose()
  }
})
