// A create in an edge runtime whose `fetch` responds like Clerk.
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import * as InvitationsHttp from "@effect-clerk/http/InvitationsHttp"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

const answer: typeof fetch = async (input, init) => {
  const request = new Request(input, init)
  const sent = [request.method, request.url, request.headers.get("authorization"), await request.text()].join(" ")
  const expected =
    "POST https://api.clerk.com/v1/invitations Bearer sk_test_edge {\"email_address\":\"ada@example.com\"}"
  if (sent !== expected) return new Response(null, { status: 400 })
  return Response.json({
    object: "invitation",
    id: "inv_edge",
    email_address: "ada@example.com",
    public_metadata: {},
    status: "pending",
    created_at: 0,
    updated_at: 0
  })
}

const Invitations = InvitationsHttp.layer({ secretKey: Redacted.make("sk_test_edge") }).pipe(
  Layer.provide(FetchHttpClient.layer)
)

export const run = async (): Promise<void> => {
  globalThis.fetch = answer
  const { id } = await Effect.runPromise(
    Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress: "ada@example.com" })).pipe(
      Effect.provide(Invitations)
    )
  )
  if (id !== "inv_edge") throw new Error(`created ${id}`)
}
