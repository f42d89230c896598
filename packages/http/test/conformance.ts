import type { CreateInvitation, Operation, OrderBy } from "@effect-clerk/core"
import {
  AmbiguousWrite,
  BadRequest,
  Conflict,
  ConnectionError,
  DeletedInvitation,
  duplicateEmails,
  Forbidden,
  InvalidRequest,
  Invitation,
  InvitationsService,
  isAlreadyAccepted,
  isAlreadyRevoked,
  isDuplicate,
  isUserExists,
  NotFound,
  ServerError,
  Timeout,
  TooManyRequests,
  Unauthorized,
  UnexpectedResponse,
  Unprocessable
} from "@effect-clerk/core"
import { RateLimits } from "@effect-clerk/core"
import type { InvitationsMemory } from "@effect-clerk/http"
import { Fault, InvitationNotPending, InvitationsControl, RetryPolicy } from "@effect-clerk/http"
import { describe, it } from "@effect/vitest"
import {
  assertFalse,
  assertInclude,
  assertMatch,
  assertNone,
  assertSome,
  assertTrue,
  deepStrictEqual,
  notDeepStrictEqual,
  strictEqual
} from "@effect/vitest/utils"
import type { Layer } from "effect"
import { DateTime, Duration, Effect, Fiber, Option, Redacted, Schema, Stream, TestClock, Tracer } from "effect"
import { format, inspect } from "node:util"

/** What every layer of the service, with its control, can be made with. */
export type MakeLayer = (
  options?: InvitationsMemory.Options
) => Layer.Layer<InvitationsService | InvitationsControl>

interface World {
  readonly invitations: InvitationsService.Service
  readonly control: InvitationsControl.Service
}

const ada = "ada@example.com"
const day = 24 * 60 * 60 * 1000

/** Everything of an invitation, the accept link as well: two `Redacted` look alike otherwise. */
const wire = Schema.encodeSync(Invitation)

const wires = (invitations: Iterable<Invitation>) => Array.from(invitations, (invitation) => wire(invitation))

const ids = (invitations: Iterable<Invitation>): Array<string> => Array.from(invitations, ({ id }) => id)

const addresses = (invitations: Iterable<Invitation>): Array<string> =>
  Array.from(invitations, ({ emailAddress }) => emailAddress)

const urlOf = (invitation: Invitation): string =>
  Redacted.value(Option.getOrThrowWith(invitation.url, () => new Error("an invitation without a link")))

/** The error that an effect fails with, which must be of this class. */
const failure = <A, E, T>(
  effect: Effect.Effect<A, E>,
  constructor: abstract new(...args: never) => T
): Effect.Effect<E & T> =>
  Effect.flatMap(
    Effect.either(effect),
    (result) =>
      result._tag === "Left" && result.left instanceof constructor
        ? Effect.succeed(result.left)
        : Effect.dieMessage(`expected ${constructor.name}, got ${inspect(result, { depth: 4 })}`)
  )

/** Sends everything once only, so that a fault shows at once. */
const once = RetryPolicy.locally("none")

type Answered =
  | BadRequest
  | Unauthorized
  | Forbidden
  | NotFound
  | Conflict
  | Unprocessable
  | TooManyRequests
  | ServerError

/** What an error says, down to its sentence. Trace ids differ from call to call, so that here they only have to be there. */
const told = (error: Answered) => {
  const traceId = Option.getOrElse(error.traceId, () => "none")
  assertMatch(traceId, /^trace_\w+$/)
  return {
    tag: error._tag,
    operation: error.operation,
    status: error.status,
    errors: error.errors.map(({ code, longMessage, message, meta }) => ({ code, longMessage, message, meta })),
    sentence: error.message.replace(` [trace id ${traceId}]`, "")
  }
}

const duplicate = (operation: Operation, ...emailAddresses: ReadonlyArray<string>) => ({
  tag: "BadRequest" as const,
  operation,
  status: 400,
  errors: [{
    code: "duplicate_record",
    message: "duplicate invitation",
    longMessage: `There are already pending invitations for the following email addresses: ${
      emailAddresses.join(", ")
    }`,
    meta: { email_addresses: emailAddresses }
  }],
  sentence:
    `Clerk answered ${operation} with status 400: a pending invitation exists already; pass ignoreExisting to create another`
})

const userExists = (operation: Operation, ...emailAddresses: ReadonlyArray<string>) => ({
  tag: "Unprocessable" as const,
  operation,
  status: 422,
  errors: [{
    code: "form_identifier_exists",
    message: "That email address is taken. Please try another.",
    longMessage: `The following email addresses belong to users already: ${emailAddresses.join(", ")}`,
    meta: { param_name: "email_address", email_addresses: emailAddresses }
  }],
  sentence: `Clerk answered ${operation} with status 422: an address belongs to a user already (email_address)`
})

const missing = (operation: Operation, id: string) => ({
  tag: "NotFound" as const,
  operation,
  status: 404,
  errors: [{
    code: "resource_not_found",
    message: "not found",
    longMessage: `No invitation was found with id ${id}`,
    meta: {}
  }],
  sentence: `Clerk answered ${operation} with status 404: the invitation does not exist`
})

const notActive = (code: "invitation_already_revoked" | "invitation_already_accepted") => ({
  tag: "BadRequest" as const,
  operation: "revoke" as const,
  status: 400,
  errors: [{
    code,
    message: code.replaceAll("_", " "),
    longMessage: "Only active invitations can be revoked",
    meta: {}
  }],
  sentence: `Clerk answered revoke with status 400: the invitation has been ${
    code === "invitation_already_revoked" ? "revoked" : "accepted"
  } already`
})

const tooMany = (operation: Operation, seconds: number) => ({
  tag: "TooManyRequests" as const,
  operation,
  status: 429,
  errors: [{
    code: "too_many_requests",
    message: "Too many requests. Please try again in a bit.",
    longMessage: "Too many requests. Please try again in a bit.",
    meta: { resets_in: seconds }
  }],
  sentence: `Clerk answered ${operation} with status 429: too many requests; Clerk asks to wait (retry after ${
    Duration.format(Duration.seconds(seconds))
  })`
})

const people = (count: number, from = 1): Array<CreateInvitation.Input> =>
  Array.from({ length: count }, (_, index) => ({ emailAddress: `person${index + from}@example.com` }))

/** Every state that an invitation can be in; the name is the address. */
const ofEveryStatus = (["pending", "accepted", "revoked", "expired"] as const).map((status) => ({
  emailAddress: `${status}@example.com`,
  status
}))

/** Lets time pass until the effect, which may wait on a real socket meanwhile, is done. */
const passing = <A, E>(effect: Effect.Effect<A, E>, step: Duration.DurationInput): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    while (Option.isNone(yield* Fiber.poll(fiber))) yield* TestClock.adjust(step)
    return yield* Fiber.join(fiber)
  })

/** A tracer that keeps the names of the spans that have no parent. */
const rootSpans = () => {
  const names: Array<string> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      if (Option.isNone(parent)) names.push(name)
      const attributes = new Map<string, unknown>()
      return {
        _tag: "Span",
        name,
        parent,
        context,
        links,
        kind,
        attributes,
        status: { _tag: "Started", startTime },
        spanId: "span",
        traceId: "trace",
        sampled: true,
        attribute: (key, value) => {
          attributes.set(key, value)
        },
        end: () => {},
        event: () => {},
        addLinks: () => {}
      }
    },
    context: (f) => f()
  })
  return { names, tracer }
}

/**
 * What every implementation of the service has to do, whatever is behind it. Each test starts from an empty store, at the
 * time 0.
 */
export const conformance = (name: string, makeLayer: MakeLayer): void => {
  const behaves = <E>(
    sentence: string,
    test: (world: World) => Effect.Effect<void, E>,
    options?: InvitationsMemory.Options
  ): void =>
    it.effect(sentence, () =>
      Effect.gen(function*() {
        yield* test({ invitations: yield* InvitationsService, control: yield* InvitationsControl })
      }).pipe(Effect.provide(makeLayer(options))))

  describe(name, () => {
    describe("create", () => {
      behaves(
        "answers with the invitation that every field of the request asks for",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* TestClock.adjust("3 days")
            const created = yield* invitations.create({
              emailAddress: "Ada@Example.com",
              publicMetadata: { role: "admin", team: { id: 7, tags: ["a", null, true] } },
              redirectUrl: "https://example.com/welcome?from=invitation",
              notify: true,
              ignoreExisting: false,
              expiresInDays: 7,
              templateSlug: "waitlist_invitation"
            })
            assertMatch(created.id, /^inv_\w+$/)
            assertMatch(urlOf(created), /^https:\/\/\S+$/)
            deepStrictEqual(wire(created), {
              object: "invitation",
              id: created.id,
              email_address: "Ada@Example.com",
              public_metadata: { role: "admin", team: { id: 7, tags: ["a", null, true] } },
              status: "pending",
              revoked: false,
              url: urlOf(created),
              expires_at: 10 * day,
              created_at: 3 * day,
              updated_at: 3 * day
            })
            assertTrue(created.isPending)
            deepStrictEqual(wires(yield* control.invitations), [wire(created)])
          })
      )

      behaves(
        "fills in thirty days, no metadata and the usual template",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const created = yield* invitations.create({ emailAddress: ada })
            deepStrictEqual(wire(created), {
              object: "invitation",
              id: created.id,
              email_address: ada,
              public_metadata: {},
              status: "pending",
              revoked: false,
              url: urlOf(created),
              expires_at: 30 * day,
              created_at: 0,
              updated_at: 0
            })
            const [email, ...others] = yield* control.outbox
            strictEqual(email?.templateSlug, "invitation")
            deepStrictEqual(others, [])
          })
      )

      behaves(
        "takes fields that are undefined for fields that are left out",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const created = yield* invitations.create({
              emailAddress: ada,
              publicMetadata: undefined,
              redirectUrl: undefined,
              notify: undefined,
              ignoreExisting: undefined,
              expiresInDays: undefined,
              templateSlug: undefined
            })
            deepStrictEqual(created.publicMetadata, {})
            strictEqual(wire(created).expires_at, 30 * day)
            strictEqual((yield* control.outbox).length, 1)
          })
      )

      for (const expiresInDays of [1, 365]) {
        behaves(
          `makes one that expires in ${expiresInDays} day(s) if asked to`,
          ({ invitations }) =>
            Effect.gen(function*() {
              const created = yield* invitations.create({ emailAddress: ada, expiresInDays })
              strictEqual(wire(created).expires_at, expiresInDays * day)
              yield* TestClock.adjust(Duration.millis(expiresInDays * day - 1))
              deepStrictEqual(ids((yield* invitations.list({ status: "pending" })).data), [created.id])
              yield* TestClock.adjust("1 millis")
              deepStrictEqual((yield* invitations.list({ status: "pending" })).data, [])
              deepStrictEqual(ids((yield* invitations.list({ status: "expired" })).data), [created.id])
            })
        )
      }

      behaves("keeps nested metadata as it is", ({ invitations }) =>
        Effect.gen(function*() {
          const publicMetadata = {
            text: "Grüße, 世界 👋 \"quoted\" \\ \u2028",
            numbers: [0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER],
            deep: { a: { b: { c: [{ d: null }, [], {}] } } },
            snake_case: 1,
            camelCase: 2,
            "": "empty",
            "__proto": false
          }
          const created = yield* invitations.create({ emailAddress: ada, publicMetadata })
          deepStrictEqual(created.publicMetadata, publicMetadata)
          const { data: [listed] } = yield* invitations.list()
          deepStrictEqual(listed?.publicMetadata, publicMetadata)
        }))

      behaves(
        "keeps the metadata of the moment, whatever the caller does to its object afterwards",
        ({ invitations }) =>
          Effect.gen(function*() {
            const publicMetadata = { team: { role: "admin" } }
            const { id } = yield* invitations.create({ emailAddress: ada, publicMetadata })
            publicMetadata.team.role = "guest"
            const found = yield* invitations.findById(id)
            deepStrictEqual(
              Option.map(found, (invitation) => invitation.publicMetadata),
              Option.some({ team: { role: "admin" } })
            )
          })
      )

      behaves(
        "takes undefined properties of metadata for absent, as JSON does",
        ({ invitations }) =>
          Effect.gen(function*() {
            const created = yield* invitations.create({
              emailAddress: ada,
              publicMetadata: { role: "admin", team: undefined, nested: { gone: undefined } }
            })
            deepStrictEqual(created.publicMetadata, { role: "admin", nested: {} })
          })
      )

      behaves("keeps the spelling of the address", ({ invitations }) =>
        Effect.gen(function*() {
          const odd = ["Ada.Lovelace@Example.COM", "o'brien+tag@example.co.uk", "jörg@exämple.de", "a/b&c=d%20@x.co"]
          const created = yield* Effect.forEach(odd, (emailAddress) => invitations.create({ emailAddress }))
          deepStrictEqual(addresses(created), odd)
          for (const emailAddress of odd) {
            deepStrictEqual(addresses((yield* invitations.list({ query: emailAddress })).data), [emailAddress])
          }
        }))

      behaves(
        "sends the e-mail with the template and the accept link of the invitation",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* TestClock.adjust("1 hours")
            const created = yield* invitations.create({ emailAddress: ada, templateSlug: "waitlist_invitation" })
            const [email, ...others] = yield* control.outbox
            deepStrictEqual(others, [])
            assertTrue(email !== undefined)
            deepStrictEqual(
              { ...email, sentAt: DateTime.toEpochMillis(email.sentAt), url: Redacted.value(email.url) },
              {
                to: ada,
                invitationId: created.id,
                templateSlug: "waitlist_invitation",
                url: urlOf(created),
                sentAt: 60 * 60 * 1000
              }
            )
          })
      )

      behaves("sends no e-mail if notify is false", ({ control, invitations }) =>
        Effect.gen(function*() {
          const created = yield* invitations.create({ emailAddress: ada, notify: false })
          strictEqual(created.status, "pending")
          assertTrue(Option.isSome(created.url))
          deepStrictEqual(yield* control.outbox, [])
        }))

      behaves("gives every invitation an id and a link of its own", ({ invitations }) =>
        Effect.gen(function*() {
          const created = yield* Effect.forEach(people(20), (request) => invitations.create(request))
          strictEqual(new Set(ids(created)).size, 20)
          strictEqual(new Set(created.map(urlOf)).size, 20)
        }))

      behaves("never prints the accept link", ({ control, invitations }) =>
        Effect.gen(function*() {
          const created = yield* invitations.create({ emailAddress: ada })
          const page = yield* invitations.list()
          const url = urlOf(created)
          const ticket = new URL(url).searchParams.get("ticket") ?? url
          strictEqual(urlOf(page.data[0] ?? created), url)
          const values: ReadonlyArray<unknown> = [created, page, yield* control.invitations, yield* control.outbox]
          for (const value of values) {
            for (
              const text of [
                String(value),
                JSON.stringify(value),
                inspect(value, { depth: null, showHidden: true }),
                format("%s %o %j", value, value, value)
              ]
            ) {
              assertFalse(text.includes(url) || text.includes(ticket), `the link is in ${text}`)
            }
          }
        }))
    })

    describe("a second invitation for an address", () => {
      behaves(
        "is refused while the first is pending, and the error names the address",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const first = yield* invitations.create({ emailAddress: ada })
            const error = yield* failure(invitations.create({ emailAddress: ada }), BadRequest)
            deepStrictEqual(told(error), duplicate("create", ada))
            assertTrue(isDuplicate(error))
            deepStrictEqual(duplicateEmails(error), [ada])
            assertFalse(error.message.includes("ada"))
            deepStrictEqual(ids(yield* control.invitations), [first.id])
            strictEqual((yield* control.outbox).length, 1)
          })
      )

      behaves("is refused in any spelling, and named as it was asked for", ({ invitations }) =>
        Effect.gen(function*() {
          yield* invitations.create({ emailAddress: "Ada@Example.com" })
          const error = yield* failure(invitations.create({ emailAddress: "aDA@eXAMPLE.COM" }), BadRequest)
          deepStrictEqual(told(error), duplicate("create", "aDA@eXAMPLE.COM"))
        }))

      behaves("is not confused with one for an address that contains it", ({ invitations }) =>
        Effect.gen(function*() {
          yield* invitations.create({ emailAddress: `x${ada}` })
          yield* invitations.create({ emailAddress: `${ada}.uk` })
          const created = yield* invitations.create({ emailAddress: ada })
          strictEqual(created.emailAddress, ada)
        }))

      behaves("is made once the first is revoked", ({ invitations }) =>
        Effect.gen(function*() {
          const first = yield* invitations.create({ emailAddress: ada })
          yield* invitations.revoke(first.id)
          const second = yield* invitations.create({ emailAddress: ada })
          deepStrictEqual(ids((yield* invitations.list()).data), [second.id])
        }))

      behaves(
        "is made at the moment at which the first expires, and not before",
        ({ invitations }) =>
          Effect.gen(function*() {
            const first = yield* invitations.create({ emailAddress: ada, expiresInDays: 2 })
            yield* TestClock.adjust(Duration.millis(2 * day - 1))
            assertTrue(isDuplicate(yield* failure(invitations.create({ emailAddress: ada }), BadRequest)))
            yield* TestClock.adjust("1 millis")
            const second = yield* invitations.create({ emailAddress: ada })
            deepStrictEqual(ids((yield* invitations.list()).data), [second.id, first.id])
          })
      )

      behaves("is made once the first is deleted", ({ invitations }) =>
        Effect.gen(function*() {
          const first = yield* invitations.create({ emailAddress: ada })
          yield* invitations.delete(first.id)
          const second = yield* invitations.create({ emailAddress: ada })
          notDeepStrictEqual<string>(second.id, first.id)
        }))

      behaves(
        "is refused once the first is accepted, since the address is a user",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const first = yield* invitations.create({ emailAddress: ada })
            yield* control.accept(first.id)
            const error = yield* failure(invitations.create({ emailAddress: ada }), Unprocessable)
            deepStrictEqual(told(error), userExists("create", ada))
          })
      )

      behaves(
        "is made all the same if existing ones are to be ignored",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const first = yield* invitations.create({ emailAddress: ada })
            const second = yield* invitations.create({ emailAddress: ada, ignoreExisting: true })
            notDeepStrictEqual<string>(second.id, first.id)
            notDeepStrictEqual(urlOf(second), urlOf(first))
            deepStrictEqual(
              (yield* control.invitations).map(({ id, status }) => [id, status]),
              [[first.id, "pending"], [second.id, "pending"]]
            )
          })
      )

      behaves("is refused as long as one of several is pending", ({ invitations }) =>
        Effect.gen(function*() {
          const first = yield* invitations.create({ emailAddress: ada })
          const second = yield* invitations.create({ emailAddress: ada, ignoreExisting: true })
          yield* invitations.revoke(first.id)
          assertTrue(isDuplicate(yield* failure(invitations.create({ emailAddress: ada }), BadRequest)))
          yield* invitations.delete(second.id)
          strictEqual((yield* invitations.create({ emailAddress: ada })).status, "pending")
        }))
    })

    describe("an address that belongs to a user", () => {
      behaves("cannot be invited, in any spelling", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.addUser("ADA@example.com")
          const error = yield* failure(invitations.create({ emailAddress: ada }), Unprocessable)
          deepStrictEqual(told(error), userExists("create", ada))
          assertTrue(isUserExists(error))
          assertFalse(isDuplicate(error))
          deepStrictEqual(yield* control.invitations, [])
          deepStrictEqual(yield* control.outbox, [])
        }))

      behaves("is invited if existing ones are to be ignored", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.addUser(ada)
          strictEqual((yield* invitations.create({ emailAddress: ada, ignoreExisting: true })).status, "pending")
        }))

      behaves("spoils a bulk, and the error names it alone", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.addUser("person2@example.com")
          const error = yield* failure(invitations.createBulk(people(3)), Unprocessable)
          deepStrictEqual(told(error), userExists("createBulk", "person2@example.com"))
          deepStrictEqual(yield* control.invitations, [])
        }))

      // The vendor's document: "there must be no existing user …, and this rule cannot be bypassed".
      behaves(
        "spoils a bulk even if existing ones are to be ignored",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.addUser(ada)
            const error = yield* failure(
              invitations.createBulk([{ emailAddress: ada, ignoreExisting: true }, ...people(1)]),
              Unprocessable
            )
            deepStrictEqual(told(error), userExists("createBulk", ada))
          })
      )
    })

    describe("an input that is not acceptable", () => {
      const cases: ReadonlyArray<
        readonly [what: string, path: string, call: (_: InvitationsService.Service) => Effect.Effect<unknown, unknown>]
      > = [
        ["an address without an @", "emailAddress", (_) => _.create({ emailAddress: "ada" })],
        ["a life of no days", "expiresInDays", (_) => _.create({ emailAddress: ada, expiresInDays: 0 })],
        ["a life of 366 days", "expiresInDays", (_) => _.create({ emailAddress: ada, expiresInDays: 366 })],
        ["a life of half a day", "expiresInDays", (_) => _.create({ emailAddress: ada, expiresInDays: 0.5 })],
        ["an empty redirect", "redirectUrl", (_) => _.create({ emailAddress: ada, redirectUrl: "" })],
        [
          "metadata with a date",
          "publicMetadata",
          (_) => _.create({ emailAddress: ada, publicMetadata: { at: new Date(0) } })
        ],
        ["a bulk of none", "requests", (_) => _.createBulk([])],
        ["a bulk of eleven", "requests", (_) => _.createBulk(people(11))],
        [
          "a bulk with one bad address",
          "requests[1].emailAddress",
          (_) => _.createBulk([{ emailAddress: ada }, { emailAddress: "b" }])
        ],
        ["a page of no rows", "limit", (_) => _.list({ limit: 0 })],
        ["a page of 501 rows", "limit", (_) => _.list({ limit: 501 })],
        ["an offset below zero", "offset", (_) => _.list({ offset: -1 })],
        ["a stream in pages of 501", "pageSize", (_) => Stream.runDrain(_.stream({ pageSize: 501 }))],
        ["an empty id to revoke", "id", (_) => _.revoke("")],
        ["an id to revoke that would end the path", "id", (_) => _.revoke("inv_1?x=1#f")],
        ["an id to revoke that would change the path", "id", (_) => _.revoke("../invitations/inv_1")],
        ["an id to delete that would change the path", "id", (_) => _.delete("inv_1/revoke")],
        ["an id to delete that is a dot", "id", (_) => _.delete("..")],
        ["an id to find with an escape", "id", (_) => _.findById("inv_1%2f")],
        ["an address to find that is none", "emailAddress", (_) => _.findByEmail("ada")],
        ["an address to ensure that is none", "emailAddress", (_) => _.ensure({ emailAddress: "ada @example.com" })]
      ]
      for (const [what, path, call] of cases) {
        behaves(`is refused, and nothing is sent: ${what}`, ({ control, invitations }) =>
          Effect.gen(function*() {
            const error = yield* failure(call(invitations), InvalidRequest)
            deepStrictEqual(error.issues.map((issue) => issue.path), [path])
            assertInclude(error.message, "was not sent")
            deepStrictEqual(yield* control.calls, [])
          }))
      }
    })

    describe("createBulk", () => {
      behaves("makes one invitation", ({ invitations }) =>
        Effect.gen(function*() {
          deepStrictEqual(addresses(yield* invitations.createBulk(people(1))), ["person1@example.com"])
        }))

      behaves("makes ten in one call and keeps their order", ({ control, invitations }) =>
        Effect.gen(function*() {
          const requests = [5, 3, 9, 1, 7, 10, 2, 8, 6, 4].flatMap((n) => people(1, n))
          const created = yield* invitations.createBulk(requests)
          deepStrictEqual(addresses(created), requests.map(({ emailAddress }) => emailAddress))
          deepStrictEqual(wires(yield* control.invitations), wires(created))
          deepStrictEqual((yield* control.outbox).map(({ to }) => to), addresses(created))
          deepStrictEqual((yield* control.calls).map(({ operation }) => operation), ["createBulk"])
        }))

      behaves("heeds the fields of each request", ({ control, invitations }) =>
        Effect.gen(function*() {
          const created = yield* invitations.createBulk([
            { emailAddress: "a@x.co", expiresInDays: 1, publicMetadata: { n: 1 } },
            { emailAddress: "b@x.co", notify: false },
            { emailAddress: "c@x.co", templateSlug: "waitlist_invitation" }
          ])
          deepStrictEqual(
            wires(created).map(({ expires_at, public_metadata }) => [expires_at, public_metadata]),
            [[day, { n: 1 }], [30 * day, {}], [30 * day, {}]]
          )
          deepStrictEqual(
            (yield* control.outbox).map(({ templateSlug, to }) => [to, templateSlug]),
            [["a@x.co", "invitation"], ["c@x.co", "waitlist_invitation"]]
          )
        }))

      behaves(
        "makes none if one clashes, and the error names only those that do",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.seed([{ emailAddress: "person4@example.com" }, { emailAddress: "PERSON2@example.com" }])
            const error = yield* failure(invitations.createBulk(people(5)), BadRequest)
            deepStrictEqual(told(error), duplicate("createBulk", "person2@example.com", "person4@example.com"))
            deepStrictEqual(duplicateEmails(error), ["person2@example.com", "person4@example.com"])
            strictEqual((yield* control.invitations).length, 2)
            deepStrictEqual(yield* control.outbox, [])
          })
      )

      behaves(
        "makes the rest once those that clash are taken out",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.seed(people(1, 3))
            const error = yield* failure(invitations.createBulk(people(4)), BadRequest)
            const clashing = duplicateEmails(error)
            const rest = people(4).filter(({ emailAddress }) => !clashing.includes(emailAddress))
            deepStrictEqual(
              addresses(yield* invitations.createBulk(rest)),
              ["person1@example.com", "person2@example.com", "person4@example.com"]
            )
          })
      )

      behaves(
        "refuses an address that it is given twice, in any spelling",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const error = yield* failure(
              invitations.createBulk([{ emailAddress: ada }, ...people(1), { emailAddress: "ADA@example.com" }]),
              BadRequest
            )
            deepStrictEqual(told(error), duplicate("createBulk", "ADA@example.com"))
            deepStrictEqual(yield* control.invitations, [])
          })
      )

      behaves(
        "makes several for one address if existing ones are to be ignored",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.seed([{ emailAddress: ada }])
            const request = { emailAddress: ada, ignoreExisting: true }
            const created = yield* invitations.createBulk([request, request])
            strictEqual(new Set(ids(created)).size, 2)
            strictEqual((yield* invitations.list({ status: "pending" })).totalCount, 3)
          })
      )
    })

    describe("list", () => {
      behaves("is empty to begin with", ({ invitations }) =>
        Effect.gen(function*() {
          const page = yield* invitations.list()
          deepStrictEqual([page.data, page.totalCount, page.totalIsKnown], [[], 0, true])
        }))

      behaves("shows an invitation as create answered with it", ({ invitations }) =>
        Effect.gen(function*() {
          const created = yield* invitations.create({ emailAddress: ada, publicMetadata: { a: [1] }, expiresInDays: 3 })
          deepStrictEqual(wires((yield* invitations.list()).data), [wire(created)])
        }))

      behaves(
        "shows the ten newest and the total unless told otherwise",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const seeded = yield* control.seed(
              people(12).map((person, n) => ({ ...person, createdAt: DateTime.unsafeMake(n) }))
            )
            const page = yield* invitations.list()
            deepStrictEqual(ids(page.data), ids(seeded).reverse().slice(0, 10))
            strictEqual(page.totalCount, 12)
            assertTrue(page.totalIsKnown)
          })
      )

      behaves(
        "shows every status but revoked unless told otherwise",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.seed(ofEveryStatus)
            const page = yield* invitations.list({ orderBy: "email_address" })
            deepStrictEqual(page.data.map(({ status }) => status), ["accepted", "expired", "pending"])
            deepStrictEqual(addresses(page.data), page.data.map(({ status }) => `${status}@example.com`))
            strictEqual(page.totalCount, 3)
          })
      )

      for (const { emailAddress, status } of ofEveryStatus) {
        behaves(`shows only ${status} ones if asked to`, ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.seed(ofEveryStatus)
            const page = yield* invitations.list({ status })
            deepStrictEqual(page.data.map((row) => [row.emailAddress, row.status]), [[emailAddress, status]])
            strictEqual(page.totalCount, 1)
            strictEqual(page.data[0]?.revoked, status === "revoked")
          }))
      }

      behaves("turns pending into expired as time passes", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed([
            { emailAddress: "short@x.co", expiresInDays: 1 },
            { emailAddress: "long@x.co", expiresInDays: 2 }
          ])
          const counts = Effect.all([
            Effect.map(invitations.list({ status: "pending" }), ({ data }) => addresses(data)),
            Effect.map(invitations.list({ status: "expired", orderBy: "expires_at" }), ({ data }) => addresses(data)),
            Effect.map(invitations.list(), ({ totalCount }) => totalCount)
          ])
          deepStrictEqual(yield* counts, [["long@x.co", "short@x.co"], [], 2])
          yield* TestClock.adjust("1 days")
          deepStrictEqual(yield* counts, [["long@x.co"], ["short@x.co"], 2])
          yield* TestClock.adjust("1 days")
          deepStrictEqual(yield* counts, [[], ["short@x.co", "long@x.co"], 2])
        }))

      behaves(
        "pages by limit and offset, with the same total on every page",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.seed(people(7))
            const pages = yield* Effect.forEach(
              [0, 3, 6],
              (offset) => invitations.list({ orderBy: "+email_address", limit: 3, offset })
            )
            deepStrictEqual(pages.map(({ data }) => data.length), [3, 3, 1])
            deepStrictEqual(pages.map(({ totalCount }) => totalCount), [7, 7, 7])
            deepStrictEqual(
              pages.flatMap(({ data }) => addresses(data)),
              people(7).map(({ emailAddress }) => emailAddress)
            )
          })
      )

      behaves("answers past the end with no rows and the total", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed(people(3))
          for (const offset of [3, 4, 1_000_000]) {
            const page = yield* invitations.list({ offset })
            deepStrictEqual([page.data, page.totalCount, page.totalIsKnown], [[], 3, true])
          }
        }))

      behaves("takes up to 500 rows a page", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed(people(510))
          const page = yield* invitations.list({ limit: 500 })
          deepStrictEqual([page.data.length, page.totalCount], [500, 510])
          strictEqual((yield* invitations.list({ limit: 1 })).data.length, 1)
        }))

      behaves("finds a part of an address in any case", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed([
            { emailAddress: "Ada@Example.com" },
            { emailAddress: "bob@example.com" },
            { emailAddress: "cleo@other.org" }
          ])
          const find = (query: string) =>
            Effect.map(invitations.list({ query, orderBy: "email_address" }), ({ data, totalCount }) => {
              strictEqual(totalCount, data.length)
              return addresses(data)
            })
          deepStrictEqual(yield* find("EXAMPLE"), ["Ada@Example.com", "bob@example.com"])
          deepStrictEqual(yield* find("ada@"), ["Ada@Example.com"])
          deepStrictEqual(yield* find("cleo@other.org"), ["cleo@other.org"])
          deepStrictEqual(yield* find("nobody"), [])
        }))

      behaves("takes a query literally", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed([{ emailAddress: "a+b@x.co" }, { emailAddress: "ab@x.co" }, { emailAddress: "a.b@x.co" }])
          const find = (query: string) => Effect.map(invitations.list({ query }), ({ data }) => addresses(data))
          deepStrictEqual(yield* find("a+b"), ["a+b@x.co"])
          deepStrictEqual(yield* find("a.b"), ["a.b@x.co"])
          deepStrictEqual(yield* find("a b"), [])
          deepStrictEqual(yield* find("%"), [])
          deepStrictEqual(yield* find("ab@x.co&status=revoked"), [])
          deepStrictEqual(yield* find(".*"), [])
        }))

      behaves("finds one by its id", ({ control, invitations }) =>
        Effect.gen(function*() {
          const [first, second] = yield* control.seed(people(2))
          assertTrue(first !== undefined && second !== undefined)
          deepStrictEqual(ids((yield* invitations.list({ query: second.id })).data), [second.id])
          deepStrictEqual(ids((yield* invitations.list({ query: first.id })).data), [first.id])
        }))

      behaves("narrows by query and status together", ({ control, invitations }) =>
        Effect.gen(function*() {
          const [one] = yield* control.seed([
            { emailAddress: ada, status: "revoked" },
            { emailAddress: ada },
            { emailAddress: "bob@example.com", status: "revoked" }
          ])
          assertTrue(one !== undefined)
          deepStrictEqual(ids((yield* invitations.list({ query: ada, status: "revoked" })).data), [one.id])
          deepStrictEqual((yield* invitations.list({ query: one.id })).data, [])
          deepStrictEqual(ids((yield* invitations.list({ query: one.id, status: "revoked" })).data), [one.id])
        }))

      // Three rows of which every field makes another order.
      const orders: ReadonlyArray<readonly [OrderBy, string]> = [
        ["created_at", "c a b"],
        ["+created_at", "c a b"],
        ["-created_at", "b a c"],
        ["email_address", "a b c"],
        ["+email_address", "a b c"],
        ["-email_address", "c b a"],
        ["expires_at", "a c b"],
        ["+expires_at", "a c b"],
        ["-expires_at", "b c a"]
      ]
      for (const [orderBy, expected] of orders) {
        behaves(`orders by ${orderBy}`, ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* TestClock.adjust("3 days")
            const at = (n: number) => DateTime.unsafeMake(n * day)
            yield* control.seed([
              { emailAddress: "a@x.co", createdAt: at(1), expiresInDays: 5 },
              { emailAddress: "b@x.co", createdAt: at(2), expiresInDays: 20 },
              { emailAddress: "c@x.co", createdAt: at(0), expiresInDays: 15 }
            ])
            const { data } = yield* invitations.list({ orderBy })
            strictEqual(addresses(data).map((address) => address.charAt(0)).join(" "), expected)
          }))
      }

      for (const orderBy of ["created_at", "-created_at", "expires_at", "-email_address"] as const) {
        behaves(
          `keeps one order among rows that are equal in ${orderBy}, page after page`,
          ({ control, invitations }) =>
            Effect.gen(function*() {
              yield* control.seed(Array.from({ length: 9 }, () => ({ emailAddress: ada, status: "revoked" as const })))
              const all = yield* invitations.list({ orderBy, status: "revoked", limit: 9 })
              strictEqual(new Set(ids(all.data)).size, 9)
              const pages = yield* Effect.forEach(
                [0, 2, 4, 6, 8],
                (offset) => invitations.list({ orderBy, status: "revoked", limit: 2, offset })
              )
              deepStrictEqual(pages.flatMap(({ data }) => ids(data)), ids(all.data))
            })
        )
      }
    })

    describe("revoke", () => {
      behaves("answers with the revoked invitation", ({ control, invitations }) =>
        Effect.gen(function*() {
          const created = yield* invitations.create({ emailAddress: ada, publicMetadata: { a: 1 } })
          yield* TestClock.adjust("1 hours")
          const revoked = yield* invitations.revoke(created.id)
          deepStrictEqual(wire(revoked), {
            ...wire(created),
            status: "revoked",
            revoked: true,
            updated_at: 60 * 60 * 1000
          })
          deepStrictEqual(wires(yield* control.invitations), [wire(revoked)])
        }))

      behaves("moves it from the usual list to that of the revoked", ({ invitations }) =>
        Effect.gen(function*() {
          const { id } = yield* invitations.create({ emailAddress: ada })
          yield* invitations.revoke(id)
          deepStrictEqual((yield* invitations.list()).data, [])
          deepStrictEqual(ids((yield* invitations.list({ status: "revoked" })).data), [id])
        }))

      behaves("is refused a second time", ({ control, invitations }) =>
        Effect.gen(function*() {
          const { id } = yield* invitations.create({ emailAddress: ada })
          const revoked = yield* invitations.revoke(id)
          yield* TestClock.adjust("1 hours")
          const error = yield* failure(invitations.revoke(id), BadRequest)
          deepStrictEqual(told(error), notActive("invitation_already_revoked"))
          assertTrue(isAlreadyRevoked(error))
          assertFalse(isAlreadyAccepted(error))
          deepStrictEqual(wires(yield* control.invitations), [wire(revoked)])
        }))

      behaves("is refused once it is accepted", ({ control, invitations }) =>
        Effect.gen(function*() {
          const { id } = yield* invitations.create({ emailAddress: ada })
          yield* control.accept(id)
          const error = yield* failure(invitations.revoke(id), BadRequest)
          deepStrictEqual(told(error), notActive("invitation_already_accepted"))
          assertTrue(isAlreadyAccepted(error))
          strictEqual((yield* control.invitations)[0]?.status, "accepted")
        }))

      behaves("works on one that has expired", ({ control, invitations }) =>
        Effect.gen(function*() {
          const { id } = yield* invitations.create({ emailAddress: ada, expiresInDays: 1 })
          yield* TestClock.adjust("2 days")
          strictEqual((yield* invitations.revoke(id)).status, "revoked")
          strictEqual((yield* control.invitations)[0]?.status, "revoked")
        }))

      behaves("fails for an id that does not exist", ({ invitations }) =>
        Effect.gen(function*() {
          const error = yield* failure(invitations.revoke("inv_nowhere"), NotFound)
          deepStrictEqual(told(error), missing("revoke", "inv_nowhere"))
        }))
    })

    describe("delete", () => {
      for (const { emailAddress, status } of ofEveryStatus) {
        behaves(`removes one that is ${status}, and no other`, ({ control, invitations }) =>
          Effect.gen(function*() {
            const seeded = yield* control.seed(ofEveryStatus)
            const found = seeded.find((invitation) => invitation.emailAddress === emailAddress)
            assertTrue(found !== undefined)
            const deleted = yield* invitations.delete(found.id)
            assertTrue(deleted instanceof DeletedInvitation)
            deepStrictEqual({ ...deleted }, { object: "invitation", id: found.id, deleted: true })
            deepStrictEqual(
              ids(yield* control.invitations),
              ids(seeded).filter((id) => id !== found.id)
            )
            deepStrictEqual((yield* invitations.list({ status })).data, [])
            assertNone(yield* invitations.findById(found.id))
          }))
      }

      behaves("fails a second time, and for an id that does not exist", ({ invitations }) =>
        Effect.gen(function*() {
          const { id } = yield* invitations.create({ emailAddress: ada })
          yield* invitations.delete(id)
          deepStrictEqual(told(yield* failure(invitations.delete(id), NotFound)), missing("delete", id))
          deepStrictEqual(
            told(yield* failure(invitations.delete("inv_nowhere"), NotFound)),
            missing("delete", "inv_nowhere")
          )
        }))

      behaves("leaves nothing to revoke or to accept", ({ control, invitations }) =>
        Effect.gen(function*() {
          const { id } = yield* invitations.create({ emailAddress: ada })
          yield* invitations.delete(id)
          deepStrictEqual(told(yield* failure(invitations.revoke(id), NotFound)), missing("revoke", id))
          strictEqual((yield* failure(control.accept(id), InvitationNotPending)).reason, "missing")
        }))

      behaves("leaves a user that an accepted one made", ({ control, invitations }) =>
        Effect.gen(function*() {
          const { id } = yield* invitations.create({ emailAddress: ada })
          yield* control.accept(id)
          yield* invitations.delete(id)
          assertTrue(isUserExists(yield* failure(invitations.create({ emailAddress: ada }), Unprocessable)))
        }))
    })

    describe("stream", () => {
      for (const pageSize of [undefined, 500, 7, 1]) {
        behaves(`emits 1,200 invitations once each, in order, ${pageSize ?? "as many as it likes"} a page`, (
          { control, invitations }
        ) =>
          Effect.gen(function*() {
            const seeded = yield* control.seed(people(1200))
            const streamed = yield* Stream.runCollect(invitations.stream({ pageSize }))
            deepStrictEqual(ids(streamed), ids(seeded).reverse())
          }))
      }

      behaves("emits what list would show in the same order", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed(people(20))
          const { data } = yield* invitations.list({ limit: 500, orderBy: "-email_address" })
          const streamed = yield* Stream.runCollect(invitations.stream({ pageSize: 6, orderBy: "-email_address" }))
          deepStrictEqual(wires(streamed), wires(data))
        }))

      behaves("keeps to the status and the query", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed([
            ...people(9),
            ...people(9).map((person) => ({ ...person, status: "revoked" as const })),
            { emailAddress: ada, status: "revoked" }
          ])
          const streamed = yield* Stream.runCollect(
            invitations.stream({ status: "revoked", query: "PERSON", pageSize: 4 })
          )
          strictEqual(streamed.length, 9)
          assertTrue(
            Array.from(streamed).every(({ emailAddress, status }) =>
              status === "revoked" && emailAddress.startsWith("person")
            )
          )
          strictEqual((yield* Stream.runCollect(invitations.stream({ pageSize: 4 }))).length, 9)
        }))

      behaves("asks for no more pages than it needs", ({ control, invitations }) =>
        Effect.gen(function*() {
          const seeded = yield* control.seed(people(100))
          const taken = yield* Stream.runCollect(
            invitations.stream({ pageSize: 5, concurrency: 1 }).pipe(Stream.take(7))
          )
          deepStrictEqual(ids(taken), ids(seeded).reverse().slice(0, 7))
          const { length } = yield* control.calls
          assertTrue(length >= 2 && length <= 4, `${length} calls for two pages`)
        }))

      behaves("emits nothing where there is nothing", ({ control, invitations }) =>
        Effect.gen(function*() {
          strictEqual((yield* Stream.runCollect(invitations.stream())).length, 0)
          deepStrictEqual((yield* control.calls).map(({ operation, outcome }) => [operation, outcome]), [[
            "list",
            "ok"
          ]])
        }))

      behaves(
        "fails with the error of a page rather than end early",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.seed(people(10))
            const forbidden = Fault.Response.Status({ status: 403, code: "authorization_invalid" })
            yield* control.injectFaults([{ ...Fault.make(forbidden), operation: "list", nth: 2, times: 20 }])
            const seen: Array<string> = []
            const error = yield* failure(
              invitations.stream({ pageSize: 5 }).pipe(
                Stream.runForEach(({ id }) => Effect.sync(() => seen.push(id))),
                once
              ),
              Forbidden
            )
            strictEqual(error.operation, "list")
            assertTrue(seen.length <= 5)
          })
      )
    })

    describe("findById", () => {
      behaves("finds one of any status", ({ control, invitations }) =>
        Effect.gen(function*() {
          const seeded = yield* control.seed(ofEveryStatus)
          for (const invitation of seeded) {
            deepStrictEqual(Option.map(yield* invitations.findById(invitation.id), wire), Option.some(wire(invitation)))
          }
        }))

      behaves(
        "finds none for an id that does not exist, or for a part of one",
        ({ invitations }) =>
          Effect.gen(function*() {
            const { id } = yield* invitations.create({ emailAddress: ada })
            assertNone(yield* invitations.findById("inv_nowhere"))
            assertNone(yield* invitations.findById(id.slice(0, -1)))
            assertNone(yield* invitations.findById("ada"))
          })
      )
    })

    describe("findByEmail", () => {
      behaves(
        "finds all that an address was ever sent, the newest first",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const seeded = yield* control.seed(
              (["revoked", "expired", "revoked", "accepted", "pending"] as const).map((status, n) => ({
                emailAddress: n === 2 ? "ADA@example.com" : ada,
                status,
                createdAt: DateTime.unsafeMake(n)
              }))
            )
            deepStrictEqual(wires(yield* invitations.findByEmail("Ada@Example.com")), wires(seeded).reverse())
          })
      )

      behaves("finds no other address that contains this one", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed([{ emailAddress: `x${ada}` }, { emailAddress: `${ada}.uk`, status: "revoked" }])
          deepStrictEqual(yield* invitations.findByEmail(ada), [])
        }))
    })

    describe("ensure", () => {
      behaves("makes an invitation where there is none", ({ control, invitations }) =>
        Effect.gen(function*() {
          const created = yield* invitations.ensure({ emailAddress: ada, expiresInDays: 3, notify: false })
          strictEqual(wire(created).expires_at, 3 * day)
          deepStrictEqual(wires(yield* control.invitations), [wire(created)])
          deepStrictEqual(yield* control.outbox, [])
        }))

      behaves(
        "answers with the pending one as it is, without a write",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const [seeded] = yield* control.seed([{
              emailAddress: "Ada@Example.com",
              publicMetadata: { role: "admin" }
            }])
            assertTrue(seeded !== undefined)
            const ensured = yield* invitations.ensure({ emailAddress: ada, publicMetadata: { role: "guest" } })
            deepStrictEqual(wire(ensured), wire(seeded))
            assertTrue((yield* control.calls).every(({ operation }) => operation === "list"))
            deepStrictEqual(yield* control.outbox, [])
          })
      )

      behaves(
        "answers with the pending one even if existing ones are to be ignored",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const [seeded] = yield* control.seed([{ emailAddress: ada }])
            strictEqual<string | undefined>(
              (yield* invitations.ensure({ emailAddress: ada, ignoreExisting: true })).id,
              seeded?.id
            )
            strictEqual((yield* control.invitations).length, 1)
          })
      )

      behaves("answers with the same one every time", ({ control, invitations }) =>
        Effect.gen(function*() {
          const first = yield* invitations.ensure({ emailAddress: ada })
          const second = yield* invitations.ensure({ emailAddress: "ADA@EXAMPLE.COM" })
          deepStrictEqual(wire(second), wire(first))
          strictEqual((yield* control.invitations).length, 1)
        }))

      behaves("answers with the same one to all who ask at once", ({ control, invitations }) =>
        Effect.gen(function*() {
          const ensured = yield* Effect.all(
            Array.from({ length: 8 }, () => invitations.ensure({ emailAddress: ada })),
            { concurrency: "unbounded" }
          )
          strictEqual(new Set(ids(ensured)).size, 1)
          strictEqual((yield* control.invitations).length, 1)
          strictEqual((yield* control.outbox).length, 1)
        }))

      for (const status of ["revoked", "expired"] as const) {
        behaves(
          `makes a new one where the only one is ${status}`,
          ({ control, invitations }) =>
            Effect.gen(function*() {
              const [old] = yield* control.seed([{ emailAddress: ada, status }])
              const created = yield* invitations.ensure({ emailAddress: ada })
              notDeepStrictEqual<string | undefined>(created.id, old?.id)
              strictEqual(created.status, "pending")
            })
        )
      }

      behaves(
        "does not take the invitation of a longer address for this one",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.seed([{ emailAddress: `x${ada}` }])
            strictEqual((yield* invitations.ensure({ emailAddress: ada })).emailAddress, ada)
          })
      )

      behaves("fails for an address that belongs to a user", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.addUser(ada)
          const error = yield* failure(invitations.ensure({ emailAddress: ada }), Unprocessable)
          deepStrictEqual(told(error), userExists("create", ada))
        }))

      behaves("creates where a server error spoils the look", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.failNext(Fault.Response.Status({ status: 503 }), { operation: "list" })
          const created = yield* once(invitations.ensure({ emailAddress: ada }))
          deepStrictEqual(ids(yield* control.invitations), [created.id])
        }))

      behaves(
        "finds the pending one where a server error spoils the first look only",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const [seeded] = yield* control.seed([{ emailAddress: ada }])
            yield* control.failNext(Fault.Response.Status({ status: 503 }), { operation: "list" })
            const ensured = yield* once(invitations.ensure({ emailAddress: ada, ignoreExisting: true }))
            strictEqual<string | undefined>(ensured.id, seeded?.id)
            strictEqual((yield* control.invitations).length, 1)
          })
      )

      behaves(
        "fails as a duplicate where the one in the way is not listed",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.freezeReads("1 minutes")
            yield* control.seed([{ emailAddress: ada }])
            const error = yield* failure(once(invitations.ensure({ emailAddress: ada })), BadRequest)
            deepStrictEqual(told(error), duplicate("create", ada))
          })
      )
    })

    describe("the control", () => {
      behaves(
        "seeds invitations of every status without a call or an e-mail",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const seeded = yield* control.seed(ofEveryStatus)
            deepStrictEqual(
              seeded.map(({ emailAddress, revoked, status }) => ({ emailAddress, revoked, status })),
              ofEveryStatus.map((seed) => ({ ...seed, revoked: seed.status === "revoked" }))
            )
            deepStrictEqual(wires(yield* control.invitations), wires(seeded))
            deepStrictEqual([yield* control.calls, yield* control.outbox], [[], []])
            assertTrue(
              isUserExists(yield* failure(invitations.create({ emailAddress: "accepted@example.com" }), Unprocessable))
            )
          })
      )

      behaves("seeds invitations of the past, which expire from then on", ({ control }) =>
        Effect.gen(function*() {
          yield* TestClock.adjust("40 days")
          const seeded = yield* control.seed([
            { emailAddress: "a@x.co", createdAt: DateTime.unsafeMake(5 * day), expiresInDays: 60 },
            { emailAddress: "b@x.co", createdAt: DateTime.unsafeMake(20 * day), publicMetadata: { n: 1 } },
            { emailAddress: "c@x.co" }
          ])
          deepStrictEqual(
            wires(seeded).map(({ created_at, expires_at }) => [created_at / day, (expires_at ?? 0) / day]),
            [[5, 65], [20, 50], [40, 70]]
          )
          deepStrictEqual(seeded[1]?.publicMetadata, { n: 1 })
          yield* TestClock.adjust("15 days")
          deepStrictEqual((yield* control.invitations).map(({ status }) => status), ["pending", "expired", "pending"])
        }))

      behaves("tells the status of a seed that was too old to be pending", ({ control }) =>
        Effect.gen(function*() {
          yield* TestClock.adjust("40 days")
          const [seeded] = yield* control.seed([{ emailAddress: ada, createdAt: DateTime.unsafeMake(0) }])
          strictEqual((yield* control.invitations)[0]?.status, "expired")
          strictEqual(seeded?.status, "expired")
        }))

      behaves(
        "accepts an invitation, which is then listed as accepted",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const created = yield* invitations.create({ emailAddress: ada })
            yield* TestClock.adjust("2 hours")
            const accepted = yield* control.accept(created.id)
            deepStrictEqual(wire(accepted), { ...wire(created), status: "accepted", updated_at: 2 * 60 * 60 * 1000 })
            deepStrictEqual(wires((yield* invitations.list({ status: "accepted" })).data), [wire(accepted)])
            yield* TestClock.adjust("60 days")
            strictEqual((yield* invitations.list({ status: "accepted" })).totalCount, 1)
          })
      )

      for (const reason of ["accepted", "revoked", "expired"] as const) {
        behaves(`cannot accept one that is ${reason}`, ({ control }) =>
          Effect.gen(function*() {
            const [seeded] = yield* control.seed([{ emailAddress: ada, status: reason }])
            assertTrue(seeded !== undefined)
            const error = yield* failure(control.accept(seeded.id), InvitationNotPending)
            deepStrictEqual([error.id, error.reason], [seeded.id, reason])
            strictEqual(error.message, `${seeded.id} is not pending: it is ${reason}`)
            strictEqual((yield* control.invitations)[0]?.status, reason)
          }))
      }

      behaves("cannot accept one twice, or one that is missing", ({ control, invitations }) =>
        Effect.gen(function*() {
          const { id } = yield* invitations.create({ emailAddress: ada })
          yield* control.accept(id)
          strictEqual((yield* failure(control.accept(id), InvitationNotPending)).reason, "accepted")
          strictEqual((yield* failure(control.accept("inv_nowhere"), InvitationNotPending)).reason, "missing")
        }))

      behaves(
        "keeps the e-mails in the order in which they were sent",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* invitations.create({ emailAddress: "b@x.co" })
            yield* TestClock.adjust("1 seconds")
            yield* invitations.createBulk([{ emailAddress: "c@x.co" }, { emailAddress: "a@x.co" }])
            deepStrictEqual(
              (yield* control.outbox).map(({ sentAt, to }) => [to, DateTime.toEpochMillis(sentAt)]),
              [["b@x.co", 0], ["c@x.co", 1000], ["a@x.co", 1000]]
            )
          })
      )

      behaves(
        "logs each call that arrives with its time and its outcome",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const { id } = yield* invitations.create({ emailAddress: ada })
            yield* TestClock.adjust("1 seconds")
            yield* Effect.ignore(invitations.create({ emailAddress: ada }))
            yield* invitations.createBulk(people(2))
            yield* invitations.list()
            yield* TestClock.adjust("1 seconds")
            yield* invitations.revoke(id)
            yield* invitations.delete(id)
            yield* Effect.ignore(invitations.delete(id))
            yield* control.failNext(Fault.Response.Status({ status: 403 }))
            yield* Effect.ignore(invitations.list())
            deepStrictEqual(
              (yield* control.calls).map((
                { at, operation, outcome }
              ) => [operation, outcome, DateTime.toEpochMillis(at)]),
              [
                ["create", "ok", 0],
                ["create", "duplicate_record", 1000],
                ["createBulk", "ok", 1000],
                ["list", "ok", 1000],
                ["revoke", "ok", 2000],
                ["delete", "ok", 2000],
                ["delete", "resource_not_found", 2000],
                ["list", "Status", 2000]
              ]
            )
          })
      )

      behaves("forgets everything on reset", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.addUser(ada)
          const { id } = yield* invitations.create({ emailAddress: "bob@x.co" })
          yield* control.injectFaults([{ ...Fault.make(Fault.Response.Status({ status: 403 })), nth: 1, times: 9 }])
          yield* control.setFaultPolicy(() => Effect.succeedSome(Fault.make(Fault.Response.Status({ status: 403 }))))
          yield* control.freezeReads("1 hours")
          yield* control.reset
          deepStrictEqual(
            [yield* control.invitations, yield* control.outbox, yield* control.calls],
            [[], [], []]
          )
          const created = yield* invitations.createBulk([{ emailAddress: ada }, { emailAddress: "bob@x.co" }])
          assertFalse(ids(created).includes(id))
          deepStrictEqual(ids((yield* invitations.list()).data).sort(), ids(created).sort())
        }))

      behaves("shows old lists for as long as it is told to", ({ control, invitations }) =>
        Effect.gen(function*() {
          const { id } = yield* invitations.create({ emailAddress: ada })
          yield* control.freezeReads("10 seconds")
          yield* invitations.revoke(id)
          yield* invitations.createBulk(people(2))
          deepStrictEqual((yield* invitations.list()).data.map((row) => [row.id, row.status]), [[id, "pending"]])
          yield* TestClock.adjust("9999 millis")
          strictEqual((yield* invitations.list({ status: "revoked" })).totalCount, 0)
          yield* TestClock.adjust("1 millis")
          strictEqual((yield* invitations.list({ status: "revoked" })).totalCount, 1)
          strictEqual((yield* invitations.list()).totalCount, 2)
        }))
    })

    describe("a fault", () => {
      const statuses = [
        [400, "bad_request", BadRequest],
        [401, "clerk_key_invalid", Unauthorized],
        [403, "quota_exceeded", Forbidden],
        [404, "resource_not_found", NotFound],
        [409, "resource_locked", Conflict],
        [409, "conflict", Conflict],
        [422, "form_param_value_invalid", Unprocessable],
        [429, "too_many_requests", TooManyRequests]
      ] as const
      for (const [status, code, constructor] of statuses) {
        behaves(`with status ${status} and code ${code} makes a ${constructor._tag} of any call`, (
          { control, invitations }
        ) =>
          Effect.gen(function*() {
            const [seeded] = yield* control.seed([{ emailAddress: ada }])
            assertTrue(seeded !== undefined)
            const calls: Record<Operation, Effect.Effect<unknown, unknown>> = {
              create: invitations.create({ emailAddress: "bob@x.co" }),
              createBulk: invitations.createBulk(people(2)),
              list: invitations.list(),
              revoke: invitations.revoke(seeded.id),
              delete: invitations.delete(seeded.id)
            }
            for (const operation of ["create", "createBulk", "list", "revoke", "delete"] as const) {
              yield* control.failNext(Fault.Response.Status({ status, code }))
              const error = yield* failure<unknown, unknown, Answered>(once(calls[operation]), constructor)
              const { errors, ...rest } = told(error)
              deepStrictEqual({ tag: rest.tag, operation: rest.operation, status: rest.status }, {
                tag: constructor._tag,
                operation,
                status
              })
              deepStrictEqual(errors, [{ code, message: code, longMessage: code, meta: {} }])
              assertInclude(rest.sentence, `Clerk answered ${operation} with status ${status}: `)
            }
            deepStrictEqual(wires(yield* control.invitations), [wire(seeded)])
          }))
      }

      behaves(
        "with status 500 is a ServerError of a list, with its code and its wait",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.failNext(
              Fault.Response.Status({ status: 503, code: "service_unavailable", retryAfter: "120" })
            )
            const error = yield* failure(once(invitations.list()), ServerError)
            deepStrictEqual(told(error), {
              tag: "ServerError",
              operation: "list",
              status: 503,
              errors: [{
                code: "service_unavailable",
                message: "service_unavailable",
                longMessage: "service_unavailable",
                meta: {}
              }],
              sentence: "Clerk answered list with status 503: Clerk is temporarily unavailable (retry after 2m)"
            })
            assertSome(error.retryAfter, Duration.minutes(2))
          })
      )

      for (const commit of ["never", "before"] as const) {
        behaves(
          `with status 500 makes writes ambiguous that took effect ${
            commit === "never" ? "not at all" : "all the same"
          }`,
          (
            { control, invitations }
          ) =>
            Effect.gen(function*() {
              const [one, two] = yield* control.seed([{ emailAddress: ada }, { emailAddress: "bob@x.co" }])
              assertTrue(one !== undefined && two !== undefined)
              const writes = [
                ["create", invitations.create({ emailAddress: "cleo@x.co" }), ["cleo@x.co"], Option.none<string>()],
                ["createBulk", invitations.createBulk(people(2)), addressesOf(people(2)), Option.none<string>()],
                ["revoke", invitations.revoke(one.id), [], Option.some<string>(one.id)],
                ["delete", invitations.delete(two.id), [], Option.some<string>(two.id)]
              ] as const
              for (const [operation, call, emailAddresses, id] of writes) {
                yield* control.failNext(Fault.Response.Status({ status: 500 }), { operation, commit })
                const error = yield* failure<unknown, unknown, AmbiguousWrite>(
                  once<unknown, unknown, never>(call),
                  AmbiguousWrite
                )
                strictEqual(error.operation, operation)
                deepStrictEqual(Redacted.value(error.emailAddresses), emailAddresses)
                deepStrictEqual<Option.Option<string>>(error.id, id)
                strictEqual(error.lastFailure._tag, "ServerError")
                assertInclude(error.message, `The outcome of ${operation} is unknown`)
              }
              const left = (yield* control.invitations).map(({ emailAddress, status }) => `${emailAddress} ${status}`)
              deepStrictEqual(
                left,
                commit === "never"
                  ? [`${ada} pending`, "bob@x.co pending"]
                  : [
                    `${ada} revoked`,
                    "cleo@x.co pending",
                    "person1@example.com pending",
                    "person2@example.com pending"
                  ]
              )
            })
        )
      }

      behaves("can let the call take effect later", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.failNext(Fault.Response.Status({ status: 500 }), { commit: Duration.seconds(5) })
          yield* failure(once(invitations.create({ emailAddress: ada })), AmbiguousWrite)
          yield* TestClock.adjust("4999 millis")
          deepStrictEqual(yield* control.invitations, [])
          yield* TestClock.adjust("1 millis")
          deepStrictEqual(wires(yield* control.invitations).map((row) => [row.email_address, row.created_at]), [[
            ada,
            5000
          ]])
        }))

      behaves("with a gateway's page has a status and no codes", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.failNext(Fault.Response.Status({ status: 502, html: true }))
          const error = yield* failure(once(invitations.list()), ServerError)
          deepStrictEqual([error.status, error.errors], [502, []])
          strictEqual(
            error.message,
            "Clerk answered list with status 502: Clerk, or a gateway in front of it, failed"
          )
        }))

      for (
        const [retryAfter, expected] of [
          ["7", Option.some(Duration.seconds(7))],
          ["0", Option.some(Duration.zero)],
          ["Thu, 01 Jan 1970 00:01:00 GMT", Option.some(Duration.minutes(1))],
          ["1e999", Option.none()],
          ["-5", Option.none()],
          ["soon", Option.none()],
          [undefined, Option.none()]
        ] as const
      ) {
        behaves(
          `that says Retry-After: ${retryAfter ?? "nothing"} is understood`,
          ({ control, invitations }) =>
            Effect.gen(function*() {
              yield* control.failNext(Fault.Response.Status({ status: 429, code: "too_many_requests", retryAfter }))
              const error = yield* failure(once(invitations.list()), TooManyRequests)
              deepStrictEqual<Option.Option<Duration.Duration>>(error.retryAfter, expected)
            })
        )
      }

      behaves(
        "with a status that the API does not have is unexpected",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.failNext(Fault.Response.Status({ status: 418, code: "teapot" }))
            const error = yield* failure(once(invitations.list()), UnexpectedResponse)
            deepStrictEqual([error.operation, error.status, error.reason], ["list", 418, "an unknown status"])
          })
      )

      behaves(
        "with a body that is not JSON is unexpected for a list, ambiguous for a create",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            const answer = Fault.Response.Body({ body: "<html>" })
            yield* control.failNext(answer)
            const error = yield* failure(once(invitations.list()), UnexpectedResponse)
            deepStrictEqual([error.status, error.reason], [200, "a body that is not JSON"])
            yield* control.failNext(answer, { commit: "before" })
            const ambiguous = yield* failure(once(invitations.create({ emailAddress: ada })), AmbiguousWrite)
            strictEqual(ambiguous.lastFailure._tag, "UnexpectedResponse")
            strictEqual((yield* control.invitations).length, 1)
          })
      )

      behaves("with a body of another form is unexpected", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.failNext(Fault.Response.Body({ body: "{\"foo\":1}" }))
          const error = yield* failure(once(invitations.list()), UnexpectedResponse)
          deepStrictEqual([error.status, error.reason], [200, "a body of another form"])
        }))

      behaves(
        "that closes the connection loses a list, and makes a create ambiguous",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.failNext(Fault.Response.Reset())
            const lost = yield* failure(once(invitations.list()), ConnectionError)
            deepStrictEqual([lost.operation, lost.reason], ["list", "Lost"])
            yield* control.failNext(Fault.Response.Reset(), { commit: "before" })
            const ambiguous = yield* failure(once(invitations.create({ emailAddress: ada })), AmbiguousWrite)
            strictEqual(ambiguous.lastFailure._tag, "ConnectionError")
            strictEqual((yield* control.invitations).length, 1)
          })
      )

      behaves(
        "that cuts the answer off loses a list, and makes a create ambiguous",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.failNext(Fault.Response.Truncated())
            const lost = yield* failure(once(invitations.list()), ConnectionError)
            deepStrictEqual([lost.operation, lost.reason], ["list", "Lost"])
            yield* control.failNext(Fault.Response.Truncated(), { commit: "before" })
            const ambiguous = yield* failure(once(invitations.create({ emailAddress: ada })), AmbiguousWrite)
            strictEqual(ambiguous.lastFailure._tag, "ConnectionError")
            strictEqual((yield* control.invitations).length, 1)
          })
      )

      for (const at of ["headers", "body"] as const) {
        behaves(
          `that stalls at the ${at} runs into the limit of an attempt`,
          ({ control, invitations }) =>
            Effect.gen(function*() {
              yield* control.failNext(Fault.Response.Stall({ at }))
              const error = yield* failure(passing(once(invitations.list()), "1 seconds"), Timeout)
              deepStrictEqual([error.operation, error.limit, Duration.toSeconds(error.duration)], [
                "list",
                "attempt",
                10
              ])
            })
        )
      }

      behaves(
        "that drips the answer changes nothing but the time it takes",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.failNext(Fault.Response.Drip({ every: Duration.millis(1) }))
            const created = yield* passing(once(invitations.create({ emailAddress: ada })), "1 millis")
            deepStrictEqual(wires(yield* control.invitations), [wire(created)])
          })
      )

      behaves("strikes the next call only", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.failNext(Fault.Response.Status({ status: 403 }))
          yield* failure(invitations.list(), Forbidden)
          strictEqual((yield* invitations.list()).totalCount, 0)
        }))

      behaves("strikes only the operation it is meant for", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.failNext(Fault.Response.Status({ status: 403 }), { operation: "create" })
          strictEqual((yield* invitations.list()).totalCount, 0)
          yield* invitations.createBulk(people(1))
          yield* failure(invitations.create({ emailAddress: ada }), Forbidden)
          yield* invitations.create({ emailAddress: ada })
        }))

      behaves(
        "strikes from the n-th call on, as often as planned",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.injectFaults([
              { ...Fault.make(Fault.Response.Status({ status: 403 })), operation: "list", nth: 3, times: 2 }
            ])
            const outcomes: Array<string> = []
            for (let n = 0; n < 6; n++) {
              yield* invitations.createBulk(people(1, n))
              outcomes.push(
                yield* invitations.list().pipe(
                  Effect.as("ok"),
                  Effect.catchAll((error) => Effect.succeed(error._tag))
                )
              )
            }
            deepStrictEqual(outcomes, ["ok", "ok", "Forbidden", "Forbidden", "ok", "ok"])
          })
      )

      behaves("can be one of several that are planned", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.injectFaults([
            { ...Fault.make(Fault.Response.Status({ status: 403 })), operation: "list", nth: 2 },
            { ...Fault.make(Fault.Response.Status({ status: 404 })), nth: 1 },
            { ...Fault.make(Fault.Response.Status({ status: 422 })), operation: "create" }
          ])
          const tagOf = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
            effect.pipe(Effect.as("ok"), Effect.catchAll((error) => Effect.succeed(error._tag)))
          const outcomes = yield* Effect.all([
            tagOf(invitations.list()),
            tagOf(invitations.list()),
            tagOf(invitations.create({ emailAddress: ada })),
            tagOf(invitations.list()),
            tagOf(invitations.create({ emailAddress: ada }))
          ])
          deepStrictEqual(outcomes, ["NotFound", "Forbidden", "Unprocessable", "ok", "ok"])
        }))

      behaves("can be decided on call by call", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.setFaultPolicy((operation) =>
            Effect.succeed(
              operation === "list"
                ? Option.none()
                : Option.some(Fault.make(Fault.Response.Status({ status: 403 })))
            )
          )
          yield* failure(invitations.create({ emailAddress: ada }), Forbidden)
          yield* failure(invitations.delete("inv_1"), Forbidden)
          strictEqual((yield* invitations.list()).totalCount, 0)
        }))
    })

    describe("rate limits", () => {
      behaves("are off unless switched on", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* Effect.forEach(people(110), (request) => invitations.create(request))
          strictEqual((yield* control.invitations).length, 110)
        }))

      behaves("allow 100 creates an hour, then ask to wait", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* Effect.forEach(people(100), (request) => invitations.create(request))
          const error = yield* failure(invitations.create({ emailAddress: ada }), TooManyRequests)
          deepStrictEqual(told(error), tooMany("create", 3600))
          assertSome(error.retryAfter, Duration.hours(1))
          strictEqual((yield* control.invitations).length, 100)
          deepStrictEqual((yield* control.calls).at(-1)?.outcome, "too_many_requests")
          yield* TestClock.adjust("30 minutes")
          const later = yield* failure(invitations.create({ emailAddress: ada }), TooManyRequests)
          assertSome(later.retryAfter, Duration.minutes(30))
          yield* TestClock.adjust("30 minutes")
          strictEqual((yield* invitations.create({ emailAddress: ada })).status, "pending")
        }), { rateLimits: RateLimits.production })

      behaves("count over an hour that moves along", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.setRateLimits({ ...RateLimits.production, create: { limit: 4, window: Duration.hours(1) } })
          const create = (n: number, count: number) =>
            Effect.forEach(people(count, n), (request) => invitations.create(request))
          yield* create(0, 2)
          yield* TestClock.adjust("40 minutes")
          yield* create(10, 2)
          assertSome(
            (yield* failure(invitations.create({ emailAddress: ada }), TooManyRequests)).retryAfter,
            Duration.minutes(20)
          )
          yield* TestClock.adjust("20 minutes")
          yield* create(20, 2)
          assertSome(
            (yield* failure(invitations.create({ emailAddress: ada }), TooManyRequests)).retryAfter,
            Duration.minutes(40)
          )
        }))

      behaves(
        "allow 25 bulk creates an hour, whatever the singles do",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* Effect.forEach(
              Array.from({ length: 25 }, (_, n) => n * 10),
              (n) => invitations.createBulk(people(10, n))
            )
            const error = yield* failure(invitations.createBulk([{ emailAddress: ada }]), TooManyRequests)
            deepStrictEqual(told(error), tooMany("createBulk", 3600))
            strictEqual((yield* control.invitations).length, 250)
            strictEqual((yield* invitations.create({ emailAddress: ada })).status, "pending")
            yield* TestClock.adjust("1 hours")
            strictEqual((yield* invitations.createBulk(people(1, 1000))).length, 1)
          }),
        { rateLimits: RateLimits.production }
      )

      behaves(
        "allow 100 calls of any kind in ten seconds to a development instance",
        ({ invitations }) =>
          Effect.gen(function*() {
            yield* Effect.forEach(Array.from({ length: 100 }), () => invitations.list())
            yield* TestClock.adjust("4 seconds")
            const error = yield* failure(once(invitations.list()), TooManyRequests)
            deepStrictEqual(told(error), tooMany("list", 6))
            yield* TestClock.adjust("6 seconds")
            strictEqual((yield* invitations.list()).totalCount, 0)
          }),
        { rateLimits: RateLimits.development }
      )

      behaves("count calls of every operation together", ({ control, invitations }) =>
        Effect.gen(function*() {
          const [one, two] = yield* control.seed(people(2, 50))
          assertTrue(one !== undefined && two !== undefined)
          yield* control.setRateLimits({ ...RateLimits.production, all: { limit: 5, window: Duration.hours(1) } })
          yield* invitations.create({ emailAddress: ada })
          yield* invitations.createBulk(people(1))
          yield* invitations.list()
          yield* invitations.revoke(one.id)
          yield* invitations.delete(one.id)
          deepStrictEqual(
            told(yield* failure(once(invitations.delete(two.id)), TooManyRequests)),
            tooMany("delete", 3600)
          )
          strictEqual((yield* control.invitations).length, 3)
        }))

      const tight = { ...RateLimits.production, create: { limit: 2, window: Duration.hours(1) } }

      behaves("are used up by calls that are refused", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed([{ emailAddress: ada }])
          yield* failure(invitations.create({ emailAddress: ada }), BadRequest)
          yield* failure(invitations.create({ emailAddress: ada }), BadRequest)
          yield* failure(invitations.create({ emailAddress: "bob@x.co" }), TooManyRequests)
        }), { rateLimits: tight })

      behaves(
        "are not used up by calls that are refused if told so",
        ({ control, invitations }) =>
          Effect.gen(function*() {
            yield* control.seed([{ emailAddress: ada }])
            for (let n = 0; n < 5; n++) yield* failure(invitations.create({ emailAddress: ada }), BadRequest)
            yield* invitations.create({ emailAddress: "bob@x.co" })
            yield* invitations.create({ emailAddress: "cleo@x.co" })
            yield* failure(invitations.create({ emailAddress: "dora@x.co" }), TooManyRequests)
          }),
        { rateLimits: tight, countRejected: false }
      )

      behaves("are not used up by seeds", ({ control, invitations }) =>
        Effect.gen(function*() {
          yield* control.seed(people(50))
          yield* invitations.create({ emailAddress: ada })
          yield* invitations.create({ emailAddress: "bob@x.co" })
        }), { rateLimits: tight })

      behaves("begin anew when they are switched, and on reset", ({ control, invitations }) =>
        Effect.gen(function*() {
          const two = (n: number) => Effect.forEach(people(2, n), (request) => invitations.create(request))
          yield* two(0)
          yield* control.setRateLimits(tight)
          yield* two(10)
          yield* control.reset
          yield* two(20)
          yield* control.setRateLimits("off")
          yield* two(30)
          yield* two(40)
          yield* control.setRateLimits(tight)
          yield* two(50)
          yield* failure(invitations.create({ emailAddress: ada }), TooManyRequests)
        }), { rateLimits: tight })
    })

    behaves("every method runs in a span of its name", ({ control, invitations }) =>
      Effect.gen(function*() {
        const [seeded] = yield* control.seed(people(1))
        assertTrue(seeded !== undefined)
        const { names, tracer } = rootSpans()
        yield* Effect.all([
          invitations.create({ emailAddress: ada }),
          invitations.createBulk(people(1, 2)),
          invitations.list(),
          Stream.runDrain(invitations.stream()),
          invitations.findById(seeded.id),
          invitations.findByEmail(ada),
          invitations.ensure({ emailAddress: ada }),
          invitations.revoke(seeded.id),
          invitations.delete(seeded.id)
        ], { discard: true }).pipe(Effect.withTracer(tracer))
        deepStrictEqual(names, [
          "InvitationsService.create",
          "InvitationsService.createBulk",
          "InvitationsService.list",
          "InvitationsService.stream",
          "InvitationsService.findById",
          "InvitationsService.findByEmail",
          "InvitationsService.ensure",
          "InvitationsService.revoke",
          "InvitationsService.delete"
        ])
      }))
  })
}

const addressesOf = (requests: ReadonlyArray<CreateInvitation.Input>): ReadonlyArray<string> =>
  requests.map(({ emailAddress }) => emailAddress)
