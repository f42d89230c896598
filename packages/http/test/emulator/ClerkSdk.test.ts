import { createClerkClient } from "@clerk/backend"
import type { ClerkAPIResponseError } from "@clerk/backend/errors"
import { isClerkAPIResponseError } from "@clerk/backend/errors"
import { RateLimits } from "@effect-clerk/core"
import { Fault } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Redacted, Schema, TestClock } from "effect"
import * as emulator from "../utils/emulator.js"

const ada = "ada@example.com"
const day = 24 * 60 * 60 * 1000

/** Clerk's SDK with the URL of the emulator. Its telemetry is on by default. */
const makeSdk = (secretKey = Redacted.value(emulator.secretKey)) =>
  Effect.map(emulator.apiUrl, (apiUrl) => {
    const clerk = createClerkClient({ secretKey, apiUrl, telemetry: { disabled: true } })
    assert.isFalse(clerk.telemetry.isEnabled)
    return clerk
  })

const makeClerk = (secretKey?: string) => Effect.map(makeSdk(secretKey), ({ invitations }) => invitations)

type Invitations = Effect.Effect.Success<ReturnType<typeof makeClerk>>

/** The error that a call of the SDK rejects with. */
const rejection = <A>(call: () => Promise<A>): Effect.Effect<ClerkAPIResponseError> =>
  Effect.tryPromise({ try: call, catch: (error) => error }).pipe(
    Effect.flip,
    Effect.flatMap((error) => isClerkAPIResponseError(error) ? Effect.succeed(error) : Effect.die(error)),
    Effect.orDieWith(() => new Error("the call did not fail"))
  )

const Details = Schema.Array(Schema.Struct({
  code: Schema.NonEmptyString,
  message: Schema.NonEmptyString,
  meta: Schema.Struct({
    paramName: Schema.UndefinedOr(Schema.String),
    emailAddresses: Schema.UndefinedOr(Schema.Array(Schema.String))
  })
}))

/** The fields of an error, which must have a trace id. */
const errorFields = (error: ClerkAPIResponseError) => {
  assert.match(error.clerkTraceId ?? "none", /^trace_\w+$/)
  return {
    status: error.status,
    retryAfter: error.retryAfter,
    errors: Schema.decodeUnknownSync(Details)(error.errors).map(({ code, meta }) => ({ code, ...meta }))
  }
}

const expectedError = (
  status: number,
  code: string,
  more: { readonly paramName?: string; readonly emailAddresses?: Array<string>; readonly retryAfter?: number } = {}
): ReturnType<typeof errorFields> => ({
  status,
  retryAfter: more.retryAfter,
  errors: [{ code, paramName: more.paramName, emailAddresses: more.emailAddresses }]
})

const numbered = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ emailAddress: `person${n}@example.com` }))

const emails = (rows: ReadonlyArray<{ readonly emailAddress: string }>) => rows.map(({ emailAddress }) => emailAddress)

describe("@clerk/backend against ClerkEmulator", () => {
  describe("createInvitation", () => {
    it.effect("sends every parameter and returns the invitation", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* TestClock.adjust("1 days")
        const publicMetadata = { camelCase: { snake_case: [1, null, "ü"] } }
        const created = yield* Effect.promise(() =>
          clerk.createInvitation({
            emailAddress: "Ada@Example.com",
            expiresInDays: 7,
            ignoreExisting: true,
            notify: true,
            publicMetadata,
            redirectUrl: "https://example.com/welcome",
            templateSlug: "waitlist_invitation"
          })
        )
        const [stored, ...others] = yield* control.invitations
        const [email] = yield* control.outbox
        assert(stored !== undefined && email !== undefined)
        assert.deepStrictEqual(others, [])
        assert.deepStrictEqual(
          [created.id, created.emailAddress, created.status, created.revoked, created.createdAt, created.updatedAt],
          [stored.id, "Ada@Example.com", "pending", undefined, day, day]
        )
        assert.deepStrictEqual(created.publicMetadata, publicMetadata)
        assert.strictEqual(created.url, Redacted.value(email.url))
        assert.strictEqual(email.templateSlug, "waitlist_invitation")
        assert.deepStrictEqual({ ...created.raw }, {
          object: "invitation",
          id: stored.id,
          email_address: "Ada@Example.com",
          public_metadata: publicMetadata,
          status: "pending",
          url: created.url,
          expires_at: 8 * day - 2,
          created_at: day,
          updated_at: day
        })
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect("requires the address only, and sends no e-mail with notify: false", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const created = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        yield* Effect.promise(() => clerk.createInvitation({ emailAddress: "bob@example.com", notify: false }))
        assert.deepStrictEqual(created.publicMetadata, {})
        assert.deepStrictEqual((yield* control.outbox).map(({ templateSlug, to }) => [to, templateSlug]), [[
          ada,
          "invitation"
        ]])
      }).pipe(Effect.provide(emulator.layerEmulator())))
  })

  describe("createInvitationBulk", () => {
    it.effect("creates ten invitations in order", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const requests = numbered(10).reverse()
        const created = yield* Effect.promise(() =>
          clerk.createInvitationBulk(
            requests.map((request) => ({ ...request, publicMetadata: { of: request.emailAddress } }))
          )
        )
        assert.deepStrictEqual(emails(created), emails(requests))
        assert.deepStrictEqual(
          created.map(({ publicMetadata }) => publicMetadata),
          emails(requests).map((of) => ({ of }))
        )
        assert.deepStrictEqual(emails(yield* control.invitations), emails(requests))
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect("rejects eleven requests, and none", () =>
      Effect.gen(function*() {
        const clerk = yield* makeClerk()
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.createInvitationBulk(numbered(11)))),
          expectedError(400, "bulk_size_exceeded")
        )
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.createInvitationBulk([]))),
          expectedError(400, "request_body_invalid")
        )
      }).pipe(Effect.provide(emulator.layerEmulator())))
  })

  describe("getInvitationList", () => {
    it.effect("returns the ten newest and the total without parameters", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* control.seed(numbered(12).map((person, n) => ({ ...person, createdAt: DateTime.unsafeMake(n) })))
        const { data, totalCount } = yield* Effect.promise(() => clerk.getInvitationList())
        assert.deepStrictEqual(emails(data), emails(numbered(12)).reverse().slice(0, 10))
        assert.strictEqual(totalCount, 12)
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect.each(["pending", "accepted", "revoked", "expired"] as const)(
      "filters by the status %s",
      (status) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const clerk = yield* makeClerk()
          yield* control.seed(
            (["pending", "accepted", "revoked", "expired"] as const).map((each) => ({
              emailAddress: `${each}@example.com`,
              status: each
            }))
          )
          const { data, totalCount } = yield* Effect.promise(() => clerk.getInvitationList({ status }))
          assert.deepStrictEqual(data.map((row) => [row.emailAddress, row.status, row.revoked]), [
            [`${status}@example.com`, status, status === "revoked" ? true : undefined]
          ])
          assert.strictEqual(totalCount, 1)
        }).pipe(Effect.provide(emulator.layerEmulator()))
    )

    it.effect("finds by query", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const [, plus] = yield* control.seed([{ emailAddress: "a@x.co" }, { emailAddress: "a+b@x.co" }])
        assert(plus !== undefined)
        for (const query of ["a+b", "A+B@X.CO", plus.id]) {
          const { data } = yield* Effect.promise(() => clerk.getInvitationList({ query }))
          assert.deepStrictEqual(emails(data), ["a+b@x.co"])
        }
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect.each<
      readonly [NonNullable<NonNullable<Parameters<Invitations["getInvitationList"]>[0]>["orderBy"]>, string]
    >([
      ["created_at", "c a b"],
      ["+created_at", "c a b"],
      ["-created_at", "b a c"],
      ["email_address", "a b c"],
      ["+email_address", "a b c"],
      ["-email_address", "c b a"],
      ["expires_at", "a c b"],
      ["+expires_at", "a c b"],
      ["-expires_at", "b c a"]
    ])("orders by %s", ([orderBy, expected]) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* TestClock.adjust("3 days")
        const at = (n: number) => DateTime.unsafeMake(n * day)
        yield* control.seed([
          { emailAddress: "a@x.co", createdAt: at(1), expiresInDays: 5 },
          { emailAddress: "b@x.co", createdAt: at(2), expiresInDays: 20 },
          { emailAddress: "c@x.co", createdAt: at(0), expiresInDays: 15 }
        ])
        const { data } = yield* Effect.promise(() => clerk.getInvitationList({ orderBy }))
        assert.strictEqual(emails(data).map((address) => address.charAt(0)).join(" "), expected)
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect("returns pages by limit and offset, with the same total on every page", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* control.seed(numbered(7))
        const pages = yield* Effect.forEach([0, 3, 6, 9], (offset) =>
          Effect.promise(() => clerk.getInvitationList({ orderBy: "email_address", limit: 3, offset })))
        assert.deepStrictEqual(pages.map(({ data, totalCount }) => [data.length, totalCount]), [
          [3, 7],
          [3, 7],
          [1, 7],
          [
            0,
            7
          ]
        ])
        assert.deepStrictEqual(
          pages.flatMap(({ data }) =>
            emails(data)
          ),
          emails(numbered(7))
        )
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect("returns ten rows for a limit above 500, as Clerk does", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* control.seed(numbered(12))
        assert.strictEqual((yield* Effect.promise(() => clerk.getInvitationList({ limit: 501 }))).data.length, 10)
        assert.strictEqual((yield* Effect.promise(() => clerk.getInvitationList({ limit: 500 }))).data.length, 12)
      }).pipe(Effect.provide(emulator.layerEmulator())))
  })

  describe("revokeInvitation", () => {
    it.effect("returns the revoked invitation, and fails the second time", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const { id } = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        const revoked = yield* Effect.promise(() => clerk.revokeInvitation(id))
        assert.deepStrictEqual([revoked.id, revoked.status, revoked.revoked], [id, "revoked", true])
        assert.deepStrictEqual((yield* control.invitations).map(({ status }) => status), ["revoked"])
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.revokeInvitation(id))),
          expectedError(400, "invitation_already_revoked")
        )
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect("fails for an accepted invitation, and for an unknown id", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const { id } = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        yield* control.accept(id)
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.revokeInvitation(id))),
          expectedError(400, "invitation_already_accepted")
        )
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.revokeInvitation("inv_nowhere"))),
          expectedError(404, "resource_not_found")
        )
      }).pipe(Effect.provide(emulator.layerEmulator())))
  })

  describe("deleteInvitation", () => {
    it.effect("returns the id, and fails the second time", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const { id } = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        const deleted = yield* Effect.promise(() => clerk.deleteInvitation(id))
        assert.deepStrictEqual([deleted.object, deleted.id, deleted.deleted], ["invitation", id, true])
        assert.deepStrictEqual(yield* control.invitations, [])
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.deleteInvitation(id))),
          expectedError(404, "resource_not_found")
        )
      }).pipe(Effect.provide(emulator.layerEmulator())))
  })

  describe("users", () => {
    it.effect("reads the user that an accepted invitation makes", () =>
      Effect.gen(function*() {
        const { invitations, users } = yield* makeSdk()
        const { url } = yield* Effect.promise(() =>
          invitations.createInvitation({ emailAddress: "Ada@example.com", publicMetadata: { role: "admin" } })
        )
        const count = () => Effect.promise(() => users.getCount({ emailAddress: [ada] }))
        assert.strictEqual(yield* count(), 0)
        const page = yield* Effect.promise(() => fetch(url ?? ""))
        assert.strictEqual(page.status, 200)
        const ticket = new URL(page.url).searchParams.get("__clerk_ticket") ?? ""
        yield* emulator.send("POST", "/_emulator/tickets/accept", { body: { ticket } })
        assert.strictEqual(yield* count(), 1)
        const { data: [user], totalCount } = yield* Effect.promise(() => users.getUserList({ emailAddress: [ada] }))
        assert.strictEqual(totalCount, 1)
        assert.strictEqual(user?.primaryEmailAddress?.emailAddress, ada)
        assert.strictEqual(user?.primaryEmailAddress?.verification?.status, "verified")
        assert.deepStrictEqual(user?.publicMetadata, { role: "admin" })
        assert.strictEqual(user?.createdAt, 0)
        assert.deepStrictEqual(
          (yield* Effect.promise(() => invitations.getInvitationList({ status: "accepted" }))).data.map((
            { emailAddress }
          ) => emailAddress),
          ["Ada@example.com"]
        )
      }).pipe(Effect.provide(emulator.layerRaw())))
  })

  describe("errors", () => {
    it.effect("name the duplicate addresses of a create and a bulk create", () =>
      Effect.gen(function*() {
        const clerk = yield* makeClerk()
        yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.createInvitation({ emailAddress: "ADA@example.com" }))),
          expectedError(400, "duplicate_record", { emailAddresses: ["ADA@example.com"] })
        )
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.createInvitationBulk([...numbered(2), { emailAddress: ada }]))),
          expectedError(400, "duplicate_record", { emailAddresses: [ada] })
        )
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect("name the field if the address belongs to a user", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* control.addUser(ada)
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.createInvitation({ emailAddress: ada }))),
          expectedError(422, "form_identifier_exists", { paramName: "email_address" })
        )
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect("name the invalid field", () =>
      Effect.gen(function*() {
        const clerk = yield* makeClerk()
        const cases = [
          [{ emailAddress: "ada" }, "form_param_format_invalid", "email_address"],
          [{ emailAddress: ada, expiresInDays: 366 }, "form_param_value_invalid", "expires_in_days"],
          [{ emailAddress: ada, colour: "red" }, "form_param_unknown", "colour"]
        ] as const
        for (const [params, code, paramName] of cases) {
          assert.deepStrictEqual(
            errorFields(yield* rejection(() => clerk.createInvitation(params))),
            expectedError(422, code, { paramName })
          )
        }
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.getInvitationList({ limit: -1 }))),
          expectedError(422, "form_param_value_invalid", { paramName: "limit" })
        )
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect("contain the wait when a rate limit is exhausted", () =>
      Effect.gen(function*() {
        const clerk = yield* makeClerk()
        yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        yield* TestClock.adjust("10 minutes")
        const error = yield* rejection(() => clerk.createInvitation({ emailAddress: "bob@example.com" }))
        assert.deepStrictEqual(errorFields(error), expectedError(429, "too_many_requests", { retryAfter: 3000 }))
        yield* TestClock.adjust("3000 seconds")
        const created = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: "bob@example.com" }))
        assert.strictEqual(created.status, "pending")
      }).pipe(
        Effect.provide(
          emulator.layerEmulator({
            rateLimits: { ...RateLimits.production, create: { limit: 1, window: Duration.hours(1) } }
          })
        )
      ))

    it.effect("have the status and code of a fault", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* control.failNext(Fault.Response.Status({ status: 503, code: "service_unavailable", retryAfter: "9" }))
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => clerk.getInvitationList())),
          expectedError(503, "service_unavailable", { retryAfter: 9 })
        )
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect("distinguish an invalid from a malformed key", () =>
      Effect.gen(function*() {
        for (
          const [key, code] of [
            ["sk_live_wrong", "clerk_key_invalid"],
            ["sk_test_two words", "authorization_header_format_invalid"]
          ] as const
        ) {
          const clerk = yield* makeClerk(key)
          assert.deepStrictEqual(
            errorFields(yield* rejection(() => clerk.getInvitationList())),
            expectedError(401, code)
          )
          assert.deepStrictEqual(
            errorFields(yield* rejection(() => clerk.createInvitation({ emailAddress: ada }))),
            expectedError(401, code)
          )
        }
        assert.deepStrictEqual(yield* (yield* InvitationsControl).calls, [])
      }).pipe(Effect.provide(emulator.layerEmulator())))

    it.effect("reject every key but the one of the options", () =>
      Effect.gen(function*() {
        const right = yield* makeClerk("sk_live_named")
        const wrong = yield* makeClerk("sk_test_emulator")
        assert.strictEqual((yield* Effect.promise(() => right.getInvitationList())).totalCount, 0)
        assert.deepStrictEqual(
          errorFields(yield* rejection(() => wrong.getInvitationList())),
          expectedError(401, "clerk_key_invalid")
        )
      }).pipe(Effect.provide(emulator.layerEmulator({ secretKey: Redacted.make("sk_live_named") }))))
  })

  it.effect("returns invitations that were accepted or expired meanwhile", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const clerk = yield* makeClerk()
      const { id } = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
      yield* Effect.promise(() => clerk.createInvitation({ emailAddress: "bob@example.com", expiresInDays: 1 }))
      yield* control.accept(id)
      yield* TestClock.adjust("1 days")
      const { data } = yield* Effect.promise(() => clerk.getInvitationList({ orderBy: "email_address" }))
      assert.deepStrictEqual(data.map(({ emailAddress, status }) => [emailAddress, status]), [
        [ada, "accepted"],
        ["bob@example.com", "expired"]
      ])
    }).pipe(Effect.provide(emulator.layerEmulator())))
})
