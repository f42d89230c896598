import { DateTime, Duration, Effect, Option, Redacted, TestClock } from "effect"
import * as assert from "./assert.js"
import { ada, addresses, day, encode, encodeAll, ids, makeRequests, urlOf } from "./fixtures.js"
import * as Suite from "./suite.js"

export const create = Suite.make((test, environment) => {
  test(
    "returns an invitation with every requested field",
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
        assert.match(created.id, /^inv_[0-9A-Za-z]{27}$/)
        assert.match(
          urlOf(created),
          /^https?:\/\/[\w.:]+\/v1\/tickets\/accept\?ticket=[\w-]+\.[\w-]+\.[\w-]{43}$/
        )
        assert.deepStrictEqual(encode(created), {
          object: "invitation",
          id: created.id,
          email_address: "Ada@Example.com",
          public_metadata: { role: "admin", team: { id: 7, tags: ["a", null, true] } },
          status: "pending",
          url: urlOf(created),
          expires_at: 10 * day - 2,
          created_at: 3 * day,
          updated_at: 3 * day
        })
        assert.isTrue(created.isPending)
        assert.deepStrictEqual(encodeAll(yield* control.invitations), [encode(created)])
      })
  )

  test(
    "defaults to thirty days, no metadata and the template invitation",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        const created = yield* invitations.create({ emailAddress: ada })
        assert.deepStrictEqual(encode(created), {
          object: "invitation",
          id: created.id,
          email_address: ada,
          public_metadata: {},
          status: "pending",
          url: urlOf(created),
          expires_at: 30 * day - 2,
          created_at: 0,
          updated_at: 0
        })
        const [email, ...others] = yield* control.outbox
        assert.strictEqual(email?.templateSlug, "invitation")
        assert.deepStrictEqual(others, [])
      })
  )

  test(
    "treats an undefined field as absent",
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
        assert.deepStrictEqual(created.publicMetadata, {})
        assert.strictEqual(encode(created).expires_at, 30 * day - 2)
        assert.strictEqual((yield* control.outbox).length, 1)
      })
  )

  for (const expiresInDays of [1, 365]) {
    test(
      `creates an invitation that expires after ${expiresInDays} day(s)`,
      ({ invitations }) =>
        Effect.gen(function*() {
          const created = yield* invitations.create({ emailAddress: ada, expiresInDays })
          assert.strictEqual(encode(created).expires_at, expiresInDays * day - 2)
          yield* TestClock.adjust(Duration.millis(expiresInDays * day - 3))
          assert.deepStrictEqual(ids((yield* invitations.list({ status: "pending" })).data), [created.id])
          yield* TestClock.adjust("1 millis")
          assert.deepStrictEqual((yield* invitations.list({ status: "pending" })).data, [])
          assert.deepStrictEqual(ids((yield* invitations.list({ status: "expired" })).data), [created.id])
        })
    )
  }

  test("keeps nested metadata unchanged", ({ invitations }) =>
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
      assert.deepStrictEqual(created.publicMetadata, publicMetadata)
      const { data: [listed] } = yield* invitations.list()
      assert.deepStrictEqual(listed?.publicMetadata, publicMetadata)
    }))

  test(
    "copies the metadata, so that a later change of the caller's object has no effect",
    ({ invitations }) =>
      Effect.gen(function*() {
        const publicMetadata = { team: { role: "admin" } }
        const { id } = yield* invitations.create({ emailAddress: ada, publicMetadata })
        publicMetadata.team.role = "guest"
        const found = yield* invitations.findById(id)
        assert.deepStrictEqual(
          Option.map(found, (invitation) => invitation.publicMetadata),
          Option.some({ team: { role: "admin" } })
        )
      })
  )

  test(
    "drops undefined properties of the metadata, as JSON does",
    ({ invitations }) =>
      Effect.gen(function*() {
        const created = yield* invitations.create({
          emailAddress: ada,
          publicMetadata: { role: "admin", team: undefined, nested: { gone: undefined } }
        })
        assert.deepStrictEqual(created.publicMetadata, { role: "admin", nested: {} })
      })
  )

  test("keeps the spelling of the address", ({ invitations }) =>
    Effect.gen(function*() {
      const spellings = ["Ada.Lovelace@Example.COM", "o'brien+tag@example.co.uk", "jörg@exämple.de", "a/b&c=d%20@x.co"]
      const created = yield* Effect.forEach(spellings, (emailAddress) => invitations.create({ emailAddress }))
      assert.deepStrictEqual(addresses(created), spellings)
      for (const emailAddress of spellings) {
        assert.deepStrictEqual(addresses((yield* invitations.list({ query: emailAddress })).data), [emailAddress])
      }
    }))

  test(
    "sends an e-mail with the requested template and the accept link",
    ({ control, invitations }) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("1 hours")
        const created = yield* invitations.create({ emailAddress: ada, templateSlug: "waitlist_invitation" })
        const [email, ...others] = yield* control.outbox
        assert.deepStrictEqual(others, [])
        assert.isTrue(email !== undefined)
        assert.deepStrictEqual(
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

  test("sends no e-mail if notify is false", ({ control, invitations }) =>
    Effect.gen(function*() {
      const created = yield* invitations.create({ emailAddress: ada, notify: false })
      assert.strictEqual(created.status, "pending")
      assert.isTrue(Option.isSome(created.url))
      assert.deepStrictEqual(yield* control.outbox, [])
    }))

  test("gives every invitation a distinct id and accept link", ({ invitations }) =>
    Effect.gen(function*() {
      const created = yield* Effect.forEach(makeRequests(20), (request) => invitations.create(request))
      assert.strictEqual(new Set(ids(created)).size, 20)
      assert.strictEqual(new Set(created.map(urlOf)).size, 20)
    }))

  test("never prints the accept link", ({ control, invitations }) =>
    Effect.gen(function*() {
      const created = yield* invitations.create({ emailAddress: ada })
      const page = yield* invitations.list()
      const url = urlOf(created)
      const ticket = new URL(url).searchParams.get("ticket") ?? url
      assert.strictEqual(urlOf(page.data[0] ?? created), url)
      const values: ReadonlyArray<unknown> = [created, page, yield* control.invitations, yield* control.outbox]
      for (const value of values) {
        for (const text of [String(value), JSON.stringify(value), ...environment.inspect(value)]) {
          assert.isFalse(text.includes(url) || text.includes(ticket), `the link is in ${text}`)
        }
      }
    }))
})
