import { createClerkClient } from "@clerk/backend"
import type { ClerkAPIResponseError } from "@clerk/backend/errors"
import { isClerkAPIResponseError } from "@clerk/backend/errors"
import { RateLimits } from "@effect-clerk/core"
import type { ClerkEmulator } from "@effect-clerk/http"
import { Fault, InvitationsControl } from "@effect-clerk/http"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertMatch, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { DateTime, Duration, Effect, Redacted, Schema, TestClock } from "effect"
import * as emulator from "../utils/emulator.js"

const ada = "ada@example.com"
const day = 24 * 60 * 60 * 1000

/** The vendor's client, pointed at the emulator. It reports its use unless told not to. */
const makeClerk = (secretKey = Redacted.value(emulator.secretKey)) =>
  Effect.map(emulator.apiUrl, (apiUrl) => {
    const clerk = createClerkClient({ secretKey, apiUrl, telemetry: { disabled: true } })
    assertFalse(clerk.telemetry.isEnabled)
    return clerk.invitations
  })

type Invitations = Effect.Effect.Success<ReturnType<typeof makeClerk>>

/** What the vendor's client rejects with. */
const rejection = <A>(call: () => Promise<A>): Effect.Effect<ClerkAPIResponseError> =>
  Effect.tryPromise({ try: call, catch: (error) => error }).pipe(
    Effect.flip,
    Effect.flatMap((error) => isClerkAPIResponseError(error) ? Effect.succeed(error) : Effect.die(error)),
    Effect.orDieWith(() => new Error("the call was expected to fail"))
  )

const Details = Schema.Array(Schema.Struct({
  code: Schema.NonEmptyString,
  message: Schema.NonEmptyString,
  meta: Schema.Struct({
    paramName: Schema.UndefinedOr(Schema.String),
    emailAddresses: Schema.UndefinedOr(Schema.Array(Schema.String))
  })
}))

/** What it tells of an error; every one has a trace id. */
const told = (error: ClerkAPIResponseError) => {
  assertMatch(error.clerkTraceId ?? "none", /^trace_\w+$/)
  return {
    status: error.status,
    retryAfter: error.retryAfter,
    errors: Schema.decodeUnknownSync(Details)(error.errors).map(({ code, meta }) => ({ code, ...meta }))
  }
}

const refusal = (
  status: number,
  code: string,
  more: { readonly paramName?: string; readonly emailAddresses?: Array<string>; readonly retryAfter?: number } = {}
): ReturnType<typeof told> => ({
  status,
  retryAfter: more.retryAfter,
  errors: [{ code, paramName: more.paramName, emailAddresses: more.emailAddresses }]
})

const layer = (options?: ClerkEmulator.Options) => emulator.layerEmulator(options)

const people = (count: number) => Array.from({ length: count }, (_, n) => ({ emailAddress: `person${n}@example.com` }))

const emails = (rows: ReadonlyArray<{ readonly emailAddress: string }>) => rows.map(({ emailAddress }) => emailAddress)

describe("@clerk/backend against ClerkEmulator", () => {
  describe("createInvitation", () => {
    it.effect("takes every parameter and gives the invitation back", () =>
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
        const [kept, ...others] = yield* control.invitations
        const [email] = yield* control.outbox
        assertTrue(kept !== undefined && email !== undefined)
        deepStrictEqual(others, [])
        deepStrictEqual(
          [created.id, created.emailAddress, created.status, created.revoked, created.createdAt, created.updatedAt],
          [kept.id, "Ada@Example.com", "pending", false, day, day]
        )
        deepStrictEqual(created.publicMetadata, publicMetadata)
        strictEqual(created.url, Redacted.value(email.url))
        strictEqual(email.templateSlug, "waitlist_invitation")
        deepStrictEqual({ ...created.raw }, {
          object: "invitation",
          id: kept.id,
          email_address: "Ada@Example.com",
          public_metadata: publicMetadata,
          status: "pending",
          revoked: false,
          url: created.url,
          expires_at: 8 * day,
          created_at: day,
          updated_at: day
        })
      }).pipe(Effect.provide(layer())))

    it.effect("needs the address only, and sends no e-mail if told not to", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const created = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        yield* Effect.promise(() => clerk.createInvitation({ emailAddress: "bob@example.com", notify: false }))
        deepStrictEqual(created.publicMetadata, {})
        deepStrictEqual((yield* control.outbox).map(({ templateSlug, to }) => [to, templateSlug]), [[
          ada,
          "invitation"
        ]])
      }).pipe(Effect.provide(layer())))
  })

  describe("createInvitationBulk", () => {
    it.effect("makes ten and keeps their order", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const requests = people(10).reverse()
        const created = yield* Effect.promise(() =>
          clerk.createInvitationBulk(
            requests.map((request) => ({ ...request, publicMetadata: { of: request.emailAddress } }))
          )
        )
        deepStrictEqual(emails(created), emails(requests))
        deepStrictEqual(created.map(({ publicMetadata }) => publicMetadata), emails(requests).map((of) => ({ of })))
        deepStrictEqual(emails(yield* control.invitations), emails(requests))
      }).pipe(Effect.provide(layer())))

    it.effect("learns that eleven are too many, and that none are no body", () =>
      Effect.gen(function*() {
        const clerk = yield* makeClerk()
        deepStrictEqual(
          told(yield* rejection(() => clerk.createInvitationBulk(people(11)))),
          refusal(400, "bulk_size_exceeded")
        )
        deepStrictEqual(
          told(yield* rejection(() => clerk.createInvitationBulk([]))),
          refusal(400, "request_body_invalid")
        )
      }).pipe(Effect.provide(layer())))
  })

  describe("getInvitationList", () => {
    it.effect("gets the ten newest and the total without parameters", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* control.seed(people(12).map((person, n) => ({ ...person, createdAt: DateTime.unsafeMake(n) })))
        const { data, totalCount } = yield* Effect.promise(() => clerk.getInvitationList())
        deepStrictEqual(emails(data), emails(people(12)).reverse().slice(0, 10))
        strictEqual(totalCount, 12)
      }).pipe(Effect.provide(layer())))

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
          deepStrictEqual(data.map((row) => [row.emailAddress, row.status, row.revoked]), [
            [`${status}@example.com`, status, status === "revoked"]
          ])
          strictEqual(totalCount, 1)
        }).pipe(Effect.provide(layer()))
    )

    it.effect("finds by query", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const [, plus] = yield* control.seed([{ emailAddress: "a@x.co" }, { emailAddress: "a+b@x.co" }])
        assertTrue(plus !== undefined)
        for (const query of ["a+b", "A+B@X.CO", plus.id]) {
          const { data } = yield* Effect.promise(() => clerk.getInvitationList({ query }))
          deepStrictEqual(emails(data), ["a+b@x.co"])
        }
      }).pipe(Effect.provide(layer())))

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
        strictEqual(emails(data).map((address) => address.charAt(0)).join(" "), expected)
      }).pipe(Effect.provide(layer())))

    it.effect("pages by limit and offset, with the same total on every page", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* control.seed(people(7))
        const pages = yield* Effect.forEach([0, 3, 6, 9], (offset) =>
          Effect.promise(() => clerk.getInvitationList({ orderBy: "email_address", limit: 3, offset })))
        deepStrictEqual(pages.map(({ data, totalCount }) => [data.length, totalCount]), [[3, 7], [3, 7], [1, 7], [
          0,
          7
        ]])
        deepStrictEqual(
          pages.flatMap(({ data }) =>
            emails(data)
          ),
          emails(people(7))
        )
      }).pipe(Effect.provide(layer())))

    it.effect("gets only ten rows, as from Clerk, if it asks for more than 500", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* control.seed(people(12))
        strictEqual((yield* Effect.promise(() => clerk.getInvitationList({ limit: 501 }))).data.length, 10)
        strictEqual((yield* Effect.promise(() => clerk.getInvitationList({ limit: 500 }))).data.length, 12)
      }).pipe(Effect.provide(layer())))
  })

  describe("revokeInvitation", () => {
    it.effect("gives the revoked invitation back, and fails the second time", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const { id } = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        const revoked = yield* Effect.promise(() => clerk.revokeInvitation(id))
        deepStrictEqual([revoked.id, revoked.status, revoked.revoked], [id, "revoked", true])
        deepStrictEqual((yield* control.invitations).map(({ status }) => status), ["revoked"])
        deepStrictEqual(
          told(yield* rejection(() => clerk.revokeInvitation(id))),
          refusal(400, "invitation_already_revoked")
        )
      }).pipe(Effect.provide(layer())))

    it.effect("fails once it is accepted, and for an id that does not exist", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const { id } = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        yield* control.accept(id)
        deepStrictEqual(
          told(yield* rejection(() => clerk.revokeInvitation(id))),
          refusal(400, "invitation_already_accepted")
        )
        deepStrictEqual(
          told(yield* rejection(() => clerk.revokeInvitation("inv_nowhere"))),
          refusal(404, "resource_not_found")
        )
      }).pipe(Effect.provide(layer())))
  })

  describe("deleteInvitation", () => {
    it.effect("gives back what is left of it, and fails the second time", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        const { id } = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        const deleted = yield* Effect.promise(() => clerk.deleteInvitation(id))
        deepStrictEqual([deleted.object, deleted.id, deleted.deleted], ["invitation", id, true])
        deepStrictEqual(yield* control.invitations, [])
        deepStrictEqual(told(yield* rejection(() => clerk.deleteInvitation(id))), refusal(404, "resource_not_found"))
      }).pipe(Effect.provide(layer())))
  })

  describe("its errors", () => {
    it.effect("name the addresses of a duplicate, alone and in a bulk", () =>
      Effect.gen(function*() {
        const clerk = yield* makeClerk()
        yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        deepStrictEqual(
          told(yield* rejection(() => clerk.createInvitation({ emailAddress: "ADA@example.com" }))),
          refusal(400, "duplicate_record", { emailAddresses: ["ADA@example.com"] })
        )
        deepStrictEqual(
          told(yield* rejection(() => clerk.createInvitationBulk([...people(2), { emailAddress: ada }]))),
          refusal(400, "duplicate_record", { emailAddresses: [ada] })
        )
      }).pipe(Effect.provide(layer())))

    it.effect("say that an address is a user's", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* control.addUser(ada)
        deepStrictEqual(
          told(yield* rejection(() => clerk.createInvitation({ emailAddress: ada }))),
          refusal(422, "form_identifier_exists", { paramName: "email_address", emailAddresses: [ada] })
        )
      }).pipe(Effect.provide(layer())))

    it.effect("name the field that is not acceptable", () =>
      Effect.gen(function*() {
        const clerk = yield* makeClerk()
        const cases = [
          [{ emailAddress: "ada" }, "form_param_format_invalid", "email_address"],
          [{ emailAddress: ada, expiresInDays: 366 }, "form_param_value_invalid", "expires_in_days"],
          [{ emailAddress: ada, colour: "red" }, "form_param_unknown", "colour"]
        ] as const
        for (const [params, code, paramName] of cases) {
          deepStrictEqual(
            told(yield* rejection(() => clerk.createInvitation(params))),
            refusal(422, code, { paramName })
          )
        }
        deepStrictEqual(
          told(yield* rejection(() => clerk.getInvitationList({ limit: -1 }))),
          refusal(422, "form_param_value_invalid", { paramName: "limit" })
        )
      }).pipe(Effect.provide(layer())))

    it.effect("say how long to wait when a limit is used up", () =>
      Effect.gen(function*() {
        const clerk = yield* makeClerk()
        yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
        yield* TestClock.adjust("10 minutes")
        const error = yield* rejection(() => clerk.createInvitation({ emailAddress: "bob@example.com" }))
        deepStrictEqual(told(error), refusal(429, "too_many_requests", { retryAfter: 3000 }))
        yield* TestClock.adjust("3000 seconds")
        const created = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: "bob@example.com" }))
        strictEqual(created.status, "pending")
      }).pipe(
        Effect.provide(
          layer({ rateLimits: { ...RateLimits.production, create: { limit: 1, window: Duration.hours(1) } } })
        )
      ))

    it.effect("carry the status and code of a fault", () =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const clerk = yield* makeClerk()
        yield* control.failNext(Fault.Response.Status({ status: 503, code: "service_unavailable", retryAfter: "9" }))
        deepStrictEqual(
          told(yield* rejection(() => clerk.getInvitationList())),
          refusal(503, "service_unavailable", { retryAfter: 9 })
        )
      }).pipe(Effect.provide(layer())))

    it.effect("say that a key is wrong or malformed", () =>
      Effect.gen(function*() {
        for (
          const [key, code] of [
            ["sk_live_wrong", "clerk_key_invalid"],
            ["sk_test_two words", "authorization_header_format_invalid"]
          ] as const
        ) {
          const clerk = yield* makeClerk(key)
          deepStrictEqual(told(yield* rejection(() => clerk.getInvitationList())), refusal(401, code))
          deepStrictEqual(
            told(yield* rejection(() => clerk.createInvitation({ emailAddress: ada }))),
            refusal(401, code)
          )
        }
        deepStrictEqual(yield* (yield* InvitationsControl).calls, [])
      }).pipe(Effect.provide(layer())))

    it.effect("say that a key is not the one that the emulator was given", () =>
      Effect.gen(function*() {
        const right = yield* makeClerk("sk_live_named")
        const wrong = yield* makeClerk("sk_test_emulator")
        strictEqual((yield* Effect.promise(() => right.getInvitationList())).totalCount, 0)
        deepStrictEqual(
          told(yield* rejection(() => wrong.getInvitationList())),
          refusal(401, "clerk_key_invalid")
        )
      }).pipe(Effect.provide(layer({ secretKey: Redacted.make("sk_live_named") }))))
  })

  it.effect("sees what happens to an invitation apart from it", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const clerk = yield* makeClerk()
      const { id } = yield* Effect.promise(() => clerk.createInvitation({ emailAddress: ada }))
      yield* Effect.promise(() => clerk.createInvitation({ emailAddress: "bob@example.com", expiresInDays: 1 }))
      yield* control.accept(id)
      yield* TestClock.adjust("1 days")
      const { data } = yield* Effect.promise(() => clerk.getInvitationList({ orderBy: "email_address" }))
      deepStrictEqual(data.map(({ emailAddress, status }) => [emailAddress, status]), [
        [ada, "accepted"],
        ["bob@example.com", "expired"]
      ])
    }).pipe(Effect.provide(layer())))
})
