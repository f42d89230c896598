// Runs the suites in a Worker. `/run` runs them; every other request is one to the emulator, which the tests of the same isolate
// started. So requests take the way over a real socket, and both sides share the clock of the tests.
import { FetchHttpClient, HttpApp, HttpServer } from "@effect/platform"
import { Effect, identity, Layer } from "effect"
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
const skipped = new Set(["reset", "restore"].map((ending) => `${ending} ends a response that stalls in the headers`))

export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url)
    if (url.pathname !== "/run") return await handler?.(request) ?? new Response("no emulator runs", { status: 503 })
    const environment = Environment.make({ server: serverAt(url), client: FetchHttpClient.layer, turns: 40 })
    return Response.json(await run(environment, { skipped }))
  }
}
