import { InvitationsService } from "@effect-clerk/core"
import { ConnectionError } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import type { HttpClient } from "@effect/platform"
import { Effect, Layer, Redacted } from "effect"
import * as assert from "../conformance/assert.js"
import { failure } from "../conformance/fixtures.js"
import * as Suite from "../conformance/suite.js"

/** Without a connection nothing is sent, so the outcome of a write is known. */
export const offline = (client: Layer.Layer<HttpClient.HttpClient>): Suite.Suite =>
  Suite.make((test) => {
    const cases = [
      // No server listens on this address.
      ["a refused connection", "http://127.0.0.99:47123", "Refused"],
      ["an unknown host", "http://clerk.invalid", "Dns"]
    ] as const
    for (const [name, apiUrl, reason] of cases) {
      test(`a create that meets ${name} was not sent`, () =>
        Effect.gen(function*() {
          const invitations = yield* InvitationsService
          const error = yield* failure(invitations.create({ emailAddress: "ada@example.com" }), ConnectionError)
          assert.strictEqual(error.reason, reason)
          assert.isTrue(error.message.startsWith("create was not sent: "))
        }).pipe(
          Effect.provide(
            InvitationsHttp.layer({ secretKey: Redacted.make("sk_test_offline"), apiUrl, retry: "none" }).pipe(
              Layer.provide(client)
            )
          )
        ))
    }
  })
