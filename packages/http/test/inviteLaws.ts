import type { CreateInvitation, Invitation, InviteMany, InviteOutcome, Operation } from "@effect-clerk/core"
import { EmailAddress, InvitationsService } from "@effect-clerk/core"
import { Fault, InvitationsControl } from "@effect-clerk/http"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { Layer } from "effect"
import { Chunk, Effect, FastCheck as fc, identity, Option, Stream, TestClock } from "effect"

type Standing = "new" | "pending" | "accepted" | "user" | "revoked"

/** Runs an effect to its end, whatever it waits for. */
type Drive = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

interface Model {
  /** How things stand for each person. */
  readonly people: ReadonlyArray<Standing>
  /** Who is on the list, and how the address is written there; beyond the people are addresses that are none. */
  readonly list: ReadonlyArray<{ readonly person: number; readonly upper: boolean; readonly ignoreExisting: boolean }>
  readonly faults: ReadonlyArray<Fault.Plan>
  readonly options: InviteMany.Options
}

const answer: fc.Arbitrary<Fault.Response> = fc.constantFrom<Fault.Response>(
  Fault.Response.Status({ status: 500 }),
  Fault.Response.Status({ status: 503, code: "service_unavailable", retryAfter: "2" }),
  Fault.Response.Status({ status: 502, html: true }),
  Fault.Response.Status({ status: 429, code: "too_many_requests", retryAfter: "30" }),
  Fault.Response.Status({ status: 409, code: "resource_locked" }),
  Fault.Response.Status({ status: 400, code: "bad_request" }),
  Fault.Response.Status({ status: 422, code: "form_param_value_invalid" }),
  Fault.Response.Body({ body: "{}" }),
  Fault.Response.Reset()
)

// What is refused has no effect: the server says so.
const commits = (given: Fault.Response): boolean => given._tag !== "Status" || given.status >= 500

const fault: fc.Arbitrary<Fault.Plan> = fc.record({
  answer,
  before: fc.boolean(),
  operation: fc.constantFrom<Operation>("create", "createBulk", "list", "revoke"),
  nth: fc.integer({ min: 1, max: 8 })
}).map(({ answer, before, nth, operation }) => ({
  response: answer,
  operation,
  nth,
  commit: before && commits(answer) ? "before" as const : "never" as const
}))

const model: fc.Arbitrary<Model> = fc.record({
  people: fc.array(
    fc.constantFrom<Standing>("new", "new", "new", "new", "pending", "accepted", "user", "revoked"),
    { minLength: 1, maxLength: 30 }
  ),
  list: fc.array(
    fc.record({ person: fc.nat({ max: 31 }), upper: fc.boolean(), ignoreExisting: fc.constant(false) }),
    { maxLength: 50 }
  ),
  faults: fc.array(fault, { maxLength: 8 }),
  options: fc.record({
    concurrency: fc.integer({ min: 1, max: 3 }),
    useSingleCreates: fc.boolean(),
    onExisting: fc.constantFrom("report" as const, "reuse" as const, "replace" as const),
    checkExisting: fc.boolean(),
    ordered: fc.boolean()
  })
})

const addressOf = (person: number, people: number): string =>
  person < people ? `person${person}@example.com` : `person ${person}`

const inputsOf = ({ list, people }: Model): ReadonlyArray<CreateInvitation.Input> =>
  list.map(({ person, upper }) => {
    const address = addressOf(person, people.length)
    return { emailAddress: upper ? address.toUpperCase() : address }
  })

const seed = (people: ReadonlyArray<Standing>) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    for (const [person, standing] of people.entries()) {
      const emailAddress = addressOf(person, people.length)
      if (standing === "user") yield* control.addUser(emailAddress)
      else if (standing !== "new") yield* control.seed([{ emailAddress, status: standing }])
    }
  })

const byAddress = <A extends { readonly emailAddress: string }>(all: Iterable<A>): Map<string, ReadonlyArray<A>> => {
  const groups = new Map<string, ReadonlyArray<A>>()
  for (const each of all) {
    const key = EmailAddress.fold(each.emailAddress)
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return groups
}

const ids = (invitations: Iterable<Invitation>): Array<string> => Array.from(invitations, ({ id }) => id)

/** One outcome an input, and one that is not a repetition an address. */
const isComplete = (inputs: ReadonlyArray<CreateInvitation.Input>, outcomes: ReadonlyArray<InviteOutcome>): void => {
  const positions = outcomes.map(({ position }) => position).sort((a, b) => a - b)
  deepStrictEqual(positions, inputs.map((_, index) => index))
  for (const outcome of outcomes) {
    strictEqual(outcome.input, inputs[outcome.position])
    strictEqual(outcome.emailAddress, outcome.input.emailAddress)
  }
  for (const group of byAddress(outcomes).values()) {
    const first = Math.min(...group.map(({ position }) => position))
    deepStrictEqual(group.filter(({ _tag }) => _tag !== "Repeated").map(({ position }) => position), [first])
    for (const each of group) if (each._tag === "Repeated") strictEqual(each.firstPosition, first)
  }
}

const run = (drive: Drive, drawn: Model) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const invitations = yield* InvitationsService
    yield* control.reset
    yield* seed(drawn.people)
    // What has only just been created cannot be told from what a lost call has created.
    yield* TestClock.adjust("10 seconds")
    const before = new Set(ids(yield* control.invitations))
    yield* control.injectFaults(drawn.faults)
    const inputs = inputsOf(drawn)
    const outcomes = Chunk.toReadonlyArray(
      yield* drive(Stream.runCollect(invitations.inviteMany(inputs, drawn.options)))
    )
    const after = yield* control.invitations
    return { inputs, outcomes, before, after, made: after.filter(({ id }) => !before.has(id)) }
  })

const tally = (outcomes: Iterable<{ readonly _tag: string }>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { _tag } of outcomes) counts[_tag] = (counts[_tag] ?? 0) + 1
  return counts
}

const people = (count: number, from = 0): ReadonlyArray<CreateInvitation.Input> =>
  Array.from({ length: count }, (_, n) => ({ emailAddress: `person${n + from}@example.com` }))

/**
 * What `inviteMany` and `revokeMany` promise, over any layer.
 */
export const inviteLaws = (
  name: string,
  layer: Layer.Layer<InvitationsService | InvitationsControl>,
  { drive, runs }: { readonly runs: number; readonly drive: Drive }
): void => {
  describe(`${name}: inviteMany`, () => {
    it.effect.prop(
      "gives every address exactly one outcome, and it is true",
      [model],
      ([drawn]) =>
        Effect.gen(function*() {
          const { after, before, inputs, made, outcomes } = yield* run(drive, drawn)
          isComplete(inputs, outcomes)
          if (drawn.options.ordered === true) {
            deepStrictEqual(outcomes.map(({ position }) => position), inputs.map((_, index) => index))
          }
          const madeFor = byAddress(made)
          const afterById = new Map(after.map((invitation) => [String(invitation.id), invitation]))
          const told = new Set(outcomes.map(({ emailAddress }) => EmailAddress.fold(emailAddress)))
          for (const address of madeFor.keys()) assertTrue(told.has(address))
          for (const outcome of outcomes) {
            if (outcome._tag === "Repeated") continue
            const mine = madeFor.get(EmailAddress.fold(outcome.emailAddress)) ?? []
            switch (outcome._tag) {
              case "Created":
                deepStrictEqual(ids(mine), [outcome.invitation.id])
                break
              case "Unknown":
                assertTrue(mine.length <= 1)
                break
              case "AlreadyInvited":
                strictEqual(mine.length, 0)
                if (Option.isSome(outcome.invitation)) {
                  assertTrue(before.has(outcome.invitation.value.id))
                  assertTrue(outcome.invitation.value.isPending)
                }
                break
              default:
                strictEqual(mine.length, 0)
            }
            for (const { id } of outcome.replaced) {
              assertTrue(before.has(id))
              strictEqual(afterById.get(id)?.status, "revoked")
            }
          }
        }).pipe(Effect.provide(layer)),
      { fastCheck: { numRuns: runs } }
    )

    it.effect.prop(
      "without faults every outcome follows from how things stood",
      [model],
      ([drawn]) =>
        Effect.gen(function*() {
          const { outcomes } = yield* run(identity, { ...drawn, faults: [] })
          for (const outcome of outcomes) {
            if (outcome._tag === "Repeated") continue
            const person = drawn.list[outcome.position]?.person ?? -1
            const standing = drawn.people[person]
            const expected = standing === undefined
              ? "Rejected"
              : standing === "accepted" || standing === "user"
              ? "UserExists"
              : standing === "pending" && drawn.options.onExisting !== "replace"
              ? "AlreadyInvited"
              : "Created"
            strictEqual(outcome._tag, expected)
            strictEqual(outcome.replaced.length, standing === "pending" && expected === "Created" ? 1 : 0)
            if (outcome._tag === "AlreadyInvited") {
              const seen = drawn.options.checkExisting === true || drawn.options.onExisting === "reuse"
              strictEqual(Option.isSome(outcome.invitation), seen)
            }
          }
        }).pipe(Effect.provide(layer)),
      { fastCheck: { numRuns: runs } }
    )

    it.effect("sends full chunks although some of them are refused", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.reset
        for (const n of [3, 5, 14, 27]) yield* control.addUser(`person${n}@example.com`)
        const outcomes = yield* (Stream.runCollect(
          invitations.inviteMany(people(64), { useSingleCreates: false, concurrency: 1 })
        ))
        deepStrictEqual(tally(outcomes), { Created: 60, UserExists: 4 })
        const calls = (yield* control.calls).filter(({ operation }) => operation === "createBulk")
        // 60 in six full ones, and a refusal for each chunk in which a user turned up.
        deepStrictEqual(tally(calls.map(({ outcome }) => ({ _tag: outcome }))), {
          ok: 6,
          form_identifier_exists: 3
        })
      }).pipe(Effect.provide(layer)))

    it.effect("spends no call on what the list shows to be pending", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.reset
        yield* control.seed(people(20))
        const outcomes = yield* (Stream.runCollect(invitations.inviteMany(people(40))))
        deepStrictEqual(tally(outcomes), { Created: 20, AlreadyInvited: 20 })
        const writes = (yield* control.calls).filter(({ operation }) => operation !== "list")
        assertTrue(writes.every(({ outcome }) => outcome === "ok"))
      }).pipe(Effect.provide(layer)))

    it.effect("fails as a whole where nothing can succeed, and says what is left", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.reset
        yield* control.injectFaults([{
          response: Fault.Response.Status({ status: 401, code: "clerk_key_invalid" }),
          commit: "never",
          operation: "createBulk",
          nth: 2
        }])
        const seen: Array<InviteOutcome> = []
        let left: InviteMany.Incomplete = { outcomes: [], unknown: [], unsent: [] }
        const error = yield* invitations.inviteMany(people(30), {
          useSingleCreates: false,
          concurrency: 1,
          onIncomplete: (unfinished) =>
            Effect.sync(() => {
              left = unfinished
            })
        }).pipe(
          Stream.runForEach((outcome) => Effect.sync(() => seen.push(outcome))),
          Effect.flip
        )
        strictEqual(error._tag, "Unauthorized")
        deepStrictEqual(tally(seen), { Created: 10 })
        deepStrictEqual(left.unknown, [])
        deepStrictEqual(left.outcomes, [])
        // Nothing between what was told and what is left is missing; what comes after it was never taken from the input.
        const taken = [...seen, ...left.unsent].map(({ position }) => position).sort((a, b) => a - b)
        assertTrue(taken.length >= 20)
        deepStrictEqual(taken, taken.map((_, index) => index))
        strictEqual((yield* control.invitations).length, 10)
      }).pipe(Effect.provide(layer)))

    it.effect("replaces what is pending, and says so when the address ends up without any", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.reset
        const [old] = yield* control.seed(people(1))
        yield* control.injectFaults([{
          response: Fault.Response.Status({ status: 422, code: "form_param_value_invalid" }),
          commit: "never",
          operation: "create"
        }, {
          response: Fault.Response.Status({ status: 422, code: "form_param_value_invalid" }),
          commit: "never",
          operation: "createBulk"
        }])
        const [outcome] = yield* (Stream.runCollect(
          invitations.inviteMany(people(1), { onExisting: "replace" })
        ))
        strictEqual(outcome?._tag, "Rejected")
        deepStrictEqual(outcome?._tag === "Rejected" ? outcome.replaced.map(({ id }) => id) : [], [old?.id])
      }).pipe(Effect.provide(layer)))
  })

  describe(`${name}: revokeMany`, () => {
    it.effect("tells what became of each id, in order if asked", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.reset
        const [pending, revoked, accepted] = yield* control.seed([
          { emailAddress: "pending@example.com" },
          { emailAddress: "revoked@example.com", status: "revoked" },
          { emailAddress: "accepted@example.com", status: "accepted" }
        ])
        const given: ReadonlyArray<string> = [
          pending?.id ?? "",
          revoked?.id ?? "",
          accepted?.id ?? "",
          "inv_none",
          "no id",
          pending?.id ?? ""
        ]
        const outcomes = yield* Stream.runCollect(
          invitations.revokeMany(given, { ordered: true, concurrency: 1 })
        )
        deepStrictEqual(Array.from(outcomes, ({ _tag, id, position }) => [_tag, id, position]), [
          ["Revoked", given[0], 0],
          ["AlreadyRevoked", given[1], 1],
          ["AlreadyAccepted", given[2], 2],
          ["NotFound", given[3], 3],
          ["Rejected", given[4], 4],
          ["AlreadyRevoked", given[5], 5]
        ])
      }).pipe(Effect.provide(layer)))

    it.effect("revokes all that match a filter, although the list shrinks under it", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.reset
        yield* control.seed(people(600))
        yield* control.seed([{ emailAddress: "else@example.org" }])
        const outcomes = yield* Stream.runCollect(invitations.revokeMany({ query: "@example.com" }))
        strictEqual(outcomes.length, 600)
        assertTrue(Array.from(outcomes).every(({ _tag }) => _tag === "Revoked"))
        const left = (yield* control.invitations).filter(({ isPending }) => isPending)
        deepStrictEqual(left.map(({ emailAddress }) => emailAddress), ["else@example.org"])
      }).pipe(Effect.provide(layer)))

    it.effect("fails with the list, or with what makes every call useless", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.reset
        const [one] = yield* control.seed(people(1))
        const refuse = (operation: Operation) =>
          control.failNext(Fault.Response.Status({ status: 403, code: "authorization_invalid" }), { operation })
        yield* refuse("list")
        strictEqual((yield* Effect.flip(Stream.runDrain(invitations.revokeMany({}))))._tag, "Forbidden")
        yield* refuse("revoke")
        const useless = yield* Effect.flip(Stream.runDrain(invitations.revokeMany([one?.id ?? ""])))
        strictEqual(useless._tag, "Forbidden")
        assertFalse((yield* control.invitations).some(({ status }) => status === "revoked"))
      }).pipe(Effect.provide(layer)))

    it.effect("survives an outage", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* control.reset
        const seeded = yield* control.seed(people(8))
        yield* control.injectFaults([{
          response: Fault.Response.Status({ status: 429, code: "too_many_requests", retryAfter: "600" }),
          commit: "never",
          operation: "revoke",
          times: 6
        }])
        const outcomes = yield* drive(Stream.runCollect(invitations.revokeMany(seeded.map(({ id }) => id))))
        deepStrictEqual(Array.from(outcomes, ({ _tag }) => _tag), seeded.map(() => "Revoked"))
      }).pipe(Effect.provide(layer)))
  })
}
