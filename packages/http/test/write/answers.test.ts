import type { AmbiguousWrite } from "@effect-clerk/core/InvitationError"
import { UnexpectedResponse } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Either, Option, Schema, Stream, TestClock } from "effect"
import { created as checkCreated } from "../../src/internal/client/check.js"
import * as Decode from "../../src/internal/wire/decode.js"
import { clients } from "../utils/clients.js"
import { runStubWithClock, runWithClock } from "../utils/clock.js"
import { hour } from "../utils/limits.js"
import { overRaw } from "../utils/overRaw.js"
import { reply } from "../utils/rawServer.js"
import * as stub from "../utils/stub.js"
import { ambiguousWrite, emailAddress, requestsOf } from "../utils/stubbedCalls.js"
import { call, deleted, errors, html, id, page, row, writes } from "../utils/wire.js"

const revokedRow = (n: number) => row(n, { status: "revoked", revoked: true })

const bulk = [1, 2, 3].map((n) => ({ emailAddress: `person${n}@example.com` }))

const isList = Schema.is(Schema.Array(Schema.Struct({ status: Schema.String })))

const gateway: stub.Reaction = { status: 404, headers: { "content-type": "text/html" }, body: html }

/** The service over a server whose writes react in this order, the last reaction repeats, and whose lists have these rows. */
const answering = (
  reactions: readonly [stub.Reaction, ...Array<stub.Reaction>],
  lists: (lookUps: number) => ReadonlyArray<{ readonly status: string }> | stub.Reaction = () => []
) => {
  let sent = 0
  let lookUps = 0
  return stub.service(({ operation, url }) => {
    if (operation !== "list") return reactions[Math.min(sent++, reactions.length - 1)] ?? gateway
    const rows = lists(Math.floor(lookUps++ / 2))
    const isRevoked = url.searchParams.get("status") === "revoked"
    return isList(rows)
      ? { body: page(rows.filter(({ status }) => (status === "revoked") === isRevoked)) }
      : rows
  })
}

/** Asserts that the last failure of a write is a response to another request, and that no error message quotes it. */
const assertBelongsToAnother = (error: AmbiguousWrite, quoted: ReadonlyArray<string>) => {
  assert.instanceOf(error.lastFailure, UnexpectedResponse)
  assert.include(error.lastFailure.reason, "belongs to another request")
  for (const text of quoted) assert.notInclude(`${error.message} ${error.lastFailure.excerpt}`, text)
}

describe("the response to a create", () => {
  it.effect("with another address is not returned, and the create is reconciled", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering([{ body: row(7) }], () => [row(7), row(1)])
      const created = yield* runStubWithClock(invitations.create({ emailAddress }))
      assert.deepInclude<object>(created, { id: "inv_1", emailAddress })
      assert.lengthOf(requestsOf(seen, "create"), 1)
    }))

  it.effect("with another address is a candidate if the look-ups find nothing", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering([
        { body: row(7) },
        { status: 400, body: errors("duplicate_record") }
      ])
      const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress }))))
      assert.deepStrictEqual<ReadonlyArray<string>>(error.candidates, ["inv_7"])
      assert.lengthOf(requestsOf(seen, "create"), 2)
    }))

  it.effect("with another address is described without its values", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering([{ body: row(7) }])
      const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress }))))
      assertBelongsToAnother(error, ["person7", "tkt_7", "inv_7"])
    }))

  it.effect("is not a candidate if another create of the layer returned it", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering([{ body: row(7) }])
      yield* runStubWithClock(invitations.create({ emailAddress: "person7@example.com" }))
      const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress }))))
      assertBelongsToAnother(error, [])
      assert.deepStrictEqual(error.candidates, [])
    }))

  for (
    const [what, sent, received] of [
      ["in upper case", "ada@example.com", "ADA@Example.COM"],
      ["in decomposed Unicode", "zo\u00EB@example.com", "zoe\u0308@example.com"]
    ] as const
  ) {
    it.effect(`with the address ${what} and other metadata belongs to the create`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* answering([
          { body: row(1, { email_address: received, public_metadata: { plan: "gold" } }) }
        ])
        const created = yield* runStubWithClock(invitations.create({ emailAddress: sent }))
        assert.strictEqual(created.emailAddress, received)
      }))
  }

  it.effect("look-ups that list other invitations are repeated until they list the one of the create", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering(
        [{ body: row(7) }, { status: 400, body: errors("duplicate_record") }],
        (lookUps) => lookUps < 3 ? [row(7), row(8)] : [row(1)]
      )
      const created = yield* runStubWithClock(invitations.create({ emailAddress }))
      assert.strictEqual(created.id, "inv_1")
      assert.isAtLeast(requestsOf(seen, "list").length, 8)
    }))
})

describe("the response to a create that another write returned", () => {
  // An hour older than the create.
  const olderRevoked = row(1, { status: "revoked", revoked: true, created_at: -hour })

  it.effect("does not answer the create, if the revoke of that address returned it", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering([{ body: olderRevoked }], () => [olderRevoked])
      yield* runStubWithClock(invitations.revoke(id))
      const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress }))))
      assertBelongsToAnother(error, [])
      assert.deepStrictEqual(error.candidates, [])
      assert.lengthOf(requestsOf(seen, "create"), 3)
    }))

  it.effect("does not answer the create, if a pending invitation of the address is listed instead", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering(
        [{ body: olderRevoked }],
        () => [olderRevoked, row(2, { email_address: emailAddress })]
      )
      assert.strictEqual((yield* runStubWithClock(invitations.create({ emailAddress }))).id, "inv_2")
    }))

  for (const ignoreExisting of [false, true]) {
    const request = { emailAddress, ignoreExisting }

    it.effect(`does not answer a second create of the layer, with ignoreExisting ${ignoreExisting}`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* answering([{ body: row(1) }], (lookUps) => lookUps === 0 ? [] : [row(1)])
        const created = yield* runStubWithClock(invitations.create(request))
        assert.strictEqual(created.id, "inv_1")
        const error = yield* runStubWithClock(Effect.flip(invitations.create(request)))
        // Without `ignoreExisting`, the listed invitation proves that the second create was rejected.
        const { candidates, lastFailure } = ignoreExisting
          ? ambiguousWrite(error)
          : { candidates: [], lastFailure: error }
        assert.instanceOf(lastFailure, UnexpectedResponse)
        assert.deepStrictEqual(candidates, [])
      }))
  }

  it.effect("does not answer a create with ignoreExisting, if it was listed before", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering([{ body: row(1) }], () => [row(1)])
      const error = yield* runStubWithClock(
        Effect.flip(invitations.create({ emailAddress, ignoreExisting: true }))
      )
      assertBelongsToAnother(ambiguousWrite(error), [])
      assert.deepStrictEqual(ambiguousWrite(error).candidates, [])
    }))

  it.effect("does not answer a bulk create, and its other rows are candidates", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering([{ body: row(1) }, { body: [row(1), row(2), row(3)] }])
      yield* runStubWithClock(invitations.create({ emailAddress }))
      const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.createBulk(bulk))))
      assertBelongsToAnother(error, [])
      assert.deepStrictEqual<ReadonlyArray<string>>(error.candidates, ["inv_2", "inv_3"])
    }))
})

describe("the response to a bulk create", () => {
  it.effect("in another order is returned in the order of the requests", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering([{ body: [row(3), row(1), row(2)] }])
      const created = yield* runStubWithClock(invitations.createBulk(bulk))
      assert.deepStrictEqual<ReadonlyArray<string>>(created.map(({ id }) => id), ["inv_1", "inv_2", "inv_3"])
      assert.lengthOf(seen, 1)
    }))

  for (
    const [what, rows, candidates] of [
      ["the same invitation three times", [row(1), row(1), row(1)], ["inv_1"]],
      [
        "one id for three addresses",
        [row(1), row(2, { id: "inv_1" }), row(3, { id: "inv_1" })],
        ["inv_1"]
      ],
      ["three other invitations", [row(7), row(8), row(9)], ["inv_7", "inv_8", "inv_9"]],
      ["two invitations for one address", [row(1), row(2), row(4, { email_address: emailAddress })], [
        "inv_1",
        "inv_2",
        "inv_4"
      ]]
    ] as const
  ) {
    it.effect(`with ${what} has an unknown outcome`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* answering([{ body: rows }])
        const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.createBulk(bulk))))
        assertBelongsToAnother(error, ["person7", "person4"])
        assert.deepStrictEqual<ReadonlyArray<string>>(error.candidates, candidates)
      }))
  }

  it.effect("with other invitations is reconciled", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering(
        [{ body: [row(7), row(8), row(9)] }],
        () => [row(1), row(2), row(3), row(7)]
      )
      const created = yield* runStubWithClock(invitations.createBulk(bulk))
      assert.deepStrictEqual<ReadonlyArray<string>>(created.map(({ id }) => id), ["inv_1", "inv_2", "inv_3"])
    }))

  it("is matched by metadata between requests for one address", () => {
    const invitation = (n: number, plan: string) =>
      Option.getOrThrow(Decode.invitation(row(n, { email_address: emailAddress, public_metadata: { plan } })))
    const request = (plan: string) => ({ emailAddress, publicMetadata: { plan } })
    const ids = (...plans: readonly [string, string]) =>
      Either.map(
        checkCreated([request("gold"), request("free")], () => false)([
          invitation(1, plans[0]),
          invitation(2, plans[1])
        ]),
        (invitations) => invitations.map(({ id }) => String(id))
      )
    assert.deepStrictEqual(ids("gold", "free"), Either.right(["inv_1", "inv_2"]))
    assert.deepStrictEqual(ids("free", "gold"), Either.right(["inv_2", "inv_1"]))
    assert.deepStrictEqual(ids("other", "gold"), Either.right(["inv_2", "inv_1"]))
    assert.deepStrictEqual(ids("other", "another"), Either.right(["inv_1", "inv_2"]))
  })

  it.effect("inviteMany does not report the invitation of another address", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering([{ body: row(7) }])
      const outcomes = yield* runStubWithClock(Stream.runCollect(invitations.inviteMany([{ emailAddress }])))
      assert.deepStrictEqual(Chunk.toReadonlyArray(outcomes).map(({ _tag }) => _tag), ["Unknown"])
    }))
})

describe("the response to a revoke", () => {
  for (const [what, body] of [["is pending", row(1)], ["has another id", revokedRow(7)]] as const) {
    it.effect(`has an unknown outcome if the invitation ${what}`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* answering([{ body }])
        const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.revoke(id))))
        assertBelongsToAnother(error, ["person7"])
        assert.deepStrictEqual(error.candidates, [])
        assert.lengthOf(requestsOf(seen, "revoke"), 3)
      }))

    it.effect(`is reconciled if the invitation ${what}`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* answering(
          [{ body }, { status: 400, body: errors("invitation_already_revoked") }],
          (lookUps) => lookUps < 2 ? [revokedRow(7)] : [revokedRow(1)]
        )
        assert.deepInclude<object>(yield* runStubWithClock(invitations.revoke(id)), { id, status: "revoked" })
      }))
  }
})

describe("the response to a delete", () => {
  it.effect("has an unknown outcome if it has another id", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering([{ body: deleted(7) }])
      assertBelongsToAnother(ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.delete(id)))), [])
      assert.lengthOf(requestsOf(seen, "delete"), 3)
    }))

  it.effect("confirms an unknown outcome if Clerk does not find the invitation", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering([
        { body: deleted(7) },
        { status: 404, body: errors("resource_not_found") }
      ])
      assert.strictEqual<string>((yield* runStubWithClock(invitations.delete(id))).id, id)
    }))

  for (
    const [what, reaction] of [
      ["a gateway's 404", gateway],
      ["a 404 with another code", { status: 404, body: errors("not_found") }]
    ] as const
  ) {
    it.effect(`does not confirm an unknown outcome: ${what}`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* answering([{ status: 503 }, reaction])
        const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.delete(id))))
        assert.include(error.lastFailure, { _tag: "NotFound", status: 404 })
      }))
  }
})

describe("a server that is not Clerk", () => {
  for (const operation of writes) {
    it.effect(`${operation} fails with AmbiguousWrite, which says that apiUrl does not answer as Clerk does`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* answering([gateway], () => gateway)
        const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(call(invitations, operation))))
        assert.include(error.message, "apiUrl does not answer as Clerk does")
        assert.include(error.lastFailure, { _tag: "UnexpectedResponse", operation, status: 404 })
      }))

    it.effect(`${operation} fails with AmbiguousWrite and its last failure if the list is Clerk's`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* answering([gateway])
        const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(call(invitations, operation))))
        assert.include(error.lastFailure, { _tag: "NotFound", operation, status: 404 })
      }))
  }

  it.effect("a page of HTML with status 200 counts as such a response", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering([{ body: html }], () => ({ body: html }))
      const error = ambiguousWrite(yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress }))))
      assert.include(error.message, "apiUrl does not answer as Clerk does")
    }))
})

describe("after a response that belongs to another request", () => {
  for (const [name, client] of clients) {
    it.scoped(`every request closes its connection for a minute, over ${name}`, () =>
      Effect.gen(function*() {
        const { invitations, server } = yield* overRaw(
          [
            reply({ body: page([revokedRow(1)]) }),
            reply({ body: page([]) }),
            reply({ body: page([]) })
          ],
          { retry: "none" },
          client
        )
        const list = runWithClock(Effect.either(invitations.list({ status: "pending" })))
        assert.isTrue(Either.isLeft(yield* list))
        assert.isTrue(Either.isRight(yield* list))
        yield* TestClock.adjust("61 seconds")
        assert.isTrue(Either.isRight(yield* list))
        assert.deepStrictEqual(
          server.requests.map(({ headers }) => headers["connection"] === "close"),
          // `NodeHttpClient.layer` never reuses a connection.
          name === "NodeHttpClient.layer" ? [true, true, true] : [false, true, false]
        )
        assert.notStrictEqual(server.requests[2]?.connection, server.requests[1]?.connection)
      }))
  }
})
