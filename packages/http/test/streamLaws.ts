import { InvitationsService, maxLimit } from "@effect-clerk/core"
import type { Invitation, InvitationId, OrderBy, StreamInvitations } from "@effect-clerk/core"
import { InvitationsControl } from "@effect-clerk/http"
import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { Layer } from "effect"
import { Chunk, DateTime, Duration, Effect, FastCheck as fc, Option, Stream, TestClock } from "effect"

const now = 1_700_000_000_000

type Mutation =
  | { readonly _tag: "add"; readonly at: number; readonly address: number }
  | { readonly _tag: "revoke" | "accept" | "delete"; readonly index: number }
  | { readonly _tag: "pass"; readonly days: number }

interface Model {
  readonly initial: ReadonlyArray<{ readonly at: number; readonly address: number; readonly revoked: boolean }>
  /** What happens before each of the calls. */
  readonly mutations: ReadonlyArray<ReadonlyArray<Mutation>>
  readonly params: StreamInvitations.Input
}

const orders: ReadonlyArray<OrderBy> = (["", "+", "-"] as const).flatMap((sign) =>
  (["created_at", "email_address", "expires_at"] as const).map((field): OrderBy => `${sign}${field}`)
)

const at = fc.nat({ max: 6 })
const address = fc.nat({ max: 400 })
const index = fc.nat({ max: 60 })

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ _tag: fc.constant("add" as const), at, address }),
  fc.record({ _tag: fc.constantFrom("revoke" as const, "accept" as const, "delete" as const), index }),
  fc.record({ _tag: fc.constant("pass" as const), days: fc.integer({ min: 1, max: 3 }) })
)

const model: fc.Arbitrary<Model> = fc.record({
  initial: fc.array(fc.record({ at, address, revoked: fc.boolean() }), { maxLength: 50 }),
  mutations: fc.array(fc.array(mutation, { maxLength: 8 }), { maxLength: 30 }),
  params: fc.record({
    status: fc.constantFrom("pending", "revoked", "accepted", "expired", undefined),
    orderBy: fc.constantFrom(...orders, undefined),
    pageSize: fc.integer({ min: 1, max: 12 }),
    concurrency: fc.integer({ min: 1, max: 4 })
  })
})

const seedOf = ({ address, at }: { readonly at: number; readonly address: number }) => ({
  emailAddress: `person${address}@example.com`,
  createdAt: DateTime.unsafeMake(now - at * 1000),
  expiresInDays: 1 + at
})

const mutate = (mutation: Mutation) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const all = yield* control.invitations
    if (mutation._tag === "add") return yield* control.seed([seedOf(mutation)])
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

/**
 * Walks while the mutations happen, and answers with what was emitted and with what matched throughout.
 */
const observe = ({ initial, mutations, params }: Model) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const invitations = yield* InvitationsService
    yield* TestClock.setTime(now)
    yield* control.reset
    yield* control.seed(
      initial.map(({ revoked, ...row }) => ({ ...seedOf(row), status: revoked ? "revoked" as const : undefined }))
    )
    const left = [...mutations]
    let throughout = yield* matching(params)
    const context = yield* Effect.context<InvitationsControl>()
    yield* control.setFaultPolicy(() =>
      Effect.gen(function*() {
        for (const each of left.shift() ?? []) {
          yield* mutate(each)
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
    const pageAfter = yield* invitations.list({
      status: params.status,
      orderBy: params.orderBy,
      limit: maxLimit
    })
    return { emitted, throughout, order: pageAfter.data.map(({ id }) => id) }
  })

const filteredBy = (ids: ReadonlyArray<InvitationId>, wanted: ReadonlySet<InvitationId>) =>
  ids.filter((id) => wanted.has(id))

/**
 * What a stream promises while the list changes.
 */
export const streamLaws = (
  name: string,
  layer: Layer.Layer<InvitationsService | InvitationsControl>,
  runs: number
) => {
  describe(`a stream over ${name} while the list changes`, () => {
    it.effect.prop(
      "emits what matched throughout exactly once and in order, and nothing twice",
      [model],
      ([each]) =>
        Effect.gen(function*() {
          const { emitted, order, throughout } = yield* observe(each)
          deepStrictEqual(new Set(emitted).size, emitted.length)
          deepStrictEqual(filteredBy(emitted, throughout), filteredBy(order, throughout))
        }).pipe(Effect.provide(layer)),
      { fastCheck: { numRuns: runs } }
    )

    it.effect.prop(
      "reaches all when every row is revoked as it is emitted",
      [
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(...orders),
        fc.boolean()
      ],
      ([count, pageSize, concurrency, orderBy, sameTime]) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const invitations = yield* InvitationsService
          yield* TestClock.setTime(now)
          yield* control.reset
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
          deepStrictEqual(
            new Set(Chunk.toReadonlyArray(revoked).map(({ id }) => id)),
            new Set(seeded.map(({ id }) => id))
          )
          strictEqual(Chunk.size(revoked), count)
        }).pipe(Effect.provide(layer)),
      { fastCheck: { numRuns: Math.ceil(runs / 4) } }
    )
  })
}
