/**
 * The campaigns of a fault run.
 */
import type { CreateInvitation } from "@effect-clerk/core"
import { requestOf } from "../people.js"

/** The campaign whose owner the faults hit. */
export const main = "spring"

/**
 * A campaign to start.
 */
export interface Plan {
  readonly id: string
  /** The number, among all people of the run, of the first person. A multiple of 50, see `people.ts`. */
  readonly first: number
  readonly people: number
  /** Follows up once, after 2 seconds. */
  readonly followsUp?: boolean | undefined
  /**
   * What happens to the campaign during the first fault. A paused campaign is resumed after the last fault.
   */
  readonly isInterrupted?: "paused" | "cancelled" | undefined
}

/** The metadata say of which campaign an invitation is. */
export const requestsOf = ({ first, id, people }: Plan): ReadonlyArray<CreateInvitation.CreateInvitation.Input> =>
  Array.from({ length: people }, (_, position) => ({
    ...requestOf(first + position, false),
    publicMetadata: { campaign: id }
  }))
