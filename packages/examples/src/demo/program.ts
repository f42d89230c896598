import { InvitationsService, RateLimits } from "@effect-clerk/core"
import { type CreateError, duplicateEmails, isAlreadyRevoked } from "@effect-clerk/core/InvitationError"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Array, Data, Duration, Effect, Option, Stream } from "effect"
import { step } from "./step.js"

/**
 * The program of the demo. It uses `InvitationsService`, and `InvitationsControl` to prepare the emulator; the layer decides between
 * HTTP and memory. It returns its results, and fails with `WrongResult` if they are not the expected ones.
 */
export const program = Effect.suspend(() => Effect.flatMap(walkThrough, verify))

const walkThrough = Effect.gen(function*() {
  const invitations = yield* InvitationsService
  const control = yield* InvitationsControl

  const ada = yield* invitations.create({
    emailAddress: "ada@example.com",
    publicMetadata: { team: "analytical engines" },
    expiresInDays: 7
  }).pipe(
    step("create", ({ emailAddress, status }) => `${emailAddress} is ${status}`)
  )

  // Every error has a tag, and the compiler knows which tags remain after a catch.
  const duplicates = yield* invitations.create({ emailAddress: "Ada@Example.com" }).pipe(
    Effect.as(Array.empty<string>()),
    Effect.catchTag("BadRequest", (error) => Effect.succeed(duplicateEmails(error))),
    step("create a duplicate", (addresses) => `caught by its tag: ${addresses.join(", ")} is invited`)
  )

  // One call creates all ten invitations or none.
  const team = yield* invitations.createBulk(
    Array.makeBy(10, (index) => ({ emailAddress: `engineer-${index + 1}@example.com` }))
  ).pipe(
    step("create a bulk", ({ length }) => `${length} invitations in one call`)
  )

  // Memory holds a few pages, not all invitations.
  yield* control.seed(Array.makeBy(1200, (index) => ({ emailAddress: `reader-${index + 1}@example.com` })))
  const pending = yield* invitations.stream({ status: "pending" }).pipe(
    Stream.runFold(new Set<string>(), (ids, { id }) => ids.add(id)),
    step("stream", ({ size }) => `${size} pending invitations, 1200 of them seeded`)
  )

  // From here on the limit is one create a second. The second create gets a 429 and is retried after a second.
  yield* control.setRateLimits({ ...RateLimits.production, create: { limit: 1, window: Duration.seconds(1) } })
  const grace = yield* invitations.create({ emailAddress: "grace@example.com" })
  yield* invitations.create({ emailAddress: "hedy@example.com" }).pipe(
    Effect.retry({ while: waitForRetryAfter, times: 3 }),
    step("retry after a 429", ({ emailAddress }) => `waited for Retry-After, then invited ${emailAddress}`)
  )
  yield* control.setRateLimits("off")
  const creates = Array.filter(yield* control.calls, ({ operation }) => operation === "create")

  const revoked = yield* invitations.revoke(ada.id).pipe(
    step("revoke", ({ emailAddress, status }) => `${emailAddress} is ${status}`)
  )

  // A tag covers several error codes. A predicate tells the codes apart.
  const revokedAgain = yield* invitations.revoke(ada.id).pipe(
    Effect.as("it succeeded"),
    Effect.catchIf(isAlreadyRevoked, () => Effect.succeed("already revoked")),
    step("revoke again", (outcome) => `caught: ${outcome}`)
  )

  // Finds revoked invitations too.
  const found = yield* Effect.all({
    byId: invitations.findById(ada.id),
    byEmail: invitations.findByEmail("ADA@example.com"),
    notFound: invitations.findByEmail("unknown@example.com")
  }).pipe(
    step(
      "find",
      ({ byEmail, byId }) =>
        `by id: ${
          Option.match(byId, { onNone: () => "none", onSome: ({ status }) => status })
        }, by address: ${byEmail.length}`
    )
  )

  // Returns the pending invitation, or creates one.
  const ensured = yield* Effect.all({
    existing: invitations.ensure({ emailAddress: "grace@example.com" }),
    created: invitations.ensure({ emailAddress: "ada@example.com" })
  }).pipe(
    step("ensure", () => "returned the pending one for grace, created one for ada")
  )

  return {
    "status of a new invitation": ada.status,
    "addresses that were duplicates": duplicates,
    "size of the bulk": team.length,
    "pending invitations streamed": pending.size,
    "outcomes of the creates": creates.map(({ outcome }) => outcome),
    "status after revoke": revoked.status,
    "outcome of the second revoke": revokedAgain,
    "status by id": Option.map(found.byId, ({ status }) => status).pipe(Option.getOrElse(() => "none")),
    "status by address": found.byEmail.map(({ status }) => status),
    "invitations of an unknown address": found.notFound.length,
    "ensure returned the pending one": ensured.existing.id === grace.id,
    "ensure created one after the revoke": ensured.created.id !== ada.id && ensured.created.isPending,
    "e-mails sent": (yield* control.outbox).length
  }
})

const expected: Effect.Effect.Success<typeof walkThrough> = {
  "status of a new invitation": "pending",
  "addresses that were duplicates": ["Ada@Example.com"],
  "size of the bulk": 10,
  "pending invitations streamed": 1 + 10 + 1200,
  "outcomes of the creates": ["ok", "duplicate_record", "ok", "too_many_requests", "ok"],
  "status after revoke": "revoked",
  "outcome of the second revoke": "already revoked",
  "status by id": "revoked",
  "status by address": ["revoked"],
  "invitations of an unknown address": 0,
  "ensure returned the pending one": true,
  "ensure created one after the revoke": true,
  "e-mails sent": 1 + 10 + 2 + 1
}

/**
 * A result differs from the expected one.
 */
export class WrongResult extends Data.TaggedError("WrongResult")<{ readonly differences: ReadonlyArray<string> }> {
  override get message(): string {
    return this.differences.join("; ")
  }
}

export const verify = <Results extends typeof expected>(results: Results): Effect.Effect<Results, WrongResult> => {
  const actual = new Map<string, unknown>(Object.entries(results))
  const differences = Object.entries(expected).flatMap(([name, value]) => {
    const [received, wanted] = [JSON.stringify(actual.get(name)), JSON.stringify(value)]
    return received === wanted ? [] : [`${name}: ${received}, expected ${wanted}`]
  })
  return differences.length === 0 ? Effect.succeed(results) : Effect.fail(new WrongResult({ differences }))
}

/**
 * Sleeps for the `Retry-After` of a 429. The HTTP layer retries a 429 itself if the wait is at most 30 seconds, by default; the
 * in-memory layer does not retry.
 */
const waitForRetryAfter = (error: CreateError): Effect.Effect<boolean> =>
  error._tag === "TooManyRequests"
    ? Effect.as(Effect.sleep(Option.getOrElse(error.retryAfter, () => Duration.seconds(1))), true)
    : Effect.succeed(false)
