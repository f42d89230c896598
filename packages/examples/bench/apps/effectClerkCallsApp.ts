// Calls of five endpoints and a stream, with our layer of calls.
import { InvitationCalls } from "@effect-clerk/core/InvitationCalls"
import * as InvitationsHttp from "@effect-clerk/http/InvitationsHttp"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

export const program = Effect.gen(function*() {
  const invitations = yield* InvitationCalls
  const ada = yield* invitations.create({ emailAddress: "ada@example.com", expiresInDays: 7 })
  yield* invitations.list({ status: "pending", limit: 500 })
  yield* invitations.revoke(ada.id)
  yield* invitations.delete(ada.id)
  return yield* Stream.runCount(invitations.stream())
})

export const main = (secretKey: string) =>
  program.pipe(
    Effect.provide(
      InvitationsHttp.layerCalls({ secretKey: Redacted.make(secretKey) }).pipe(Layer.provide(FetchHttpClient.layer))
    ),
    Effect.runPromise
  )
