import type { CreateInvitation, InviteMany, InviteOutcome } from "@effect-clerk/core"
import {
  AmbiguousWrite,
  BadRequest,
  ErrorDetail,
  Forbidden,
  Timeout,
  TooManyRequests,
  Unprocessable
} from "@effect-clerk/core"
import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  Cause,
  Chunk,
  Clock,
  Deferred,
  Duration,
  Effect,
  Exit,
  FastCheck as fc,
  Fiber,
  Option,
  Random,
  Redacted,
  Ref,
  Schedule,
  Stream,
  TestClock
} from "effect"
import { duplicate, makeFake, makeInvitation, makeInvitations, untyped } from "./utils.js"

const person = (n: number): CreateInvitation.Input => ({ emailAddress: `person${n}@example.com` })

const people = (count: number): ReadonlyArray<CreateInvitation.Input> =>
  Array.from({ length: count }, (_, n) => person(n + 1))

/** People without end, and how many of them have been asked for. */
const endless = () => {
  const pulled = { count: 0, closed: false }
  const iterable: Iterable<CreateInvitation.Input> = {
    *[Symbol.iterator]() {
      try {
        for (;;) yield person(++pulled.count)
      } finally {
        pulled.closed = true
      }
    }
  }
  return { iterable, pulled }
}

const tags = (outcomes: Iterable<InviteOutcome>): ReadonlyArray<string> => Array.from(outcomes, ({ _tag }) => _tag)

const answered = { status: 422, errors: [], traceId: Option.none() }

const refusal = (operation: "create" | "createBulk", code = "form_param_value_invalid") =>
  new Unprocessable({
    ...answered,
    operation,
    errors: [new ErrorDetail({ code, message: "", longMessage: "", meta: {} })]
  })

const tooMany = (retryAfter: Option.Option<Duration.Duration>) =>
  new TooManyRequests({ operation: "createBulk", status: 429, errors: [], traceId: Option.none(), retryAfter })

/** What the capacity is documented to be: two chunks a bulk call, and those that wait to be sent alone. */
const capacity = (concurrency: number): number => 20 * concurrency + 50

// Beyond that: a look at each of eight, one that waits for room.
const underWay = 10

describe("inviteMany", () => {
  it.effect.prop(
    "takes no more from an endless input than it can send, however slow the consumer is",
    [fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean()],
    ([wanted, concurrency, useSingles, ordered]) =>
      Effect.gen(function*() {
        const { calls, service } = yield* makeFake()
        const { iterable, pulled } = endless()
        let ahead = 0
        let taken = 0
        yield* service.inviteMany(iterable, {
          concurrency,
          useSingleCreates: useSingles,
          ordered,
          checkExisting: false
        }).pipe(
          Stream.take(wanted),
          Stream.runForEach(() =>
            Effect.gen(function*() {
              // The others run as far as they get while the consumer is busy.
              for (let n = 0; n < 50; n++) yield* Effect.yieldNow()
              ahead = Math.max(ahead, pulled.count - taken)
              taken++
            })
          )
        )
        strictEqual(taken, wanted)
        assertTrue(ahead <= capacity(concurrency) + underWay + 10 * (concurrency + 1) + 10)
        assertTrue(pulled.closed)
        const after = (yield* calls).length
        for (let n = 0; n < 50; n++) yield* Effect.yieldNow()
        strictEqual((yield* calls).length, after)
      }),
    { fastCheck: { numRuns: 12 } }
  )

  it.effect("remembers only so many addresses, so that an endless input runs in flat memory", () =>
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
      // The first has been forgotten, and everybody else has not.
      deepStrictEqual(tags(Chunk.takeRight(outcomes, 3)), ["Repeated", "Repeated", "Created"])
    }))

  it.effect("folds addresses whatever their case, and says of which position", () =>
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
      deepStrictEqual(tags(outcomes), ["Created", "Repeated", "Rejected", "Repeated"])
      deepStrictEqual(outcomes.map((outcome) => outcome._tag === "Repeated" ? outcome.firstPosition : -1), [
        -1,
        0,
        -1,
        2
      ])
      strictEqual((yield* calls).filter(({ method }) => method !== "list").length, 1)
    }))

  it.effect("holds nothing up in order, although the chunk of what is due is not full", () =>
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
      deepStrictEqual(tags(Chunk.take(outcomes, 3)), ["Created", "Created", "Repeated"])
    }))

  it.effect("sends a chunk that is refused without a name in halves, if there are no singles", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake([], ({ createBulk }) => ({
        createBulk: (requests) =>
          requests.some(({ emailAddress }) => emailAddress === "person7@example.com")
            ? Effect.fail(refusal("createBulk"))
            : createBulk(requests)
      }))
      const outcomes = yield* Stream.runCollect(
        service.inviteMany(people(10), { useSingleCreates: false, ordered: true, checkExisting: false })
      )
      deepStrictEqual(tags(outcomes), people(10).map((_, n) => n === 6 ? "Rejected" : "Created"))
      assertTrue((yield* calls).length <= 2 * 10 - 1)
    }))

  it.effect("ends although everything is refused, with as many calls as there are addresses at most twice", () =>
    Effect.gen(function*() {
      for (const useSingles of [true, false]) {
        const { calls, service } = yield* makeFake([], () => ({
          create: () => Effect.fail(refusal("create")),
          createBulk: () => Effect.fail(refusal("createBulk"))
        }))
        const outcomes = yield* Stream.runCollect(
          service.inviteMany(people(200), { useSingleCreates: useSingles, checkExisting: false })
        )
        deepStrictEqual(tags(outcomes), people(200).map(() => "Rejected"))
        assertTrue((yield* calls).length <= 400)
      }
    }))

  it.effect("ends although the server names addresses that it has never been sent", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake([], () => ({
        create: () => Effect.fail(duplicate("else@example.com")),
        createBulk: () => Effect.fail(duplicate("else@example.com"))
      }))
      for (const onExisting of ["report", "reuse", "replace"] as const) {
        const outcomes = yield* Stream.runCollect(service.inviteMany(people(25), { onExisting }))
        deepStrictEqual(tags(outcomes), people(25).map(() => "AlreadyInvited"))
      }
    }))

  it.effect("replaces once only, although somebody else is always quicker", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake(makeInvitations(1), () => ({
        create: ({ emailAddress }) => Effect.fail(duplicate(emailAddress)),
        createBulk: ([first]) => Effect.fail(duplicate(first?.emailAddress ?? ""))
      }))
      const outcomes = Array.from(
        yield* Stream.runCollect(service.inviteMany([person(1)], { onExisting: "replace" }))
      )
      deepStrictEqual(tags(outcomes), ["AlreadyInvited"])
      deepStrictEqual(
        outcomes.map((outcome) => outcome._tag === "Repeated" ? 0 : outcome.replaced.length),
        [1]
      )
    }))

  it.effect("waits as long as the server asks, and sends the same again", () =>
    Effect.gen(function*() {
      let left = 2
      const sent: Array<number> = []
      const { service } = yield* makeFake([], ({ createBulk }) => ({
        createBulk: (requests) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            sent.push(now)
            return left-- > 0
              ? Effect.fail(tooMany(Option.some(Duration.minutes(40))))
              : createBulk(requests)
          })
      }))
      const fiber = yield* Effect.fork(
        Stream.runCollect(service.inviteMany(people(10), { useSingleCreates: false, concurrency: 1 }))
      )
      yield* TestClock.adjust("3 hours")
      deepStrictEqual(tags(yield* Fiber.join(fiber)), people(10).map(() => "Created"))
      deepStrictEqual(sent, [0, 40, 80].map((minutes) => minutes * 60_000))
    }))

  it.effect("gives up an address, and not the job, when the schedule is done", () =>
    Effect.gen(function*() {
      const timeout = new Timeout({ operation: "createBulk", limit: "total", duration: Duration.seconds(1) })
      let calls = 0
      const { service } = yield* makeFake([], () => ({
        createBulk: () =>
          Effect.suspend(() => {
            calls++
            return Effect.fail(timeout)
          })
      }))
      const outcomes = yield* Stream.runCollect(
        service.inviteMany(people(10), { useSingleCreates: false, retry: Schedule.recurs(3) })
      )
      deepStrictEqual(
        Array.from(outcomes, (outcome) => outcome._tag === "Rejected" && outcome.error._tag === "Timeout"),
        [
          ...people(10).map(() => true)
        ]
      )
      strictEqual(calls, 4)
    }))

  it.effect("survives an outage of an hour by default, whatever the jitter, and ends if there is no end to it", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake([], ({ createBulk }) => ({
        createBulk: (requests) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            now < 60 * 60_000 || requests.length < 10
              ? Effect.fail(tooMany(Option.none()))
              : createBulk(requests))
      }))
      const fiber = yield* Effect.fork(
        Stream.runCollect(service.inviteMany(people(11), { useSingleCreates: false, concurrency: 2, ordered: true }))
          .pipe(
            // The shortest waits that there are.
            Effect.withRandom(Random.fixed([0]))
          )
      )
      yield* TestClock.adjust("3 hours")
      deepStrictEqual(tags(yield* Fiber.join(fiber)), [...people(10).map(() => "Created"), "Rejected"])
    }))

  it.effect("says that it does not know what became of an ambiguous chunk", () =>
    Effect.gen(function*() {
      const error = new AmbiguousWrite({
        operation: "createBulk",
        emailAddresses: Redacted.make([]),
        id: Option.none(),
        candidates: [],
        lastFailure: tooMany(Option.none())
      })
      const { service } = yield* makeFake([], () => ({ createBulk: () => Effect.fail(error) }))
      const outcomes = yield* Stream.runCollect(service.inviteMany(people(10), { useSingleCreates: false }))
      assertTrue(
        Array.from(outcomes).every((outcome) => outcome._tag === "Unknown" && outcome.error.operation === "createBulk")
      )
      strictEqual(outcomes.length, 10)
    }))

  it.effect("interrupted, tells what is under way, what is unsent and what nobody took", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<boolean>()
      const interrupted = yield* Ref.make(0)
      const { service } = yield* makeFake([], ({ createBulk }) => ({
        createBulk: (requests) =>
          requests[0]?.emailAddress === "person1@example.com"
            ? createBulk(requests)
            : Effect.zipRight(Deferred.succeed(gate, true), Effect.never).pipe(
              Effect.onInterrupt(() => Ref.update(interrupted, (n) => n + 1))
            )
      }))
      const seen: Array<InviteOutcome> = []
      let left: InviteMany.Incomplete = { outcomes: [], unknown: [], unsent: [] }
      const fiber = yield* service.inviteMany(people(25), {
        useSingleCreates: false,
        concurrency: 1,
        onIncomplete: (unfinished) =>
          Effect.sync(() => {
            left = unfinished
          })
      }).pipe(
        Stream.runForEach((outcome) => Effect.sync(() => seen.push(outcome))),
        Effect.fork
      )
      yield* Deferred.await(gate)
      for (let n = 0; n < 50; n++) yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      strictEqual(yield* Ref.get(interrupted), 1)
      deepStrictEqual(seen.map(({ position }) => position), people(10).map((_, n) => n))
      deepStrictEqual(left.outcomes, [])
      deepStrictEqual(left.unknown.map(({ position }) => position), people(10).map((_, n) => n + 10))
      deepStrictEqual(left.unsent.map(({ position }) => position), people(5).map((_, n) => n + 20))
    }))

  it.effect("counts as unsent what was never sent, since its chunk still had to make room", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake(makeInvitations(2), ({ revoke }) => ({
        revoke: (id) =>
          id === "inv_1" ? revoke(id) : Effect.fail(new Forbidden({ ...answered, operation: "revoke", status: 403 }))
      }))
      let left: InviteMany.Incomplete = { outcomes: [], unknown: [], unsent: [] }
      const error = yield* Effect.flip(Stream.runDrain(service.inviteMany(people(3), {
        useSingleCreates: false,
        onExisting: "replace",
        onIncomplete: (unfinished) =>
          Effect.sync(() => {
            left = unfinished
          })
      })))
      strictEqual(error._tag, "Forbidden")
      deepStrictEqual(left.unknown, [])
      // What was revoked meanwhile is said all the same.
      deepStrictEqual(
        left.unsent.map(({ position, replaced }) => [position, ...replaced.map(({ id }): string => id)]).sort(),
        [[0, "inv_1"], [1], [2]]
      )
    }))

  it.effect("says nothing about what is left when all is done", () =>
    Effect.gen(function*() {
      let told = 0
      const { service } = yield* makeFake()
      yield* Stream.runDrain(service.inviteMany(people(12), { onIncomplete: () => Effect.sync(() => told++) }))
      strictEqual(told, 0)
    }))

  it.effect("finishes what came before the input failed, and then fails as it did", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake()
      const seen: Array<InviteOutcome> = []
      const input = Stream.concat(Stream.fromIterable(people(13)), Stream.fail("the file is broken" as const))
      const error = yield* service.inviteMany(input).pipe(
        Stream.runForEach((outcome) => Effect.sync(() => seen.push(outcome))),
        Effect.flip
      )
      strictEqual(error, "the file is broken")
      strictEqual(seen.length, 13)
    }))

  it.effect("passes a defect on, of the input and of the layer, without hanging", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake([], () => ({ createBulk: () => Effect.die("a bug") }))
      const ofLayer = yield* Effect.exit(Stream.runDrain(service.inviteMany(people(10), { useSingleCreates: false })))
      deepStrictEqual(Exit.match(ofLayer, { onSuccess: () => [], onFailure: (_) => [...Cause.defects(_)] }), ["a bug"])
      const ofInput = yield* Effect.exit(Stream.runDrain(service.inviteMany(Stream.die("another"))))
      deepStrictEqual(Exit.match(ofInput, { onSuccess: () => [], onFailure: (_) => [...Cause.defects(_)] }), [
        "another"
      ])
    }))

  it.effect("ends the job where the key may not do it, but not where one address may not be invited", () =>
    Effect.gen(function*() {
      const forbidden = (code: string) =>
        new Forbidden({
          ...answered,
          operation: "create",
          status: 403,
          errors: [new ErrorDetail({ code, message: "", longMessage: "", meta: {} })]
        })
      const failing = (error: Forbidden | BadRequest) =>
        Effect.flatMap(
          makeFake([], () => ({ create: () => Effect.fail(error), createBulk: () => Effect.fail(error) })),
          ({ service }) => Effect.either(Stream.runCollect(service.inviteMany(people(3))))
        )
      for (
        const error of [
          forbidden("authorization_invalid"),
          new BadRequest({
            ...answered,
            operation: "create",
            status: 400,
            errors: [new ErrorDetail({ code: "invitations_not_supported", message: "", longMessage: "", meta: {} })]
          })
        ]
      ) {
        const result = yield* failing(error)
        strictEqual(result._tag === "Left" ? result.left._tag : undefined, error._tag)
      }
      const single = yield* failing(forbidden("not_allowed_access"))
      deepStrictEqual(single._tag === "Right" ? tags(single.right) : [], ["Rejected", "Rejected", "Rejected"])
    }))

  it.effect("does not look where duplicates are wanted, and goes on where looking fails", () =>
    Effect.gen(function*() {
      const wanted = yield* makeFake(makeInvitations(1))
      const again = yield* Stream.runCollect(
        wanted.service.inviteMany([{ ...person(1), ignoreExisting: true }])
      )
      deepStrictEqual(tags(again), ["Created"])
      strictEqual((yield* wanted.calls).filter(({ method }) => method === "list").length, 0)
      const blind = yield* makeFake(makeInvitations(1), () => ({ list: () => Effect.fail(tooMany(Option.none())) }))
      deepStrictEqual(tags(yield* Stream.runCollect(blind.service.inviteMany([person(1)]))), ["AlreadyInvited"])
    }))

  it.effect("sends who has accepted an invitation before alone, where a refusal costs least", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake([makeInvitation(5, { status: "accepted" })], ({ create }) => ({
        create: (request) => Effect.delay(create(request), "1 minute")
      }))
      const fiber = yield* Effect.fork(Stream.runDrain(service.inviteMany(people(30))))
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      const bulk = (yield* calls).filter(({ method }) => method === "createBulk")
      assertTrue(bulk.length > 0)
      assertTrue(!JSON.stringify(bulk.map(({ input }) => input)).includes("person5@"))
    }))

  it.effect("sends nothing more once the job has failed, however slow the consumer is", () =>
    Effect.gen(function*() {
      let creates = 0
      const { service } = yield* makeFake([], ({ create }) => ({
        create: (request) => Effect.tap(Effect.delay(create(request), "10 millis"), () => creates++),
        createBulk: () =>
          Effect.delay(Effect.fail(new Forbidden({ ...answered, operation: "createBulk", status: 403 })), "1 second")
      }))
      const { iterable, pulled } = endless()
      const fiber = yield* service.inviteMany(iterable, { checkExisting: false, concurrency: 1 }).pipe(
        Stream.runForEach(() => Effect.sleep("1 second")),
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("1 second")
      const before = { creates, pulled: pulled.count }
      yield* TestClock.adjust("1 minute")
      strictEqual((yield* Fiber.join(fiber))._tag, "Forbidden")
      assertTrue(creates <= before.creates + 1)
      assertTrue(pulled.count <= before.pulled + 1)
    }))

  it.effect("refuses options and an input that make no sense, before anything is sent", () =>
    Effect.gen(function*() {
      const { calls, service } = yield* makeFake()
      const message = (input: unknown, options: unknown) =>
        Effect.map(
          Effect.flip(Stream.runDrain(
            service.inviteMany(untyped<Array<CreateInvitation.Input>>(input), untyped<InviteMany.Options>(options))
          )),
          (error) => error.message
        )
      strictEqual(
        yield* message([], { concurrency: 0 }),
        "inviteMany was not sent: options.concurrency must be a whole number of calls from 1 to 25"
      )
      strictEqual(
        yield* message([], { onExisting: "ignore" }),
        "inviteMany was not sent: options.onExisting must be \"report\", \"reuse\" or \"replace\""
      )
      strictEqual(
        yield* message([], { pace: 3 }),
        "inviteMany was not sent: options.pace is not a field of this request"
      )
      for (const input of [undefined, null, 3, "ada@example.com", {}]) {
        strictEqual(
          yield* message(input, undefined),
          "inviteMany was not sent: requests must be an iterable or a Stream of requests"
        )
      }
      strictEqual((yield* calls).length, 0)
      const outcomes = yield* Stream.runCollect(
        service.inviteMany(untyped<Array<CreateInvitation.Input>>([null, 3, { emailAddress: 3 }]))
      )
      deepStrictEqual(tags(outcomes), ["Rejected", "Rejected", "Rejected"])
    }))

  it.effect("ends at once for nobody", () =>
    Effect.gen(function*() {
      const { service } = yield* makeFake()
      deepStrictEqual(tags(yield* Stream.runCollect(service.inviteMany([]))), [])
      deepStrictEqual(tags(yield* Stream.runCollect(service.inviteMany(Stream.empty))), [])
    }))
})
