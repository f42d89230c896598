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
 * The last requests and what they were answered with. Each is written down in steps, as the emulator gets to know about it.
 */
export interface RequestLog {
  /** The request has come. */
  readonly arrived: (request: HttpServerRequest.HttpServerRequest, now: number) => void
  /** Its body has been read. */
  readonly read: (request: HttpServerRequest.HttpServerRequest, body: string) => void
  /** A fault has struck it. */
  readonly injected: (request: HttpServerRequest.HttpServerRequest, fault: Fault.Response) => void
  /** It is answered. */
  readonly answered: (
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
  answer: { readonly status: number; readonly took: number; readonly body: string } | undefined
  fault: Fault.Response["_tag"] | undefined
}

const maxEntries = 100

const maxBody = 4000

// A character takes at most four bytes, so that this many are enough.
const excerpt = (body: HttpServerResponse.HttpServerResponse["body"]): string =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body.subarray(0, 4 * maxBody)).slice(0, maxBody) : ""

const toRequest = ({ answer, at, body, fault, method, number, url }: Entry): InvitationsControl.Request => {
  const mark = url.indexOf("?")
  return {
    number,
    at: DateTime.unsafeMake(at),
    method,
    path: mark === -1 ? url : url.slice(0, mark),
    query: Redacted.make(mark === -1 ? "" : url.slice(mark + 1)),
    body: Redacted.make(body),
    response: Option.map(Option.fromNullable(answer), ({ body, status, took }) => ({
      status,
      duration: Duration.millis(took),
      body: Redacted.make(body)
    })),
    fault: Option.fromNullable(fault)
  }
}

export const make = (notify: () => void): RequestLog => {
  const entries: Array<Entry> = []
  // By what the platform knows the request as: a router hands on copies of everything around it.
  const underWay = new WeakMap<object, Entry>()
  const find = (source: unknown): Entry | undefined => Predicate.isObject(source) ? underWay.get(source) : undefined
  let last = 0

  return {
    arrived: ({ method, source, url }, now) => {
      if (entries.length >= maxEntries) entries.shift()
      const entry: Entry = { number: ++last, at: now, method, url, body: "", answer: undefined, fault: undefined }
      entries.push(entry)
      if (Predicate.isObject(source)) underWay.set(source, entry)
      notify()
    },
    read: ({ source }, body) => {
      const entry = find(source)
      if (entry !== undefined) entry.body = body.slice(0, maxBody)
    },
    injected: ({ source }, fault) => {
      const entry = find(source)
      if (entry !== undefined) entry.fault = fault._tag
      notify()
    },
    answered: ({ source }, { body, status }, now) => {
      const entry = find(source)
      // With what the platform makes of a request whose sender has gone, nobody is answered.
      if (status === 499 && body._tag === "Empty") return
      if (entry !== undefined) entry.answer = { status, took: now - entry.at, body: excerpt(body) }
      notify()
    },
    entries: () => entries.map(toRequest),
    clear: () => {
      entries.length = 0
    }
  }
}
