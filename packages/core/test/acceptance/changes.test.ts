import { Acceptance } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import type { ListError } from "@effect-clerk/core/InvitationError"
import { Unauthorized } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Option, Ref, Schema, Stream, TestClock } from "effect"
import { serverError, start, untyped } from "../utils.js"
import { filtersOf, makeWorld, row } from "./utils.js"

type World = Effect.Effect.Success<ReturnType<typeof makeWorld>>

/** `changes` in a fiber. `take` returns what it has emitted since the last `take`, as `id status`. */
const follow = Effect.fnUntraced(function*({ provide }: World, options?: Acceptance.ChangesOptions) {
  const emitted = yield* Ref.make<ReadonlyArray<Acceptance.Change>>([])
  const fiber = yield* Acceptance.changes(options).pipe(
    Stream.runForEach((change) => Ref.update(emitted, (before) => [...before, change])),
    provide,
    Effect.fork
  )
  yield* TestClock.adjust(0)
  const changes = Ref.getAndSet(emitted, [])
  return {
    fiber,
    changes,
    take: Effect.map(changes, (all) => all.map(({ invitation: { id, status } }) => `${id} ${status}`))
  }
})

const at = (millis: number): Acceptance.Cursor => Acceptance.cursorAt(DateTime.unsafeMake(start + millis))

const accepted = (id: string, millis: number): Invitation => row(id, { at: millis, created: 0, status: "accepted" })

describe("changes", () => {
  it.effect("emits every invitation once, the oldest change first, and then the changes", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([
        row("inv_1", { at: 30 }),
        accepted("inv_2", 20),
        row("inv_3", { at: 10, expires: 25, status: "expired" }),
        row("inv_4", { at: 5, status: "revoked" })
      ])
      const { take } = yield* follow(world)
      assert.deepStrictEqual(yield* take, ["inv_4 revoked", "inv_2 accepted", "inv_3 expired", "inv_1 pending"])
      yield* TestClock.adjust("29 seconds")
      yield* world.put(accepted("inv_1", 40))
      yield* world.remove("inv_2")
      assert.deepStrictEqual(yield* take, [])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* take, ["inv_1 accepted"])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* take, [])
    }))

  it.effect("emits an invitation that expires, whose updatedAt stays, and one that is revoked then", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([row("inv_1", { at: 0, expires: 50 }), accepted("inv_2", 40)])
      const { take } = yield* follow(world)
      yield* take
      yield* world.put(row("inv_1", { at: 0, expires: 50, status: "expired" }))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* take, ["inv_1 expired"])
      yield* world.put(row("inv_1", { at: 60, expires: 50, status: "revoked" }))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* take, ["inv_1 revoked"])
    }))

  it.effect("emits all changes of a millisecond, and two changes of one invitation in it", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([row("inv_1", { at: 0 }), row("inv_2", { at: 0 })])
      const { changes, take } = yield* follow(world)
      assert.strictEqual((yield* changes).length, 2)
      yield* world.put(row("inv_3", { at: 0 }))
      yield* world.put(accepted("inv_1", 0))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* take, ["inv_1 accepted", "inv_3 pending"])
    }))

  it.effect("starts after the cursor of any change, also one that was stored as JSON", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([1, 1, 1, 2].map((millis, n) => row(`inv_${n}`, { at: millis })))
      const first = yield* follow(world)
      const all = yield* first.changes
      yield* Fiber.interrupt(first.fiber)
      assert.strictEqual(all.length, 4)
      for (const [index, { cursor }] of all.entries()) {
        const text = JSON.stringify(Schema.encodeSync(Acceptance.Cursor)(cursor))
        assert.notInclude(text, "example.com")
        const since = Schema.decodeUnknownSync(Acceptance.Cursor)(JSON.parse(text))
        const { changes, fiber } = yield* follow(world, { since })
        const rest = (yield* changes).map(({ invitation }) => invitation.id)
        assert.deepStrictEqual(rest, all.slice(index + 1).map(({ invitation }) => invitation.id))
        yield* Fiber.interrupt(fiber)
      }
      const { take } = yield* follow(world, { since: at(2) })
      assert.deepStrictEqual(yield* take, ["inv_3 pending"])
    }))

  it.effect("misses no change that happens between two pages of a poll", () =>
    Effect.gen(function*() {
      let interfere: Effect.Effect<void> = Effect.void
      const world: World = yield* makeWorld(
        [row("inv_1", { at: 0 }), row("inv_2", { at: 0 })],
        ({ list }) => ({
          // After the list of the invitations that are not revoked, before the list of those that are.
          list: (params) =>
            params.status === undefined ? Effect.zipLeft(list(params), Effect.suspend(() => interfere)) : list(params)
        })
      )
      const { take } = yield* follow(world)
      yield* take
      interfere = Effect.suspend(() => {
        interfere = Effect.void
        return Effect.zipRight(
          world.put(accepted("inv_1", 10)),
          world.put(row("inv_2", { at: 20, created: 0, status: "revoked" }))
        )
      })
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* take, ["inv_1 accepted", "inv_2 revoked"])
    }))

  it.effect("reads the list twice only if it has found a change", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([row("inv_1", { at: 0 })])
      const { take } = yield* follow(world, { query: "inv", pollEvery: "1 second", since: at(1) })
      const oneRead = ["inv not revoked", "inv revoked"]
      assert.deepStrictEqual(filtersOf(yield* world.calls), oneRead)
      yield* world.put(accepted("inv_1", 10))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* take, ["inv_1 accepted"])
      assert.deepStrictEqual(filtersOf(yield* world.calls), [...oneRead, ...oneRead, ...oneRead])
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* world.calls).length, 8)
    }))

  it.effect("emits more changes than it keeps in memory, in order", () =>
    Effect.gen(function*() {
      const count = 10_050
      const world = yield* makeWorld(
        Array.from({ length: count }, (_, n) => row(`inv_${n}`, { at: (n * 7919) % count }))
      )
      const times: Array<number> = []
      const fiber = yield* Acceptance.changes().pipe(
        Stream.take(count),
        Stream.runForEach(({ invitation }) => Effect.sync(() => times.push(invitation.updatedAt.epochMillis - start))),
        world.provide,
        Effect.fork
      )
      yield* TestClock.adjust("2 minutes")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(times, Array.from({ length: count }, (_, n) => n))
    }), 60_000)

  it.effect.each([{}, { ids: ["inv_1", "inv_2"] }])(
    "emits a change that a stale list hides while another invitation expires: %j",
    (target) =>
      Effect.gen(function*() {
        const expires = 60_000
        const world = yield* makeWorld([row("inv_1", { at: 0, expires }), row("inv_2", { at: 0 })])
        const { changes, fiber, take } = yield* follow(world, target)
        yield* take
        yield* world.put(row("inv_1", { at: 0, expires, status: "expired" }))
        yield* TestClock.adjust("30 seconds")
        const [expired] = yield* changes
        if (expired === undefined) return assert.fail("nothing was emitted")
        assert.strictEqual(expired.invitation.status, "expired")
        yield* Fiber.interrupt(fiber)
        // Also after a restart.
        const again = yield* follow(world, { ...target, since: expired.cursor })
        assert.deepStrictEqual(yield* again.take, [])
        yield* world.put(accepted("inv_2", 20_000))
        yield* TestClock.adjust("30 seconds")
        assert.deepStrictEqual(yield* again.take, ["inv_2 accepted"])
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* again.take, [])
        yield* Fiber.interrupt(again.fiber)
      })
  )

  it.effect("emits a change that becomes visible at most 10 seconds after a later one", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([1, 2, 3].map((n) => row(`inv_${n}`, { at: 0 })))
      const { take } = yield* follow(world)
      yield* take
      yield* world.put(accepted("inv_3", 50_000))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* take, ["inv_3 accepted"])
      yield* world.put(accepted("inv_1", 40_000))
      yield* world.put(accepted("inv_2", 39_999))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* take, ["inv_1 accepted"])
    }))

  it.effect("does not emit an invitation as pending again if a stale list shows it so", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([row("inv_1", { at: 0 }), accepted("inv_2", 5)])
      const { take } = yield* follow(world, { since: at(1) })
      assert.deepStrictEqual(yield* take, ["inv_2 accepted"])
      for (const shown of [row("inv_2", { at: 2 }), accepted("inv_2", 5)]) {
        yield* world.put(shown)
        yield* TestClock.adjust("30 seconds")
        assert.deepStrictEqual(yield* take, [])
      }
    }))

  it.effect("emits many changes of one millisecond at a near linear cost", () =>
    Effect.gen(function*() {
      const count = 9000
      const world = yield* makeWorld(Array.from({ length: count }, (_, n) => accepted(`inv_${n}`, 5)))
      const { changes } = yield* follow(world)
      yield* TestClock.adjust("10 seconds")
      const all = yield* changes
      assert.strictEqual(all.length, count)
      // The cursors list 40 million changes in all.
      assert.deepStrictEqual([0, 10, count - 1].map((n) => all[n]?.cursor.seen.length), [1, 11, count])
      const change = all[2]
      if (change === undefined) return assert.fail("nothing was emitted")
      const text = JSON.stringify(Schema.encodeSync(Acceptance.Change)(change))
      assert.deepStrictEqual(Schema.decodeUnknownSync(Acceptance.Change)(JSON.parse(text)).cursor, change.cursor)
    }), 20_000)

  it.effect("survives transient errors, and fails with every other one", () =>
    Effect.gen(function*() {
      let failure: ListError | undefined
      const world = yield* makeWorld([row("inv_1", { at: 0 })], ({ list }) => ({
        list: (params) => Effect.suspend(() => failure === undefined ? list(params) : Effect.fail(failure))
      }))
      const { fiber, take } = yield* follow(world)
      yield* take
      yield* world.put(accepted("inv_1", 10))
      failure = serverError
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* take, [])
      failure = undefined
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* take, ["inv_1 accepted"])
      failure = new Unauthorized({ operation: "list", status: 401, errors: [], traceId: Option.none() })
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "Unauthorized")
    }))

  it.effect("rejects invalid options, and sends nothing", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld()
      const since = "since must be a Cursor; decode a stored one with the schema Acceptance.Cursor"
      const cases = [
        [{ pollEvery: 999 }, "pollEvery must be a duration from 1 second to 1 day"],
        [{ ids: ["inv_1", "inv 2"] }, "ids[1] must be the id of an invitation (1 to 255 letters, digits, _ or -)"],
        [{ ids: "inv_1" }, "ids must be an array of ids of invitations"],
        [{ query: " " }, "query must be a text, not empty"],
        [{ query: "a", ids: ["inv_1"] }, "query must not be combined with ids"],
        [{ since: 3 }, since],
        [{ since: { time: DateTime.unsafeMake(0), seen: [] } }, since],
        [{ every: 3 }, "every is not a field of this request"]
      ] as const
      for (const [options, issue] of cases) {
        const error = yield* Effect.flip(
          world.provide(Stream.runDrain(Acceptance.changes(untyped<Acceptance.ChangesOptions>(options))))
        )
        assert.strictEqual(error.message, `Acceptance.changes was not sent: ${issue}`)
      }
      assert.deepStrictEqual(yield* world.calls, [])
    }))
})

describe("changes of ids", () => {
  it.effect("ends after the last invitation that can still be accepted", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([1, 2, 3].map((n) => row(`inv_${n}`, { at: n })))
      const { fiber, take } = yield* follow(world, { ids: ["inv_1", "inv_2"] })
      assert.deepStrictEqual(yield* take, ["inv_1 pending", "inv_2 pending"])
      yield* world.put(accepted("inv_2", 10))
      yield* world.put(accepted("inv_3", 11))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* take, ["inv_2 accepted"])
      yield* world.put(row("inv_1", { at: 20, status: "revoked" }))
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* take, ["inv_1 revoked"])
      const before = (yield* world.calls).length
      const again = yield* follow(world, { ids: ["inv_1", "inv_2"], since: at(30) })
      yield* Fiber.join(again.fiber)
      assert.deepStrictEqual(yield* again.take, [])
      assert.strictEqual((yield* world.calls).length, before + 4)
      const nothing = yield* follow(world, { ids: [] })
      yield* Fiber.join(nothing.fiber)
      assert.strictEqual((yield* world.calls).length, before + 4)
    }))

  it.effect("emits a new status however late it becomes visible, and ends only then", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld([row("inv_1", { at: 0, expires: 1000 }), row("inv_2", { at: 0 })])
      const { fiber, take } = yield* follow(world, { ids: ["inv_1", "inv_2"] })
      yield* take
      yield* world.put(accepted("inv_2", 60_000))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* take, ["inv_2 accepted"])
      yield* world.put(row("inv_1", { at: 0, expires: 1000, status: "expired" }))
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* take, ["inv_1 expired"])
    }))

  it.effect("reads the pending invitations, and looks up only the ids that are not among them", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 900 }, (_, n) => row(`inv_${1000 + n}`, { at: n }))
      const world = yield* makeWorld([...rows, accepted("only_1", 1000)])
      const ids = ["only_1", "inv_1001", "inv_1002"]
      const { take } = yield* follow(world, { ids, since: at(1) })
      assert.deepStrictEqual(yield* take, ["inv_1001 pending", "inv_1002 pending", "only_1 accepted"])
      const oneRead = ["all pending", "all pending", "only_1 not revoked"]
      assert.deepStrictEqual(filtersOf(yield* world.calls), [...oneRead, ...oneRead])
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(filtersOf(yield* world.calls).slice(6), ["all pending", "all pending"])
    }))

  it.effect("looks up each id if the pending invitations take more pages", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 1200 }, (_, n) => row(`inv_${1000 + n}`, { at: n }))
      const world = yield* makeWorld([...rows, accepted("only_1", 2000)])
      const { take } = yield* follow(world, { ids: ["only_1", "inv_1001"], since: at(3000) })
      assert.deepStrictEqual(yield* take, [])
      assert.deepStrictEqual(filtersOf(yield* world.calls), [
        "all pending",
        "only_1 not revoked",
        "inv_1001 not revoked"
      ])
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(filtersOf(yield* world.calls).slice(3), ["inv_1001 not revoked"])
    }))

  it.effect("makes at most 40 calls at once, and then 4 a second", () =>
    Effect.gen(function*() {
      const world = yield* makeWorld()
      yield* follow(world, { ids: Array.from({ length: 100 }, (_, n) => `inv_${n}`) })
      assert.strictEqual((yield* world.calls).length, 40)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* world.calls).length, 80)
    }))
})
