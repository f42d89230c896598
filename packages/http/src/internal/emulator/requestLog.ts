import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as Fault from "../../Fault.js"
import type { InvitationsControl } from "../../InvitationsControl.js"

/**
 * The last requests and their responses. An entry is completed step by step.
 */
export interface RequestLog {
  /** Adds an entry for a request. */
  readonly arrived: (request: HttpServerRequest.HttpServerRequest, now: number) => void
  /** Records the body of the request. */
  readonly bodyRead: (request: HttpServerRequest.HttpServerRequest, body: string) => void
  /** Records the fault injected into the response. */
  readonly injected: (request: HttpServerRequest.HttpServerRequest, fault: Fault.Response) => void
  /** Records the response. */
  readonly responded: (
    request: HttpServerRequest.HttpServerRequest,
    response: HttpServerResponse.HttpServerResponse,
    now: number
  ) => void
  readonly entries: () => ReadonlyArray<InvitationsControl.Request>
  readonly clear: () => void
}

interface Entry {
  readonly number: number
  readonly at: number
  readonly method: string
  readonly url: string
  body: string
  response: { readonly status: number; readonly millis: number; readonly body: string } | undefined
  fault: Fault.Response["_tag"] | undefined
}

const maxEntries = 100

const maxBody = 4000

// A UTF-8 character has at most four bytes.
const excerpt = (body: HttpServerResponse.HttpServerResponse["body"]): string =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body.subarray(0, 4 * maxBody)).slice(0, maxBody) : ""

const toRequest = ({ at, body, fault, method, number, response, url }: Entry): InvitationsControl.Request => {
  const mark = url.indexOf("?")
  return {
    number,
    at: DateTime.unsafeMake(at),
    method,
    path: mark === -1 ? url : url.slice(0, mark),
    query: Redacted.make(mark === -1 ? "" : url.slice(mark + 1)),
    body: Redacted.make(body),
    response: Option.map(Option.fromNullable(response), ({ body, millis, status }) => ({
      status,
      duration: Duration.millis(millis),
      body: Redacted.make(body)
    })),
    fault: Option.fromNullable(fault)
  }
}

/**
 * Makes an empty log. `notify` is called after every change.
 */
export const make = (notify: () => void): RequestLog => {
  const entries: Array<Entry> = []
  // By the platform's request object: the router passes copies of the `HttpServerRequest` around it.
  const bySource = new WeakMap<object, Entry>()
  const find = (source: unknown): Entry | undefined => Predicate.isObject(source) ? bySource.get(source) : undefined
  let lastNumber = 0

  return {
    arrived: ({ method, source, url }, now) => {
      if (entries.length >= maxEntries) entries.shift()
      const entry: Entry = {
        number: ++lastNumber,
        at: now,
        method,
        url,
        body: "",
        response: undefined,
        fault: undefined
      }
      entries.push(entry)
      if (Predicate.isObject(source)) bySource.set(source, entry)
      notify()
    },
    bodyRead: ({ source }, body) => {
      const entry = find(source)
      if (entry !== undefined) entry.body = body.slice(0, maxBody)
    },
    injected: ({ source }, fault) => {
      const entry = find(source)
      if (entry !== undefined) entry.fault = fault._tag
      notify()
    },
    responded: ({ source }, { body, status }, now) => {
      const entry = find(source)
      // The platform's response to a request whose client closed the connection: it is not sent.
      if (status === 499 && body._tag === "Empty") return
      if (entry !== undefined) entry.response = { status, millis: now - entry.at, body: excerpt(body) }
      notify()
    },
    entries: () => entries.map(toRequest),
    clear: () => {
      entries.length = 0
    }
  }
}
