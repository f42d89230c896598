import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import type { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { BadRequest, ConnectionError } from "@effect-clerk/core/InvitationError"
import * as RetryPolicy from "@effect-clerk/http/RetryPolicy"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Fiber, Option, TestClock } from "effect"
import type { AttemptFailure } from "../../src/internal/client/attemptFailure.js"
import { attemptFailure } from "../../src/internal/client/attemptFailure.js"
import * as Decode from "../../src/internal/wire/decode.js"
import type { Listing } from "../../src/internal/write/lookUp.js"
import * as Reconcile from "../../src/internal/write/reconcile.js"
import { row } from "../utils/wire.js"

const hour = 3_600_000
const sentAt = 2 * hour
const emailAddress = "person1@example.com"

const invitation = (n: number, fields: { readonly [name: string]: unknown } = {}): Invitation =>
  Option.getOrThrow(Decode.invitation(row(n, { email_address: emailAddress, created_at: sentAt, ...fields })))

const lost = attemptFailure(
  "Unknown",
  new ConnectionError({ operation: "create", reason: "Lost", code: Option.none() })
)

const notSent = attemptFailure(
  "NotSent",
  new ConnectionError({ operation: "create", reason: "Refused", code: Option.none() })
)

const duplicate = attemptFailure(
  "Rejected",
  new BadRequest({
    operation: "create",
    status: 400,
    errors: [
      new ErrorDetail({ code: "duplicate_record", message: "duplicate", longMessage: "duplicate", meta: {} })
    ],
    traceId: Option.none()
  })
)

/**
 * Reconciles with lists that are scripted: each entry of `lists` is one listing of the address, and the last one repeats.
 */
const reconcile = (
  lists: ReadonlyArray<ReadonlyArray<Invitation> | AttemptFailure>,
  { clockSkew = 0, failure = lost, last = true, recent = [], ...options }: {
    readonly failure?: AttemptFailure
    readonly last?: boolean
    /** The server's clock minus the client's in milliseconds. `"unknown"` if no response has a `Date` header. */
    readonly clockSkew?: number | "unknown"
    readonly recent?: ReadonlyArray<Invitation>
    readonly baseline?: ReadonlyArray<Invitation>
    readonly requests?: ReadonlyArray<CreateInvitation>
    readonly rejectsDuplicates?: boolean
    readonly known?: ReadonlyArray<InvitationId>
  } = {}
) =>
  Effect.gen(function*() {
    let listed = 0
    const recentlyCreated = Reconcile.makeRecentlyCreated()
    recentlyCreated.add(recent, 0)
    const fiber = yield* Effect.fork(
      Reconcile.make({
        lookUp: ({ status }) =>
          Effect.suspend((): Effect.Effect<Listing, AttemptFailure> => {
            const answer = (data: ReadonlyArray<Invitation>): Listing => ({
              data,
              serverTime: clockSkew === "unknown" ? Option.none() : Option.some(sentAt + clockSkew),
              receivedAt: { monotonic: 0, wall: sentAt }
            })
            if (status === "revoked") return Effect.succeed(answer([]))
            const list = lists[Math.min(listed++, lists.length - 1)] ?? []
            return "disposition" in list
              ? Effect.fail(list)
              : Effect.succeed(answer(list))
          }),
        recentlyCreated,
        requests: options.requests ?? [{ emailAddress }],
        baseline: Option.map(Option.fromNullable(options.baseline), (rows) => new Set(rows.map(({ id }) => id))),
        known: options.known ?? [],
        sentAt: { monotonic: 0, wall: sentAt },
        rejectsDuplicates: options.rejectsDuplicates ?? true
      })(failure, { last, policy: Effect.runSync(RetryPolicy.make()) })
    )
    yield* TestClock.adjust("10 seconds")
    const reconciliation = yield* Fiber.join(fiber)
    return [
      reconciliation._tag,
      reconciliation._tag === "Committed"
        ? reconciliation.value.map(({ id }) => String(id))
        : reconciliation._tag === "Ambiguous"
        ? reconciliation.candidates.map(String)
        : [],
      listed
    ] as const
  })

const older = invitation(9, { created_at: sentAt - hour })

describe("reconcile", () => {
  it.effect("never takes an invitation that the caller knows for the new one", () =>
    Effect.gen(function*() {
      const [old, created] = [invitation(1, { status: "revoked" }), invitation(2)]
      const known = { known: [old.id] }
      deepStrictEqual((yield* reconcile([[old]], known))[0], "NotFound")
      deepStrictEqual(yield* reconcile([[old, created]], known), ["Committed", ["inv_2"], 1])
      // Without that knowledge, it could be the invitation that was created and revoked meanwhile.
      deepStrictEqual(yield* reconcile([[old]], {}), ["Committed", ["inv_1"], 1])
    }))

  it.effect("lists five times before it gives up, and once before a retry", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* reconcile([[]]), ["NotFound", [], 5])
      deepStrictEqual(yield* reconcile([[]], { last: false }), ["NotFound", [], 1])
    }))

  it.effect("returns what the list before a retry shows", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* reconcile([[invitation(1)]], { last: false }), ["Committed", ["inv_1"], 1])
    }))

  it.effect("does not list before a retry of an attempt that was not sent", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* reconcile([[invitation(1)]], { last: false, failure: notSent }), [
        "NotFound",
        [],
        0
      ])
      deepStrictEqual(yield* reconcile([[invitation(1)]], { failure: notSent }), ["Committed", ["inv_1"], 1])
    }))

  it.effect("lists repeatedly after a duplicate, although a retry would be possible", () =>
    Effect.gen(function*() {
      deepStrictEqual(
        yield* reconcile([[], [], [invitation(1)]], { last: false, failure: duplicate }),
        ["Committed", ["inv_1"], 3]
      )
    }))

  for (const clockSkew of [0, hour, -hour]) {
    it.effect(`attributes an invitation to the create unless it is older than the attempt: skew of ${clockSkew} ms`, () =>
      Effect.gen(function*() {
        const oldest = sentAt + clockSkew - 2000
        assert.strictEqual((yield* reconcile([[invitation(1, { created_at: oldest })]], { clockSkew }))[0], "Committed")
        assert.strictEqual(
          (yield* reconcile([[invitation(1, { created_at: oldest - 1 })]], { clockSkew }))[0],
          "NotCommitted"
        )
      }))
  }

  it.effect("does not attribute an invitation that was listed before, or that another create returned", () =>
    Effect.gen(function*() {
      const options = { rejectsDuplicates: false }
      assert.strictEqual(
        (yield* reconcile([[invitation(1)]], { ...options, baseline: [invitation(1)] }))[0],
        "NotFound"
      )
      assert.strictEqual((yield* reconcile([[invitation(1)]], { ...options, recent: [invitation(1)] }))[0], "NotFound")
      assert.strictEqual((yield* reconcile([[invitation(1)]], { ...options, baseline: [older] }))[0], "Committed")
    }))

  it.effect("an older pending invitation proves that the create was not committed if the server rejects duplicates", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* reconcile([[older]]))[0], "NotCommitted")
      assert.strictEqual((yield* reconcile([[older]], { rejectsDuplicates: false }))[0], "NotFound")
    }))

  it.effect("an older invitation proves nothing if it is accepted, or for another address", () =>
    Effect.gen(function*() {
      const accepted = invitation(8, { created_at: 0, status: "accepted" })
      const other = invitation(9, { created_at: 0, email_address: `x${emailAddress}` })
      assert.strictEqual((yield* reconcile([[accepted, other]]))[0], "NotFound")
    }))

  it.effect("an older pending invitation proves nothing before a retry, since the list may be stale", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* reconcile([[older], [older, invitation(1)]], { last: false }), ["NotFound", [], 1])
    }))

  it.effect("a new invitation outweighs an older pending one", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* reconcile([[older, invitation(1)]]), ["Committed", ["inv_1"], 1])
    }))

  it.effect("keeps the candidates of a list when later lists are stale or fail", () =>
    Effect.gen(function*() {
      const two = [invitation(1), invitation(2)]
      deepStrictEqual(yield* reconcile([two, []]), ["Ambiguous", ["inv_1", "inv_2"], 5])
      deepStrictEqual(yield* reconcile([two, lost]), ["Ambiguous", ["inv_1", "inv_2"], 5])
      deepStrictEqual(yield* reconcile([two, [older]]), ["Ambiguous", ["inv_1", "inv_2"], 5])
    }))

  it.effect("is not ambiguous any more once a later list has one candidate", () =>
    Effect.gen(function*() {
      const two = [invitation(1), invitation(2)]
      deepStrictEqual(yield* reconcile([two, [invitation(2)]]), ["Committed", ["inv_2"], 2])
      deepStrictEqual(yield* reconcile([two, two, [invitation(2)]], { last: false }), [
        "Committed",
        ["inv_2"],
        3
      ])
    }))

  it.effect("returns the candidates of the latest ambiguous list", () =>
    Effect.gen(function*() {
      const [one, two, three] = [invitation(1), invitation(2), invitation(3)]
      deepStrictEqual(yield* reconcile([[one, two], [one, two, three]]), [
        "Ambiguous",
        ["inv_1", "inv_2", "inv_3"],
        5
      ])
    }))

  it.effect("a failed list shows nothing, not even that the create was not committed", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* reconcile([lost], { last: false }), ["NotFound", [], 1])
      deepStrictEqual(yield* reconcile([lost, lost, [invitation(1)]]), ["Committed", ["inv_1"], 3])
    }))

  it.effect("assigns two requests for one address their own invitations, and is ambiguous with one too many or too few", () =>
    Effect.gen(function*() {
      const requests = [{ emailAddress }, { emailAddress }]
      const three = [invitation(1), invitation(2), invitation(3)]
      deepStrictEqual((yield* reconcile([three.slice(0, 2)], { requests })).slice(0, 2), [
        "Committed",
        ["inv_1", "inv_2"]
      ])
      deepStrictEqual((yield* reconcile([three], { requests })).slice(0, 2), [
        "Ambiguous",
        ["inv_1", "inv_2", "inv_3"]
      ])
      deepStrictEqual((yield* reconcile([three.slice(0, 1)], { requests })).slice(0, 2), ["Ambiguous", [
        "inv_1"
      ]])
    }))
})

describe("reconcile with two addresses", () => {
  const other = "person2@example.com"
  const requests = [{ emailAddress }, { emailAddress: other }]

  it.effect("assigns each request an invitation with its address and its metadata", () =>
    Effect.gen(function*() {
      const [one, two] = [invitation(1), invitation(2, { email_address: other })]
      deepStrictEqual(yield* reconcile([[two], [one, two]], { requests }), ["Committed", ["inv_1", "inv_2"], 2])
      const changed = invitation(3, { public_metadata: { role: "admin" } })
      assert.strictEqual((yield* reconcile([[changed]], { rejectsDuplicates: false }))[0], "NotFound")
      assert.strictEqual((yield* reconcile([[two]]))[0], "NotFound")
      const withMetadata = [{ emailAddress, publicMetadata: { role: "admin" } }]
      assert.strictEqual((yield* reconcile([[changed]], { requests: withMetadata }))[0], "Committed")
    }))

  it.effect("is ambiguous if one request has two candidates and the other has none", () =>
    Effect.gen(function*() {
      deepStrictEqual((yield* reconcile([[invitation(1), invitation(2)]], { requests })).slice(0, 2), [
        "Ambiguous",
        ["inv_1", "inv_2"]
      ])
    }))

  it.effect("an older pending invitation for one of them proves that the create was not committed", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* reconcile([[older]], { requests }))[0], "NotCommitted")
    }))
})

describe("baseline", () => {
  const addresses = [emailAddress, "Person1@example.com", "person2@example.com", "person3@example.com"]
  const requests = addresses.map((address) => ({ emailAddress: address }))

  it.effect("lists the invitations of each address, the revoked ones too, in four requests at once", () =>
    Effect.gen(function*() {
      const listed: Array<string> = []
      const requested = { inFlight: 0, most: 0 }
      const fiber = yield* Effect.fork(Reconcile.baseline(
        ({ limit, query, status }) =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              listed.push(`${limit} ${query} ${status}`)
              requested.most = Math.max(requested.most, ++requested.inFlight)
            }),
            () =>
              Effect.delay(
                Effect.succeed({
                  data: [invitation(listed.length)],
                  serverTime: Option.none(),
                  receivedAt: { monotonic: 0, wall: 0 }
                }),
                "1 second"
              ),
            () => Effect.sync(() => requested.inFlight--)
          ),
        requests
      ))
      yield* TestClock.adjust("1 minute")
      const ids = Option.getOrThrow(yield* Fiber.join(fiber))
      assert.isTrue(ids.size > 0 && Array.from(ids).every((id) => id.startsWith("inv_")))
      deepStrictEqual(
        listed,
        ["Person1@example.com", "person2@example.com", "person3@example.com"].flatMap((address) => [
          `500 ${address} undefined`,
          `500 ${address} revoked`
        ])
      )
      assert.strictEqual(requested.most, 4)
    }))

  it.effect("is unknown if a list fails", () =>
    Effect.gen(function*() {
      deepStrictEqual(yield* Reconcile.baseline(() => Effect.fail(lost), requests), Option.none())
    }))
})

describe("recently created", () => {
  it("keeps invitations for five minutes", () => {
    const recentlyCreated = Reconcile.makeRecentlyCreated()
    const [one, two, three] = [invitation(1), invitation(2), invitation(3)]
    recentlyCreated.add([one], 0)
    recentlyCreated.add([two], 1)
    recentlyCreated.add([three], 300_000)
    deepStrictEqual([one, two, three].map(({ id }) => recentlyCreated.has(id)), [false, true, true])
    assert.isFalse(recentlyCreated.has(invitation(4).id))
  })
})
