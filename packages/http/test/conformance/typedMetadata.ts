import { InvitationsService, TypedMetadata } from "@effect-clerk/core"
import { InvalidRequest } from "@effect-clerk/core/InvitationError"
import { MetadataMismatch } from "@effect-clerk/core/MetadataMismatch"
import { Chunk, Effect, Either, Option, Schema, Stream } from "effect"
import * as assert from "./assert.js"
import { ada, failure } from "./fixtures.js"
import * as Suite from "./suite.js"

const Membership = Schema.Struct({ team: Schema.NonEmptyString, seats: Schema.NumberFromString, since: Schema.Date })

const publicMetadata = { team: "engines", seats: 3, since: new Date(0) }
const encoded = { team: "engines", seats: "3", since: "1970-01-01T00:00:00.000Z" }

const viewOf = (invitations: InvitationsService.Service) =>
  Effect.provideService(TypedMetadata.make(Membership), InvitationsService, invitations)

const metadataOf = <A>(rows: Iterable<TypedMetadata.Row<A>>): ReadonlyArray<A | "mismatch"> =>
  Array.from(rows, Either.match({ onLeft: () => "mismatch" as const, onRight: (typed) => typed.publicMetadata }))

/** One invitation that matches, between two that do not. */
const seeds = [
  { emailAddress: "a@example.com", publicMetadata: { team: 7 } },
  { emailAddress: "b@example.com", publicMetadata: { ...encoded, other: true } },
  { emailAddress: "c@example.com" }
]

export const typedMetadata = Suite.make((test) => {
  test("create sends the encoded metadata, and every read decodes it", ({ control, invitations }) =>
    Effect.gen(function*() {
      const view = yield* viewOf(invitations)
      const created = yield* view.create({ emailAddress: ada, publicMetadata })
      assert.deepStrictEqual(created.publicMetadata, publicMetadata)
      assert.deepStrictEqual((yield* control.invitations).map((row) => row.publicMetadata), [encoded])
      const rows = [
        ...(yield* view.list()).data,
        ...(yield* Stream.runCollect(view.stream())),
        ...(yield* view.findByEmail(ada)),
        Either.right(Option.getOrThrow(yield* view.findById(created.id))),
        Either.right(yield* view.ensure({ emailAddress: ada, publicMetadata: { ...publicMetadata, team: "looms" } })),
        yield* view.revoke(created.id)
      ]
      assert.deepStrictEqual(metadataOf(rows), rows.map(() => publicMetadata))
      assert.strictEqual(rows.length, 6)
    }))

  test("createBulk and inviteMany send the encoded metadata of each request", ({ control, invitations }) =>
    Effect.gen(function*() {
      const view = yield* viewOf(invitations)
      const requests = [1, 2, 3, 4].map((seats) => ({
        emailAddress: `person${seats}@example.com`,
        publicMetadata: { ...publicMetadata, seats }
      }))
      const created = yield* view.createBulk(requests.slice(0, 2))
      assert.deepStrictEqual(created.map((typed) => typed.publicMetadata.seats), [1, 2])
      const wrong = { emailAddress: ada, publicMetadata: { ...publicMetadata, team: "" } }
      const outcomes = yield* Stream.runCollect(
        view.inviteMany([...requests.slice(2), wrong], { ordered: true })
      )
      assert.deepStrictEqual(Array.from(outcomes, ({ _tag }) => _tag), ["Created", "Created", "Rejected"])
      const seats = (yield* control.invitations).map((row) => row.publicMetadata["seats"])
      assert.deepStrictEqual(seats.sort(), ["1", "2", "3", "4"])
    }))

  test("a row that does not match keeps its place, and costs no other row", ({ control, invitations }) =>
    Effect.gen(function*() {
      yield* control.seed(seeds)
      const view = yield* viewOf(invitations)
      const page = yield* view.list({ orderBy: "email_address" })
      const expected = ["mismatch", publicMetadata, "mismatch"] as const
      assert.deepStrictEqual(metadataOf(page.data), expected)
      assert.strictEqual(page.totalCount, 3)
      const streamed = yield* Stream.runCollect(view.stream({ orderBy: "email_address", pageSize: 2 }))
      assert.deepStrictEqual(metadataOf(Chunk.toReadonlyArray(streamed)), expected)
    }))

  test("one invitation that does not match: findById and ensure fail, revoke succeeds", ({ control, invitations }) =>
    Effect.gen(function*() {
      const [seed] = yield* control.seed(seeds)
      if (seed === undefined) throw new Error("nothing was seeded")
      const view = yield* viewOf(invitations)
      const lookUps: ReadonlyArray<Effect.Effect<void, unknown>> = [
        Effect.asVoid(view.findById(seed.id)),
        Effect.asVoid(view.ensure({ emailAddress: seed.emailAddress, publicMetadata }))
      ]
      for (const lookUp of lookUps) {
        const error = yield* failure(lookUp, MetadataMismatch)
        assert.strictEqual(error.id, seed.id)
        assert.strictEqual(
          error.message,
          `The metadata of invitation ${seed.id} does not match the schema: publicMetadata.team must be a ` +
            "string; publicMetadata.seats is missing; publicMetadata.since is missing"
        )
      }
      assert.deepStrictEqual(metadataOf([yield* view.revoke(seed.id)]), ["mismatch"])
      const revoked = yield* invitations.list({ status: "revoked" })
      assert.deepStrictEqual(revoked.data.map(({ id }) => id), [seed.id])
    }))

  test("metadata that cannot be encoded is rejected before a request is sent", ({ control, invitations }) =>
    Effect.gen(function*() {
      const view = yield* viewOf(invitations)
      const request = { emailAddress: ada, publicMetadata: { ...publicMetadata, team: "", since: new Date(NaN) } }
      const calls = [
        ["publicMetadata", Effect.asVoid(view.create(request))],
        ["publicMetadata", Effect.asVoid(view.ensure(request))],
        ["requests[0].publicMetadata", Effect.asVoid(view.createBulk([request]))]
      ] as const
      for (const [path, call] of calls) {
        const error = yield* failure(call, InvalidRequest)
        assert.deepStrictEqual(error.issues.map((issue) => issue.path), [`${path}.team`, `${path}.since`])
      }
      assert.deepStrictEqual(yield* control.calls, [])
    }))
})
