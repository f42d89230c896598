import * as HttpBody from "@effect/platform/HttpBody"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as Stream from "effect/Stream"
import type { RuntimeName } from "./runtime.js"

const contentType = "application/json"

const once = (text: string): HttpBody.HttpBody =>
  HttpBody.stream(Stream.make(new TextEncoder().encode(text)), contentType)

/**
 * The body of a request, in a form that the runtime does not send a second time by itself.
 *
 * When a kept-alive connection breaks, Deno sends every request again, and workerd a DELETE. Then Clerk may commit a write twice,
 * or answers the second one as if the first had not happened. Neither sends a stream again. `GET` may be repeated.
 */
export const bodyOf = (
  runtime: RuntimeName,
  method: HttpMethod,
  text: string | undefined
): HttpBody.HttpBody | undefined => {
  if (method !== "GET" && (runtime === "deno" || (runtime === "workerd" && text === undefined))) return once(text ?? "")
  return text === undefined ? undefined : HttpBody.text(text, contentType)
}

/**
 * The options of `fetch` for a request that the runtime must not send a second time by itself. Bun sends a DELETE again, even
 * with a stream, unless the request uses a new connection.
 */
export const fetchOptionsOf = (runtime: RuntimeName, method: HttpMethod): RequestInit =>
  runtime === "bun" && method === "DELETE" ? { keepalive: false } : {}
