// Run its test, test/webHandler.test.ts, with: npx -y pnpm@10 vitest run webHandler
import { InvitationsService } from "@effect-clerk/core"
import { isDuplicate, isUserExists } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { FetchHttpClient } from "@effect/platform"
import { Effect, Layer, ManagedRuntime, Schema } from "effect"
import { Hono } from "hono"

const Body = Schema.Struct({ emailAddress: Schema.String })

const invite = (request: Request) =>
  Effect.gen(function*() {
    const body: unknown = yield* Effect.tryPromise(() => request.json())
    const { emailAddress } = yield* Schema.decodeUnknown(Body)(body)
    const invitations = yield* InvitationsService
    const { id } = yield* invitations.create({ emailAddress })
    return Response.json({ id }, { status: 201 })
  }).pipe(
    Effect.catchIf(isDuplicate, () => Effect.succeed(Response.json({ error: "invited already" }, { status: 409 }))),
    Effect.catchIf(isUserExists, () => Effect.succeed(Response.json({ error: "a member already" }, { status: 409 }))),
    Effect.catchTags({
      UnknownException: () => Effect.succeed(Response.json({ error: "the body is no JSON" }, { status: 400 })),
      ParseError: () => Effect.succeed(Response.json({ error: "emailAddress is missing" }, { status: 400 })),
      InvalidRequest: ({ issues }) =>
        Effect.succeed(Response.json({ error: "not acceptable", issues }, { status: 422 }))
    }),
    Effect.catchAll((error) =>
      Effect.as(
        Effect.logError("An invitation failed", error.message),
        Response.json({ error: "try again later" }, { status: 503 })
      )
    )
  )

/** A handler for Hono, Next.js, Remix, Bun.serve, Deno.serve and edge runtimes. If the caller disconnects, it is interrupted. */
export const makeHandler =
  <E>(runtime: ManagedRuntime.ManagedRuntime<InvitationsService, E>) => (request: Request): Promise<Response> =>
    runtime.runPromise(invite(request), { signal: request.signal })

/** With Hono. In a Next.js route it is `export const POST = makeHandler(runtime)`. */
export const makeApp = <E>(runtime: ManagedRuntime.ManagedRuntime<InvitationsService, E>) => {
  const handler = makeHandler(runtime)
  return new Hono().post("/invitations", ({ req }) => handler(req.raw))
}

/**
 * One runtime for the whole process. It reads the settings once, at the first request, and all requests share its retry
 * budget.
 */
export const makeRuntime = () =>
  ManagedRuntime.make(InvitationsHttp.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
