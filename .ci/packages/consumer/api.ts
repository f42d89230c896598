// Uses the public API by its names: schemas, errors, outcomes, options, regions, targets and the control service.
import type { CreateInvitation, InviteMany, RevokeMany } from "@effect-clerk/core"
import {
  Acceptance,
  EmailAddress,
  ErrorDetail,
  Invitation,
  InvitationError,
  InvitationPage,
  InvitationsService,
  InviteOutcome,
  InviteProgress,
  ListInvitations,
  Metadata,
  RateLimits,
  RevokeOutcome,
  TypedMetadata
} from "@effect-clerk/core"
import {
  ClerkMetrics,
  ErrorFixture,
  Fault,
  InvitationFixture,
  InvitationsControl,
  InvitationsHttp,
  InvitationsMemory,
  InvitationsTenants,
  RateLimiting,
  RetryPolicy,
  Snapshot,
  Timeouts
} from "@effect-clerk/http"
import * as ClerkApi from "@effect-clerk/http/ClerkApi"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import * as EmulatorApi from "@effect-clerk/http/EmulatorApi"
import { HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Cause, Config, Duration, Effect, Layer, Match, Option, Redacted, Schema, Stream } from "effect"
import { createServer } from "node:http"

const check = (description: string, holds: boolean): Effect.Effect<void> =>
  holds ? Effect.void : Effect.dieMessage(`does not hold: ${description}`)

interface Team {
  readonly team: string
}

const team: Team = { team: "blue" }

const label = Match.type<Invitation.InvitationStatus>().pipe(
  Match.when("pending", () => "open"),
  Match.whenOr("accepted", "revoked", "expired", () => "closed"),
  Match.exhaustive
)

const errors = Schema.Union(
  InvitationError.CreateError,
  InvitationError.ListError,
  InvitationError.ResendError,
  InvitationError.RevokeError,
  InvitationError.DeleteError
)

// What needs no layer, and a job with the rest: the new e-mail, the typed view and the acceptance.
const newerParts = Effect.gen(function*() {
  const fixture = InvitationFixture.invitation({ emailAddress: "eve@example.com", status: "accepted" })
  yield* check("a fixture has its fields", fixture.status === "accepted")
  yield* check(
    "an error fixture is a duplicate",
    InvitationError.isDuplicate(ErrorFixture.duplicate(["eve@example.com"]))
  )
  const typed = yield* TypedMetadata.make(Schema.Struct({ team: Schema.String }))
  const { emailAddress } = yield* typed.create({ emailAddress: "eve@example.com", publicMetadata: team })
  const resent = yield* typed.resend({ emailAddress, publicMetadata: team })
  yield* check("a typed invitation has the type of its schema", resent.publicMetadata.team === "blue")
  const control = yield* InvitationsControl.InvitationsControl
  yield* control.accept(resent.id)
  const accepted = yield* Acceptance.await(resent.id, { pollEvery: "1 second" })
  yield* check("the acceptance is found", accepted.id === resent.id)
}).pipe(Effect.provide(InvitationsMemory.layer({ ids: "sequential" })))

const program = Effect.gen(function*() {
  yield* newerParts
  const invitations = yield* InvitationsService
  const control = yield* InvitationsControl.InvitationsControl

  // Schemas: an encoded invitation has no accept link.
  const request: CreateInvitation.CreateInvitation.Input = { emailAddress: "ada@example.com", publicMetadata: team }
  const ada = yield* invitations.create(request)
  yield* check("it has an accept link", Option.isSome(ada.url))
  const json = JSON.stringify(Schema.encodeSync(Invitation.Invitation)(ada))
  yield* check("the encoded form has no link", !json.includes("ticket"))
  const withLink = JSON.stringify(Schema.encodeSync(Invitation.WithAcceptLink)(ada))
  yield* check("WithAcceptLink keeps it", withLink.includes("ticket"))
  const status = Option.map(Invitation.knownStatus(ada), label)
  yield* check("knownStatus is exhaustive", Option.getOrUndefined(status) === "open")
  yield* check("an id is an id", Invitation.isInvitationId(ada.id) && Metadata.isMetadata(ada.publicMetadata))
  const page = yield* invitations.list({ limit: ListInvitations.maxLimit, orderBy: "-created_at" })
  yield* check("a page", page instanceof InvitationPage.InvitationPage && page.totalCount === 1)

  // Errors: predicates on an error, a cause and an encoded error.
  const duplicate = yield* Effect.flip(invitations.create(request))
  const received = Schema.decodeUnknownSync(errors)(JSON.parse(JSON.stringify(Schema.encodeSync(errors)(duplicate))))
  for (const value of [duplicate, received, Cause.fail(duplicate)]) {
    yield* check("isDuplicate", InvitationError.isDuplicate(value))
    yield* check("not transient", !InvitationError.isTransient(value))
    yield* check("no time to wait", Option.isNone(InvitationError.retryAfter(value)))
  }
  yield* check("it is a BadRequest", received instanceof InvitationError.BadRequest)
  yield* check("it names the address", InvitationError.duplicateEmails(duplicate).join() === "ada@example.com")
  const detail = new ErrorDetail.ErrorDetail({ code: "conflict", message: "", longMessage: "", meta: {} })
  yield* check("knownCode", Option.getOrUndefined(detail.knownCode) === "conflict")
  yield* control.failNext(Fault.Response.Status({ status: 413 }), { operation: "list" })
  const tooLarge = yield* Effect.flip(invitations.list())
  yield* check("ClientError", tooLarge instanceof InvitationError.ClientError && Option.isSome(tooLarge.code))

  // Regions.
  yield* control.failNext(Fault.Response.Status({ status: 503 }), { operation: "list" })
  const failed = yield* Effect.flip(invitations.list()).pipe(
    InvitationsHttp.withRetry({ attempts: 1, reconcile: false }),
    InvitationsHttp.withTimeout({ attempt: "5 seconds" }),
    InvitationsHttp.withMaxRateLimitWait("1 minute")
  )
  yield* check("one attempt", failed._tag === "ServerError")

  // Jobs.
  const options: InviteMany.Options = { onExisting: "resend", ordered: true }
  const outcomes = yield* invitations.inviteMany([request, { emailAddress: "bob@example.com" }], options).pipe(
    InviteProgress.track({ total: 2 }),
    Stream.map(([outcome]) => outcome),
    Stream.runCollect
  )
  const described = Array.from(
    outcomes,
    InviteOutcome.$match({
      Created: ({ replaced }) => `created ${replaced.length}`,
      AlreadyInvited: () => "invited",
      UserExists: () => "user",
      Rejected: ({ error }) => error._tag,
      Unknown: ({ error }) => error._tag,
      Repeated: () => "repeated",
      NotAttempted: () => "not attempted",
      Stopped: ({ error }) => error._tag
    })
  )
  yield* check("outcomes", described.join() === "created 1,created 0")
  yield* Schema.encode(Schema.Array(InviteOutcome.InviteOutcome))(Array.from(outcomes))
  const targets: ReadonlyArray<RevokeMany.Target> = [
    { emailAddresses: [EmailAddress.fold("ADA@example.com")] },
    { query: "nobody" },
    { ids: [ada.id] },
    { allPending: true }
  ]
  const revoked = yield* Stream.fromIterable(targets).pipe(
    Stream.flatMap((target) => invitations.revokeMany(target)),
    Stream.runCollect
  )
  const tags = Array.from(revoked, ({ _tag }) => _tag).join()
  yield* check(`revoked: ${tags}`, tags === "Revoked,AlreadyRevoked,Revoked")
  yield* Schema.encode(Schema.Array(RevokeOutcome.RevokeOutcome))(Array.from(revoked))

  // The state of the emulator.
  const snapshot = yield* control.snapshot
  yield* Schema.encode(Schema.parseJson(Snapshot.Snapshot))(snapshot)
  yield* control.setRateLimits(RateLimits.production)
  yield* control.reset
  yield* check("empty", (yield* control.invitations).length === 0)
})

const Http = Layer.unwrapEffect(
  HttpServer.addressFormattedWith((apiUrl) =>
    Effect.succeed(InvitationsHttp.layer({
      apiUrl,
      secretKey: Effect.succeed(Redacted.make("sk_test_any")),
      retry: { attempts: 2, reconcile: true, reconcileTimeout: "2 seconds" },
      rateLimit: { limits: { ...RateLimits.production, create: { limit: 50, window: Duration.hours(1) } } }
    }))
  )
).pipe(
  Layer.provide(NodeHttpClient.layerUndici),
  Layer.provideMerge(ClerkEmulator.layer()),
  Layer.provide(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 }))
)

// Invalid options are one ConfigError that names the option.
const invalid = Effect.gen(function*() {
  yield* check("defaults", (yield* RetryPolicy.make()).attempts === 3 && "total" in (yield* Timeouts.make()))
  const error = yield* Effect.flip(Timeouts.make({ attempt: "-1 seconds" }))
  yield* check("it names the option", String(error).includes("timeout.attempt"))
  const missing = yield* Effect.flip(
    Effect.provide(InvitationsService, InvitationsHttp.layerConfig({ secretKey: Config.redacted("NOT_SET") }))
  ).pipe(Effect.provide(NodeHttpClient.layerUndici))
  yield* check("it names the variable", String(missing).includes("NOT_SET"))
})

const inMemory = Effect.gen(function*() {
  const invitations = yield* InvitationsService
  yield* invitations.create({ emailAddress: "ada@example.com" })
}).pipe(Effect.provide(InvitationsMemory.layer()))

// These are used in other programs only.
export const others = [ClerkApi.ClerkApi, EmulatorApi.EmulatorApi, ClerkMetrics, InvitationsTenants, RateLimiting]

Effect.all([Effect.provide(program, Http), invalid, inMemory]).pipe(NodeRuntime.runMain)
