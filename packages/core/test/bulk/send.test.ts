import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { BadRequest, Forbidden, Unprocessable } from "@effect-clerk/core/InvitationError"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { InvitationsPrimitives } from "@effect-clerk/core/InvitationsPrimitives"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Exit, Fiber, Option, Schedule } from "effect"
import * as InviteQueue from "../../src/internal/bulk/inviteQueue.js"
import type { Item } from "../../src/internal/bulk/item.js"
import type { Fatal } from "../../src/internal/bulk/refusal.js"
import * as Send from "../../src/internal/bulk/send.js"
import { duplicate, makeInvitation, notFound } from "../utils.js"
import { ambiguous, attempted, item, rejection, responseFields, tooMany } from "./fixtures.js"

type Options = Parameters<typeof Send.make>[2]

const unexpected = () => Effect.dieMessage("unexpected call")

const created = ({ emailAddress }: { readonly emailAddress: string }) => makeInvitation(50, { emailAddress })

const listing = (...data: ReadonlyArray<ReturnType<typeof makeInvitation>>): InvitationsPrimitives["list"] => () =>
  Effect.succeed(new InvitationPage({ data, totalCount: data.length, totalIsKnown: true }))

/** The calls and the queue of a job. A primitive that is not given fails with a defect. */
const setup = (
  primitives: Partial<InvitationsPrimitives>,
  { useSingleCreates = true, ...options }: Partial<Options> & { readonly useSingleCreates?: boolean } = {}
) => {
  const queue = InviteQueue.make<Fatal>({ concurrency: 1, isPaced: false, ordered: false, useSingleCreates })
  const send = Effect.runSync(Send.make(
    {
      create: unexpected,
      createBulk: unexpected,
      list: unexpected,
      revoke: unexpected,
      delete: unexpected,
      ...primitives
    },
    queue,
    { checkExisting: true, endJob: queue.fail, expected: {}, onExisting: "report", retry: Schedule.stop, ...options }
  ))
  const batchOf = (items: ReadonlyArray<Item>) => ({ items, rest: [], group: undefined, isFresh: true, isProbe: false })
  return {
    queue,
    send: {
      checkExisting: send.checkExisting,
      batch: (items: ReadonlyArray<Item>) => send.batch(batchOf(items)),
      singles: (items: ReadonlyArray<Item>) => send.singles(batchOf(items))
    },
    sendNext: Effect.flatMap(queue.batches.take, send.batch)
  }
}

type Setup = ReturnType<typeof setup>

const admitAll = ({ queue }: Setup, items: ReadonlyArray<Item>) =>
  Effect.forEach(items, (each) => queue.admit(each), { discard: true })

/** The tags of the outcomes by position. */
const outcomesOf = ({ queue }: Setup) =>
  Effect.map(queue.incomplete, ({ outcomes }) => outcomes.map(({ _tag, position }) => [position, _tag]))

/** The positions of the inputs without an outcome. */
const openOf = ({ queue }: Setup) =>
  Effect.map(queue.incomplete, ({ unknown, unsent }) => ({
    unknown: unknown.map(({ position }) => position),
    unsent: unsent.map(({ position }) => position)
  }))

const one = item(1)
const two = item(2)
const three = item(3)

/** The items that the queue has for a partial batch. */
const takeSingle = ({ queue }: Setup) => Effect.map(queue.singles.take, ({ items }) => items)

const takeBatch = ({ queue }: Setup) =>
  Effect.zipRight(queue.end(Exit.void), Effect.map(queue.batches.take, ({ items }) => items))

describe("checkExisting", () => {
  it.effect("enqueues without a look-up if it is switched off, or if the request ignores existing invitations", () =>
    Effect.gen(function*() {
      const ignoring = item(2, { ignoreExisting: true })
      for (const [options, given] of [[{ checkExisting: false }, one], [{}, ignoring]] as const) {
        const job = setup({}, options)
        yield* job.send.checkExisting(given)
        deepStrictEqual(yield* takeBatch(job), [given])
      }
    }))

  it.effect("looks an item up, then enqueues it, or finishes it with its pending invitation", () =>
    Effect.gen(function*() {
      const none = setup({ list: listing() })
      yield* none.send.checkExisting(one)
      deepStrictEqual(yield* takeBatch(none), [one])
      const pending = setup({ list: listing(makeInvitation(1)) })
      yield* admitAll(pending, [one])
      yield* pending.send.checkExisting(one)
      deepStrictEqual(yield* outcomesOf(pending), [[1, "AlreadyInvited"]])
    }))

  it.effect("fails if the look-up fails with an error that concerns every call", () =>
    Effect.gen(function*() {
      const forbidden = new Forbidden({ ...responseFields, operation: "list", status: 403 })
      const { send } = setup({ list: () => Effect.fail(forbidden) })
      assert.strictEqual(yield* Effect.flip(send.checkExisting(one)), forbidden)
    }))
})

describe("batch and singles", () => {
  it.effect("send one createBulk, or one create an item", () =>
    Effect.gen(function*() {
      const sizes: Array<number> = []
      const batch = setup({
        createBulk: (requests) => {
          sizes.push(requests.length)
          return Effect.succeed(requests.map(created))
        }
      })
      yield* batch.send.batch([one, two])
      deepStrictEqual(sizes, [2])
      const singles = setup({ create: (request) => Effect.succeed(created(request)) })
      yield* singles.send.singles([one, two])
      for (const job of [batch, singles]) {
        deepStrictEqual(yield* outcomesOf(job), [[1, "Created"], [2, "Created"]])
      }
    }))

  it.effect("record that a call is in flight", () =>
    Effect.gen(function*() {
      const job = setup({ createBulk: () => Effect.never })
      yield* admitAll(job, [one, two])
      const fiber = yield* Effect.fork(job.send.batch([one]))
      yield* Effect.repeatN(Effect.yieldNow(), 5)
      deepStrictEqual(yield* openOf(job), { unknown: [1], unsent: [2] })
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("record that a call had no effect, unless its outcome is unknown", () =>
    Effect.gen(function*() {
      const rejected = setup({ createBulk: () => Effect.fail(rejection("createBulk")) })
      yield* rejected.send.batch([one, two])
      deepStrictEqual(yield* openOf(rejected), { unknown: [], unsent: [1, 2] })
      const unknown = setup({ createBulk: () => Effect.fail(ambiguous) })
      yield* unknown.send.batch([one, two])
      deepStrictEqual(yield* openOf(unknown), { unknown: [1, 2], unsent: [] })
      deepStrictEqual(
        [...yield* takeSingle(unknown), ...yield* takeSingle(unknown)],
        [one, two].map((each) => ({ ...each, ambiguity: Option.some(ambiguous) }))
      )
    }))

  it.effect("do not repeat a call with an unknown outcome for an item that ignores existing invitations", () =>
    Effect.gen(function*() {
      const job = setup({ create: () => Effect.fail(ambiguous) })
      yield* job.send.singles([item(1, { ignoreExisting: true })])
      deepStrictEqual(yield* outcomesOf(job), [[1, "Unknown"]])
      deepStrictEqual(yield* takeBatch(job), [])
    }))

  it.effect("retry a transient error by the schedule", () =>
    Effect.gen(function*() {
      let calls = 0
      const failing = Effect.suspend(() => {
        calls++
        return Effect.fail(tooMany(Option.none()))
      })
      const job = setup({ create: () => failing, revoke: () => failing }, { retry: Schedule.recurs(2) })
      yield* job.send.singles([one])
      deepStrictEqual([calls, yield* outcomesOf(job)], [3, [[1, "Rejected"]]])
      yield* job.send.singles([item(2, { existing: [makeInvitation(2)] })])
      deepStrictEqual([calls, yield* outcomesOf(job)], [6, [[1, "Rejected"], [2, "Rejected"]]])
    }))

  it.effect("divide a batch that is refused without a named address", () =>
    Effect.gen(function*() {
      const sizes: Array<number> = []
      const createBulk: InvitationsPrimitives["createBulk"] = (requests) => {
        sizes.push(requests.length)
        return Effect.fail(rejection("createBulk", "form_identifier_exists"))
      }
      const withSingles = setup({ createBulk })
      yield* withSingles.send.batch([one, two, three])
      deepStrictEqual((yield* withSingles.queue.singles.take).items, [one])
      deepStrictEqual(sizes.splice(0), [3])
      const withoutSingles = setup({ createBulk }, { useSingleCreates: false })
      yield* admitAll(withoutSingles, [one, two, three])
      yield* withoutSingles.queue.end(Exit.void)
      yield* withoutSingles.send.batch([one, two, three])
      while (yield* Effect.map(openOf(withoutSingles), ({ unsent }) => unsent.length > 0)) {
        yield* withoutSingles.sendNext
      }
      deepStrictEqual(sizes, [3, 2, 1, 2, 1, 1])
      deepStrictEqual(
        (yield* outcomesOf(withoutSingles)).map(([, tag]) => tag),
        ["UserExists", "UserExists", "UserExists"]
      )
    }))

  it.effect("end the job if a batch and a single create are refused because of a field that all items share", () =>
    Effect.gen(function*() {
      const refused = new Unprocessable({
        ...responseFields,
        operation: "create",
        errors: [
          new ErrorDetail({
            code: "form_param_format_invalid",
            paramName: Option.some("redirect_url"),
            message: "",
            longMessage: "",
            meta: {}
          })
        ]
      })
      const redirectUrl = "https://example.com"
      const [a, b] = [one, two].map((each) => ({ ...each, request: { ...each.request, redirectUrl } }))
      assert(a !== undefined && b !== undefined)
      const job = setup({ createBulk: () => Effect.fail(refused), create: () => Effect.fail(refused) })
      yield* admitAll(job, [a, b])
      yield* job.send.batch([a, b])
      assert.strictEqual(yield* Effect.flip(job.send.singles([a])), refused)
      deepStrictEqual(yield* openOf(job), { unknown: [], unsent: [1, 2] })
    }))

  it.effect("return the items of a call that waits for a retry when the job stops", () =>
    Effect.gen(function*() {
      const job = setup({ create: () => Effect.fail(tooMany(Option.none())) }, { retry: Schedule.spaced("1 hour") })
      yield* admitAll(job, [one])
      const fiber = yield* Effect.fork(job.send.singles([one]))
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      yield* job.queue.stop(new Forbidden({ ...responseFields, operation: "list", status: 403 }))
      yield* Fiber.join(fiber)
      deepStrictEqual(yield* openOf(job), { unknown: [], unsent: [1] })
    }))
})

describe("a duplicate", () => {
  const create = () => Effect.fail(duplicate("person1@example.com"))
  const pending = makeInvitation(1)

  it.effect("is looked up on reuse, and its invitation is the outcome", () =>
    Effect.gen(function*() {
      const job = setup({ create, list: listing(pending) }, { onExisting: "reuse" })
      yield* job.send.singles([one])
      const { outcomes } = yield* job.queue.incomplete
      deepStrictEqual(
        outcomes.map((outcome) => outcome._tag === "AlreadyInvited" ? outcome.invitation : undefined),
        [Option.some(pending)]
      )
    }))

  it.effect("is requeued on resend, with the invitations to revoke", () =>
    Effect.gen(function*() {
      const job = setup({ create, list: listing(pending) }, { onExisting: "resend" })
      yield* job.send.singles([one])
      deepStrictEqual(yield* takeBatch(job), [{ ...one, existing: [pending] }])
    }))
})

describe("existing invitations", () => {
  const existing = [makeInvitation(1), makeInvitation(2)]
  const replacing = item(1, { existing })

  it.effect("are revoked before the create, and listed in the outcome", () =>
    Effect.gen(function*() {
      const calls: Array<string> = []
      const job = setup({
        revoke: (id) => {
          calls.push(id)
          return Effect.succeed(makeInvitation(0, { id, status: "revoked" }))
        },
        createBulk: (requests) => {
          calls.push("createBulk")
          return Effect.succeed(requests.map(created))
        }
      })
      yield* job.send.batch([replacing, two])
      deepStrictEqual(calls, ["inv_1", "inv_2", "createBulk"])
      const { outcomes } = yield* job.queue.incomplete
      deepStrictEqual(
        outcomes.map((outcome) => outcome._tag === "Created" ? outcome.replaced.map((id): string => id) : undefined),
        [["inv_1", "inv_2"], []]
      )
    }))

  it.effect("are revoked once, even if the create is repeated", () =>
    Effect.gen(function*() {
      const revoked = makeInvitation(1, { status: "revoked" })
      const job = setup({ revoke: () => Effect.succeed(revoked), create: () => Effect.fail(ambiguous) })
      yield* job.send.singles([item(1, { existing: [makeInvitation(1)] })])
      deepStrictEqual(yield* takeSingle(job), [
        { ...one, replaced: [revoked.id], existingRevoked: true, ambiguity: Option.some(ambiguous) }
      ])
    }))

  it.effect("are recorded as replaced before the create is sent", () =>
    Effect.gen(function*() {
      const revoked = makeInvitation(1, { status: "revoked" })
      const job = setup({
        revoke: (id) => id === "inv_1" ? Effect.succeed(revoked) : Effect.never,
        createBulk: unexpected
      })
      yield* admitAll(job, [replacing])
      const fiber = yield* Effect.fork(job.send.batch([replacing]))
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      deepStrictEqual(yield* job.queue.incomplete, {
        outcomes: [],
        unknown: [],
        unsent: [attempted({ ...replacing, replaced: [revoked.id] })]
      })
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("may be gone already", () =>
    Effect.gen(function*() {
      const job = setup({
        revoke: () => Effect.fail(notFound("revoke")),
        create: (request) => Effect.succeed(created(request))
      })
      yield* job.send.singles([replacing])
      deepStrictEqual(yield* outcomesOf(job), [[1, "Created"]])
    }))

  it.effect("finish the item if one cannot be revoked, and the batch is sent without it", () =>
    Effect.gen(function*() {
      const sent: Array<string> = []
      const refused = new BadRequest({
        ...responseFields,
        operation: "revoke",
        status: 400,
        errors: [new ErrorDetail({ code: "form_param_value_invalid", message: "", longMessage: "", meta: {} })]
      })
      const job = setup({
        revoke: (id) => {
          sent.push(id)
          return Effect.fail(refused)
        },
        createBulk: (requests) => {
          sent.push("createBulk", ...requests.map(({ emailAddress }) => emailAddress))
          return Effect.succeed(requests.map(created))
        }
      })
      yield* job.send.batch([replacing, two])
      deepStrictEqual(sent, ["inv_1", "createBulk", "person2@example.com"])
      deepStrictEqual(yield* outcomesOf(job), [[1, "Rejected"], [2, "Created"]])
      // No call is left to send.
      yield* job.send.batch([replacing])
      deepStrictEqual(sent.slice(3), ["inv_1"])
    }))
})
