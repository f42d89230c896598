// Run it, beside npx -y pnpm@10 emulator, with: npx -y pnpm@10 tsx packages/examples/src/recipes/httpApplication.ts
// and the environment CLERK_SECRET_KEY=sk_test_local CLERK_API_URL=http://127.0.0.1:4010; then request an invitation with:
// curl -i http://127.0.0.1:3000/sign-ups -H 'content-type: application/json' -d '{"emailAddress":"ada@example.com"}'
import { InvitationsService } from "@effect-clerk/core"
import { type CreateError, isDuplicate, isUserExists } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { type Duration, Effect, Layer, Option, Schema } from "effect"
import { createServer } from "node:http"
import { pathToFileURL } from "node:url"
import * as RetryAfter from "./webApplication/retryAfter.js"

/** A field of the request is invalid. */
export class Unacceptable extends Schema.TaggedError<Unacceptable>()("Unacceptable", {
  issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String }))
}, HttpApiSchema.annotations({ status: 422 })) {}

/** The service is unavailable for now; the header Retry-After says when to retry. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  retryAfterSeconds: Schema.Int
}, HttpApiSchema.annotations({ status: 503 })) {}

/** The request was accepted. The response is the same whether or not the address had an invitation or an account. */
export class SignUpAccepted extends Schema.Class<SignUpAccepted>("SignUpAccepted")({
  emailAddress: Schema.String
}, HttpApiSchema.annotations({ status: 202 })) {}

export class SignUpApi extends HttpApi.make("sign-ups").add(
  HttpApiGroup.make("signUps").add(
    HttpApiEndpoint.post("request", "/sign-ups")
      .setPayload(Schema.Struct({ emailAddress: Schema.String, team: Schema.optional(Schema.String) }))
      .addSuccess(SignUpAccepted)
      .addError(Unacceptable)
      .addError(Unavailable)
  )
) {}

const unavailable = (wait: Option.Option<Duration.Duration>) => {
  const retryAfterSeconds = RetryAfter.seconds(wait)
  return Effect.zipRight(RetryAfter.setHeader(retryAfterSeconds), new Unavailable({ retryAfterSeconds }))
}

// Each failure gets a response of its own, and the compiler checks that none is missing.
const answer = (error: CreateError): Effect.Effect<void, Unacceptable | Unavailable> => {
  // The caller must not learn from the response which addresses have an account.
  if (isDuplicate(error) || isUserExists(error)) return Effect.void
  switch (error._tag) {
    case "InvalidRequest":
      return new Unacceptable({ issues: error.issues })
    case "RateLimited":
    case "TooManyRequests":
      return unavailable(error.retryAfter)
    case "AmbiguousWrite":
    case "Conflict":
    case "ConnectionError":
    case "Timeout":
    case "UnexpectedResponse":
      return unavailable(Option.none())
    // The key, the plan or this program is wrong: the caller gets a 500, our log gets the error.
    case "BadRequest":
    case "ClientError":
    case "Forbidden":
    case "NotFound":
    case "Unauthorized":
    case "Unprocessable":
      return Effect.die(error)
  }
}

/** The application without its server and without a layer for the invitations. */
export const SignUpApiLive = HttpApiBuilder.api(SignUpApi).pipe(
  Layer.provide(
    HttpApiBuilder.group(
      SignUpApi,
      "signUps",
      (handlers) =>
        Effect.map(
          InvitationsService,
          (invitations) =>
            handlers.handle("request", ({ payload: { emailAddress, team } }) =>
              invitations.create({ emailAddress, publicMetadata: team === undefined ? {} : { team } }).pipe(
                Effect.tapError((error) =>
                  Effect.logWarning("The invitation was refused", error.message)
                ),
                Effect.catchAll(answer),
                Effect.as(new SignUpAccepted({ emailAddress }))
              ))
        )
    )
  )
)

const Live = HttpApiBuilder.serve().pipe(
  Layer.provide(SignUpApiLive),
  Layer.provide(InvitationsHttp.layerConfig()),
  Layer.provide(NodeHttpClient.layerUndici),
  Layer.provide(NodeHttpServer.layer(() => createServer(), { host: "127.0.0.1", port: 3000 }))
)

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  NodeRuntime.runMain(Layer.launch(Live))
}
