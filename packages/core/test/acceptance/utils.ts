import { InvitationsService } from "@effect-clerk/core"
import { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { DateTime, Effect, Option, Ref } from "effect"
import { field } from "../service/utils.js"
import type { Call } from "../utils.js"
import { makeFake, start } from "../utils.js"

/**
 * An invitation that was created and changed at these times, in milliseconds after `start`.
 */
export const row = (
  id: string,
  { at, created = at, expires, status = "pending" }: {
    readonly at: number
    readonly created?: number
    readonly expires?: number
    readonly status?: string
  }
): Invitation =>
  new Invitation({
    id: InvitationId.make(id),
    emailAddress: `${id}@example.com`,
    publicMetadata: {},
    status,
    url: Option.none(),
    expiresAt: Option.map(Option.fromNullable(expires), (millis) => DateTime.unsafeMake(start + millis)),
    createdAt: DateTime.unsafeMake(start + created),
    updatedAt: DateTime.unsafeMake(start + at)
  })

/**
 * The service over rows in memory. `put` adds a row, or replaces the row with its id.
 */
export const makeWorld = Effect.fnUntraced(
  function*(initial: ReadonlyArray<Invitation> = [], change?: Parameters<typeof makeFake>[1]) {
    const fake = yield* makeFake(initial, change)
    return {
      ...fake,
      put: (changed: Invitation) =>
        Ref.update(fake.rows, (rows) =>
          rows.some(({ id }) => id === changed.id)
            ? rows.map((old) => old.id === changed.id ? changed : old)
            : [...rows, changed]),
      remove: (id: string) => Ref.update(fake.rows, (rows) => rows.filter((old) => old.id !== id)),
      provide: Effect.provideService(InvitationsService, fake.service)
    }
  }
)

const textOf = (input: unknown, name: string, absent: string): string => {
  const value = field(input, name)
  return typeof value === "string" ? value : absent
}

/** The queries and statuses of calls of `list`, without their pages. */
export const filtersOf = (calls: ReadonlyArray<Call>): ReadonlyArray<string> =>
  calls.map(({ input }) => `${textOf(input, "query", "all")} ${textOf(input, "status", "not revoked")}`)
