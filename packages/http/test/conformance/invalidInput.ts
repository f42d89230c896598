import type { InvitationsService } from "@effect-clerk/core"
import { InvalidRequest } from "@effect-clerk/core/InvitationError"
import { Effect, Stream } from "effect"
import * as assert from "./assert.js"
import { ada, failure, makeRequests } from "./fixtures.js"
import * as Suite from "./suite.js"

export const invalidInput = Suite.make((test) => {
  const cases: ReadonlyArray<
    readonly [name: string, path: string, call: (_: InvitationsService.Service) => Effect.Effect<unknown, unknown>]
  > = [
    ["an address without an @", "emailAddress", (_) => _.create({ emailAddress: "ada" })],
    ["an expiry of zero days", "expiresInDays", (_) => _.create({ emailAddress: ada, expiresInDays: 0 })],
    ["an expiry of 366 days", "expiresInDays", (_) => _.create({ emailAddress: ada, expiresInDays: 366 })],
    ["an expiry of half a day", "expiresInDays", (_) => _.create({ emailAddress: ada, expiresInDays: 0.5 })],
    ["an empty redirect URL", "redirectUrl", (_) => _.create({ emailAddress: ada, redirectUrl: "" })],
    [
      "metadata with a date",
      "publicMetadata",
      (_) => _.create({ emailAddress: ada, publicMetadata: { at: new Date(0) } })
    ],
    ["an empty batch", "requests", (_) => _.createBulk([])],
    ["a batch of eleven", "requests", (_) => _.createBulk(makeRequests(11))],
    [
      "a batch with one invalid address",
      "requests[1].emailAddress",
      (_) => _.createBulk([{ emailAddress: ada }, { emailAddress: "b" }])
    ],
    ["a page of zero rows", "limit", (_) => _.list({ limit: 0 })],
    ["a page of 501 rows", "limit", (_) => _.list({ limit: 501 })],
    ["an offset below zero", "offset", (_) => _.list({ offset: -1 })],
    ["a stream with pages of 501 rows", "pageSize", (_) => Stream.runDrain(_.stream({ pageSize: 501 }))],
    ["an empty id to revoke", "id", (_) => _.revoke("")],
    ["an id to revoke that would end the path", "id", (_) => _.revoke("inv_1?x=1#f")],
    ["an id to revoke that would change the path", "id", (_) => _.revoke("../invitations/inv_1")],
    ["an id to delete that would change the path", "id", (_) => _.delete("inv_1/revoke")],
    ["an id to delete that is a dot", "id", (_) => _.delete("..")],
    ["an id to find with a percent escape", "id", (_) => _.findById("inv_1%2f")],
    ["an invalid address to find", "emailAddress", (_) => _.findByEmail("ada")],
    ["an invalid address to resend", "emailAddress", (_) => _.resend({ emailAddress: "ada @example.com" })],
    ["an invalid address to ensure", "emailAddress", (_) => _.ensure({ emailAddress: "ada @example.com" })]
  ]
  for (const [name, path, call] of cases) {
    test(`${name} is rejected before a request is sent`, ({ control, invitations }) =>
      Effect.gen(function*() {
        const error = yield* failure(call(invitations), InvalidRequest)
        assert.deepStrictEqual(error.issues.map((issue) => issue.path), [path])
        assert.include(error.message, "was not sent")
        assert.deepStrictEqual(yield* control.calls, [])
      }))
  }
})
