// The four calls, with ours.
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import * as InvitationsHttp from "@effect-clerk/http/InvitationsHttp"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

export const program = Effect.gen(function*() {
  const invitations = yield* InvitationsService
  const ada = yield* invitations.create({ emailAddress: "ada@example.com", expiresInDays: 7 })
  yield* invitations.createBulk([{ emailAddress: "grace@example.com" }, { emailAddress: "hedy@example.com" }])
  const { totalCount } = yield* invitations.list({ status: "pending", limit: 500 })
  yield* invitations.revoke(ada.id)
  return totalCount
})

export const main = (secretKey: string) =>
  program.pipe(
    Effect.provide(
      InvitationsHttp.layer({ secretKey: Redacted.make(secretKey) }).pipe(Layer.provide(FetchHttpClient.layer))
    ),
    Effect.runPromise
  )
