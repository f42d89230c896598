import { Acceptance } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Fiber, Option, Ref, Stream, TestClock } from "effect"
import { start } from "../utils.js"
import { makeWorld, row } from "./utils.js"

/**
 * A change at Clerk. `step` is how far Clerk's clock has advanced by then, in milliseconds; with 0 several changes share one.
 */
type Action =
  | { readonly _tag: "create"; readonly step: number; readonly validFor: number }
  | { readonly _tag: "accept" | "revoke" | "delete"; readonly step: number; readonly index: number }

/**
 * A crash loses the cursors of the last changes. The actions of a poll happen before its calls, one element before each.
 */
type Event =
  | Action
  | { readonly _tag: "crash"; readonly lost: number }
  | { readonly _tag: "poll"; readonly between: ReadonlyArray<ReadonlyArray<Action>> }

const step = fc.nat({ max: 3 })

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ _tag: fc.constant("create" as const), step, validFor: fc.integer({ min: 1, max: 40 }) })
  },
  {
    weight: 4,
    arbitrary: fc.record({ _tag: fc.constantFrom("accept" as const, "revoke" as const), step, index: fc.nat(9) })
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("delete" as const), step, index: fc.nat(9) }) }
)

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: action },
  {
    weight: 3,
    arbitrary: fc.record({
      _tag: fc.constant("poll" as const),
      between: fc.array(fc.array(action, { maxLength: 4 }), { maxLength: 6 })
    })
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("crash" as const), lost: fc.nat(3) }) }
)

/** The state of an invitation, as text. Two states of an invitation are different. */
const stateOf = ({ expiresAt, id, status, updatedAt }: Invitation): string =>
  `${id} ${status} ${status === "expired" ? Option.getOrThrow(expiresAt).epochMillis : updatedAt.epochMillis}`

/** Clerk's instance with a clock of its own. */
const makeClerk = Effect.gen(function*() {
  let now = 0
  let between: ReadonlyArray<ReadonlyArray<Action>> = []
  const history = new Set<string>()

  const world: Effect.Effect.Success<ReturnType<typeof makeWorld>> = yield* makeWorld([], ({ list }) => ({
    list: (params) =>
      Effect.suspend(() => {
        const [first = [], ...rest] = between
        between = rest
        return Effect.zipRight(Effect.forEach(first, apply, { discard: true }), list(params))
      })
  }))

  const expire = Ref.update(world.rows, (rows) =>
    rows.map((old) => {
      const expires = Option.getOrThrow(old.expiresAt).epochMillis - start
      return old.status === "pending" && expires <= now
        ? row(old.id, { at: old.updatedAt.epochMillis - start, expires, status: "expired" })
        : old
    }))

  const applyTo = (event: Action, rows: ReadonlyArray<Invitation>): Effect.Effect<void> => {
    if (event._tag === "create") {
      return world.put(row(`inv_${history.size}`, { at: now, expires: now + event.validFor }))
    }
    const old = rows[event.index % Math.max(1, rows.length)]
    if (old === undefined) return Effect.void
    if (event._tag === "delete") return world.remove(old.id)
    const status = event._tag === "accept" ? "accepted" : "revoked"
    const isAllowed = old.status === "pending" || (event._tag === "revoke" && old.status === "expired")
    const expires = Option.getOrThrow(old.expiresAt).epochMillis - start
    return isAllowed ? world.put(row(old.id, { at: now, expires, status })) : Effect.void
  }

  const apply = (event: Action): Effect.Effect<void> =>
    Effect.suspend(() => {
      now += event.step
      return expire.pipe(
        Effect.zipRight(Ref.get(world.rows)),
        Effect.flatMap((rows) => applyTo(event, rows)),
        Effect.zipRight(Ref.get(world.rows)),
        Effect.map((rows) => rows.forEach((now) => history.add(stateOf(now))))
      )
    })

  return {
    apply,
    history,
    provide: world.provide,
    states: Effect.map(Ref.get(world.rows), (rows) => rows.map(stateOf)),
    /** Lets actions happen before the next calls of `list`. */
    setBetween: (next: ReadonlyArray<ReadonlyArray<Action>>) =>
      Effect.sync(() => {
        between = next
      })
  }
})

describe("changes, for any sequence of events", () => {
  it.effect.prop(
    "emits every change at least once, and without a lost cursor exactly once",
    [fc.array(event, { maxLength: 20 })],
    ([events]) =>
      Effect.gen(function*() {
        const clerk = yield* makeClerk
        let emitted: ReadonlyArray<Acceptance.Change> = []

        const run = Effect.suspend(() =>
          Acceptance.changes({ since: emitted.at(-1)?.cursor, pollEvery: "1 second" }).pipe(
            Stream.runForEach((next) =>
              Effect.sync(() => {
                emitted = [...emitted, next]
              })
            ),
            clerk.provide,
            Effect.fork
          )
        )
        const states = () => emitted.map(({ invitation }) => stateOf(invitation))
        // The second poll, during which nothing happens, finds what the first one has left.
        const poll = (between: ReadonlyArray<ReadonlyArray<Action>>) =>
          Effect.gen(function*() {
            yield* clerk.setBetween(between)
            yield* TestClock.adjust("1 second")
            yield* clerk.setBetween([])
            yield* TestClock.adjust("1 second")
            const missing = (yield* clerk.states).filter((state) => !states().includes(state))
            assert.deepStrictEqual(missing, [], "the present state of each")
          })

        let fiber = yield* run
        for (const event of events) {
          if (event._tag === "poll") yield* poll(event.between)
          else if (event._tag === "crash") {
            yield* Fiber.interrupt(fiber)
            emitted = emitted.slice(0, Math.max(0, emitted.length - event.lost))
            fiber = yield* run
          } else yield* clerk.apply(event)
        }
        yield* poll([])
        yield* Fiber.interrupt(fiber)

        assert.deepStrictEqual(states(), Array.from(new Set(states())), "none twice")
        assert.deepStrictEqual(states().filter((state) => !clerk.history.has(state)), [], "none that never was")
      }),
    { fastCheck: { numRuns: 30 } }
  )
})
