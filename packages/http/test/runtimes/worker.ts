// Runs the suites in a Worker. `/run` runs them; every other request is one to the emulator, which the tests of the same isolate
// started. So requests take the way over a real socket, and both sides share the clock of the tests.
import { InvitationsService, RateLimits } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { FetchHttpClient, HttpApp, HttpServer } from "@effect/platform"
import { Cause, Duration, Effect, Exit, identity, Layer, ManagedRuntime, Redacted } from "effect"
import * as Environment from "./environment.js"
import { run } from "./runner.js"

let handler: ((request: Request) => Promise<Response>) | undefined

const serverAt = (origin: URL): Layer.Layer<HttpServer.HttpServer> =>
  Layer.succeed(
    HttpServer.HttpServer,
    HttpServer.make({
      address: { _tag: "TcpAddress", hostname: origin.hostname, port: Number(origin.port) },
      serve: (app, middleware) =>
        Effect.flatMap(Effect.runtime(), (runtime) =>
          Effect.acquireRelease(
            Effect.sync(() => {
              const apply: (app: HttpApp.Default<unknown>) => HttpApp.Default<unknown> = middleware ?? identity
              handler = HttpApp.toWebHandlerRuntime(runtime)(apply(app))
            }),
            () =>
              Effect.sync(() => {
                handler = undefined
              })
          ))
    })
  )

// The emulator holds one request until another one ends it. A Worker does not allow that, and in this setup both are of one Worker.
const skipped = new Set([
  ...["reset", "restore"].map((ending) => `${ending} ends a response that stalls in the headers`),
  // Between workers a response has no `Date`, and workerd repeats a GET whose connection is lost.
  "list returns the time of the server",
  "list makes one call and fails with ConnectionError after a reset after the commit"
])

const sharedRuntimeAt = (origin: string, server: Layer.Layer<HttpServer.HttpServer>) => {
  const service = (options: Partial<InvitationsHttp.Options>) =>
    ManagedRuntime.make(
      InvitationsHttp.layer({ secretKey: Redacted.make("sk_test_shared"), apiUrl: origin, ...options }).pipe(
        Layer.provide(FetchHttpClient.layer),
        Layer.orDie
      )
    )
  return {
    emulator: ManagedRuntime.make(ClerkEmulator.layer().pipe(Layer.provide(server))),
    unlimited: service({}),
    limited: service({
      rateLimit: { limits: { ...RateLimits.production, create: { limit: 3, window: Duration.seconds(1) } } }
    })
  }
}

let shared: ReturnType<typeof sharedRuntimeAt> | undefined

// Creates an invitation with one runtime for all requests, as an application keeps it in its module.
const create = async (url: URL): Promise<Response> => {
  shared ??= sharedRuntimeAt(url.origin, serverAt(url))
  await shared.emulator.runtime()
  const runtime = url.searchParams.get("limits") === "on" ? shared.limited : shared.unlimited
  const emailAddress = url.searchParams.get("email") ?? ""
  const exit = await runtime.runPromiseExit(
    Effect.flatMap(InvitationsService, (invitations) => Effect.either(invitations.create({ emailAddress })))
  )
  return new Response(
    Exit.match(exit, {
      onFailure: Cause.pretty,
      onSuccess: (result) => result._tag === "Right" ? "Created" : result.left._tag
    })
  )
}

export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url)
    if (url.pathname === "/shared") return await create(url)
    if (url.pathname !== "/run") return await handler?.(request) ?? new Response("no emulator runs", { status: 503 })
    const environment = Environment.make({ server: serverAt(url), client: FetchHttpClient.layer, turns: 40 })
    return Response.json(await run(environment, { skipped }))
  }
}
