import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { clients } from "../utils/clients.js"
import { networkIdle, runWithClock } from "../utils/clock.js"
import { once, overRaw } from "../utils/overRaw.js"
import * as raw from "../utils/rawServer.js"
import { page, row } from "../utils/wire.js"
import { lastFailureOf } from "./utils.js"

const { reply } = raw

const interrupted: ReadonlyArray<readonly [what: string, script: raw.Script]> = [
  ["a body shorter than its content length", reply({ body: page([row(1)]), length: 10_000, close: true })],
  ["a reset within a chunk", [
    raw.Step.Write({ bytes: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{\"da\r\n" }),
    raw.Step.Reset()
  ]],
  ["a response that is not HTTP", [
    raw.Step.Write({ bytes: "220 mail.example.test ESMTP\r\n\r\n" }),
    raw.Step.End()
  ]]
]

for (const [name, client] of clients) {
  describe(`the connection, over ${name}`, () => {
    for (const [what, script] of interrupted) {
      it.scoped(`${what} is a lost connection`, () =>
        Effect.gen(function*() {
          const { invitations } = yield* overRaw([script], once, client)
          const error = yield* runWithClock(Effect.flip(invitations.list()))
          assert.include(error, { _tag: "ConnectionError", reason: "Lost" })
        }))
    }

    for (const status of [301, 302, 303, 307, 308]) {
      it.scoped(`a ${status} is not followed, so that no other server gets the secret key`, () =>
        Effect.gen(function*() {
          const elsewhere = yield* raw.make([reply({ body: page([]) }), reply({ body: row(1) })])
          const redirect = reply({ status, headers: { location: `${elsewhere.url}/v1/invitations` } })
          const { invitations, server } = yield* overRaw([redirect, redirect], once, client)
          const listed = yield* runWithClock(Effect.flip(invitations.list()))
          const created = yield* runWithClock(Effect.flip(invitations.create({ emailAddress: "a@b.co" })))
          yield* networkIdle
          assert.include(listed, { _tag: "UnexpectedResponse", operation: "list", status })
          assert.strictEqual(created._tag, "AmbiguousWrite")
          assert.include(lastFailureOf(created), { _tag: "UnexpectedResponse", operation: "create", status })
          assert.strictEqual(server.requests.length, 2)
          assert.strictEqual(elsewhere.connections(), 0)
        }))
    }
  })
}
