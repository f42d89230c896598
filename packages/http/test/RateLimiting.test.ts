import { AmbiguousWrite, RateLimited, Timeout, TooManyRequests } from "@effect-clerk/core"
import { ClerkMetrics, InvitationsHttp, type RateLimiting } from "@effect-clerk/http"
import * as RateLimiter from "@effect/experimental/RateLimiter"
import { assert, describe, it } from "@effect/vitest"
import {
  Clock,
  Duration,
  Effect,
  Exit,
  FastCheck,
  Fiber,
  Metric,
  Option,
  Redacted,
  Schema,
  Stream,
  Tracer
} from "effect"
import { driveStub } from "./utils/drive.js"
import { answering, busiest, hour, invite, limits, perHour, second, timesOf, tokenAway } from "./utils/limits.js"
import * as stub from "./utils/stub.js"
import { call, errors, page, proper, row } from "./utils/wire.js"

const inMemory = Effect.provide(RateLimiter.make, RateLimiter.layerStoreMemory)

/** A limiter that does this in place of answering. */
const broken = (consume: Effect.Effect<never, RateLimiter.RateLimiterError>): RateLimiter.RateLimiter => ({
  [RateLimiter.TypeId]: RateLimiter.TypeId,
  consume: () => consume
})

const refusing = broken(Effect.fail(new RateLimiter.RateLimitStoreError({ message: "connection lost" })))

const tooMany = (retryAfter: number): stub.Reaction => ({
  status: 429,
  headers: { "retry-after": String(retryAfter) },
  body: errors("too_many_requests")
})

/** When an effect ends, in milliseconds from the beginning of the test. */
const endOf = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.zipRight(effect, Clock.currentTimeMillis)

describe("a sliding window", () => {
  const arrivals = FastCheck.array(
    FastCheck.record({
      after: FastCheck.oneof(FastCheck.constant(0), FastCheck.integer({ min: 1, max: hour })),
      // How long it waits, and whether it is interrupted then or has said so beforehand; or it waits as long as it takes.
      patience: FastCheck.option(FastCheck.integer({ min: 0, max: 2 * hour })),
      interrupted: FastCheck.boolean(),
      layer: FastCheck.integer({ min: 0, max: 1 })
    }),
    { minLength: 1, maxLength: 25 }
  )

  it.effect.prop(
    "never holds more than the limit, whoever arrives or gives up whenever, in one layer or in two that share it",
    [FastCheck.integer({ min: 1, max: 6 }), arrivals],
    ([limit, arrivals]) =>
      Effect.gen(function*() {
        const limiter = yield* inMemory
        const layers = yield* Effect.all([0, 1].map(() => answering({ limits: perHour(limit), limiter })))
        const exits = yield* driveStub(
          Effect.forEach(arrivals, ({ after, interrupted, layer, patience }, n) => {
            const create = layers[layer]?.invitations.create(invite(n)) ?? Effect.dieMessage("no such layer")
            const patient = patience === null
              ? create
              : interrupted
              ? Effect.timeout(create, patience)
              : InvitationsHttp.withMaxRateLimitWait(create, patience)
            return Effect.zipRight(Effect.sleep(after), Effect.fork(Effect.exit(patient)))
          }).pipe(Effect.flatMap((fibers) => Fiber.joinAll(fibers)))
        )
        const times = layers.flatMap(({ seen }) => timesOf(seen, "create"))
        assert.isAtMost(busiest(times, hour), limit)
        // Each that did not give up was sent, and none twice.
        assert.strictEqual(times.length, exits.filter(Exit.isSuccess).length)
        for (const [n, { patience }] of arrivals.entries()) {
          if (patience === null) assert.isTrue(exits[n]?._tag === "Success")
        }
      }),
    { fastCheck: { numRuns: 10 } }
  )

  it.effect("is used to within 2 % of the best schedule over ten hours", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering({
        limits: limits({
          create: { limit: 20, window: Duration.hours(1) },
          createBulk: { limit: 5, window: Duration.hours(1) }
        })
      })
      const total = yield* driveStub(endOf(
        Effect.all([
          Effect.forEach(Array.from({ length: 220 }, (_, n) => n), (n) => invitations.create(invite(n)), {
            concurrency: 30
          }),
          Effect.forEach(Array.from({ length: 55 }, (_, n) => n), (n) =>
            invitations.createBulk([invite(2 * n + 2000), invite(2 * n + 2001)]), {
            concurrency: 7
          })
        ], { concurrency: "unbounded" }).pipe(Effect.ignore)
      ))
      assert.strictEqual(timesOf(seen, "create").length, 220)
      assert.strictEqual(timesOf(seen, "createBulk").length, 55)
      assert.isAtMost(busiest(timesOf(seen, "create"), hour), 20)
      assert.isAtMost(busiest(timesOf(seen, "createBulk"), hour), 5)
      // Eleven bursts, an hour apart at best.
      assert.isAtMost(total, 10 * hour * 1.02)
    }))

  it.effect("of ten seconds is used to nine tenths", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering("clerk")
      const total = yield* driveStub(
        endOf(Effect.forEach(Array.from({ length: 300 }), () => invitations.list(), { concurrency: 30 }))
      )
      assert.strictEqual(busiest(timesOf(seen, "list"), 10 * second), 100)
      assert.strictEqual(total, 2 * 11 * second)
    }))
})

describe("the line", () => {
  it.effect("is first in, first out, across layers that share a store", () =>
    Effect.gen(function*() {
      const limiter = yield* inMemory
      const one = yield* answering({ limits: perHour(1), limiter })
      const other = yield* answering({ limits: perHour(1), limiter })
      const order: Array<number> = []
      yield* driveStub(
        Effect.forEach(Array.from({ length: 8 }, (_, n) => n), (n) =>
          Effect.zipLeft(
            Effect.fork(Effect.tap((n % 3 === 0 ? one : other).invitations.create(invite(n)), () => order.push(n))),
            Effect.sleep("1 second")
          )).pipe(Effect.flatMap((fibers) => Fiber.joinAll(fibers)))
      )
      assert.deepStrictEqual(order, [0, 1, 2, 3, 4, 5, 6, 7])
    }))

  it.effect("moves up when somebody is interrupted", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering({ limits: perHour(1) })
      const [second_, third] = yield* driveStub(Effect.gen(function*() {
        yield* invitations.create(invite(0))
        const impatient = yield* Effect.fork(invitations.create(invite(1)))
        yield* Effect.sleep("1 second")
        const one = yield* Effect.fork(endOf(invitations.create(invite(2))))
        yield* Effect.sleep("1 second")
        const two = yield* Effect.fork(endOf(invitations.create(invite(3))))
        yield* Effect.sleep("1 second")
        yield* Fiber.interrupt(impatient)
        return yield* Fiber.join(Fiber.zip(one, two))
      }))
      assert.strictEqual(second_, tokenAway)
      assert.strictEqual(third, 2 * tokenAway)
    }))

  it.effect("loses no token of an endpoint to an interruption while waiting for one of all calls", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering({
        limits: limits({
          all: { limit: 1, window: Duration.seconds(10) },
          create: { limit: 1, window: Duration.hours(1) }
        })
      })
      const end = yield* driveStub(Effect.gen(function*() {
        yield* invitations.list()
        const impatient = yield* Effect.fork(invitations.create(invite(1)))
        yield* Effect.sleep("1 second")
        yield* Fiber.interrupt(impatient)
        return yield* endOf(invitations.create(invite(2)))
      }))
      // The turn of the one that was interrupted comes first; it is not used, and the next is a window later.
      assert.isAtMost(end, 22 * second)
    }))
})

describe("every attempt", () => {
  it.effect("takes a token, further ones as well", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        ({ operation }, index) => index < 2 ? { status: 503 } : { body: proper[operation] },
        { rateLimit: { limits: limits({ all: { limit: 1, window: Duration.minutes(10) } }) } }
      )
      yield* driveStub(invitations.list())
      assert.deepStrictEqual(timesOf(seen, "list"), [0, 630_000, 1_260_000])
    }))

  it.effect("of a look-up takes one of all calls", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        ({ operation }) => ({ body: operation === "list" ? page([]) : row(1) }),
        { rateLimit: { limits: limits({ all: { limit: 1, window: Duration.seconds(1) } }) } }
      )
      yield* driveStub(invitations.create({ ...invite(1), ignoreExisting: true }))
      assert.strictEqual(timesOf(seen, "list").length, 2)
      assert.strictEqual(busiest(seen.map(({ at }) => at), second), 1)
    }))

  it.effect("may wait longer than the deadline of the call", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        ({ operation }, index) =>
          index === 1 ? { code: "ECONNREFUSED", syscall: "connect" } : { body: proper[operation] },
        { rateLimit: { limits: perHour(1) } }
      )
      yield* driveStub(Effect.forEach([1, 2], (n) => invitations.create(invite(n))))
      assert.deepStrictEqual(timesOf(seen, "create"), [0, tokenAway, 2 * tokenAway])
    }))

  it.effect("is still bound by the deadline for everything else", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        ({ operation }, index) => index === 0 ? { body: proper[operation] } : "stall",
        { rateLimit: { limits: limits({ all: { limit: 1, window: Duration.hours(1) } }) }, retry: { attempts: 10 } }
      )
      const [error, end] = yield* driveStub(Effect.gen(function*() {
        yield* invitations.list()
        const error = yield* Effect.flip(invitations.list().pipe(InvitationsHttp.withTimeout({ total: "15 seconds" })))
        return [error, yield* Clock.currentTimeMillis] as const
      }))
      assert.instanceOf(error, Timeout)
      // Two attempts: one of ten seconds, and one of what was left, each with an hour's wait before it.
      assert.strictEqual(seen.length, 3)
      assert.isAtLeast(end, 2 * hour)
      assert.isAtMost(end, 2 * tokenAway + 15 * second)
    }))
})

describe("a 429 that comes all the same", () => {
  it.effect("is waited out by all who share the limit, however long", () =>
    Effect.gen(function*() {
      const limiter = yield* inMemory
      const refused = yield* stub.service((_, index) => index === 0 ? tooMany(1200) : { body: row(1) }, {
        rateLimit: { limits: perHour(3), limiter }
      })
      const other = yield* answering({ limits: perHour(3), limiter })
      const [first, second_] = yield* driveStub(Effect.gen(function*() {
        const first = yield* Effect.fork(endOf(refused.invitations.create(invite(1))))
        yield* Effect.sleep("1 second")
        const second = yield* Effect.fork(endOf(other.invitations.create(invite(2))))
        return yield* Fiber.join(Fiber.zip(first, second))
      }))
      assert.isAtLeast(first, 1200 * second)
      assert.isAtMost(first, 1201 * second)
      assert.isAtLeast(second_, 1200 * second)
      assert.strictEqual(refused.seen.length, 2)
      assert.strictEqual(other.seen.length, 1)
    }))

  it.effect("after a restart finds the quota used up, and provokes no further one, or one now and then", () =>
    Effect.gen(function*() {
      for (const used of ["at once", "evenly"] as const) {
        const start = yield* Clock.currentTimeMillis
        // When the process before has used up the quota of the server: 50 minutes ago, or from then on until now.
        const taken = Array.from(
          { length: 18 },
          (_, n) => start - 3000 * second + (used === "evenly" ? n * 170 * second : 0)
        )
        let refused = 0
        const { invitations } = yield* stub.service(({ at }) => {
          const recent = taken.filter((time) => time > at - hour)
          if (recent.length < 18) {
            taken.push(at)
            return { body: row(1) }
          }
          refused += 1
          return tooMany(Math.ceil(((recent[0] ?? 0) + hour - at) / second))
        }, { rateLimit: { limits: perHour(18) } })
        const exits = yield* driveStub(
          Effect.forEach(Array.from({ length: 40 }, (_, n) => n), (n) => Effect.exit(invitations.create(invite(n))), {
            concurrency: 8
          })
        )
        assert.strictEqual(exits.filter(Exit.isSuccess).length, 40)
        // At 18 an hour, ten minutes from the start at the earliest.
        assert.isAtMost((yield* Clock.currentTimeMillis) - start, 2.75 * hour)
        // Those that were on their way at the first, and a few that came a little early.
        assert.isAtMost(refused, 12)
      }
    }))

  it.effect("is given up, as without limits, if it asks for longer than the window", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => tooMany(3600), { rateLimit: "clerk" })
      const error = yield* driveStub(Effect.flip(invitations.list()))
      assert.instanceOf(error, TooManyRequests)
      assert.strictEqual(seen.length, 1)
    }))
})

describe("maxWait", () => {
  const refusedWith = (error: unknown, reason: RateLimited["reason"]): Option.Option<number> => {
    assert.instanceOf(error, RateLimited)
    assert.strictEqual(error.reason, reason)
    return Option.map(error.retryAfter, Duration.toMillis)
  }

  it.effect("refuses at once, and says when to come back", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering({ limits: perHour(1), maxWait: "1 minute" })
      yield* driveStub(Effect.gen(function*() {
        yield* invitations.create(invite(0))
        yield* Effect.sleep("10 minutes")
        const error = yield* Effect.flip(invitations.create(invite(1)))
        assert.deepStrictEqual(refusedWith(error, "maxWait"), Option.some(tokenAway - 600 * second))
        assert.strictEqual(yield* Clock.currentTimeMillis, 600 * second)
      }))
      assert.strictEqual(seen.length, 1)
    }))

  it.effect("can differ in a region of code, and those who are refused keep nobody waiting", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering({ limits: perHour(1) })
      const end = yield* driveStub(Effect.gen(function*() {
        yield* invitations.create(invite(0))
        for (const n of [1, 2, 3, 4, 5, 6]) {
          const error = yield* Effect.flip(
            InvitationsHttp.withMaxRateLimitWait(invitations.create(invite(n)), "1 second")
          )
          assert.isTrue(Option.isSome(refusedWith(error, "maxWait")))
        }
        return yield* endOf(invitations.create(invite(7)))
      }))
      assert.strictEqual(end, tokenAway)
    }))

  it.effect("after an attempt whose fate is unknown leaves the write ambiguous, unless a look finds it", () =>
    Effect.gen(function*() {
      for (const found of [false, true]) {
        const { invitations } = yield* stub.service(
          ({ operation, url }) =>
            operation === "list"
              ? { body: page(found && !url.searchParams.has("status") ? [row(1)] : []) }
              : { status: 503 },
          { rateLimit: { limits: perHour(1), maxWait: "1 minute" } }
        )
        const exit = yield* driveStub(Effect.exit(invitations.create(invite(1))))
        if (found) assert.isTrue(Exit.isSuccess(exit))
        else {
          const error = Exit.match(exit, { onSuccess: () => undefined, onFailure: (cause) => cause })
          assert.isTrue(error?._tag === "Fail" && error.error instanceof AmbiguousWrite)
          assert.isTrue(
            error?._tag === "Fail" && error.error._tag === "AmbiguousWrite" &&
              error.error.lastFailure._tag === "RateLimited"
          )
        }
      }
    }))
})

describe("a job over both quotas", () => {
  const both = limits({
    create: { limit: 100, window: Duration.hours(1) },
    createBulk: { limit: 1, window: Duration.hours(1) }
  })

  const BulkBody = Schema.parseJson(Schema.Array(Schema.Struct({ email_address: Schema.String })))
  const Body = Schema.parseJson(Schema.Struct({ email_address: Schema.String }))

  const inviting = (rateLimit: RateLimiting.Input) =>
    stub.service(({ body, operation }) =>
      operation === "createBulk"
        ? { body: Schema.decodeUnknownSync(BulkBody)(body).map((one, n) => row(n, one)) }
        : { body: row(0, Schema.decodeUnknownSync(Body)(body)) }, { rateLimit })

  it.effect("keeps nothing from one of them while it waits for the other, and gives back the turn that it has no use for", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* inviting({ limits: both })
      const people = Array.from({ length: 25 }, (_, n) => invite(n))
      const outcomes = yield* driveStub(Stream.runCollect(invitations.inviteMany(people, { checkExisting: false })))
      assert.deepStrictEqual(Array.from(outcomes, ({ _tag }) => _tag), Array.from(people, () => "Created"))
      assert.strictEqual(timesOf(seen, "createBulk").length, 1)
      assert.isAtLeast(timesOf(seen, "create").length, 15)
      assert.deepStrictEqual(new Set(seen.map(({ at }) => at)), new Set([0]))
      // Both of those who sent chunks waited for the next turn: it is there for whoever comes next.
      assert.strictEqual(yield* driveStub(endOf(invitations.createBulk([invite(25)]))), tokenAway)
      assert.strictEqual(yield* driveStub(endOf(invitations.createBulk([invite(26)]))), 2 * tokenAway)
    }))

  it.effect("takes another turn where the one that it had did not keep", () =>
    Effect.gen(function*() {
      const standing = row(0, { email_address: invite(0).emailAddress })
      let revokes = 0
      const { invitations, seen } = yield* stub.service(({ operation }) => {
        switch (operation) {
          case "list":
            return { body: page([standing]) }
          case "revoke":
            return revokes++ === 0 ? tooMany(300) : { body: { ...standing, status: "revoked", revoked: true } }
          default:
            return { body: [standing] }
        }
      }, { rateLimit: { limits: both }, retry: { maxRetryAfter: "10 minutes" } })
      // It has its turn, and then five minutes pass over the revoke of what stands in the way.
      yield* driveStub(Stream.runDrain(
        invitations.inviteMany([invite(0)], { onExisting: "replace", useSingleCreates: false })
      ))
      assert.isAtLeast(timesOf(seen, "revoke")[1] ?? 0, 300 * second)
      assert.deepStrictEqual(timesOf(seen, "createBulk"), [tokenAway])
    }))
})

describe("two creates for one address", () => {
  it.effect("wait for each other beyond the deadline while the first waits for a token", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* answering({ limits: perHour(1) })
      yield* driveStub(Effect.gen(function*() {
        yield* invitations.create(invite(0))
        yield* Effect.all([invitations.create(invite(1)), invitations.create(invite(1))], { concurrency: "unbounded" })
      }))
      assert.deepStrictEqual(timesOf(seen, "create"), [0, tokenAway, 2 * tokenAway])
    }))

  it.effect("but no longer than the second may wait for a token itself", () =>
    Effect.gen(function*() {
      const { invitations } = yield* answering({ limits: perHour(1) })
      const end = yield* driveStub(Effect.gen(function*() {
        yield* invitations.create(invite(0))
        yield* Effect.fork(invitations.create(invite(1)))
        yield* Effect.sleep("1 second")
        const error = yield* Effect.flip(
          InvitationsHttp.withMaxRateLimitWait(invitations.create(invite(1)), "5 seconds")
        )
        assert.instanceOf(error, Timeout)
        return yield* Clock.currentTimeMillis
      }))
      assert.strictEqual(end, (1 + 60 + 5) * second)
    }))
})

describe("a store that cannot be asked", () => {
  const ways = [
    ["refuses", refusing, 0],
    ["has a defect", broken(Effect.die(new Error("bug"))), 0],
    ["does not answer", broken(Effect.never), 500],
    ["does not answer and cannot be interrupted", broken(Effect.uninterruptible(Effect.never)), 500]
  ] as const

  for (const [what, limiter, millis] of ways) {
    it.effect(`and ${what}: a typed error in time`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* answering({ limiter, storeTimeout: "500 millis" })
        const error = yield* driveStub(Effect.flip(invitations.create(invite(1))))
        assert.instanceOf(error, RateLimited)
        assert.strictEqual(error.reason, "store")
        assert.strictEqual(yield* Clock.currentTimeMillis, millis)
        assert.strictEqual(seen.length, 0)
      }))

    it.effect(`and ${what}: an even pace of a share, if told so`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* answering({
          limits: limits({ all: { limit: 100, window: Duration.seconds(10) } }),
          limiter,
          storeTimeout: "500 millis",
          onStoreFailure: "local",
          localShare: 0.25
        })
        yield* driveStub(Effect.forEach(Array.from({ length: 20 }), () => invitations.list(), { concurrency: 5 }))
        // 25 in 11 seconds.
        const times = timesOf(seen, "list")
        for (const [index, at] of times.entries()) {
          if (index > 0) assert.isAtLeast(at - (times[index - 1] ?? 0), 440)
        }
        assert.strictEqual(times.length, 20)
      }))
  }
})

describe("a limiter of one's own", () => {
  /** What a call asks a shared limiter for. */
  const consumed = (secretKey: string, options: RateLimiting.Options = {}) =>
    Effect.gen(function*() {
      const asked: Array<{ readonly key: string; readonly limit: number }> = []
      const limiter = yield* inMemory
      const { invitations } = yield* stub.service(({ operation }) => ({ body: proper[operation] }), {
        secretKey: Redacted.make(secretKey),
        rateLimit: {
          ...options,
          limiter: {
            ...limiter,
            consume: (options) => {
              asked.push(options)
              return limiter.consume(options)
            }
          }
        }
      })
      yield* driveStub(Effect.zipRight(invitations.create(invite(1)), call(invitations, "createBulk")))
      return asked
    })

  const keysOf = (secretKey: string, key?: string) =>
    Effect.map(consumed(secretKey, { key }), (asked) => asked.map(({ key }) => key))

  it.effect("has keys that differ from instance to instance and do not give the secret key away", () =>
    Effect.gen(function*() {
      const one = yield* keysOf("sk_live_one")
      const same = yield* keysOf("sk_live_one")
      const other = yield* keysOf("sk_live_other")
      assert.deepStrictEqual(one, same)
      assert.isTrue(one.every((key) => !other.includes(key)))
      assert.notInclude(one.join(), "sk_live")
      assert.isTrue((yield* keysOf("sk_live_one", "mine")).every((key) => key.startsWith("mine:")))
    }))

  it.effect("is asked to keep what is published for the instance of the key", () =>
    Effect.gen(function*() {
      for (const [key, all] of [["sk_test_any", 100], ["sk_live_any", 1000], ["any", 100]] as const) {
        const sizes = new Map(
          (yield* consumed(key)).filter(({ key }) => key.endsWith(":sequence"))
            .map(({ key, limit }) => [key.split(":").at(-2), limit])
        )
        assert.deepStrictEqual(Object.fromEntries(sizes), { create: 100, createBulk: 25, all })
      }
    }))
})

/** A tracer that keeps the events of all spans, and the names of those that they are in. */
const recorder = () => {
  const spans: Array<string> = []
  const events: Array<readonly [name: string, attributes: Record<string, unknown> | undefined]> = []
  const tracer = Tracer.make({
    context: (f) => f(),
    span: (name, parent, context, links, startTime, kind) => ({
      _tag: "Span",
      name,
      spanId: "span",
      traceId: "trace",
      parent,
      context,
      status: { _tag: "Started", startTime },
      attributes: new Map(),
      links,
      sampled: true,
      kind,
      end: () => {},
      attribute: () => {},
      event: (event, _, attributes) => {
        spans.push(name)
        events.push([event, attributes])
      },
      addLinks: () => {}
    })
  })
  return { events, spans, tracer }
}

describe("waiting", () => {
  it.effect("shows in an event of the span and in the metrics", () =>
    Effect.gen(function*() {
      const { events, tracer } = recorder()
      const { invitations } = yield* answering({ limits: perHour(1) })
      const count = (metric: Metric.Metric.Counter<number>, result?: string) => {
        const tagged = Metric.tagged(metric, "operation", "create")
        return Effect.map(
          Metric.value(result === undefined ? tagged : Metric.tagged(tagged, "result", result)),
          ({ count }) => count
        )
      }
      const counts = Effect.all({
        waited: count(ClerkMetrics.rateLimited, "waited"),
        refused: count(ClerkMetrics.rateLimited, "maxWait"),
        seconds: count(ClerkMetrics.waitSeconds)
      })
      const before = yield* counts
      yield* driveStub(
        Effect.gen(function*() {
          yield* invitations.create(invite(0))
          yield* Effect.exit(InvitationsHttp.withMaxRateLimitWait(invitations.create(invite(1)), 0))
          yield* invitations.create(invite(2))
        }).pipe(Effect.withTracer(tracer), Effect.withTracerEnabled(true))
      )
      const after = yield* counts
      assert.strictEqual(after.waited - before.waited, 1)
      assert.strictEqual(after.refused - before.refused, 1)
      assert.strictEqual(after.seconds - before.seconds, tokenAway / second)
      assert.deepStrictEqual(events, [
        ["effect_clerk.limited", { "wait.milliseconds": tokenAway, cause: "create" }]
      ])
    }))

  it.effect("leaves nothing in the span of a job, which may be endless", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recorder()
      const one = { limit: 1, window: Duration.hours(1) }
      const { invitations } = yield* answering({
        limits: { all: { limit: 1, window: Duration.seconds(1) }, create: one, createBulk: one }
      })
      yield* driveStub(
        Effect.gen(function*() {
          // The stub lists nobody, and answers each of these with the same one.
          yield* Stream.runDrain(invitations.inviteMany([invite(0), invite(1), invite(2)], { concurrency: 1 }))
          yield* Stream.runDrain(invitations.revokeMany(["inv_1", "inv_2", "inv_3"]))
        }).pipe(Effect.exit, Effect.withTracer(tracer), Effect.withTracerEnabled(true))
      )
      assert.include(spans, "InvitationsService.inviteMany.look")
      assert.include(spans, "InvitationsService.inviteMany.create")
      assert.include(spans, "InvitationsService.revokeMany.revoke")
      assert.notInclude(spans, "InvitationsService.inviteMany")
      assert.notInclude(spans, "InvitationsService.revokeMany")
    }))
})

describe("options", () => {
  it.effect("that make no sense are refused", () =>
    Effect.gen(function*() {
      const wrong = [
        { limits: perHour(0) },
        { limits: perHour(1.5) },
        { limits: limits({ all: { limit: 1, window: Duration.zero } }) },
        { limits: limits({ all: { limit: 1, window: Duration.infinity } }) },
        { localShare: 0 },
        { localShare: 2 }
      ]
      for (const rateLimit of wrong) {
        const error = yield* Effect.flip(answering(rateLimit))
        assert.isTrue(error._op === "InvalidData" && error.path.join().startsWith("rateLimit."))
      }
    }))
})
