import { InvitationsService } from "@effect-clerk/core"
import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { maxLimit } from "@effect-clerk/core/ListInvitations"
import type { OrderBy, StreamInvitations } from "@effect-clerk/core/ListInvitations"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Chunk, DateTime, Duration, Effect, FastCheck as fc, Option, Stream, TestClock } from "effect"
import * as assert from "../conformance/assert.js"
import type { Environment, Runner } from "../conformance/index.js"
import { property } from "./property.js"

const now = 1_700_000_000_000

type Mutation =
  | { readonly _tag: "add"; readonly age: number; readonly address: number }
  | { readonly _tag: "revoke" | "accept" | "delete"; readonly index: number }
  | { readonly _tag: "pass"; readonly days: number }

interface Model {
  readonly initial: ReadonlyArray<{ readonly age: number; readonly address: number; readonly revoked: boolean }>
  /** The mutations before each call. */
  readonly mutations: ReadonlyArray<ReadonlyArray<Mutation>>
  readonly params: StreamInvitations.Input
}

const orders: ReadonlyArray<OrderBy> = (["", "+", "-"] as const).flatMap((sign) =>
  (["created_at", "email_address", "expires_at"] as const).map((field): OrderBy => `${sign}${field}`)
)

/** Seconds since the creation. The range is small, so that some rows share a creation time. */
const age = fc.nat({ max: 6 })
const address = fc.nat({ max: 400 })
const index = fc.nat({ max: 60 })

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ _tag: fc.constant("add" as const), age, address }),
  fc.record({ _tag: fc.constantFrom("revoke" as const, "accept" as const, "delete" as const), index }),
  fc.record({ _tag: fc.constant("pass" as const), days: fc.integer({ min: 1, max: 3 }) })
)

const model: fc.Arbitrary<Model> = fc.record({
  initial: fc.array(fc.record({ age, address, revoked: fc.boolean() }), { maxLength: 50 }),
  mutations: fc.array(fc.array(mutation, { maxLength: 8 }), { maxLength: 30 }),
  params: fc.record({
    status: fc.constantFrom("pending", "revoked", "accepted", "expired", undefined),
    orderBy: fc.constantFrom(...orders, undefined),
    pageSize: fc.integer({ min: 1, max: 12 }),
    concurrency: fc.integer({ min: 1, max: 4 })
  })
})

const toSeed = ({ address, age }: { readonly age: number; readonly address: number }) => ({
  emailAddress: `person${address}@example.com`,
  createdAt: DateTime.unsafeMake(now - age * 1000),
  expiresInDays: 1 + age
})

const mutate = (mutation: Mutation) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const all = yield* control.invitations
    if (mutation._tag === "add") return yield* control.seed([toSeed(mutation)])
    if (mutation._tag === "pass") return yield* TestClock.adjust(Duration.days(mutation.days))
    const row = all[mutation.index % Math.max(1, all.length)]
    if (row === undefined) return
    switch (mutation._tag) {
      case "accept":
        return yield* Effect.ignore(control.accept(row.id))
      case "revoke":
        return yield* control.revoke(row.id)
      case "delete":
        return yield* control.delete(row.id)
    }
  })

const matches = ({ status }: StreamInvitations.Input) => (invitation: Invitation): boolean =>
  status === undefined ? invitation.status !== "revoked" : invitation.status === status

const matching = (params: StreamInvitations.Input) =>
  Effect.flatMap(InvitationsControl, (control) =>
    Effect.map(
      control.invitations,
      (all) => new Set(all.filter(matches(params)).map(({ id }) => id))
    ))

/** Streams while the mutations happen. Returns the emitted ids, the ids that matched throughout, and the final order. */
const observe = ({ initial, mutations, params }: Model) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const invitations = yield* InvitationsService
    yield* TestClock.setTime(now)
    yield* control.seed(
      initial.map(({ revoked, ...row }) => ({ ...toSeed(row), status: revoked ? "revoked" as const : undefined }))
    )
    const remaining = [...mutations]
    let throughout = yield* matching(params)
    const context = yield* Effect.context<InvitationsControl>()
    yield* control.setFaultPolicy(() =>
      Effect.gen(function*() {
        for (const mutation of remaining.shift() ?? []) {
          yield* mutate(mutation)
          const present = yield* matching(params)
          throughout = new Set([...throughout].filter((id) => present.has(id)))
        }
        return Option.none()
      }).pipe(Effect.provide(context))
    )
    const emitted = yield* Effect.map(
      Stream.runCollect(invitations.stream(params)),
      (rows) => Chunk.toReadonlyArray(rows).map(({ id }) => id)
    )
    yield* control.setFaultPolicy(() => Effect.succeedNone)
    const { data } = yield* invitations.list({ status: params.status, orderBy: params.orderBy, limit: maxLimit })
    return { emitted, throughout, order: data.map(({ id }) => id) }
  })

const filteredBy = (ids: ReadonlyArray<InvitationId>, wanted: ReadonlySet<InvitationId>) =>
  ids.filter((id) => wanted.has(id))

/** The promise of `stream` while the list changes. */
export const stream = (run: Runner, environment: Environment, runs: number): void => {
  run(
    "emits every row that matches throughout exactly once and in order, and no row twice",
    property(environment, runs, model, (drawn) =>
      Effect.gen(function*() {
        const { emitted, order, throughout } = yield* observe(drawn)
        assert.strictEqual(new Set(emitted).size, emitted.length)
        assert.deepStrictEqual(filteredBy(emitted, throughout), filteredBy(order, throughout))
      }))
  )

  run(
    "reaches every row if the consumer revokes each row",
    property(
      environment,
      Math.ceil(runs / 4),
      fc.record({
        count: fc.integer({ min: 0, max: 120 }),
        pageSize: fc.integer({ min: 1, max: 20 }),
        concurrency: fc.integer({ min: 1, max: 4 }),
        orderBy: fc.constantFrom(...orders),
        sameTime: fc.boolean()
      }),
      ({ concurrency, count, orderBy, pageSize, sameTime }) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const invitations = yield* InvitationsService
          yield* TestClock.setTime(now)
          const seeded = yield* control.seed(
            Array.from({ length: count }, (_, n) => ({
              emailAddress: `person${n}@example.com`,
              createdAt: DateTime.unsafeMake(now - (sameTime ? 0 : n * 1000))
            }))
          )
          const revoked = yield* invitations.stream({ status: "pending", pageSize, concurrency, orderBy }).pipe(
            Stream.mapEffect(({ id }) => invitations.revoke(id)),
            Stream.runCollect
          )
          assert.deepStrictEqual(
            Array.from(revoked, ({ id }) => id).sort(),
            seeded.map(({ id }) => id).sort()
          )
        })
    )
  )
}
