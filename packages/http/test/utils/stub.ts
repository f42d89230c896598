import { InvitationAttempts, InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import { HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import { Clock, Effect, Layer, Schema } from "effect"
import type { Operation } from "./wire.js"
import { operationOf, proper, row, secretKey } from "./wire.js"

/**
 * A request that reached the stub.
 */
export interface Seen {
  readonly operation: Operation
  readonly method: string
  readonly url: URL
  readonly body: string
  readonly headers: { readonly [name: string]: string | undefined }
  /** When, by Effect's clock, in milliseconds. */
  readonly at: number
}

/**
 * What the stub does with it: an answer, an error of the platform, or nothing at all. An answer has the `date` of
 * Effect's clock, unless its headers have another one.
 */
export type Reaction =
  | {
    readonly status?: number
    readonly headers?: { readonly [name: string]: string }
    /** A string as it is, anything else as JSON. */
    readonly body?: unknown
  }
  | { readonly code: string; readonly syscall?: string }
  | "stall"

const Create = Schema.Struct({ email_address: Schema.String })
const decodeCreate = Schema.decodeSync(Schema.parseJson(Create))
const decodeCreateBulk = Schema.decodeSync(Schema.parseJson(Schema.Array(Create)))

let created = 0

/** Answers with a success. The response to a create has the addresses of its request, and ids that no other one has. */
export const properly = ({ body, operation }: Pick<Seen, "body" | "operation">): Reaction => {
  switch (operation) {
    case "create":
      return { body: row(++created, decodeCreate(body)) }
    case "createBulk":
      return { body: decodeCreateBulk(body).map((request) => row(++created, request)) }
    default:
      return { body: proper[operation] }
  }
}

/** An error as Node makes it. */
export const nodeError = (code: string, syscall?: string): Error =>
  Object.assign(new Error(code), { code }, syscall === undefined ? {} : { syscall })

/**
 * An HTTP client without a network.
 */
export const make = (react: (request: Seen, index: number) => Reaction | Effect.Effect<Reaction>) => {
  const seen: Array<Seen> = []
  const client = HttpClient.make((request, url) =>
    Effect.gen(function*() {
      const one: Seen = {
        operation: operationOf(request.method, url.pathname),
        method: request.method,
        url,
        body: request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : "",
        headers: request.headers,
        at: yield* Clock.currentTimeMillis
      }
      seen.push(one)
      const reacted = react(one, seen.length - 1)
      const reaction = Effect.isEffect(reacted) ? yield* reacted : reacted
      if (reaction === "stall") return yield* Effect.never
      if ("code" in reaction) {
        return yield* new HttpClientError.RequestError({
          request,
          reason: "Transport",
          cause: nodeError(reaction.code, reaction.syscall)
        })
      }
      const { body, headers = {}, status = 200 } = reaction
      const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body)
      return HttpClientResponse.fromWeb(
        request,
        new Response(status === 204 || status === 304 ? null : text, {
          status,
          headers: {
            date: new Date(yield* Clock.currentTimeMillis).toUTCString(),
            "content-length": String(new TextEncoder().encode(text).length),
            ...headers
          }
        })
      )
    })
  )
  return { client, seen }
}

/**
 * The service over a stub, and what the stub saw.
 */
export const service = (
  react: (request: Seen, index: number) => Reaction | Effect.Effect<Reaction>,
  options: Partial<InvitationsHttp.Options> = {}
) => {
  const { client, seen } = make(react)
  return InvitationsHttp.make({ secretKey, ...options }).pipe(
    Effect.provideService(HttpClient.HttpClient, client),
    Effect.map((invitations) => ({ invitations, seen }))
  )
}

/**
 * The calls of one attempt and the service over the same client and a stub, and what the stub saw.
 */
export const attempts = (
  react: (request: Seen, index: number) => Reaction | Effect.Effect<Reaction>,
  options: Partial<InvitationsHttp.Options> = {}
) => {
  const { client, seen } = make(react)
  const layer = InvitationsHttp.layer({ secretKey, ...options }).pipe(
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
  )
  return Effect.all({ attempts: InvitationAttempts, invitations: InvitationsService }).pipe(
    Effect.provide(layer),
    Effect.map((services) => ({ ...services, seen }))
  )
}
