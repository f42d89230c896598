import { type CreateError, duplicateEmails, InvitationsService, isAlreadyRevoked, RateLimits } from "@effect-clerk/core"
import { InvitationsControl } from "@effect-clerk/http"
import { Array, Data, Duration, Effect, Option, Stream } from "effect"
import { step } from "./step.js"

/**
 * What the demo does. It knows the service and, to play the world around it, its control; whether that is HTTP or memory
 * is for the layer to say. It answers with what it saw, and fails if that is not what it must see.
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

  // Every way to fail has a tag, and the compiler knows which are left.
  const duplicates = yield* invitations.create({ emailAddress: "Ada@Example.com" }).pipe(
    Effect.as(Array.empty<string>()),
    Effect.catchTag("BadRequest", (error) => Effect.succeed(duplicateEmails(error))),
    step("create a duplicate", (addresses) => `caught by its tag: ${addresses.join(", ")} is invited`)
  )

  // One call: all or none.
  const team = yield* invitations.createBulk(
    Array.makeBy(10, (index) => ({ emailAddress: `engineer-${index + 1}@example.com` }))
  ).pipe(
    step("create a bulk", ({ length }) => `${length} invitations in one call`)
  )

  // One page at a time is in memory, however many there are.
  yield* control.seed(Array.makeBy(1200, (index) => ({ emailAddress: `reader-${index + 1}@example.com` })))
  const pending = yield* invitations.stream({ status: "pending" }).pipe(
    Stream.runFold(new Set<string>(), (ids, { id }) => ids.add(id)),
    step("stream", ({ size }) => `${size} pending invitations, 1200 of them seeded`)
  )

  // One create a second is let through from here on. The second one is told to come back in a second, and does.
  yield* control.setRateLimits({ ...RateLimits.production, create: { limit: 1, window: Duration.seconds(1) } })
  const grace = yield* invitations.create({ emailAddress: "grace@example.com" })
  yield* invitations.create({ emailAddress: "hedy@example.com" }).pipe(
    Effect.retry({ while: asksToWait, times: 3 }),
    step("outwait a 429", ({ emailAddress }) => `waited for Retry-After, then invited ${emailAddress}`)
  )
  yield* control.setRateLimits("off")
  const creates = Array.filter(yield* control.calls, ({ operation }) => operation === "create")

  const revoked = yield* invitations.revoke(ada.id).pipe(
    step("revoke", ({ emailAddress, status }) => `${emailAddress} is ${status}`)
  )

  // One tag may stand for several things; predicates tell them apart.
  const revokedAgain = yield* invitations.revoke(ada.id).pipe(
    Effect.as("it worked again"),
    Effect.catchIf(isAlreadyRevoked, () => Effect.succeed("it has been revoked already")),
    step("revoke again", (outcome) => `caught: ${outcome}`)
  )

  // By id or by address, revoked or not.
  const found = yield* Effect.all({
    byId: invitations.findById(ada.id),
    byEmail: invitations.findByEmail("ADA@example.com"),
    nobody: invitations.findByEmail("nobody@example.com")
  }).pipe(
    step(
      "find",
      ({ byEmail, byId }) =>
        `by id: ${
          Option.match(byId, { onNone: () => "none", onSome: ({ status }) => status })
        }, by address: ${byEmail.length}`
    )
  )

  // The invitation that there is, or a new one.
  const ensured = yield* Effect.all({
    existing: invitations.ensure({ emailAddress: "grace@example.com" }),
    created: invitations.ensure({ emailAddress: "ada@example.com" })
  }).pipe(
    step("ensure", () => "the pending one for grace, a new one for ada")
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
    "invitations for nobody": found.nobody.length,
    "ensure answered with the pending one": ensured.existing.id === grace.id,
    "ensure made a new one of the revoked": ensured.created.id !== ada.id && ensured.created.isPending,
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
  "outcome of the second revoke": "it has been revoked already",
  "status by id": "revoked",
  "status by address": ["revoked"],
  "invitations for nobody": 0,
  "ensure answered with the pending one": true,
  "ensure made a new one of the revoked": true,
  "e-mails sent": 1 + 10 + 2 + 1
}

/**
 * The program saw something else than it must.
 */
export class WrongResult extends Data.TaggedError("WrongResult")<{ readonly differences: ReadonlyArray<string> }> {
  override get message(): string {
    return this.differences.join("; ")
  }
}

export const verify = <Seen extends typeof expected>(seen: Seen): Effect.Effect<Seen, WrongResult> => {
  const actual = new Map<string, unknown>(Object.entries(seen))
  const differences = Object.entries(expected).flatMap(([name, value]) => {
    const [is, must] = [JSON.stringify(actual.get(name)), JSON.stringify(value)]
    return is === must ? [] : [`${name}: ${is} in place of ${must}`]
  })
  return differences.length === 0 ? Effect.succeed(seen) : Effect.fail(new WrongResult({ differences }))
}

/**
 * The HTTP layer waits by itself for as long as a `Retry-After` asks, up to 30 seconds unless told otherwise; over HTTP this
 * is for what is longer. In memory nobody waits on the caller's behalf, and the 429 arrives at once.
 */
const asksToWait = (error: CreateError): Effect.Effect<boolean> =>
  error._tag === "TooManyRequests"
    ? Effect.as(Effect.sleep(Option.getOrElse(error.retryAfter, () => Duration.seconds(1))), true)
    : Effect.succeed(false)
