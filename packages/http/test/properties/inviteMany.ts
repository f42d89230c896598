import type { InviteMany, InviteOutcome } from "@effect-clerk/core"
import { EmailAddress, InvitationsService } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { Invitation } from "@effect-clerk/core/Invitation"
import type { Operation } from "@effect-clerk/core/InvitationError"
import { Fault } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Chunk, Effect, FastCheck as fc, identity, Option, Stream, TestClock } from "effect"
import * as assert from "../conformance/assert.js"
import type { Environment, Runner } from "../conformance/index.js"
import { property } from "./property.js"

/** What the server knows of an address before the job. */
type InitialState = "new" | "pending" | "accepted" | "user" | "revoked"

interface Model {
  /** The initial state of each valid address. */
  readonly addresses: ReadonlyArray<InitialState>
  /** The input. An index beyond `addresses` stands for an invalid address. */
  readonly input: ReadonlyArray<{ readonly index: number; readonly upper: boolean; readonly ignoreExisting: boolean }>
  readonly faults: ReadonlyArray<Fault.Plan>
  readonly options: InviteMany.Options
}

const response: fc.Arbitrary<Fault.Response> = fc.constantFrom<Fault.Response>(
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

/** Whether the write may have happened although the server responds like this. A rejected write has not happened. */
const mayCommit = (response: Fault.Response): boolean => response._tag !== "Status" || response.status >= 500

const fault: fc.Arbitrary<Fault.Plan> = fc.record({
  response,
  before: fc.boolean(),
  operation: fc.constantFrom<Operation>("create", "createBulk", "list", "revoke"),
  nth: fc.integer({ min: 1, max: 8 })
}).map(({ before, nth, operation, response }) => ({
  response,
  operation,
  nth,
  commit: before && mayCommit(response) ? "before" as const : "never" as const
}))

const model: fc.Arbitrary<Model> = fc.record({
  addresses: fc.array(
    fc.constantFrom<InitialState>("new", "new", "new", "new", "pending", "accepted", "user", "revoked"),
    { minLength: 1, maxLength: 30 }
  ),
  input: fc.array(
    fc.record({ index: fc.nat({ max: 31 }), upper: fc.boolean(), ignoreExisting: fc.constant(false) }),
    { maxLength: 50 }
  ),
  faults: fc.array(fault, { maxLength: 8 }),
  options: fc.record({
    concurrency: fc.integer({ min: 1, max: 3 }),
    useSingleCreates: fc.boolean(),
    onExisting: fc.constantFrom("report" as const, "reuse" as const, "resend" as const),
    checkExisting: fc.boolean(),
    ordered: fc.boolean()
  })
})

const addressOf = (index: number, valid: number): string =>
  index < valid ? `person${index}@example.com` : `person ${index}`

const requestsOf = ({ addresses, input }: Model): ReadonlyArray<CreateInvitation.Input> =>
  input.map(({ index, upper }) => {
    const address = addressOf(index, addresses.length)
    return { emailAddress: upper ? address.toUpperCase() : address }
  })

const seed = (states: ReadonlyArray<InitialState>) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    for (const [index, state] of states.entries()) {
      const emailAddress = addressOf(index, states.length)
      if (state === "user") yield* control.addUser(emailAddress)
      else if (state !== "new") yield* control.seed([{ emailAddress, status: state }])
    }
  })

const byAddress = <A extends { readonly emailAddress: string }>(values: Iterable<A>): Map<string, ReadonlyArray<A>> => {
  const groups = new Map<string, ReadonlyArray<A>>()
  for (const value of values) {
    const key = EmailAddress.fold(value.emailAddress)
    groups.set(key, [...(groups.get(key) ?? []), value])
  }
  return groups
}

const ids = (invitations: Iterable<Invitation>): Array<string> => Array.from(invitations, ({ id }) => id)

/** Every input has one outcome, and every address has one outcome that is not Repeated. */
const assertComplete = (
  requests: ReadonlyArray<CreateInvitation.Input>,
  outcomes: ReadonlyArray<InviteOutcome.InputOutcome>
): void => {
  const positions = outcomes.map(({ position }) => position).sort((a, b) => a - b)
  assert.deepStrictEqual(positions, requests.map((_, index) => index))
  for (const outcome of outcomes) {
    assert.strictEqual(outcome.input, requests[outcome.position])
    assert.strictEqual(outcome.emailAddress, outcome.input.emailAddress)
  }
  for (const group of byAddress(outcomes).values()) {
    const first = Math.min(...group.map(({ position }) => position))
    assert.deepStrictEqual(group.filter(({ _tag }) => _tag !== "Repeated").map(({ position }) => position), [first])
    for (const outcome of group) {
      if (outcome._tag === "Repeated") assert.strictEqual(outcome.firstPosition, first)
    }
  }
}

const execute = (runWithClock: Environment["runWithClock"], drawn: Model) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const invitations = yield* InvitationsService
    yield* seed(drawn.addresses)
    // Reconciliation could attribute an invitation of the same moment to a call with an unknown outcome.
    yield* TestClock.adjust("10 seconds")
    const before = new Set(ids(yield* control.invitations))
    yield* control.injectFaults(drawn.faults)
    const requests = requestsOf(drawn)
    const all = Chunk.toReadonlyArray(
      yield* runWithClock(Stream.runCollect(invitations.inviteMany(requests, drawn.options)))
    )
    const outcomes = all.filter((outcome): outcome is InviteOutcome.InputOutcome => outcome._tag !== "Stopped")
    assert.strictEqual(outcomes.length, all.length)
    const after = yield* control.invitations
    return { requests, outcomes, before, after, created: after.filter(({ id }) => !before.has(id)) }
  })

/** The promise of `inviteMany`, under faults and without them. */
export const inviteMany = (run: Runner, environment: Environment, runs: number): void => {
  run(
    "gives every address exactly one outcome that agrees with the store",
    property(environment, runs, model, (drawn) =>
      Effect.gen(function*() {
        const { after, before, created, outcomes, requests } = yield* execute(environment.runWithClock, drawn)
        assertComplete(requests, outcomes)
        if (drawn.options.ordered === true) {
          assert.deepStrictEqual(outcomes.map(({ position }) => position), requests.map((_, index) => index))
        }
        const createdFor = byAddress(created)
        const afterById = new Map(after.map((invitation) => [String(invitation.id), invitation]))
        const withOutcome = new Set(outcomes.map(({ emailAddress }) => EmailAddress.fold(emailAddress)))
        for (const address of createdFor.keys()) assert.isTrue(withOutcome.has(address))
        for (const outcome of outcomes) {
          if (outcome._tag === "Repeated") continue
          const own = createdFor.get(EmailAddress.fold(outcome.emailAddress)) ?? []
          switch (outcome._tag) {
            case "Created":
              assert.deepStrictEqual(ids(own), [outcome.invitation.id])
              break
            case "Unknown":
              assert.isTrue(own.length <= 1)
              break
            case "AlreadyInvited":
              assert.strictEqual(own.length, 0)
              assert.deepStrictEqual(outcome.id, Option.map(outcome.invitation, ({ id }) => id))
              if (Option.isSome(outcome.invitation)) {
                assert.isTrue(before.has(outcome.invitation.value.id))
                assert.isTrue(outcome.invitation.value.isPending)
              }
              break
            default:
              assert.strictEqual(own.length, 0)
          }
          for (const id of outcome.replaced) {
            assert.isTrue(before.has(id))
            assert.strictEqual(afterById.get(id)?.status, "revoked")
          }
        }
      }))
  )

  run(
    "without faults, every outcome follows from the initial state of the address",
    property(environment, runs, model, (drawn) =>
      Effect.gen(function*() {
        const { outcomes } = yield* execute(identity, { ...drawn, faults: [] })
        for (const outcome of outcomes) {
          if (outcome._tag === "Repeated") continue
          const state = drawn.addresses[drawn.input[outcome.position]?.index ?? -1]
          const expected = state === undefined
            ? "Rejected"
            : state === "accepted" || state === "user"
            ? "UserExists"
            : state === "pending" && drawn.options.onExisting !== "resend"
            ? "AlreadyInvited"
            : "Created"
          assert.strictEqual(outcome._tag, expected)
          assert.strictEqual(outcome.replaced.length, state === "pending" && expected === "Created" ? 1 : 0)
          if (outcome._tag === "AlreadyInvited") {
            const listed = drawn.options.checkExisting === true || drawn.options.onExisting === "reuse"
            assert.strictEqual(Option.isSome(outcome.invitation), listed)
          }
        }
      }))
  )
}
