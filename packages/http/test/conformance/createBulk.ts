import { BadRequest, duplicateEmails } from "@effect-clerk/core/InvitationError"
import { Effect } from "effect"
import * as assert from "./assert.js"
import { duplicate, errorFields } from "./errors.js"
import { ada, addresses, day, encodeAll, failure, ids, makeRequests } from "./fixtures.js"
import * as Suite from "./suite.js"

export const createBulk = Suite.make((test) => {
  test("creates one invitation", ({ invitations }) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(addresses(yield* invitations.createBulk(makeRequests(1))), ["person1@example.com"])
    }))

  test("creates ten invitations in one call, in the order of the requests", ({ control, invitations }) =>
    Effect.gen(function*() {
      const requests = [5, 3, 9, 1, 7, 10, 2, 8, 6, 4].flatMap((n) => makeRequests(1, n))
      const created = yield* invitations.createBulk(requests)
      assert.deepStrictEqual(addresses(created), requests.map(({ emailAddress }) => emailAddress))
      assert.deepStrictEqual(encodeAll(yield* control.invitations), encodeAll(created))
      assert.deepStrictEqual((yield* control.outbox).map(({ to }) => to), addresses(created))
      assert.deepStrictEqual((yield* control.calls).map(({ operation }) => operation), ["createBulk"])
    }))

  test("applies the fields of each request", ({ control, invitations }) =>
    Effect.gen(function*() {
      const created = yield* invitations.createBulk([
        { emailAddress: "a@x.co", expiresInDays: 1, publicMetadata: { n: 1 } },
        { emailAddress: "b@x.co", notify: false },
        { emailAddress: "c@x.co", templateSlug: "waitlist_invitation" }
      ])
      assert.deepStrictEqual(
        encodeAll(created).map(({ expires_at, public_metadata }) => [expires_at, public_metadata]),
        [[day - 2, { n: 1 }], [30 * day - 2, {}], [30 * day - 2, {}]]
      )
      assert.deepStrictEqual(
        (yield* control.outbox).map(({ templateSlug, to }) => [to, templateSlug]),
        [["a@x.co", "invitation"], ["c@x.co", "waitlist_invitation"]]
      )
    }))

  test(
    "creates nothing if an address has a pending invitation, and the error names exactly those addresses",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.seed([{ emailAddress: "person4@example.com" }, { emailAddress: "PERSON2@example.com" }])
        const error = yield* failure(invitations.createBulk(makeRequests(5)), BadRequest)
        assert.deepStrictEqual(
          errorFields(error),
          duplicate("createBulk", "person2@example.com", "person4@example.com")
        )
        assert.deepStrictEqual(duplicateEmails(error), ["person2@example.com", "person4@example.com"])
        assert.strictEqual((yield* control.invitations).length, 2)
        assert.deepStrictEqual(yield* control.outbox, [])
      })
  )

  test(
    "succeeds without the addresses that the error names",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.seed(makeRequests(1, 3))
        const error = yield* failure(invitations.createBulk(makeRequests(4)), BadRequest)
        const rejected = duplicateEmails(error)
        const rest = makeRequests(4).filter(({ emailAddress }) => !rejected.includes(emailAddress))
        assert.deepStrictEqual(
          addresses(yield* invitations.createBulk(rest)),
          ["person1@example.com", "person2@example.com", "person4@example.com"]
        )
      })
  )

  test(
    "rejects a batch that contains an address twice, in any letter case",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const error = yield* failure(
          invitations.createBulk([{ emailAddress: ada }, ...makeRequests(1), { emailAddress: "ADA@example.com" }]),
          BadRequest
        )
        assert.deepStrictEqual(errorFields(error), duplicate("createBulk", "ADA@example.com"))
        assert.deepStrictEqual(yield* control.invitations, [])
      })
  )

  test(
    "creates several invitations for one address with ignoreExisting",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* control.seed([{ emailAddress: ada }])
        const request = { emailAddress: ada, ignoreExisting: true }
        const created = yield* invitations.createBulk([request, request])
        assert.strictEqual(new Set(ids(created)).size, 2)
        assert.strictEqual((yield* invitations.list({ status: "pending" })).totalCount, 3)
      })
  )
})
