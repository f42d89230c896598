import { InvitationId } from "@effect-clerk/core/Invitation"
import { Campaign, Person } from "@effect-clerk/http/InviteCampaign"
import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { DateTime, Option } from "effect"
import * as Check from "../src/chaos/campaign/faults/check.js"
import { table } from "../src/chaos/campaign/faults/table.js"
import { addressOf, kindOf } from "../src/chaos/campaign/people.js"

const people = 50

const positions = Array.from({ length: people }, (_, position) => position)

const isNew = (position: number) => kindOf(position) === "new"

const personAt = (position: number, state: Person["state"]): Person =>
  new Person({
    position,
    emailAddress: addressOf(position),
    state,
    invitationId: state === "Created" ? Option.some(InvitationId.make(`inv_${position}`)) : Option.none(),
    problem: Option.none(),
    decidedAt: Option.none()
  })

const campaignOf = (id: string, state: Campaign["state"]) =>
  new Campaign({
    id,
    state,
    total: people,
    counts: {
      pending: 0,
      sending: 0,
      Created: 0,
      AlreadyInvited: 0,
      UserExists: 0,
      Rejected: 0,
      Unknown: 0,
      Repeated: 0
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
  })

const emulatedOf = (invited: ReadonlyArray<number>): Check.Emulated => ({
  emails: invited.map(addressOf),
  invitations: invited.map((position) => ({ id: `inv_${position}`, emailAddress: addressOf(position) })),
  calls: []
})

describe("the check of a cancelled campaign", () => {
  const invited = positions.filter((position) => isNew(position) && position < 20)
  const cancelled = (state: Campaign["state"] = "cancelled"): Check.Ended => ({
    plan: { id: "cancelled", first: 0, people, isInterrupted: "cancelled" },
    campaign: campaignOf("cancelled", state),
    people: positions.map((position) => personAt(position, invited.includes(position) ? "Created" : "pending"))
  })

  it("finds nothing if the store knows who was invited", () =>
    deepStrictEqual(Check.separate([cancelled()], emulatedOf(invited)), []))

  it("finds a cancel that was lost", () =>
    deepStrictEqual(Check.separate([cancelled("completed")], emulatedOf(invited)), [
      "cancelled is completed although it was cancelled"
    ]))

  it("finds an invitation that the store does not know", () =>
    deepStrictEqual(Check.separate([cancelled()], emulatedOf([...invited, 30])), [
      "position 30 of cancelled (pending) got 1 e-mails"
    ]))
})

describe("the check of two campaigns with the same people", () => {
  const invited = positions.filter(isNew)
  const endedOf = (id: string, isFirst: (position: number) => boolean): Check.Ended => ({
    plan: { id, first: 0, people },
    campaign: campaignOf(id, "completed"),
    people: positions.map((position) => personAt(position, isFirst(position) ? "Created" : "AlreadyInvited"))
  })
  const spring = endedOf("spring", (position) => position % 2 === 0)
  const autumn = endedOf("autumn", (position) => position % 2 === 1)

  it("finds nothing if each person is invited by one of them", () =>
    deepStrictEqual(Check.shared([spring, autumn], emulatedOf(invited)), []))

  it("finds a person who is invited by both", () =>
    deepStrictEqual(Check.shared([spring, autumn], emulatedOf([...invited, 0])), [
      "position 0 (Created, AlreadyInvited) got 2 e-mails"
    ]))

  it("finds an invitation that both count as theirs", () =>
    deepStrictEqual(
      Check.shared(
        [spring, endedOf("autumn", (position) => position % 2 === 1 || position === 0)],
        emulatedOf(invited)
      ),
      ["position 0 (Created, Created) got 1 e-mails"]
    ))
})

describe("the check of a deployment", () => {
  const names = { newer: "followed", older: "spring" }
  const lease = (campaign: string, machine: string) => ({ campaign, machine, fence: 1, pid: 1, at: 0 })

  it("finds nothing if both versions work, and the old one leaves the new campaign alone", () =>
    deepStrictEqual(
      Check.versions([lease("spring", "old-1"), lease("spring", "machine-1"), lease("followed", "machine-1")], names),
      []
    ))

  it("finds an old machine with a new campaign, and a version that does not work", () =>
    deepStrictEqual(Check.versions([lease("spring", "old-1"), lease("followed", "old-1")], names), [
      "old-1 had the lease of followed",
      "only one version had leases of spring"
    ]))
})

describe("the table", () => {
  it("has the slowest of all repetitions", () =>
    deepStrictEqual(
      table([{
        title: "kill",
        people: 300,
        strikes: [{ takeOver: 900, work: 1500 }, { takeOver: 1234, work: 1300 }],
        violations: ["one"],
        refused: 0
      }]).split("\n").at(-1),
      "| kill | 300 | 2 | 1 | 1.2 | 1.5 | 0 |"
    ))
})
