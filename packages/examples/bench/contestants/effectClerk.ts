import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import * as InvitationsHttp from "@effect-clerk/http/InvitationsHttp"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { Client } from "./contestant.js"
import { idOf, pageSize, requestOf, secretKey } from "./contestant.js"

/**
 * This client with all its defaults, over the given HTTP client.
 */
export const make = (httpClient: Layer.Layer<HttpClient.HttpClient>) => (apiUrl: string): Client => {
  const runtime = ManagedRuntime.make(
    InvitationsHttp.layer({ apiUrl, secretKey: Redacted.make(secretKey) }).pipe(Layer.provide(httpClient))
  )
  return {
    create: (count) =>
      runtime.runPromise(Effect.gen(function*() {
        const invitations = yield* InvitationsService
        for (let index = 0; index < count; index++) yield* invitations.create(requestOf(index))
      })),
    revoke: (count) =>
      runtime.runPromise(Effect.gen(function*() {
        const invitations = yield* InvitationsService
        for (let index = 0; index < count; index++) yield* invitations.revoke(idOf(index))
      })),
    listTen: (count) =>
      runtime.runPromise(Effect.gen(function*() {
        const invitations = yield* InvitationsService
        for (let index = 0; index < count; index++) yield* invitations.list({ limit: 10 })
      })),
    list: (ahead) =>
      runtime.runPromise(
        Effect.flatMap(InvitationsService, (invitations) =>
          Stream.runCount(invitations.stream({ pageSize, concurrency: ahead })))
      ),
    close: () => runtime.dispose()
  }
}
