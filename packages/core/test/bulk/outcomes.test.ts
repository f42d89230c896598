import { InviteOutcome, RevokeOutcome } from "@effect-clerk/core"
import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { type Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import {
  AmbiguousWrite,
  type CreateError,
  Forbidden,
  InvalidField,
  InvalidRequest,
  type RevokeError,
  Timeout
} from "@effect-clerk/core/InvitationError"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Duration, FastCheck as fc, JSONSchema, Option, Redacted, Schema } from "effect"
import { duplicate, makeInvitation, untyped } from "../utils.js"
import { rejection } from "./fixtures.js"

const ada = "ada@example.com"
const grace = "grace@example.com"
const secret = "https://accounts.example.com/ticket"

const own = makeInvitation(1, { emailAddress: ada, url: secret })
const foreign = makeInvitation(2, { emailAddress: grace, url: secret })

const withoutLink = (invitation: Invitation): Invitation =>
  makeInvitation(invitation.id === own.id ? 1 : 2, { emailAddress: invitation.emailAddress })

const ambiguous = (...emailAddresses: ReadonlyArray<string>) =>
  new AmbiguousWrite({
    operation: "createBulk",
    emailAddresses: Redacted.make(emailAddresses),
    id: Option.none(),
    candidates: [InvitationId.make("inv_3")],
    lastFailure: new Timeout({ operation: "createBulk", limit: "total", duration: Duration.seconds(60) })
  })

const invalid = new InvalidRequest({
  operation: "inviteMany",
  issues: [new InvalidField({ path: "emailAddress", message: "must be an e-mail address" })]
})

const refusal = new Forbidden({ operation: "create", status: 403, errors: [], traceId: Option.none() })

const trip = <A, I>(schema: Schema.Schema<A, I>, value: A) => {
  const text = JSON.stringify(Schema.encodeSync(schema)(value))
  return { text, decoded: Schema.decodeUnknownSync(schema)(JSON.parse(text)) }
}

describe("InviteOutcome", () => {
  const attempted: InviteOutcome.Attempted = {
    input: { emailAddress: ada, publicMetadata: { team: "engines" } },
    position: 3,
    emailAddress: ada,
    replaced: [InvitationId.make("inv_9")]
  }
  const { replaced: _, ...recipient } = attempted
  const found = { ...attempted, id: Option.some(foreign.id) }

  // Each outcome, its decoded form, and its decoded form with the invitations.
  const cases: ReadonlyArray<
    readonly [
      outcome: InviteOutcome.InviteOutcome,
      decoded: InviteOutcome.InviteOutcome,
      withInvitations?: InviteOutcome.InviteOutcome
    ]
  > = [
    [
      InviteOutcome.Created({ ...attempted, invitation: own }),
      InviteOutcome.Created({ ...attempted, invitation: withoutLink(own) })
    ],
    [
      InviteOutcome.AlreadyInvited({ ...found, invitation: Option.some(foreign) }),
      InviteOutcome.AlreadyInvited({ ...found, invitation: Option.none() }),
      InviteOutcome.AlreadyInvited({ ...found, invitation: Option.some(withoutLink(foreign)) })
    ],
    [
      InviteOutcome.AlreadyInvited({ ...attempted, id: Option.none(), invitation: Option.none() }),
      InviteOutcome.AlreadyInvited({ ...attempted, id: Option.none(), invitation: Option.none() })
    ],
    [InviteOutcome.UserExists(attempted), InviteOutcome.UserExists(attempted)],
    [
      InviteOutcome.Rejected({ ...attempted, error: invalid }),
      InviteOutcome.Rejected({ ...attempted, error: invalid })
    ],
    [
      InviteOutcome.Rejected({ ...attempted, error: rejection("create") }),
      InviteOutcome.Rejected({ ...attempted, error: rejection("create") })
    ],
    [
      InviteOutcome.Unknown({ ...attempted, error: ambiguous(ada, grace) }),
      InviteOutcome.Unknown({ ...attempted, error: ambiguous() })
    ],
    [
      InviteOutcome.Repeated({ ...recipient, firstPosition: 1 }),
      InviteOutcome.Repeated({ ...recipient, firstPosition: 1 })
    ],
    [InviteOutcome.NotAttempted(attempted), InviteOutcome.NotAttempted(attempted)],
    [InviteOutcome.Stopped({ error: refusal }), InviteOutcome.Stopped({ error: refusal })]
  ]

  const describeOutcome = InviteOutcome.$match({
    Created: ({ invitation }) => `created ${invitation.id}`,
    AlreadyInvited: ({ id }) => `already ${Option.getOrElse(id, () => "unknown")}`,
    UserExists: ({ emailAddress }) => `user ${emailAddress}`,
    Rejected: ({ error }) => `rejected: ${error.message}`,
    Unknown: ({ error }) => `unknown: ${error.message}`,
    Repeated: ({ firstPosition }) => `repeated ${firstPosition}`,
    NotAttempted: ({ emailAddress }) => `not attempted ${emailAddress}`,
    Stopped: ({ error }) => error.message
  })

  it.each(cases.map((row) => [row[0]._tag, row] as const))(
    "%s survives JSON without what the documentation names",
    (_, [outcome, expected, withInvitations = expected]) => {
      const plain = trip(InviteOutcome.InviteOutcome, outcome)
      assert.deepStrictEqual(plain.decoded, expected)
      assert.notInclude(plain.text, grace)
      assert.notInclude(plain.text, secret)
      assert.strictEqual(describeOutcome(plain.decoded), describeOutcome(outcome))
      assert.isTrue(InviteOutcome.$is(outcome._tag)(plain.decoded))
      const full = trip(InviteOutcome.WithInvitations, outcome)
      assert.deepStrictEqual(full.decoded, withInvitations)
      assert.notInclude(full.text, secret)
      // The form with the invitations is a superset.
      assert.deepStrictEqual(
        Schema.decodeUnknownSync(InviteOutcome.InviteOutcome)(JSON.parse(full.text)),
        expected
      )
    }
  )

  it("covers every tag", () => {
    assert.deepStrictEqual(
      new Set(cases.map(([{ _tag }]) => _tag)),
      new Set(["Created", "AlreadyInvited", "UserExists", "Rejected", "Unknown", "Repeated", "NotAttempted", "Stopped"])
    )
  })

  it("decodes errors as instances of their classes, without the addresses that Clerk named", () => {
    const error = duplicate(grace)
    const { decoded, text } = trip(InviteOutcome.InviteOutcome, InviteOutcome.Rejected({ ...attempted, error }))
    assert.notInclude(text, grace)
    assert.isTrue(decoded._tag === "Rejected" && decoded.error instanceof error.constructor)
    const unknown = trip(InviteOutcome.InviteOutcome, InviteOutcome.Unknown({ ...attempted, error: ambiguous(ada) }))
    assert(unknown.decoded._tag === "Unknown")
    assert.instanceOf(unknown.decoded.error, AmbiguousWrite)
    assert.instanceOf(unknown.decoded.error.lastFailure, Timeout)
    assert.deepStrictEqual(Redacted.value(unknown.decoded.error.emailAddresses), [])
  })

  it.prop("keeps the JSON form of every input", [fc.jsonValue()], ([value]) => {
    const input = untyped<CreateInvitation.Input>(value)
    const outcome = InviteOutcome.Rejected({ ...attempted, input, error: invalid })
    const { decoded } = trip(InviteOutcome.InviteOutcome, outcome)
    assert(decoded._tag === "Rejected")
    assert.deepStrictEqual(
      decoded.input,
      untyped<CreateInvitation.Input>(JSON.parse(JSON.stringify(value)))
    )
  })

  const cyclic: Record<string, unknown> = {}
  cyclic["self"] = cyclic

  it.each<readonly [name: string, input: unknown, json: unknown]>([
    ["undefined", undefined, null],
    ["null", null, null],
    ["a string", "ada", "ada"],
    ["a function", () => 1, null],
    ["a symbol", Symbol("x"), null],
    ["a bigint", { n: 1n }, null],
    ["a cycle", cyclic, null],
    ["a date", { at: new Date(0), gone: undefined }, { at: "1970-01-01T00:00:00.000Z" }],
    ["a toJSON that throws", {
      toJSON: () => {
        throw new Error("x")
      }
    }, null]
  ])("encodes an outcome whose input is %s", (_, input, json) => {
    const given = untyped<CreateInvitation.Input>(input)
    const outcome = InviteOutcome.Rejected({ ...attempted, input: given, emailAddress: "", error: invalid })
    assert.deepStrictEqual(
      trip(InviteOutcome.InviteOutcome, outcome).decoded,
      InviteOutcome.Rejected({
        ...attempted,
        input: untyped<CreateInvitation.Input>(json),
        emailAddress: "",
        error: invalid
      })
    )
  })

  it("has a JSON Schema, for the documentation of an HttpApi", () => {
    assert.property(JSONSchema.make(InviteOutcome.InviteOutcome), "$defs")
    assert.property(JSONSchema.make(InviteOutcome.WithInvitations), "$defs")
  })

  it("has the exact errors", () => {
    type Rejected = Extract<InviteOutcome.InviteOutcome, { readonly _tag: "Rejected" }>
    expectTypeOf<Rejected["error"]>().toEqualTypeOf<Exclude<CreateError, AmbiguousWrite>>()
  })
})

describe("RevokeOutcome", () => {
  const target: RevokeOutcome.Target = { id: "inv_2", position: 1 }

  const cases: ReadonlyArray<
    readonly [
      outcome: RevokeOutcome.RevokeOutcome,
      decoded: RevokeOutcome.RevokeOutcome,
      withInvitations?: RevokeOutcome.RevokeOutcome
    ]
  > = [
    [
      RevokeOutcome.Revoked({ ...target, invitation: Option.some(foreign) }),
      RevokeOutcome.Revoked({ ...target, invitation: Option.none() }),
      RevokeOutcome.Revoked({ ...target, invitation: Option.some(withoutLink(foreign)) })
    ],
    [RevokeOutcome.AlreadyRevoked(target), RevokeOutcome.AlreadyRevoked(target)],
    [RevokeOutcome.AlreadyAccepted(target), RevokeOutcome.AlreadyAccepted(target)],
    [RevokeOutcome.NotFound(target), RevokeOutcome.NotFound(target)],
    [
      RevokeOutcome.Rejected({ id: "no id", position: 1, error: invalid }),
      RevokeOutcome.Rejected({ id: "no id", position: 1, error: invalid })
    ],
    [
      RevokeOutcome.Unknown({ ...target, error: ambiguous() }),
      RevokeOutcome.Unknown({ ...target, error: ambiguous() })
    ]
  ]

  const describeOutcome = RevokeOutcome.$match({
    Revoked: ({ id }) => `revoked ${id}`,
    AlreadyRevoked: ({ position }) => `already revoked ${position}`,
    AlreadyAccepted: ({ position }) => `accepted ${position}`,
    NotFound: ({ id }) => `missing ${id}`,
    Rejected: ({ error }) => `rejected: ${error.message}`,
    Unknown: ({ error }) => `unknown: ${error.message}`
  })

  it.each(cases.map((row) => [row[0]._tag, row] as const))(
    "%s survives JSON without the invitation",
    (_, [outcome, expected, withInvitations = expected]) => {
      const plain = trip(RevokeOutcome.RevokeOutcome, outcome)
      assert.deepStrictEqual(plain.decoded, expected)
      assert.notInclude(plain.text, grace)
      assert.strictEqual(describeOutcome(plain.decoded), describeOutcome(outcome))
      assert.isTrue(RevokeOutcome.$is(outcome._tag)(plain.decoded))
      const full = trip(RevokeOutcome.WithInvitations, outcome)
      assert.deepStrictEqual(full.decoded, withInvitations)
      assert.notInclude(full.text, secret)
    }
  )

  it("covers every tag, and decodes errors as instances of their classes", () => {
    assert.strictEqual(new Set(cases.map(([{ _tag }]) => _tag)).size, 6)
    for (const [outcome] of cases) {
      const { decoded } = trip(RevokeOutcome.RevokeOutcome, outcome)
      if (decoded._tag === "Rejected") assert.instanceOf(decoded.error, InvalidRequest)
      if (decoded._tag === "Unknown") assert.instanceOf(decoded.error, AmbiguousWrite)
    }
  })

  it("has the exact errors", () => {
    type Rejected = Extract<RevokeOutcome.RevokeOutcome, { readonly _tag: "Rejected" }>
    expectTypeOf<Rejected["error"]>().toEqualTypeOf<Exclude<RevokeError, AmbiguousWrite>>()
  })

  it("has a JSON Schema, for the documentation of an HttpApi", () => {
    assert.property(JSONSchema.make(RevokeOutcome.RevokeOutcome), "$defs")
    assert.property(JSONSchema.make(RevokeOutcome.WithInvitations), "$defs")
  })
})
