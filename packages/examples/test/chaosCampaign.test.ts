import { InvitationId } from "@effect-clerk/core/Invitation"
import { Campaign, Person } from "@effect-clerk/http/InviteCampaign"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { DateTime, Option } from "effect"
import { addressOf, kindOf } from "../src/chaos/campaign/people.js"
import { limits } from "../src/chaos/campaign/settings.js"
import type { Evidence } from "../src/chaos/campaign/verify.js"
import { verify } from "../src/chaos/campaign/verify.js"

const people = 50

const states = {
  new: "Created",
  user: "UserExists",
  invited: "AlreadyInvited",
  blocked: "Rejected",
  repeated: "Repeated"
} as const

const positions = Array.from({ length: people }, (_, position) => position)

const created = positions.filter((position) => kindOf(position) === "new")

const personAt = (position: number, state: Person["state"] = states[kindOf(position)]): Person =>
  new Person({
    position,
    emailAddress: addressOf(position),
    state,
    invitationId: state === "Created" ? Option.some(InvitationId.make(`inv_${position}`)) : Option.none(),
    problem: Option.none(),
    decidedAt: Option.none()
  })

const evidence: Evidence = {
  campaign: new Campaign({
    id: "spring",
    state: "completed",
    total: people,
    counts: {
      pending: 0,
      sending: 0,
      Created: created.length,
      AlreadyInvited: 1,
      UserExists: 1,
      Rejected: 1,
      Unknown: 0,
      Repeated: 1
    },
    done: people,
    remaining: 0,
    ratePerHour: 0,
    createdAt: DateTime.unsafeMake(0),
    startedAt: Option.none(),
    endedAt: Option.none(),
    nextSliceAt: Option.none(),
    estimatedEnd: Option.none(),
    stalledSince: Option.none(),
    stalledReason: Option.none(),
    problem: Option.none()
  }),
  people: positions.map((position) => personAt(position)),
  invitations: created.map((position) => ({ id: `inv_${position}`, emailAddress: addressOf(position) })),
  emails: created.map(addressOf),
  calls: [{ operation: "createBulk", at: 0, outcome: "ok" }],
  limits,
  allowDuplicates: false,
  expected: people
}

const replaced = (position: number, state: Person["state"]) =>
  evidence.people.map((person) => person.position === position ? personAt(position, state) : person)

describe("the check of chaos:campaign", () => {
  it("finds nothing in a run without faults", () => deepStrictEqual(verify(evidence), []))

  const violations: ReadonlyArray<readonly [what: string, change: Partial<Evidence>, violation: string]> = [
    [
      "a campaign that stands still",
      { campaign: new Campaign({ ...evidence.campaign, state: "running" }) },
      "the campaign is running"
    ],
    ["a person that is missing", { people: evidence.people.slice(1) }, "49 of 50 people are in the store"],
    ["a second e-mail", { emails: [...evidence.emails, addressOf(0)] }, "position 0 (new, Created) got 2 e-mails"],
    ["a missing e-mail", { emails: evidence.emails.slice(1) }, "position 0 (new, Created) got 0 e-mails"],
    [
      "an e-mail to a person who was not to be invited",
      { emails: [...evidence.emails, addressOf(11)] },
      "position 11 (user, UserExists) got an e-mail"
    ],
    [
      "an invitation of another address",
      { invitations: evidence.invitations.map(({ id }) => ({ id, emailAddress: "other@example.com" })) },
      "position 0 (new, Created) has the invitation of another address, or none"
    ],
    [
      "an outcome that is unknown",
      { people: replaced(0, "Unknown") },
      "position 0 (new, Unknown) has the wrong outcome"
    ],
    [
      "a 429",
      { calls: [{ operation: "create", at: 0, outcome: "too_many_requests" }] },
      "1 calls were answered by a 429"
    ],
    [
      "more calls than a window allows",
      { calls: Array.from({ length: 26 }, (_, index) => ({ operation: "createBulk", at: index, outcome: "ok" })) },
      "26 calls of createBulk within a window that allows 25"
    ]
  ]

  for (const [what, change, violation] of violations) {
    it(`finds ${what}`, () => assert.include(verify({ ...evidence, ...change }), violation))
  }
})
