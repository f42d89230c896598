import { InviteOutcome } from "@effect-clerk/core"
import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import {
  BadRequest,
  Forbidden,
  InvalidField,
  InvalidRequest,
  Unauthorized,
  UnexpectedResponse,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Cause, Option } from "effect"
import * as Decide from "../../src/internal/bulk/decide.js"
import type { Item } from "../../src/internal/bulk/item.js"
import { makeInvitation } from "../utils.js"
import { ambiguous, attempted, item, tooMany } from "./fixtures.js"

const { Action } = Decide

const response = { operation: "createBulk", status: 422, errors: [], traceId: Option.none() } as const

const detail = (code: string, ...emailAddresses: ReadonlyArray<string>) =>
  new ErrorDetail({ code, message: "", longMessage: "", meta: { email_addresses: emailAddresses } })

const rejection = (...errors: ReadonlyArray<ErrorDetail>) => new Unprocessable({ ...response, errors })

const finish = (outcome: InviteOutcome.InputOutcome) => Action.Finish({ outcome })

const unknown = (given: Item) => finish(InviteOutcome.Unknown({ ...attempted(given), error: ambiguous }))

const alreadyInvited = (given: Item, invitation: Option.Option<ReturnType<typeof makeInvitation>> = Option.none()) =>
  finish(InviteOutcome.AlreadyInvited({ ...attempted(given), id: Option.map(invitation, ({ id }) => id), invitation }))

const one = item(1)
const two = item(2)
const three = item(3)

describe("afterLookUp", () => {
  const accepted = makeInvitation(1, { status: "accepted" })
  const pending = makeInvitation(1)

  it("enqueues an item without existing invitations for a batch", () => {
    deepStrictEqual(Decide.afterLookUp(one, [], "report"), Action.Enqueue({ item: one, asSingle: false }))
  })

  it("enqueues an address that has accepted an invitation as a single", () => {
    deepStrictEqual(Decide.afterLookUp(one, [accepted], "report"), Action.Enqueue({ item: one, asSingle: true }))
    const expired = makeInvitation(1, { status: "expired" })
    deepStrictEqual(Decide.afterLookUp(one, [expired], "report"), Action.Enqueue({ item: one, asSingle: false }))
  })

  it("finishes with the pending invitation, unless it is to be replaced", () => {
    for (const onExisting of ["report", "reuse"] as const) {
      deepStrictEqual(
        Decide.afterLookUp(one, [accepted, pending], onExisting),
        alreadyInvited(one, Option.some(pending))
      )
    }
    deepStrictEqual(
      Decide.afterLookUp(one, [accepted, pending], "resend"),
      Action.Enqueue({ item: { ...one, existing: [pending] }, asSingle: true })
    )
  })
})

describe("afterDuplicateLookUp", () => {
  const accepted = makeInvitation(1, { status: "accepted" })
  const pending = makeInvitation(1)

  it("finishes with the pending invitation on reuse, and without one if none is pending", () => {
    deepStrictEqual(
      Decide.afterDuplicateLookUp(one, [accepted, pending], "reuse"),
      alreadyInvited(one, Option.some(pending))
    )
    deepStrictEqual(Decide.afterDuplicateLookUp(one, [accepted], "resend"), alreadyInvited(one))
  })

  it("requeues the item with the invitations to revoke", () => {
    deepStrictEqual(
      Decide.afterDuplicateLookUp(one, [accepted, pending], "resend"),
      Action.Requeue({ items: [{ ...one, existing: [pending] }] })
    )
  })
})

describe("afterRevokeFailure", () => {
  const refused = (code: string) =>
    new BadRequest({ ...response, operation: "revoke", status: 400, errors: [detail(code)] })

  it("fails the job on a fatal error", () => {
    const error = new Unauthorized({ ...response, operation: "revoke", status: 401 })
    deepStrictEqual(Decide.afterRevokeFailure(one, error), Action.Fail({ cause: Cause.fail(error) }))
  })

  it("finishes the item as Unknown or Rejected on other errors", () => {
    deepStrictEqual(Decide.afterRevokeFailure(one, ambiguous), unknown(one))
    const error = refused("form_param_value_invalid")
    deepStrictEqual(
      Decide.afterRevokeFailure(one, error),
      finish(InviteOutcome.Rejected({ ...attempted(one), error }))
    )
  })
})

describe("afterSuccess", () => {
  it("matches invitations by address, whatever their order and case", () => {
    const first = makeInvitation(1, { emailAddress: "PERSON1@example.com" })
    const second = makeInvitation(2)
    deepStrictEqual(Decide.afterSuccess([one, two], [second, first]), [
      finish(InviteOutcome.Created({ ...attempted(one), invitation: first })),
      finish(InviteOutcome.Created({ ...attempted(two), invitation: second }))
    ])
  })

  it("matches by order if the server has rewritten an address", () => {
    const rewritten = makeInvitation(2, { emailAddress: "person.2@example.com" })
    deepStrictEqual(
      Decide.afterSuccess([one, two], [makeInvitation(1), rewritten])[1],
      finish(InviteOutcome.Created({ ...attempted(two), invitation: rewritten }))
    )
  })

  it("fails with a defect if the server returned too few invitations", () => {
    deepStrictEqual(
      Decide.afterSuccess([one, two], [makeInvitation(1)])[1],
      Action.Fail({
        cause: Cause.die(new Cause.RuntimeException("createBulk returned too few invitations"))
      })
    )
  })
})

describe("afterFailure", () => {
  it("requeues the items and fails the job on a fatal error", () => {
    const error = new Forbidden({ ...response, status: 403 })
    deepStrictEqual(Decide.afterFailure([one, two], error, "report"), [
      Action.Keep({ items: [one, two] }),
      Action.Fail({ cause: Cause.fail(error) })
    ])
  })

  it("requeues items once after an unknown outcome, unless they ignore existing invitations", () => {
    const ignoring = item(2, { ignoreExisting: true })
    const repeated = item(3, { ambiguity: Option.some(ambiguous) })
    deepStrictEqual(Decide.afterFailure([one, ignoring, repeated], ambiguous, "report"), [
      unknown(ignoring),
      unknown(repeated),
      Action.Requeue({ items: [{ ...one, ambiguity: Option.some(ambiguous) }] })
    ])
  })

  it("finishes all items when a transient error is not retried any more", () => {
    const repeated = item(3, { ambiguity: Option.some(ambiguous) })
    const error = tooMany(Option.none())
    deepStrictEqual(Decide.afterFailure([one, repeated], error, "report"), [
      finish(InviteOutcome.Rejected({ ...attempted(one), error })),
      unknown(repeated)
    ])
  })

  it("finishes a single by the code, although the response names no address", () => {
    deepStrictEqual(Decide.afterFailure([one], rejection(detail("form_identifier_exists")), "report"), [
      finish(InviteOutcome.UserExists(attempted(one)))
    ])
    deepStrictEqual(Decide.afterFailure([one], rejection(detail("duplicate_record")), "report"), [
      alreadyInvited(one)
    ])
    const error = rejection(detail("form_param_value_invalid"))
    deepStrictEqual(Decide.afterFailure([one], error, "report"), [
      finish(InviteOutcome.Rejected({ ...attempted(one), error }))
    ])
  })

  it("gives each named address its own outcome, and requeues the others", () => {
    const four = item(4)
    const error = rejection(
      detail("duplicate_record", "else@example.com", "PERSON1@example.com"),
      detail("form_identifier_exists", two.emailAddress),
      detail("form_param_value_invalid", four.emailAddress)
    )
    deepStrictEqual(Decide.afterFailure([one, two, three, four], error, "report"), [
      Action.Requeue({ items: [three] }),
      alreadyInvited(one),
      finish(InviteOutcome.UserExists(attempted(two))),
      finish(InviteOutcome.Rejected({ ...attempted(four), error }))
    ])
  })

  it("divides a batch without a named address", () => {
    const error = rejection(detail("form_param_value_invalid", "else@example.com"))
    const items = [one, two]
    deepStrictEqual(Decide.afterFailure(items, error, "report"), [Action.Divide({ items })])
    const unexpected = new UnexpectedResponse({
      operation: "createBulk",
      status: 302,
      reason: "a redirect",
      excerpt: "",
      traceId: Option.none()
    })
    deepStrictEqual(Decide.afterFailure(items, unexpected, "report"), [Action.Divide({ items })])
  })

  it("fails the job if an option of the layer is invalid, and keeps the items", () => {
    const items = [one, two]
    const invalid = new InvalidRequest({
      operation: "createBulk",
      issues: [new InvalidField({ path: "secretKey", message: "must be a secret key" })]
    })
    deepStrictEqual(Decide.afterFailure(items, invalid, "report"), [
      Action.Keep({ items }),
      Action.Fail({ cause: Cause.fail(invalid) })
    ])
  })

  it("looks a duplicate up on reuse and resend, unless the item has replaced one before", () => {
    const error = rejection(detail("duplicate_record"))
    const replaced = item(1, { existingRevoked: true })
    for (const onExisting of ["reuse", "resend"] as const) {
      deepStrictEqual(Decide.afterFailure([one], error, onExisting), [
        Action.LookUpDuplicate({ item: one })
      ])
      deepStrictEqual(Decide.afterFailure([replaced], error, onExisting), [
        alreadyInvited(replaced)
      ])
    }
  })

  it("leaves a duplicate after an unknown outcome Unknown", () => {
    const repeated = item(1, { ambiguity: Option.some(ambiguous) })
    deepStrictEqual(Decide.afterFailure([repeated], rejection(detail("duplicate_record")), "report"), [
      unknown(repeated)
    ])
  })
})

describe("namesNobody", () => {
  it("is true for a refusal that names none of the items, unless it concerns every call", () => {
    deepStrictEqual(Decide.namesNobody([one, two], rejection(detail("form_identifier_exists"))), true)
    deepStrictEqual(Decide.namesNobody([one], rejection(detail("form_param_value_invalid", two.emailAddress))), true)
    deepStrictEqual(Decide.namesNobody([one, two], rejection(detail("duplicate_record", two.emailAddress))), false)
    for (const error of [new Unauthorized({ ...response, status: 401 }), ambiguous, tooMany(Option.none())]) {
      deepStrictEqual(Decide.namesNobody([one, two], error), false)
    }
  })
})
