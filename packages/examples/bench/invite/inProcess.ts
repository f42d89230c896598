import {
  HttpApp,
  HttpClient,
  HttpClientResponse,
  HttpServer,
  HttpServerRequest,
  HttpServerResponse
} from "@effect/platform"
import { Context, Effect, Layer, Option } from "effect"

/**
 * Counts of the requests and responses between the client and the server.
 */
export interface Traffic {
  /** Requests in flight. */
  open: number
  /** Requests so far. */
  count: number
  /** The number of responses by operation and status, with keys such as `createBulk 422`. */
  readonly answers: Map<string, number>
}

/** The traffic of a client in process. */
export class InProcess extends Context.Tag("InProcess")<InProcess, Traffic>() {}

const kindOf = (method: string, { pathname }: URL): string =>
  method === "GET"
    ? "list"
    : method === "DELETE"
    ? "delete"
    : pathname.endsWith("/revoke")
    ? "revoke"
    : pathname.endsWith("/bulk")
    ? "createBulk"
    : "create"

/**
 * A server, and a client that passes it every request in the same fiber, without a socket. Time passes only when the clock
 * advances.
 */
export const layer: Layer.Layer<HttpServer.HttpServer | HttpClient.HttpClient | InProcess> = Layer.effectContext(
  Effect.sync(() => {
    let served: Option.Option<HttpApp.Default<unknown>> = Option.none()
    const traffic: Traffic = { open: 0, count: 0, answers: new Map() }

    const server = HttpServer.make({
      address: { _tag: "TcpAddress", hostname: "in-process.invalid", port: 80 },
      serve: (app) =>
        Effect.sync(() => {
          served = Option.some(app)
        })
    })

    const client = HttpClient.make((request, url) =>
      Effect.gen(function*() {
        const app = Option.getOrThrow(served)
        let answer: HttpServerResponse.HttpServerResponse = HttpServerResponse.empty({ status: 500 })
        const body = request.body._tag === "Uint8Array" ? { body: new Uint8Array(request.body.body) } : {}
        yield* HttpApp.toHandled(app, (_, response) =>
          Effect.sync(() => {
            answer = response
          })).pipe(
            Effect.provideService(
              HttpServerRequest.HttpServerRequest,
              HttpServerRequest.fromWeb(new Request(url, { method: request.method, headers: request.headers, ...body }))
            )
          )
        const key = `${kindOf(request.method, url)} ${answer.status}`
        traffic.answers.set(key, (traffic.answers.get(key) ?? 0) + 1)
        return HttpClientResponse.fromWeb(request, HttpServerResponse.toWeb(answer))
      }).pipe((exchange) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            traffic.open++
            traffic.count++
          }),
          () => exchange,
          () =>
            Effect.sync(() => {
              traffic.open--
            })
        )
      )
    )

    return Context.make(HttpServer.HttpServer, server).pipe(
      Context.add(HttpClient.HttpClient, client),
      Context.add(InProcess, traffic)
    )
  })
)
