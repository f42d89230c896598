import type { Operation } from "@effect-clerk/core/InvitationError"
import { ConnectionError } from "@effect-clerk/core/InvitationError"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { AttemptFailure } from "./attemptFailure.js"
import { attemptFailure } from "./attemptFailure.js"

type Reason = ConnectionError["reason"]

// The codes of Node and undici, and Bun's names for the same errors.
const reasons: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ["ENOTFOUND", "Dns"],
  ["EAI_AGAIN", "Dns"],
  ["EAI_FAIL", "Dns"],
  ["EAI_NODATA", "Dns"],
  ["EAI_NONAME", "Dns"],
  ["ECONNREFUSED", "Refused"],
  ["ConnectionRefused", "Refused"],
  ["EHOSTUNREACH", "Unreachable"],
  ["ENETUNREACH", "Unreachable"],
  ["FailedToOpenSocket", "Unreachable"],
  ["UND_ERR_CONNECT_TIMEOUT", "ConnectTimeout"],
  ["CERT_HAS_EXPIRED", "Tls"],
  ["CERT_NOT_YET_VALID", "Tls"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "Tls"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "Tls"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "Tls"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "Tls"],
  ["UNABLE_TO_GET_ISSUER_CERT", "Tls"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "Tls"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "Tls"],
  // The system gives these codes only for a new socket: no file descriptor or no local port is free.
  ["EMFILE", "Local"],
  ["ENFILE", "Local"],
  ["EADDRNOTAVAIL", "Local"]
])

// An open connection can run out of memory as well, so only these system calls prove that nothing was sent.
const outOfMemory: ReadonlySet<string> = new Set(["ENOMEM", "ENOBUFS", "EAI_MEMORY"])
const beforeConnection: ReadonlySet<string> = new Set(["socket", "connect", "bind", "getaddrinfo"])

// Deno has no codes. Its messages contain the URL, so nothing of them is kept. `Connect` names the phase that failed.
const connectMessage =
  /client error \(Connect\)(?:: (dns error|.*\bConnection refused\b|.*\b(?:certificate|tls|TLS|handshake)\b))?/

// Clients of `fetch` refuse these ports before they connect.
const blockedPort = /^bad port$|Requests to port \d+ are blocked/

const reasonOfMessage = (message: string): Reason => {
  if (blockedPort.test(message)) return "InvalidUrl"
  const [phase, detail] = connectMessage.exec(message) ?? []
  if (phase === undefined) return "Lost"
  if (detail === undefined) return "Unreachable"
  return detail === "dns error" ? "Dns" : detail.endsWith("refused") ? "Refused" : "Tls"
}

const text = (value: unknown, key: string): string | undefined =>
  Predicate.hasProperty(value, key) && typeof value[key] === "string" ? value[key] : undefined

const reasonOf = (cause: unknown): Reason => {
  const code = text(cause, "code") ?? ""
  const syscall = text(cause, "syscall") ?? ""
  const reason = reasons.get(code)
  if (reason !== undefined) return reason
  if (outOfMemory.has(code)) return beforeConnection.has(syscall) ? "Local" : "Lost"
  // ETIMEDOUT and others occur both before and after the connection is made. The system call distinguishes them.
  if (syscall !== "connect") return code === "" ? reasonOfMessage(text(cause, "message") ?? "") : "Lost"
  return code === "ETIMEDOUT" ? "ConnectTimeout" : "Unreachable"
}

// A constant such as `ERR_TLS_CERT_ALTNAME_INVALID`, or a name of Bun. An HTTP client may put any other text here.
const isErrorCode = (code: string): boolean => /^(?:[A-Z][A-Z0-9_]{1,47}|(?:[A-Z][a-z]+){1,6})$/.test(code)

/**
 * The innermost errors. `fetch` wraps an error in another one's `cause`, and an attempt to connect to several addresses
 * fails with an `AggregateError`.
 */
const roots = (cause: unknown, depth = 5): ReadonlyArray<unknown> => {
  if (depth === 0) return [cause]
  if (Predicate.hasProperty(cause, "errors") && Array.isArray(cause.errors) && cause.errors.length > 0) {
    return cause.errors.flatMap((error) => roots(error, depth - 1))
  }
  if (Predicate.hasProperty(cause, "cause") && Predicate.isObject(cause.cause)) return roots(cause.cause, depth - 1)
  return [cause]
}

/**
 * The failure of an attempt whose HTTP client failed. The request counts as sent, and its outcome as unknown, unless
 * every innermost error proves that it was not sent.
 */
export const fromClientError = (operation: Operation, error: HttpClientError.HttpClientError): AttemptFailure => {
  if (error._tag === "RequestError" && error.reason !== "Transport") {
    return attemptFailure("Rejected", new ConnectionError({ operation, reason: "InvalidUrl", code: Option.none() }))
  }
  const causes = roots(error.cause)
  const lost = error._tag === "ResponseError" ? error.cause : causes.find((cause) => reasonOf(cause) === "Lost")
  const cause = lost ?? causes[0]
  const reason = error._tag === "ResponseError" ? "Lost" : reasonOf(cause)
  return attemptFailure(
    reason === "Lost" ? "Unknown" : reason === "InvalidUrl" ? "Rejected" : "NotSent",
    new ConnectionError({
      operation,
      reason,
      code: Option.filter(Option.fromNullable(text(cause, "code")), isErrorCode)
    })
  )
}
