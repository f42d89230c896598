import { InvitationsService, TypedMetadata } from "@effect-clerk/core"
import { Invitation } from "@effect-clerk/core/Invitation"
import type { CreateError, ListError, ResendError } from "@effect-clerk/core/InvitationError"
import { MetadataMismatch } from "@effect-clerk/core/MetadataMismatch"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Chunk, Effect, Either, Exit, Schema, Stream } from "effect"
import { renderings } from "../utils.js"
import { makeView, withMetadata } from "./utils.js"

const secret = "s3cr3t"
const emailAddress = "ada@example.com"
const good = "https://example.com/"

interface Site {
  readonly site: string
}

type CallError = CreateError | ListError | MetadataMismatch | ResendError

/** Each function throws an error whose text contains the value. */
const hostOf = (text: string): string => {
  if (!text.startsWith("https:")) throw new Error(`no URL: ${text}`)
  return text
}

const throwing: ReadonlyArray<readonly [name: string, schema: Schema.Schema<Site>]> = [
  ["filter", Schema.Struct({ site: Schema.String.pipe(Schema.filter((text) => hostOf(text) !== "")) })],
  [
    "transform",
    Schema.Struct({ site: Schema.transform(Schema.String, Schema.String, { decode: hostOf, encode: hostOf }) })
  ],
  [
    "transformOrFail",
    Schema.Struct({
      site: Schema.transformOrFail(Schema.String, Schema.String, {
        decode: (text) => Effect.promise(() => Promise.resolve().then(() => hostOf(text))),
        encode: (text) => Effect.promise(() => Promise.resolve().then(() => hostOf(text)))
      })
    })
  ]
]

const make = Effect.fnUntraced(function*(schema: Schema.Schema<Site>, ...parameters: Parameters<typeof makeView>) {
  const { calls, service } = yield* makeView(...parameters)
  return { calls, view: yield* Effect.provideService(TypedMetadata.make(schema), InvitationsService, service) }
})

const tags = (rows: Iterable<TypedMetadata.Row<Site>>) => Array.from(rows, ({ _tag }) => _tag)

const assertSilent = (error: unknown) =>
  assert.deepStrictEqual(renderings(error).filter(([, text]) => text.includes(secret)), [])

describe.each(throwing)("a schema with a %s that throws", (_, schema) => {
  const rows = [good, secret, good].map((site, index) => withMetadata(index + 1, { site }))

  it.effect("makes a Left of that row alone", () =>
    Effect.gen(function*() {
      const { view } = yield* make(schema, rows)
      const expected = ["Right", "Left", "Right"]
      const { data } = yield* view.list({ orderBy: "created_at" })
      assert.sameMembers(tags(data), expected)
      assert.sameMembers(tags(yield* Stream.runCollect(view.stream())), expected)
      assert.deepStrictEqual(tags(yield* view.findByEmail("person2@example.com")), ["Left"])
      const error = yield* Effect.flip(view.findById("inv_2"))
      assert.instanceOf(error, MetadataMismatch)
      assert.strictEqual(
        error.message,
        "The metadata of invitation inv_2 does not match the schema: publicMetadata cannot be converted"
      )
      assertSilent(error)
      assert.isTrue(Either.isLeft(yield* view.revoke("inv_2")))
    }))

  it.effect("rejects the request that it cannot encode", () =>
    Effect.gen(function*() {
      const { calls, view } = yield* make(schema)
      const request = { emailAddress, publicMetadata: { site: secret } }
      const attempts: ReadonlyArray<readonly [name: string, path: string, call: Effect.Effect<void, CallError>]> = [
        ["create", "publicMetadata", Effect.asVoid(view.create(request))],
        ["ensure", "publicMetadata", Effect.asVoid(view.ensure(request))],
        ["resend", "publicMetadata", Effect.asVoid(view.resend(request))],
        ["createBulk", "requests[0].publicMetadata", Effect.asVoid(view.createBulk([request]))]
      ]
      for (const [name, path, call] of attempts) {
        const error = yield* Effect.flip(call)
        assert.strictEqual(error._tag, "InvalidRequest")
        assert.strictEqual(error.message, `${name} was not sent: ${path} cannot be converted`)
        assertSilent(error)
      }
      assert.deepStrictEqual(yield* calls, [])
    }))

  it.effect("rejects that input of inviteMany alone", () =>
    Effect.gen(function*() {
      const { view } = yield* make(schema)
      const requests = [good, secret, good].map((site, n) => ({
        emailAddress: `person${n}@example.com`,
        publicMetadata: { site }
      }))
      for (const source of [requests, Stream.fromIterable(requests)]) {
        const outcomes = Chunk.toReadonlyArray(yield* Stream.runCollect(view.inviteMany(source, { ordered: true })))
        assert.strictEqual(outcomes.filter(({ _tag }) => _tag === "Rejected").length, 1)
        const [, rejected] = outcomes
        assert(rejected?._tag === "Rejected")
        assert.strictEqual(
          rejected.error.message,
          "inviteMany was not sent: publicMetadata cannot be converted"
        )
        assertSilent(rejected)
      }
    }))

  it.effect("does not fail a create that happened", () =>
    Effect.gen(function*() {
      const { view } = yield* make(schema, [], (base) => {
        const create: typeof base.create = (request) =>
          Effect.map(
            base.create(request),
            (created) => new Invitation({ ...created, publicMetadata: { site: secret } })
          )
        return { create, createBulk: Effect.forEach((request) => create(request)) }
      })
      const request = { emailAddress, publicMetadata: { site: good } }
      const single = yield* view.create(request)
      const bulk = yield* view.createBulk([{ ...request, emailAddress: "grace@example.com" }])
      for (const { publicMetadata } of [single, ...bulk]) assert.deepStrictEqual(publicMetadata, { site: good })
    }))
})

it.effect("an interruption in the schema stays an interruption", () =>
  Effect.gen(function*() {
    const Interrupted: Schema.Schema<Site> = Schema.Struct({
      site: Schema.transformOrFail(Schema.String, Schema.String, {
        decode: () => Effect.interrupt,
        encode: () => Effect.interrupt
      })
    })
    const { view } = yield* make(Interrupted, [withMetadata(1, { site: good })])
    const attempts: ReadonlyArray<Effect.Effect<void, CallError>> = [
      Effect.asVoid(view.list()),
      Effect.asVoid(view.create({ emailAddress, publicMetadata: { site: good } }))
    ]
    for (const call of attempts) {
      const exit = yield* Effect.exit(call)
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
    }
  }))
