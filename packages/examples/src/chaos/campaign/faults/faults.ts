/**
 * The faults by name.
 */
import { Duration, Option } from "effect"
import * as Check from "./check.js"
import type { Machine } from "./fleet.js"
import type { Lease } from "./leases.js"
import type { Plan } from "./plan.js"
import { main } from "./plan.js"
import type { Strike } from "./strikes.js"
import * as Strikes from "./strikes.js"

export const names = ["kill", "stop", "transaction", "outage", "old", "clocks", "shared", "mixed"] as const
export type Name = typeof names[number]

/**
 * A fault, the machines and campaigns that it hits, and the check of the end.
 */
export interface Fault {
  readonly title: string
  readonly machines: ReadonlyArray<Machine>
  readonly plans: ReadonlyArray<Plan>
  readonly strike: Strike
  readonly check: (
    campaigns: ReadonlyArray<Check.Ended>,
    emulated: Check.Emulated,
    leases: ReadonlyArray<Lease>
  ) => ReadonlyArray<string>
}

export interface Options {
  readonly people: number
  readonly processes: number
  /** How long an outage or a stop lasts. */
  readonly lasts: Option.Option<Duration.Duration>
  /** The program of an older version. */
  readonly old: Option.Option<string>
}

const machines = (count: number): ReadonlyArray<Machine> =>
  Array.from({ length: count }, (_, index) => ({ name: `machine-${index + 1}` }))

// Numbers of people are multiples of 50, so that the kinds of people are those of `people.ts`.
const plans = (people: number): ReadonlyArray<Plan> => {
  const few = Math.max(100, Math.ceil(people / 500) * 50)
  return [
    { id: main, first: 2 * few, people },
    { id: "paused", first: 0, people: few, isInterrupted: "paused" },
    { id: "cancelled", first: few, people: few, isInterrupted: "cancelled" }
  ]
}

const minutes = Duration.toMillis("5 minutes")

/**
 * Makes the fault with a name.
 */
export const make = (name: Name, { lasts, old, people, processes }: Options): Fault => {
  const usual = { machines: machines(processes), plans: plans(people), check: Check.separate }
  switch (name) {
    case "kill":
      return { ...usual, title: "kill -9 of the owner", strike: Strikes.kill }
    case "stop":
    case "transaction": {
      const duration = Option.getOrElse(lasts, () => Duration.seconds(40))
      const inTransaction = name === "transaction"
      return {
        ...usual,
        title: `SIGSTOP of the owner ${inTransaction ? "in a transaction " : ""}for ${Duration.format(duration)}`,
        strike: Strikes.stop(duration, { inTransaction })
      }
    }
    case "outage": {
      const duration = Option.getOrElse(lasts, () => Duration.seconds(8))
      return {
        ...usual,
        title: `Postgres down for ${Duration.format(duration)}`,
        strike: Strikes.outage(duration)
      }
    }
    case "mixed":
      return {
        ...usual,
        title: "kill -9 of the owner, every fourth time Postgres down for 8s",
        strike: Strikes.inTurn([Strikes.kill, Strikes.kill, Strikes.outage("8 seconds"), Strikes.kill])
      }
    case "clocks":
      return {
        ...usual,
        title: "kill -9, clocks 5 minutes apart",
        machines: usual.machines.map((machine, index) => ({ ...machine, clock: (index % 3 - 1) * minutes })),
        strike: Strikes.kill
      }
    case "shared":
      return {
        title: "kill -9, two campaigns with the same people",
        machines: usual.machines,
        plans: [{ id: main, first: 0, people }, { id: "autumn", first: 0, people }],
        strike: Strikes.kill,
        check: Check.shared
      }
    case "old": {
      const program = Option.getOrUndefined(old)
      const olds = usual.machines.map(({ name }) => ({ name: `old-${name}`, program }))
      return {
        title: "deployment of a new version, machine by machine",
        machines: olds,
        plans: [
          { id: main, first: 0, people },
          // Only the new version works on it.
          { id: "followed", first: people, people: 100, followsUp: true }
        ],
        strike: Strikes.replace(
          olds.map(({ name }, index) => [name, usual.machines[index] ?? { name: "machine" }] as const)
        ),
        check: (campaigns, emulated, leases) => [
          ...Check.separate(campaigns, emulated),
          ...Check.versions(leases, { newer: "followed", older: main })
        ]
      }
    }
  }
}
