import { InvitationsService, TypedMetadata } from "@effect-clerk/core"
import { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { InvalidRequest } from "@effect-clerk/core/InvitationError"
import { MetadataMismatch } from "@effect-clerk/core/MetadataMismatch"
import { TypedInvitation } from "@effect-clerk/core/TypedInvitation"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Context, Effect, Either, Layer, ParseResult, Schema, Stream } from "effect"
import { makeInvitation, makeInvitations, untyped } from "../utils.js"
import { fit, makeView, Membership, withMetadata } from "./utils.js"

const emailAddress = "ada@example.com"
const publicMetadata: Membership = { team: "engines", seats: 3 }

/** What a test compares of a row: the decoded metadata, or the paths of the issues. */
const summary = (row: TypedMetadata.Row<Membership>): unknown =>
  Either.match(row, {
    onLeft: ({ issues }) => issues.map(({ path }) => path),
    onRight: ({ publicMetadata }) => publicMetadata
  })

const paths = (error: unknown): ReadonlyArray<string> =>
  error instanceof InvalidRequest ? error.issues.map(({ path }) => path) : []

const rows = [withMetadata(1, fit), withMetadata(2, { team: 7 }), withMetadata(3, { ...fit, seats: "4", extra: true })]
const summaries = [
  publicMetadata,
  ["publicMetadata.team", "publicMetadata.seats"],
  { team: "engines", seats: 4 }
]

describe("reads", () => {
  it.effect("list keeps the order, the total and the place of a row that does not match", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView(rows)
      const page = yield* view.list({ limit: 3 })
      assert.deepStrictEqual(page.data.map(summary), summaries)
      assert.deepStrictEqual([page.totalCount, page.totalIsKnown], [3, true])
    }))

  it.effect("stream emits every row, with the pages of the service", () =>
    Effect.gen(function*() {
      const { calls, view } = yield* makeView([...rows, ...makeInvitations(40)])
      const emitted = yield* Stream.runCollect(view.stream({ pageSize: 20 }))
      const all = Chunk.toReadonlyArray(emitted)
      assert.deepStrictEqual(all.slice(0, 3).map(summary), summaries)
      assert.strictEqual(all.filter(Either.isLeft).length, 41)
      assert.isAtMost((yield* calls).length, 4)
    }))

  it.effect("findByEmail returns rows, the newest first", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView(
        [1, 2].map((n) => new Invitation({ ...withMetadata(n, n === 1 ? fit : {}), emailAddress }))
      )
      assert.deepStrictEqual((yield* view.findByEmail(emailAddress)).map(summary), [
        ["publicMetadata.team", "publicMetadata.seats"],
        publicMetadata
      ])
    }))

  it.effect("findById returns the invitation, None, or fails with MetadataMismatch", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView(rows)
      const found = yield* view.findById("inv_1")
      assert.isTrue(found._tag === "Some" && found.value instanceof TypedInvitation)
      assert.strictEqual((yield* view.findById("inv_9"))._tag, "None")
      const error = yield* Effect.flip(view.findById("inv_2"))
      assert.instanceOf(error, MetadataMismatch)
      assert.strictEqual(error.id, "inv_2")
    }))

  it.effect("decode types any invitation", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView()
      assert.deepStrictEqual((yield* view.decode(withMetadata(1, fit))).publicMetadata, publicMetadata)
      assert.strictEqual((yield* Effect.flip(view.decode(withMetadata(1, {}))))._tag, "MetadataMismatch")
    }))

  it.effect("an asynchronous schema decodes and encodes", () =>
    Effect.gen(function*() {
      const Slow = Schema.Struct({
        team: Schema.transformOrFail(Schema.String, Schema.String, {
          decode: (name) => Effect.promise(() => Promise.resolve(name.toUpperCase())),
          encode: (name) => Effect.promise(() => Promise.resolve(name.toLowerCase()))
        })
      })
      const { service } = yield* makeView([withMetadata(1, { team: "engines" })])
      const view = yield* Effect.provideService(TypedMetadata.make(Slow), InvitationsService, service)
      const [row] = (yield* view.list()).data
      assert.isTrue(row !== undefined && Either.isRight(row) && row.right.publicMetadata.team === "ENGINES")
      const created = yield* view.create({ emailAddress, publicMetadata: { team: "LOOMS" } })
      assert.deepStrictEqual(created.publicMetadata, { team: "LOOMS" })
    }))
})

describe("writes", () => {
  it.effect("create sends the encoded metadata and returns the decoded metadata", () =>
    Effect.gen(function*() {
      const { calls, view } = yield* makeView()
      const created = yield* view.create({ emailAddress, publicMetadata, expiresInDays: 7 })
      assert.deepStrictEqual(created.publicMetadata, publicMetadata)
      assert.deepStrictEqual((yield* calls).map(({ input }) => input), [
        { emailAddress, publicMetadata: fit, expiresInDays: 7 }
      ])
    }))

  it.effect("createBulk encodes and decodes each request in its place", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView()
      const created = yield* view.createBulk([1, 2, 3].map((seats) => ({
        emailAddress: `person${seats}@example.com`,
        publicMetadata: { ...publicMetadata, seats }
      })))
      assert.deepStrictEqual(created.map(({ publicMetadata: { seats } }) => seats), [1, 2, 3])
      assert.deepStrictEqual(
        created.map(({ emailAddress }) => emailAddress),
        [1, 2, 3].map((n) => `person${n}@example.com`)
      )
    }))

  it.effect("a create that happened succeeds with the metadata that was sent, whatever the response contains", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView([], (base) => ({
        create: base.create,
        createBulk: base.createBulk
      }))
      const request = { emailAddress, publicMetadata }
      const single = yield* view.create(request)
      const bulk = yield* view.createBulk([{ ...request, emailAddress: "grace@example.com" }])
      for (const created of [single, ...bulk]) {
        assert.deepStrictEqual(created.publicMetadata, publicMetadata)
        assert.deepStrictEqual(created.invitation.publicMetadata, {})
      }
    }))

  it.effect("revoke succeeds with any metadata", () =>
    Effect.gen(function*() {
      const { view } = yield* makeView(rows)
      assert.deepStrictEqual(summary(yield* view.revoke("inv_1")), publicMetadata)
      assert.isTrue(Either.isLeft(yield* view.revoke("inv_2")))
    }))

  it.effect("ensure returns or creates, and fails with MetadataMismatch for an invitation of another client", () =>
    Effect.gen(function*() {
      const { calls, view } = yield* makeView(rows)
      const ensure = (n: number) => view.ensure({ emailAddress: `person${n}@example.com`, publicMetadata })
      assert.strictEqual((yield* ensure(1)).id, "inv_1")
      assert.strictEqual((yield* ensure(3)).publicMetadata.seats, 4)
      assert.strictEqual((yield* ensure(8)).emailAddress, "person8@example.com")
      const error = yield* Effect.flip(ensure(2))
      assert.isTrue(error instanceof MetadataMismatch && error.id === InvitationId.make("inv_2"))
      assert.strictEqual((yield* calls).filter(({ method }) => method === "create").length, 1)
    }))
})

describe("metadata that cannot be encoded", () => {
  const wrong = { ...publicMetadata, team: "" }

  it.effect("fails with InvalidRequest, which names the path, and sends nothing", () =>
    Effect.gen(function*() {
      const { calls, view } = yield* makeView(rows)
      for (const operation of ["create", "ensure"] as const) {
        const error = yield* Effect.flip(view[operation]({ emailAddress, publicMetadata: wrong }))
        assert.isTrue(error._tag === "InvalidRequest")
        assert.strictEqual(error.message, `${operation} was not sent: publicMetadata.team must be a non empty string`)
      }
      const error = yield* Effect.flip(view.createBulk([
        { emailAddress, publicMetadata },
        { emailAddress, publicMetadata: wrong },
        { emailAddress, publicMetadata: { ...wrong, since: new Date(NaN) } }
      ]))
      assert.deepStrictEqual(paths(error), [
        "requests[1].publicMetadata.team",
        "requests[2].publicMetadata.team",
        "requests[2].publicMetadata.since"
      ])
      assert.deepStrictEqual(yield* calls, [])
    }))

  it.effect("is an InvalidRequest for callers without types too", () =>
    Effect.gen(function*() {
      const { calls, view } = yield* makeView(rows)
      for (const junk of [undefined, null, 7, "text", [], {}, { publicMetadata: null }, { publicMetadata: [] }]) {
        assert.strictEqual((yield* Effect.flip(view.create(untyped(junk))))._tag, "InvalidRequest")
        assert.strictEqual((yield* Effect.flip(view.ensure(untyped(junk))))._tag, "InvalidRequest")
        assert.strictEqual((yield* Effect.flip(view.createBulk(untyped(junk))))._tag, "InvalidRequest")
        assert.strictEqual((yield* Effect.flip(view.createBulk([untyped(junk)])))._tag, "InvalidRequest")
      }
      assert.deepStrictEqual(yield* calls, [])
    }))

  it.effect("is rejected by the service if its encoded side is not JSON, or too large", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeView()
      const Raw = Schema.Struct({ at: Schema.DateFromSelf, text: Schema.String })
      const view = yield* Effect.provideService(TypedMetadata.make(Raw), InvitationsService, service)
      const error = yield* Effect.flip(view.create({ emailAddress, publicMetadata: { at: new Date(0), text: "" } }))
      assert.deepStrictEqual(paths(error), ["publicMetadata"])
      const Text = yield* Effect.provideService(
        TypedMetadata.make(Schema.Struct({ text: Schema.String })),
        InvitationsService,
        service
      )
      const large = yield* Effect.flip(Text.create({ emailAddress, publicMetadata: { text: "x".repeat(9000) } }))
      assert.include(large.message, "8 KB")
      assert.deepStrictEqual(yield* calls, [])
    }))
})

describe("the schema", () => {
  it.effect("decides about unknown keys by its annotation parseOptions", () =>
    Effect.gen(function*() {
      const Strict = Membership.annotations({ parseOptions: { onExcessProperty: "error" } })
      const { service } = yield* makeView([withMetadata(1, { ...fit, secret: 1 })])
      const view = yield* Effect.provideService(TypedMetadata.make(Strict), InvitationsService, service)
      const error = yield* Effect.flip(view.findById("inv_1"))
      assert.isTrue(error instanceof MetadataMismatch)
      assert.include(error.message, "publicMetadata.(a field) is not a field of the schema")
      assert.notInclude(error.message, "secret")
    }))

  it.effect("may refuse a value by an issue of its own, whose text is not repeated", () =>
    Effect.gen(function*() {
      const Own = Schema.Struct({
        team: Schema.transformOrFail(Schema.String, Schema.String, {
          decode: (team, _, ast) => ParseResult.fail(new ParseResult.Type(ast, team, `no team ${team}`)),
          encode: (team) => ParseResult.succeed(team)
        }).annotations({ description: "a known team" })
      })
      const { service } = yield* makeView([withMetadata(1, { team: "s3cr3t" })])
      const view = yield* Effect.provideService(TypedMetadata.make(Own), InvitationsService, service)
      const error = yield* Effect.flip(view.findById("inv_1"))
      assert.strictEqual(
        error.message,
        "The metadata of invitation inv_1 does not match the schema: publicMetadata.team must be a known team"
      )
    }))
})

describe("a view in an application", () => {
  class Tagged extends Context.Tag("test/Tagged")<Tagged, TypedMetadata.TypedInvitations<Membership>>() {
    static readonly layer = Layer.effect(this, TypedMetadata.make(Membership))
  }

  class Service extends Effect.Service<Service>()("test/Service", { effect: TypedMetadata.make(Membership) }) {}

  it.effect("is a Context.Tag or an Effect.Service", () =>
    Effect.gen(function*() {
      const { service } = yield* makeView([makeInvitation(1), withMetadata(2, fit)])
      const Live = Layer.provide(Layer.merge(Tagged.layer, Service.Default), Layer.succeed(InvitationsService, service))
      const count = (invitations: TypedMetadata.TypedInvitations<Membership>) =>
        Effect.map(invitations.list(), ({ data }) => data.filter(Either.isRight).length)
      const counts = Effect.all([Effect.flatMap(Tagged, count), Effect.flatMap(Service, count)])
      assert.deepStrictEqual(yield* Effect.provide(counts, Live), [1, 1])
    }))
})
