import type { InviteMany } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, FastCheck as fc, Fiber, FiberRef, Option, Stream, TestClock } from "effect"
import { inviteMany } from "../../src/internal/bulk/inviteMany.js"
import { duplicate, makeFake, makeInvitation, makeInvitations, untyped } from "../utils.js"
import { capacity, endless, inIntake, inputOutcomes, people, person, rejection, tags, tooMany } from "./fixtures.js"

/** A list that counts so many pending invitations that the job sends one query for each address. */
const withLongPendingList = (list: InvitationsPrimitives["list"]): InvitationsPrimitives["list"] => (params) =>
  Effect.map(
    list(params),
    (page) =>
      params.status === "pending" ? new InvitationPage({ ...page, totalCount: 100_000, totalIsKnown: true }) : page
  )

describe("inviteMany", () => {
  it.effect.prop(
    "reads a bounded number of inputs ahead of a slow consumer",
    [fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean()],
    ([wanted, concurrency, useSingleCreates, ordered]) =>
      Effect.gen(function*() {
        const { calls, service } = yield* makeFake()
        const { iterable, pulled } = endless()
        let ahead = 0
        let taken = 0
        yield* service.inviteMany(iterable, {
          concurrency,
          useSingleCreates,
          ordered,
          checkExisting: false
        }).pipe(
          Stream.take(wanted),
          Stream.runForEach(() =>
            Effect.gen(function*() {
              // Lets the other fibers run as far as they can while the consumer is busy.
              for (let n = 0; n < 50; n++) yield* Effect.yieldNow()
              ahead = Math.max(ahead, pulled.count - taken)
              taken++
            })
          )
        )
        assert.strictEqual(taken, wanted)
        assert.isTrue(ahead <= capacity(concurrency) + inIntake + 10 * (concurrency + 1) + 10)
        assert.isTrue(pulled.closed)
        const after = (yield* calls).length
        for (let n = 0; n < 50; n++) yield* Effect.yieldNow()
        assert.strictEqual((yield* calls).length, after)
      }),
    { fastCheck: { numRuns: 12 } }
  )

  it.effect("forgets the oldest addresses beyond deduplicationWindow", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake([], () => ({
        createBulk: (requests) =>
          Effect.succeed(requests.map(({ emailAddress }, index) => makeInvitation(index, { emailAddress })))
      }))
      const list = [...people(1001), person(1001), person(2), person(1)]
      const outcomes = yield* Stream.runCollect(
        service.inviteMany(list, {
          deduplicationWindow: 1000,
          useSingleCreates: false,
          checkExisting: false,
          ordered: true
        })
      )
      // Only the first address has been forgotten.
      assert.deepStrictEqual(tags(Chunk.takeRight(outcomes, 3)), ["Repeated", "Repeated", "Created"])
    }))

  it.effect("reports a case-insensitive duplicate with the position of the first", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake()
      const outcomes = Array.from(
        yield* Stream.runCollect(service.inviteMany([
          person(1),
          { emailAddress: "PERSON1@example.com", expiresInDays: 3 },
          { emailAddress: "no address" },
          { emailAddress: "No Address" }
        ], { ordered: true }))
      )
      assert.deepStrictEqual(tags(outcomes), ["Created", "Repeated", "Rejected", "Repeated"])
      assert.deepStrictEqual(outcomes.map((outcome) => outcome._tag === "Repeated" ? outcome.firstPosition : -1), [
        -1,
        0,
        -1,
        2
      ])
      assert.strictEqual((yield* calls).filter(({ method }) => method !== "list").length, 1)
    }))

  it.effect("sends a partial batch in order if the next due item waits in it", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake()
      const list = [person(1), person(2), ...Array.from({ length: 2 * 1000 }, () => person(1))]
      const outcomes = yield* Stream.runCollect(
        service.inviteMany(Stream.concat(Stream.fromIterable(list), Stream.never), {
          ordered: true,
          useSingleCreates: false
        })
          .pipe(Stream.take(list.length))
      )
      assert.deepStrictEqual(tags(Chunk.take(outcomes, 3)), ["Created", "Created", "Repeated"])
    }))

  it.effect("bisects a batch that is rejected without a named address, if singles are off", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake([], ({ createBulk }) => ({
        createBulk: (requests) =>
          requests.some(({ emailAddress }) => emailAddress === "person7@example.com")
            ? Effect.fail(rejection("createBulk"))
            : createBulk(requests)
      }))
      const outcomes = yield* Stream.runCollect(
        service.inviteMany(people(10), { useSingleCreates: false, ordered: true, checkExisting: false })
      )
      assert.deepStrictEqual(tags(outcomes), people(10).map((_, n) => n === 6 ? "Rejected" : "Created"))
      assert.isTrue((yield* calls).length <= 2 * 10 - 1)
    }))

  it.effect("terminates within three calls an address if every address is refused", () =>
    Effect.gen(function*() {
      for (const useSingleCreates of [true, false]) {
        const { calls, service } = yield* makeFake([], () => ({
          create: () => Effect.fail(rejection("create", "form_identifier_exists")),
          createBulk: () => Effect.fail(rejection("createBulk", "form_identifier_exists"))
        }))
        const outcomes = yield* Stream.runCollect(
          service.inviteMany(people(200), { useSingleCreates, checkExisting: false })
        )
        assert.deepStrictEqual(tags(outcomes), people(200).map(() => "UserExists"))
        assert.isTrue((yield* calls).length <= 600)
      }
    }))

  it.effect("stops after three single creates that are refused like a batch, for a reason that is not known", () =>
    Effect.gen(function*() {
      for (const useSingleCreates of [true, false]) {
        const { calls, service } = yield* makeFake([], () => ({
          create: () => Effect.fail(rejection("create", "something_new")),
          createBulk: () => Effect.fail(rejection("createBulk", "something_new"))
        }))
        const outcomes = Array.from(
          yield* Stream.runCollect(
            service.inviteMany(people(200), { useSingleCreates, concurrency: 1, checkExisting: false })
          )
        )
        const last = outcomes.at(-1)
        assert.isTrue(last?._tag === "Stopped" && last.error._tag === "Unprocessable")
        assert.isAtMost((yield* calls).length, 8)
        const ofInputs = inputOutcomes(outcomes)
        assert.isAtMost(ofInputs.filter(({ _tag }) => _tag === "Rejected").length, 6)
        assert.isTrue(ofInputs.every(({ _tag }) => _tag === "Rejected" || _tag === "NotAttempted"))
      }
    }))

  it.effect("does not take the refusal of some addresses for one of the instance, although the reason is not known", () =>
    Effect.gen(function*() {
      const isRefused = ({ emailAddress }: { readonly emailAddress: string }) => /person[123]@/.test(emailAddress)
      for (const useSingleCreates of [true, false]) {
        const { service } = yield* makeFake([], ({ create, createBulk }) => ({
          create: (request) => isRefused(request) ? Effect.fail(rejection("create", "something_new")) : create(request),
          createBulk: (requests) =>
            requests.some(isRefused) ? Effect.fail(rejection("createBulk", "something_new")) : createBulk(requests)
        }))
        const outcomes = yield* Stream.runCollect(
          service.inviteMany([...people(40)].reverse(), { useSingleCreates, checkExisting: false })
        )
        assert.deepStrictEqual(
          inputOutcomes(outcomes).filter(isRefused).map(({ _tag }) => _tag),
          ["Rejected", "Rejected", "Rejected"]
        )
        assert.strictEqual(tags(outcomes).filter((tag) => tag === "Created").length, 37)
      }
    }))

  // One address in ten belongs to a user, and Clerk does not name it.
  const withUsers = makeFake([], ({ create, createBulk }) => {
    const isUser = ({ emailAddress }: { readonly emailAddress: string }) => /4@/.test(emailAddress)
    return {
      create: (request) =>
        isUser(request) ? Effect.fail(rejection("create", "form_identifier_exists")) : create(request),
      createBulk: (requests) =>
        requests.some(isUser) ? Effect.fail(rejection("createBulk", "form_identifier_exists")) : createBulk(requests)
    }
  })

  it.effect("isolates one culprit in ten of 200 within 1.6 hours of the quotas", () =>
    Effect.gen(function*() {
      for (const concurrency of [1, 2, 5]) {
        const { calls, service } = yield* withUsers
        const outcomes = yield* Stream.runCollect(
          service.inviteMany(people(200), { concurrency, checkExisting: false })
        )
        assert.strictEqual(tags(outcomes).filter((tag) => tag === "UserExists").length, 20)
        const count = (method: string) =>
          Effect.map(calls, (all) => all.filter((call) => call.method === method).length)
        assert.isTrue((yield* count("create")) / 100 <= 1.6)
        assert.isTrue((yield* count("createBulk")) / 25 <= 1.6)
      }
    }))

  it.effect("isolates a culprit of a batch with at most eight further calls, without single creates", () =>
    Effect.gen(function*() {
      for (const count of [10, 50, 200]) {
        const { calls, service } = yield* withUsers
        const outcomes = yield* Stream.runCollect(
          service.inviteMany(people(count), { useSingleCreates: false, checkExisting: false })
        )
        assert.strictEqual(tags(outcomes).filter((tag) => tag === "UserExists").length, count / 10)
        assert.isTrue((yield* calls).length <= 9 * count / 10)
      }
    }))

  it.effect("terminates if the response names addresses that were not sent", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake([], () => ({
        create: () => Effect.fail(duplicate("else@example.com")),
        createBulk: () => Effect.fail(duplicate("else@example.com"))
      }))
      for (const onExisting of ["report", "reuse", "resend"] as const) {
        const outcomes = yield* Stream.runCollect(service.inviteMany(people(25), { onExisting }))
        assert.deepStrictEqual(tags(outcomes), people(25).map(() => "AlreadyInvited"))
      }
    }))

  it.effect("replaces once, even if another client always creates an invitation first", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake(makeInvitations(1), () => ({
        create: ({ emailAddress }) => Effect.fail(duplicate(emailAddress)),
        createBulk: ([first]) => Effect.fail(duplicate(first?.emailAddress ?? ""))
      }))
      const outcomes = Array.from(
        yield* Stream.runCollect(service.inviteMany([person(1)], { onExisting: "resend" }))
      )
      assert.deepStrictEqual(tags(outcomes), ["AlreadyInvited"])
      assert.deepStrictEqual(
        outcomes.map((outcome) => "replaced" in outcome ? outcome.replaced.length : 0),
        [1]
      )
    }))

  it.effect("skips the look-up with ignoreExisting, and continues if a look-up fails", () =>
    Effect.gen(function*() {
      const ignoring = yield* makeFake(makeInvitations(1))
      const again = yield* Stream.runCollect(
        ignoring.service.inviteMany([{ ...person(1), ignoreExisting: true }])
      )
      assert.deepStrictEqual(tags(again), ["Created"])
      assert.strictEqual((yield* ignoring.calls).filter(({ method }) => method === "list").length, 0)
      const failing = yield* makeFake(makeInvitations(1), () => ({ list: () => Effect.fail(tooMany(Option.none())) }))
      assert.deepStrictEqual(tags(yield* Stream.runCollect(failing.service.inviteMany([person(1)]))), [
        "AlreadyInvited"
      ])
    }))

  it.effect("sends an address that has accepted an invitation as a single", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake(
        [makeInvitation(5, { status: "accepted" })],
        ({ create, list }) => ({
          create: (request) => Effect.delay(create(request), "1 minute"),
          list: withLongPendingList(list)
        })
      )
      const fiber = yield* Effect.fork(Stream.runDrain(service.inviteMany(people(30))))
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      const bulk = (yield* calls).filter(({ method }) => method === "createBulk")
      assert.isTrue(bulk.length > 0)
      assert.isTrue(!JSON.stringify(bulk.map(({ input }) => input)).includes("person5@"))
    }))

  it.effect("by default neither looks a duplicate up nor replaces its invitation", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake(makeInvitations(1))
      const outcomes = yield* Stream.runCollect(service.inviteMany([person(1)], { checkExisting: false }))
      assert.deepStrictEqual(
        Array.from(outcomes, (outcome) => outcome._tag === "AlreadyInvited" && Option.isNone(outcome.invitation)),
        [true]
      )
      assert.isTrue((yield* calls).every(({ method }) => method.startsWith("create")))
    }))

  it.effect("looks eight addresses up at once, and sends those that are not found before the others", () =>
    Effect.gen(function*() {
      const lookUps = { inFlight: 0, most: 0 }
      const { calls, service } = yield* makeFake([], ({ list }) => ({
        list: (params) =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              lookUps.most = Math.max(lookUps.most, ++lookUps.inFlight)
            }),
            () =>
              Effect.delay(
                withLongPendingList(list)(params),
                params.query === "person1@example.com" ? "1 hour" : "1 second"
              ),
            () => Effect.sync(() => lookUps.inFlight--)
          )
      }))
      const fiber = yield* Effect.fork(Stream.runDrain(service.inviteMany(people(40), { useSingleCreates: false })))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(lookUps.most, 8)
      assert.strictEqual((yield* calls).filter(({ method }) => method === "createBulk").length, 3)
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
    }))

  it.effect("makes each call in a span of its own", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake([], ({ create }) => ({
        create: (request) => Effect.delay(create(request), "1 minute")
      }))
      const fiber = yield* Effect.fork(Stream.runDrain(service.inviteMany(people(30))))
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      const spans = new Set((yield* calls).map(({ method, span }) => `${method} in ${span}`))
      assert.deepStrictEqual([...spans].sort(), [
        "create in InvitationsService.inviteMany.create",
        "createBulk in InvitationsService.inviteMany.createBulk",
        "list in InvitationsService.inviteMany.look"
      ])
    }))

  it.effect("reserves the quota of each call before it takes the items", () =>
    Effect.gen(function*() {
      const reservation = FiberRef.unsafeMake("none")
      const reserved = new Set<string>()
      const record = (method: string) =>
        Effect.map(FiberRef.get(reservation), (operation) => reserved.add(`${method} with ${operation}`))
      const unused = () => Effect.dieMessage("unexpected call")
      const invite = inviteMany<never, never>(
        {
          create: ({ emailAddress }) =>
            Effect.as(Effect.delay(record("create"), "1 minute"), makeInvitation(1, { emailAddress })),
          createBulk: (requests) =>
            Effect.as(record("createBulk"), requests.map(({ emailAddress }) => makeInvitation(1, { emailAddress }))),
          list: unused,
          revoke: unused,
          delete: unused,
          withReservation: (operation) => Effect.locally(reservation, operation)
        },
        people(30),
        { checkExisting: false }
      )
      const fiber = yield* Effect.fork(Stream.runCount(invite))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* Fiber.join(fiber), 30)
      assert.deepStrictEqual([...reserved].sort(), ["create with create", "createBulk with createBulk"])
    }))

  it.effect("rejects invalid options and sources before anything is sent", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake()
      const message = (input: unknown, options: unknown) =>
        Effect.map(
          Effect.flip(Stream.runDrain(
            service.inviteMany(untyped<Array<CreateInvitation.Input>>(input), untyped<InviteMany.Options>(options))
          )),
          (error) => error.message
        )
      const must = [
        [{ concurrency: 0 }, "concurrency must be a whole number of calls from 1 to 25"],
        [{ concurrency: 26 }, "concurrency must be a whole number of calls from 1 to 25"],
        [{ useSingleCreates: "yes" }, "useSingleCreates must be true or false"],
        [{ checkExisting: 1 }, "checkExisting must be true or false"],
        [{ ordered: null }, "ordered must be true or false"],
        [{ onExisting: "ignore" }, "onExisting must be \"report\", \"reuse\" or \"resend\""],
        [
          { deduplicationWindow: 999 },
          "deduplicationWindow must be a whole number of addresses from 1000 to 10,000,000"
        ],
        [{ pace: 3 }, "pace is not a field of this request"]
      ] as const
      for (const [options, issue] of must) {
        assert.strictEqual(yield* message([], options), `inviteMany was not sent: options.${issue}`)
      }
      for (const onExisting of ["report", "reuse", "resend"] as const) {
        yield* Stream.runDrain(service.inviteMany([], { onExisting, concurrency: 25, deduplicationWindow: 1000 }))
      }
      for (const input of [undefined, null, 3, "ada@example.com", {}]) {
        assert.strictEqual(
          yield* message(input, undefined),
          "inviteMany was not sent: requests must be an iterable or a Stream of requests"
        )
      }
      assert.strictEqual((yield* calls).length, 0)
      const outcomes = yield* Stream.runCollect(
        service.inviteMany(untyped<Array<CreateInvitation.Input>>([null, 3, { emailAddress: 3 }]))
      )
      assert.deepStrictEqual(tags(outcomes), ["Rejected", "Rejected", "Rejected"])
    }))

  it.effect("ends at once for an empty source", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake()
      assert.deepStrictEqual(tags(yield* Stream.runCollect(service.inviteMany([]))), [])
      assert.deepStrictEqual(tags(yield* Stream.runCollect(service.inviteMany(Stream.empty))), [])
    }))
})
