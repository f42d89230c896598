import { InvitationsService } from "@effect-clerk/core"
import { type Invitation, isInvitationId } from "@effect-clerk/core/Invitation"
import { Args } from "@effect/cli"
import { Array, Effect } from "effect"
import { exitRefused, exitUsage } from "../terminal/exitCode.js"

export const ids = Args.text({ name: "id" }).pipe(
  Args.withDescription("The id of an invitation, inv_…"),
  Args.atLeast(1)
)

export const idsOrAddresses = Args.text({ name: "id-or-email" }).pipe(
  Args.withDescription("The id of an invitation, inv_…, or an e-mail address."),
  Args.atLeast(1)
)

/**
 * Whether an argument is an address rather than an id.
 */
export const isAddress = (target: string): boolean => target.includes("@")

const positionsOf = (targets: ReadonlyArray<string>, isWrong: (target: string) => boolean): string =>
  targets.flatMap((target, index) => isWrong(target) ? [index + 1] : []).join(", ")

/**
 * Checks all arguments before the first call, and removes duplicates. A message never repeats an argument.
 */
export const check = (targets: ReadonlyArray<string>, options: { readonly addresses: boolean }) => {
  const wrong = positionsOf(targets, (target) => !isInvitationId(target) && !(options.addresses && isAddress(target)))
  const expected = options.addresses
    ? "Neither the id of an invitation nor an e-mail address"
    : "Not the id of an invitation"
  return wrong === ""
    ? Effect.succeed(Array.dedupe(targets))
    : Effect.fail(exitUsage(`${expected}: argument ${wrong}. Nothing was sent.`))
}

/**
 * Finds all invitations of an address, or the invitation with an id.
 */
export const findAll = (target: string) =>
  Effect.flatMap(
    InvitationsService,
    ({ findByEmail, findById }) =>
      isAddress(target) ? findByEmail(target) : Effect.map(findById(target), Array.fromOption)
  )

/**
 * Looks up the invitations of each argument that are wanted; `wanted` names them, for example "pending invitation". An argument
 * with `isDone` invitations only has none. Fails if an argument has neither.
 */
export const lookUp = (
  targets: ReadonlyArray<string>,
  { among = targets, isDone = () => false, isWanted, wanted }: {
    /** The arguments of the command, which the message counts. */
    readonly among?: ReadonlyArray<string>
    readonly isDone?: (invitation: Invitation) => boolean
    readonly isWanted: (invitation: Invitation) => boolean
    readonly wanted: string
  }
) =>
  Effect.gen(function*() {
    const found = yield* Effect.forEach(targets, (target) =>
      Effect.map(findAll(target), (each) => ({ target, each: each.filter(isWanted), isDone: each.some(isDone) })))
    const without = positionsOf(
      among,
      (target) =>
        found.some((one) =>
          one.target === target && one.each.length === 0 && !one.isDone
        )
    )
    return without === ""
      ? found.flatMap(({ each }) => each)
      : yield* exitRefused(`No ${wanted}: argument ${without}. Nothing was changed.`)
  })
