import { InvitationsService, RateLimits } from "@effect-clerk/core"
import { Fault, InvitationsControl, InvitationsMemory, Snapshot } from "@effect-clerk/http"
import { describe, it } from "@effect/vitest"
import { assertNone, assertSome, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  DateTime,
  Deferred,
  Duration,
  Effect,
  Either,
  Fiber,
  Option,
  Random,
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
  it.effect("has a pending invitation expire now, so that its address can be invited again", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const invitations = yield* InvitationsService
      const { id } = yield* invitations.create({ emailAddress: ada })
      yield* TestClock.adjust("1 hour")
      const expired = yield* control.expire(id)
      strictEqual(expired.status, "expired")
      assertSome(Option.map(expired.expiresAt, DateTime.toEpochMillis), hour)
      strictEqual(DateTime.toEpochMillis(expired.updatedAt), hour)
      deepStrictEqual(yield* control.invitations, [expired])
      deepStrictEqual(yield* control.calls.pipe(Effect.map((calls) => calls.length)), 1)
      strictEqual((yield* invitations.create({ emailAddress: ada })).status, "pending")
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("says why it cannot", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const reason = (id: string) =>
        Effect.map(Effect.flip(control.expire(id)), ({ _tag, message, reason }) => {
          assertTrue(message.endsWith(`it is ${reason}`) && !message.includes("@"))
          return [_tag, reason]
        })
      for (const status of ["accepted", "revoked", "expired"] as const) {
        const [seeded] = yield* control.seed([{ emailAddress: `${status}@example.com`, status }])
        assertTrue(seeded !== undefined)
        deepStrictEqual(yield* reason(seeded.id), ["InvitationNotPending", status])
      }
      deepStrictEqual(yield* reason("inv_nowhere"), ["InvitationNotPending", "missing"])
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})

it.effect("users are those that were added and those that accepted, in lower case", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    deepStrictEqual(yield* control.users, [])
    yield* control.addUser("Grace@Example.com")
    const [seeded] = yield* control.seed([{ emailAddress: "ADA@example.com" }])
    yield* control.accept(seeded?.id ?? "")
    deepStrictEqual(yield* control.users, ["grace@example.com", ada])
    yield* control.reset
    deepStrictEqual(yield* control.users, [])
  }).pipe(Effect.provide(InvitationsMemory.layer())))

it.effect("plans are those that have yet to strike", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const invitations = yield* InvitationsService
    const answer = Fault.Response.Status({ status: 503 })
    yield* control.injectFaults([{ response: answer, commit: "before", operation: "list", nth: 2, times: 2 }])
    yield* control.failNext(Fault.Response.Reset(), { operation: "create" })
    const left = Effect.map(control.pendingFaults, (plans) =>
      plans.map(({ nth, operation, times }) => [operation, nth, times]))
    deepStrictEqual(yield* left, [["list", 2, 2], ["create", 1, 1]])
    yield* invitations.list()
    deepStrictEqual(yield* left, [["list", 1, 2], ["create", 1, 1]])
    yield* Effect.flip(invitations.list())
    deepStrictEqual(yield* left, [["list", 1, 1], ["create", 1, 1]])
    yield* Effect.flip(invitations.create({ emailAddress: ada }))
    deepStrictEqual(yield* control.pendingFaults, [{
      response: answer,
      commit: "before",
      operation: "list",
      nth: 1,
      times: 1
    }])
    yield* control.reset
    deepStrictEqual(yield* control.pendingFaults, [])
  }).pipe(Effect.provide(InvitationsMemory.layer())))

describe("quotas", () => {
  it.effect("say what is left, and when the next call is forgotten", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const invitations = yield* InvitationsService
      const left = Effect.map(control.remainingQuotas, (quotas) =>
        quotas === "off" ? quotas : [quotas.all.remaining, quotas.create.remaining, quotas.createBulk.remaining])
      deepStrictEqual(yield* left, [100, 100, 25])
      yield* TestClock.adjust("1 second")
      yield* invitations.create({ emailAddress: ada })
      yield* TestClock.adjust("1 second")
      yield* invitations.createBulk([{ emailAddress: "b@example.com" }])
      yield* invitations.list()
      deepStrictEqual(yield* left, [97, 99, 24])
      const quotas = yield* control.remainingQuotas
      assertTrue(quotas !== "off")
      assertSome(Option.map(quotas.create.resetsAt, DateTime.toEpochMillis), 1000 + hour)
      assertSome(Option.map(quotas.all.resetsAt, DateTime.toEpochMillis), 11_000)
      deepStrictEqual([quotas.create.limit, Duration.toMillis(quotas.create.window)], [100, hour])
      yield* TestClock.adjust("9 seconds")
      deepStrictEqual(yield* left, [98, 99, 24])
      yield* TestClock.adjust("1 hour")
      deepStrictEqual(yield* left, [100, 100, 25])
      const full = yield* control.remainingQuotas
      assertTrue(full !== "off")
      assertNone(full.all.resetsAt)
    }).pipe(Effect.provide(InvitationsMemory.layer({ rateLimits: RateLimits.development }))))

  it.effect("are off unless there are limits", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      strictEqual(yield* control.remainingQuotas, "off")
      yield* control.setRateLimits(RateLimits.production)
      assertTrue((yield* control.remainingQuotas) !== "off")
      yield* control.setRateLimits("off")
      strictEqual(yield* control.remainingQuotas, "off")
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})

it.effect("there are no requests in memory, where nothing is sent", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    yield* Effect.flatMap(InvitationsService, (invitations) => invitations.list())
    deepStrictEqual([(yield* control.calls).length, yield* control.requests], [1, []])
  }).pipe(Effect.provide(InvitationsMemory.layer())))

describe("changes", () => {
  // How often somebody who listens has been told so far.
  const listen = Effect.gen(function*() {
    const control = yield* InvitationsControl
    const count = yield* Ref.make(0)
    yield* Effect.forkScoped(Stream.runForEach(control.changes, () => Ref.update(count, (n) => n + 1)))
    yield* letRun
    return Effect.zipRight(letRun, Ref.getAndSet(count, 0))
  })

  // What is told arrives over a few fibers.
  const letRun = Effect.repeatN(Effect.yieldNow(), 50)

  it.scoped("tell at once, and after everything that can be seen", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const invitations = yield* InvitationsService
      const [seeded, other] = yield* control.seed([{ emailAddress: ada }, { emailAddress: "b@example.com" }])
      assertTrue(seeded !== undefined && other !== undefined)
      const told = yield* listen
      strictEqual(yield* told, 1)
      const snapshot = yield* control.snapshot
      for (const read of [control.invitations, control.outbox, control.users, control.calls, control.remainingQuotas]) {
        yield* read
      }
      strictEqual(yield* told, 0)
      const changes: ReadonlyArray<readonly [string, Effect.Effect<unknown, unknown>]> = [
        ["seed", control.seed([{ emailAddress: "c@example.com" }])],
        ["accept", control.accept(seeded.id)],
        ["expire", control.expire(other.id)],
        ["remove", control.revoke(other.id)],
        ["addUser", control.addUser("d@example.com")],
        ["create", invitations.create({ emailAddress: "e@example.com" })],
        ["a read, since it is a call", invitations.list()],
        ["failNext", control.failNext(Fault.Response.Reset())],
        ["a fault", Effect.flip(invitations.list())],
        ["rateLimits", control.setRateLimits(RateLimits.production)],
        ["restore", control.restore(snapshot)],
        ["reset", control.reset]
      ]
      for (const [what, change] of changes) {
        yield* change
        assertTrue((yield* told) > 0, what)
      }
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.scoped("tell when a call takes effect after its fault has shown", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const invitations = yield* InvitationsService
      yield* control.failNext(Fault.Response.Reset(), { commit: Duration.seconds(1) })
      yield* Effect.flip(invitations.create({ emailAddress: ada }))
      const told = yield* listen
      yield* told
      yield* TestClock.adjust("1 second")
      assertTrue((yield* told) > 0)
      strictEqual((yield* control.invitations).length, 1)
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.scoped("are folded into one for whoever is busy, and the last is never lost", () =>
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
      yield* letRun
      for (let n = 0; n < 100; n++) {
        yield* control.addUser(`${n}@example.com`)
      }
      yield* letRun
      yield* Deferred.succeed(open, undefined)
      yield* letRun
      const all = yield* Ref.get(seen)
      assertTrue(all.length < 10)
      deepStrictEqual([all[0], all.at(-1)], [0, 100])
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("end with the layer", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.scoped(Effect.gen(function*() {
        const { control } = yield* InvitationsMemory.make()
        const fiber = yield* Effect.forkDaemon(Stream.runCount(control.changes))
        yield* letRun
        return fiber
      }))
      strictEqual(yield* Fiber.join(fiber), 1)
    }))
})

describe("a snapshot", () => {
  const everything = Effect.flatMap(
    InvitationsControl,
    ({ invitations, outbox, users }) => Effect.all([invitations, outbox, users])
  )

  const elsewhere = InvitationsMemory.layer()

  it.effect("restored elsewhere from JSON, is the same invitations, users and e-mails, and behaves alike", () =>
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
        return [yield* Effect.flatMap(control.snapshot, Schema.encode(Json)), yield* everything] as const
      }).pipe(Effect.provide(InvitationsMemory.layer()))

      yield* Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.seed([{ emailAddress: "forgotten@example.com" }])
        yield* control.restore(yield* Schema.decode(Json)(json[0]))
        deepStrictEqual(yield* everything, json[1])
        strictEqual((yield* Effect.flip(invitations.create({ emailAddress: ada })))._tag, "BadRequest")
        strictEqual(
          (yield* Effect.flip(invitations.create({ emailAddress: "grace@example.com" })))._tag,
          "Unprocessable"
        )
        strictEqual((yield* invitations.create({ emailAddress: "forgotten@example.com" })).status, "pending")
        yield* TestClock.adjust("7 days")
        deepStrictEqual((yield* invitations.findByEmail(ada)).map(({ status }) => status), ["expired"])
      }).pipe(Effect.provide(elsewhere))
    }))

  it.effect("is not changed by what happens afterwards, and takes it back", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* control.seed([{ emailAddress: ada, publicMetadata: { n: 1 } }])
      const before = yield* everything
      const snapshot = yield* control.snapshot
      const text = yield* Schema.encode(Json)(snapshot)
      yield* Effect.forEach(yield* control.invitations, ({ id }) => control.accept(id))
      yield* control.seed([{ emailAddress: "b@example.com" }])
      strictEqual(yield* Schema.encode(Json)(snapshot), text)
      yield* control.restore(snapshot)
      deepStrictEqual(yield* everything, before)
    }).pipe(Effect.provide(InvitationsMemory.layer())))

  it.effect("leaves calls, plans and limits alone when it is restored", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const snapshot = yield* control.snapshot
      yield* Effect.flatMap(InvitationsService, (invitations) => invitations.list())
      yield* control.failNext(Fault.Response.Reset())
      yield* control.restore(snapshot)
      const quotas = yield* control.remainingQuotas
      deepStrictEqual(
        [
          (yield* control.calls).length,
          (yield* control.pendingFaults).length,
          quotas === "off" ? quotas : quotas.all.remaining
        ],
        [1, 1, 99]
      )
    }).pipe(Effect.provide(InvitationsMemory.layer({ rateLimits: RateLimits.development }))))

  it.effect("gives no id away twice, although the next run draws the same prefix", () =>
    Effect.gen(function*() {
      const run = <A, E>(effect: Effect.Effect<A, E, InvitationsControl | InvitationsService>) =>
        effect.pipe(Effect.provide(InvitationsMemory.layer()), Effect.withRandom(Random.make("the same")))
      const create = (emailAddress: string) =>
        Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress }))
      const control = Effect.flatMap(InvitationsControl, ({ snapshot }) => snapshot)
      const [first, snapshot] = yield* run(Effect.all([create(ada), control]))
      strictEqual((yield* run(create(ada))).id, first.id)
      const second = yield* run(
        Effect.zipRight(Effect.flatMap(InvitationsControl, ({ restore }) => restore(snapshot)), create("b@example.com"))
      )
      assertTrue(second.id !== first.id)
    }))

  it.effect("shows no accept link when it is printed, and refuses what is not one", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      yield* Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress: ada }))
      const snapshot = yield* control.snapshot
      assertTrue(!inspect(snapshot, { depth: 10 }).includes("ticket"))
      const text = yield* Schema.encode(Json)(snapshot)
      assertTrue(text.includes("ticket"))
      for (const wrong of ["", "{", "{}", text.slice(0, -1), text.replace("\"version\":1", "\"version\":2")]) {
        assertTrue(Either.isLeft(Schema.decodeEither(Json)(wrong)))
      }
    }).pipe(Effect.provide(InvitationsMemory.layer())))
})
