import { HttpClientError, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { fromClientError } from "../../src/internal/client/connectionError.js"

const request = HttpClientRequest.post("https://api.clerk.com/v1/invitations")

/** As `fetch` fails: the cause of a `TypeError`. */
const failing = (message: string) => {
  const cause = new TypeError("fetch failed", { cause: new Error(message) })
  return fromClientError("create", new HttpClientError.RequestError({ request, reason: "Transport", cause }))
}

describe("a failed fetch without a code", () => {
  const inDeno = "error sending request for url (https://api.clerk.com/v1/invitations): "
  const cases = [
    [`${inDeno}client error (Connect): dns error: failed to lookup address information`, "Dns", "NotSent"],
    [`${inDeno}client error (Connect): tcp connect error: Connection refused (os error 111)`, "Refused", "NotSent"],
    [`${inDeno}client error (Connect): invalid peer certificate: Expired`, "Tls", "NotSent"],
    [`${inDeno}client error (Connect): tcp connect error: deadline has elapsed`, "Unreachable", "NotSent"],
    [`${inDeno}client error (SendRequest): connection closed before message completed`, "Lost", "Unknown"],
    [`${inDeno}connection error: Connection reset by peer (os error 104)`, "Lost", "Unknown"],
    ["Network connection lost.", "Lost", "Unknown"],
    ["bad port", "InvalidUrl", "Rejected"],
    ["Fetch failed: Requests to port 9 are blocked", "InvalidUrl", "Rejected"],
    ["", "Lost", "Unknown"]
  ] as const
  for (const [message, reason, disposition] of cases) {
    it(`is ${reason}: ${message.replace(inDeno, "") || "no message"}`, () => {
      const failure = failing(message)
      assert(failure.error._tag === "ConnectionError")
      assert.deepStrictEqual([failure.error.reason, failure.disposition], [reason, disposition])
      assert.notInclude(failure.error.message, "api.clerk.com")
    })
  }
})
