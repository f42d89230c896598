import { InvitationsService, RateLimits } from "@effect-clerk/core"
import { Fault, InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Snapshot } from "@effect-clerk/http/Snapshot"
import { assert, describe, it } from "@effect/vitest"
import { assertSome } from "@effect/vitest/utils"
import {
  DateTime,
  Deferred,
  Duration,
  Effect,
  Either,
  Fiber,
  Option,
  Random,
  Redacted,
  Ref,
  Schema,
  Stream,
  TestClock
} from "effect"
import { inspect } from "node:util"

const ada = "ada@example.com"
const hour = 60 * 60 * 1000

const Json = Schema.parseJson(Snapshot)

describe("expire", () => {
  it.effect("makes a pending invitation expire now, so that its address can be invited again", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const invitations = yield* InvitationsService
      const { id } = yield* invitations.create({ emailAddress: ada })
      yield* TestClock.adjust("1 hour")
      const expired = yield* control.expire(id)
      assert.strictEqual(expired.status, "expired")
      assertSome(Option.map(expired.expiresAt, DateTime.toEpochMillis), hour)
      assert.strictEqual(DateTime.toEpochMillis(expired.updatedAt), hour)
      assert.deepStrictEqual(yield* control.invitations, [expired])
      assert.deepStrictEqual(yield* control.calls.pipe(Effect.map((calls) => calls.length)), 1)
      assert.strictEqual((yield* invitations.create({ emailAddress: ada })).status, "pending")
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("fails with the status of an invitation that is not pending", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const reason = (id: string) =>
        Effect.map(Effect.flip(control.expire(id)), ({ _tag, message, reason }) => {
          assert.isTrue(message.endsWith(`it is ${reason}`) && !message.includes("@"))
          return [_tag, reason]
        })
      for (const status of ["accepted", "revoked", "expired"] as const) {
        const [seeded] = yield* control.seed([{ emailAddress: `${status}@example.com`, status }])
        assert(seeded !== undefined)
        assert.deepStrictEqual(yield* reason(seeded.id), ["InvitationNotPending", status])
      }
      assert.deepStrictEqual(yield* reason("inv_nowhere"), ["InvitationNotPending", "missing"])
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})

it.effect("users contains added users and those of accepted invitations, with the metadata of the invitation", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    assert.deepStrictEqual(yield* control.users, [])
    yield* control.addUser("Grace@Example.com")
    const [first, second] = yield* control.seed([
      { emailAddress: "ADA@example.com", publicMetadata: { role: "admin" } },
      { emailAddress: "grace@example.com", publicMetadata: { role: "ignored" } },
      { emailAddress: "mary@example.com", publicMetadata: { role: "member" }, status: "accepted" }
    ])
    yield* TestClock.adjust("1 minute")
    yield* control.accept(first?.id ?? "")
    // The address belongs to a user already.
    yield* control.accept(second?.id ?? "")
    const users = yield* control.users
    assert.deepStrictEqual(
      users.map(({ createdAt, emailAddress, publicMetadata }) => [
        emailAddress,
        publicMetadata,
        DateTime.toEpochMillis(createdAt)
      ]),
      [
        ["grace@example.com", {}, 0],
        ["mary@example.com", { role: "member" }, 0],
        [ada, { role: "admin" }, 60_000]
      ]
    )
    for (const { id } of users) assert.match(id, /^user_[0-9A-Za-z]{27}$/)
    assert.strictEqual(new Set(users.map(({ id }) => id)).size, 3)
    yield* control.reset
    assert.deepStrictEqual(yield* control.users, [])
  }).pipe(Effect.provide(InvitationsMemory.layer())))

it.effect("pendingFaults contains what remains of the plans", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const invitations = yield* InvitationsService
    const response = Fault.Response.Status({ status: 503 })
    yield* control.injectFaults([{ response, commit: "before", operation: "list", nth: 2, times: 2 }])
    yield* control.failNext(Fault.Response.Reset(), { operation: "create" })
    const remaining = Effect.map(control.pendingFaults, (plans) =>
      plans.map(({ nth, operation, times }) => [operation, nth, times]))
    assert.deepStrictEqual(yield* remaining, [["list", 2, 2], ["create", 1, 1]])
    yield* invitations.list()
    assert.deepStrictEqual(yield* remaining, [["list", 1, 2], ["create", 1, 1]])
    yield* Effect.flip(invitations.list())
    assert.deepStrictEqual(yield* remaining, [["list", 1, 1], ["create", 1, 1]])
    yield* Effect.flip(invitations.create({ emailAddress: ada }))
    assert.deepStrictEqual(yield* control.pendingFaults, [{
      response,
      commit: "before",
      operation: "list",
      nth: 1,
      times: 1
    }])
    yield* control.reset
    assert.deepStrictEqual(yield* control.pendingFaults, [])
  }).pipe(Effect.provide(InvitationsMemory.layer())))

describe("remainingQuotas", () => {
  it.effect("contains the remaining calls, and when the oldest call leaves the window", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const invitations = yield* InvitationsService
      const remaining = Effect.map(control.remainingQuotas, (quotas) =>
        quotas === "off" ? quotas : [quotas.all.remaining, quotas.create.remaining, quotas.createBulk.remaining])
      assert.deepStrictEqual(yield* remaining, [100, 100, 25])
      yield* TestClock.adjust("1 second")
      yield* invitations.create({ emailAddress: ada })
      yield* TestClock.adjust("1 second")
      yield* invitations.createBulk([{ emailAddress: "b@example.com" }])
      yield* invitations.list()
      assert.deepStrictEqual(yield* remaining, [97, 99, 24])
      const quotas = yield* control.remainingQuotas
      assert(quotas !== "off")
      assertSome(Option.map(quotas.create.resetsAt, DateTime.toEpochMillis), 1000 + hour)
      assertSome(Option.map(quotas.all.resetsAt, DateTime.toEpochMillis), 11_000)
      assert.deepStrictEqual([quotas.create.limit, Duration.toMillis(quotas.create.window)], [100, hour])
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(yield* remaining, [98, 99, 24])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* remaining, [100, 100, 25])
      const full = yield* control.remainingQuotas
      assert(full !== "off")
      assert.isTrue(Option.isNone(full.all.resetsAt))
    }).pipe(Effect.provide(InvitationsMemory.layer({ rateLimits: RateLimits.development }))))

  it.effect("is off without rate limits", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      assert.strictEqual(yield* control.remainingQuotas, "off")
      yield* control.setRateLimits(RateLimits.production)
      assert.isTrue((yield* control.remainingQuotas) !== "off")
      yield* control.setRateLimits("off")
      assert.strictEqual(yield* control.remainingQuotas, "off")
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})

it.effect("requests is empty in memory", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    yield* Effect.flatMap(InvitationsService, (invitations) => invitations.list())
    assert.deepStrictEqual([(yield* control.calls).length, yield* control.requests], [1, []])
  }).pipe(Effect.provide(InvitationsMemory.layer())))

describe("changes", () => {
  // Subscribes. The returned effect counts the emissions since it last ran.
  const subscribe = Effect.gen(function*() {
    const control = yield* InvitationsControl
    const count = yield* Ref.make(0)
    yield* Effect.forkScoped(Stream.runForEach(control.changes, () => Ref.update(count, (n) => n + 1)))
    yield* flush
    return Effect.zipRight(flush, Ref.getAndSet(count, 0))
  })

  // Lets the fibers run that an emission passes through.
  const flush = Effect.repeatN(Effect.yieldNow(), 50)

  it.scoped("emits at the start, and after every change", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const invitations = yield* InvitationsService
      const [seeded, other] = yield* control.seed([{ emailAddress: ada }, { emailAddress: "b@example.com" }])
      assert(seeded !== undefined && other !== undefined)
      const emissions = yield* subscribe
      assert.strictEqual(yield* emissions, 1)
      const snapshot = yield* control.snapshot
      for (const read of [control.invitations, control.outbox, control.users, control.calls, control.remainingQuotas]) {
        yield* read
      }
      assert.strictEqual(yield* emissions, 0)
      const changes: ReadonlyArray<readonly [string, Effect.Effect<unknown, unknown>]> = [
        ["seed", control.seed([{ emailAddress: "c@example.com" }])],
        ["accept", control.accept(seeded.id)],
        ["expire", control.expire(other.id)],
        ["revoke", control.revoke(other.id)],
        ["addUser", control.addUser("d@example.com")],
        ["create", invitations.create({ emailAddress: "e@example.com" })],
        ["list, which is recorded as a call", invitations.list()],
        ["failNext", control.failNext(Fault.Response.Reset())],
        ["a fault", Effect.flip(invitations.list())],
        ["setRateLimits", control.setRateLimits(RateLimits.production)],
        ["restore", control.restore(snapshot)],
        ["reset", control.reset]
      ]
      for (const [name, change] of changes) {
        yield* change
        assert.isTrue((yield* emissions) > 0, name)
      }
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.scoped("emits when a call takes effect after its injected response", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const invitations = yield* InvitationsService
      yield* control.failNext(Fault.Response.Reset(), { commit: Duration.seconds(1) })
      yield* Effect.flip(invitations.create({ emailAddress: ada }))
      const emissions = yield* subscribe
      yield* emissions
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* emissions) > 0)
      assert.strictEqual((yield* control.invitations).length, 1)
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.scoped("merges changes while the consumer is busy, and does not lose the last", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const open = yield* Deferred.make<undefined>()
      const seen = yield* Ref.make<ReadonlyArray<number>>([])
      yield* Effect.forkScoped(
        Stream.runForEach(control.changes, () =>
          Effect.flatMap(control.users, (users) =>
            Ref.update(seen, (all) => [...all, users.length])).pipe(
              Effect.zipRight(Deferred.await(open))
            ))
      )
      yield* flush
      for (let n = 0; n < 100; n++) {
        yield* control.addUser(`${n}@example.com`)
      }
      yield* flush
      yield* Deferred.succeed(open, undefined)
      yield* flush
      const all = yield* Ref.get(seen)
      assert.isTrue(all.length < 10)
      assert.deepStrictEqual([all[0], all.at(-1)], [0, 100])
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("ends with the layer", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.scoped(Effect.gen(function*() {
        const { control } = yield* InvitationsMemory.make()
        const fiber = yield* Effect.forkDaemon(Stream.runCount(control.changes))
        yield* flush
        return fiber
      }))
      assert.strictEqual(yield* Fiber.join(fiber), 1)
    }))
})

describe("a snapshot", () => {
  const state = Effect.flatMap(
    InvitationsControl,
    ({ invitations, outbox, users }) => Effect.all([invitations, outbox, users])
  )

  it.effect("restored from JSON in another layer, has the same invitations, users and e-mails, and behaves alike", () =>
    Effect.gen(function*() {
      const json = yield* Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.seed([
          { emailAddress: "revoked@example.com", status: "revoked" },
          { emailAddress: "expired@example.com", status: "expired" },
          { emailAddress: "accepted@example.com", status: "accepted" }
        ])
        yield* invitations.create({
          emailAddress: "Ada@Example.com",
          publicMetadata: { a: [1, { b: null }] },
          expiresInDays: 7
        })
        yield* invitations.create({ emailAddress: "w@example.com", templateSlug: "waitlist_invitation", notify: true })
        yield* control.addUser("grace@example.com")
        return [yield* Effect.flatMap(control.snapshot, Schema.encode(Json)), yield* state] as const
      }).pipe(Effect.provide(InvitationsMemory.layer()))

      yield* Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.seed([{ emailAddress: "forgotten@example.com" }])
        yield* control.restore(yield* Schema.decode(Json)(json[0]))
        assert.deepStrictEqual(yield* state, json[1])
        assert.strictEqual((yield* Effect.flip(invitations.create({ emailAddress: ada })))._tag, "BadRequest")
        assert.strictEqual(
          (yield* Effect.flip(invitations.create({ emailAddress: "grace@example.com" })))._tag,
          "Unprocessable"
        )
        assert.strictEqual((yield* invitations.create({ emailAddress: "forgotten@example.com" })).status, "pending")
        yield* TestClock.adjust("7 days")
        assert.deepStrictEqual((yield* invitations.findByEmail(ada)).map(({ status }) => status), ["expired"])
      }).pipe(Effect.provide(InvitationsMemory.layer()))
    }))

  it.effect("is not affected by later changes, which restore undoes", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.seed([{ emailAddress: ada, publicMetadata: { n: 1 } }])
      const before = yield* state
      const snapshot = yield* control.snapshot
      const text = yield* Schema.encode(Json)(snapshot)
      yield* Effect.forEach(yield* control.invitations, ({ id }) => control.accept(id))
      yield* control.seed([{ emailAddress: "b@example.com" }])
      assert.strictEqual(yield* Schema.encode(Json)(snapshot), text)
      yield* control.restore(snapshot)
      assert.deepStrictEqual(yield* state, before)
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("does not replace calls, faults and quotas when it is restored", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const snapshot = yield* control.snapshot
      yield* Effect.flatMap(InvitationsService, (invitations) => invitations.list())
      yield* control.failNext(Fault.Response.Reset())
      yield* control.restore(snapshot)
      const quotas = yield* control.remainingQuotas
      assert.deepStrictEqual(
        [
          (yield* control.calls).length,
          (yield* control.pendingFaults).length,
          quotas === "off" ? quotas : quotas.all.remaining
        ],
        [1, 1, 99]
      )
    }).pipe(Effect.provide(InvitationsMemory.layer({ rateLimits: RateLimits.development }))))

  it.effect("does not reuse an id when the next run draws the same prefix", () =>
    Effect.gen(function*() {
      const run = <A, E>(effect: Effect.Effect<A, E, InvitationsControl | InvitationsService>) =>
        effect.pipe(Effect.provide(InvitationsMemory.layer()), Effect.withRandom(Random.make("the same")))
      const create = (emailAddress: string) =>
        Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress }))
      const control = Effect.flatMap(InvitationsControl, ({ snapshot }) => snapshot)
      const [first, snapshot] = yield* run(Effect.all([create(ada), control]))
      assert.strictEqual((yield* run(create(ada))).id, first.id)
      const second = yield* run(
        Effect.zipRight(Effect.flatMap(InvitationsControl, ({ restore }) => restore(snapshot)), create("b@example.com"))
      )
      assert.isTrue(second.id !== first.id)
    }))

  it.effect("shows no accept link when printed, and rejects invalid JSON", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const { url } = yield* Effect.flatMap(
        InvitationsService,
        (invitations) => invitations.create({ emailAddress: ada })
      )
      const ticket = Redacted.value(Option.getOrThrow(url)).split("ticket=")[1] ?? "none"
      const snapshot = yield* control.snapshot
      const printed = inspect(snapshot, { depth: 10 })
      for (const secret of [ticket, Redacted.value(snapshot.signingKey)]) assert.notInclude(printed, secret)
      const text = yield* Schema.encode(Json)(snapshot)
      assert.include(text, ticket)
      for (const wrong of ["", "{", "{}", text.slice(0, -1), text.replace("\"version\":1", "\"version\":2")]) {
        assert.isTrue(Either.isLeft(Schema.decodeEither(Json)(wrong)))
      }
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})
