import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted, Schema } from "effect"
import * as emulator from "../utils/emulator.js"
import { call, send } from "../utils/emulator.js"

const ada = "ada@example.com"

const Claims = Schema.parseJson(Schema.Struct({
  eis: Schema.Number,
  exp: Schema.Number,
  iid: Schema.String.pipe(Schema.pattern(/^ins_[0-9A-Za-z]{27}$/)),
  sid: Schema.String,
  st: Schema.Literal("invitation")
}))

const TestLive = (options?: Parameters<typeof emulator.layerRaw>[0]) => emulator.layerRaw(options)

/** Seeds an invitation, and returns it with the path of its accept link. */
const invite = (request: Partial<CreateInvitation.Input> = {}) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const [seeded] = yield* control.seed([{ emailAddress: ada, ...request }])
    assert(seeded !== undefined)
    const link = Redacted.value(Option.getOrThrow(seeded.url))
    const url = yield* emulator.apiUrl
    assert.isTrue(link.startsWith(`${url}/v1/tickets/accept?ticket=`), link)
    return { id: seeded.id, path: link.slice(url.length), ticket: link.split("ticket=")[1] ?? "" }
  })

const location = (response: emulator.RawResponse): string => {
  assert.strictEqual(response.status, 303)
  return response.headers["location"] ?? ""
}

const statuses = Effect.flatMap(
  InvitationsControl,
  ({ invitations }) => Effect.map(invitations, (all) => all.map(({ status }) => status))
)

const form = (ticket: string) => ({
  body: new URLSearchParams({ __clerk_ticket: ticket }).toString(),
  headers: { "content-type": "application/x-www-form-urlencoded" }
})

describe("the accept link", () => {
  it.effect("redirects to the redirect URL with the ticket and the status, without a secret key, and accepts nothing", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const { path, ticket } = yield* invite({ redirectUrl: "https://app.example.com/welcome?team=a%20b&x=1#top" })
      const target = new URL(location(yield* send("GET", path)))
      assert.strictEqual(`${target.origin}${target.pathname}${target.hash}`, "https://app.example.com/welcome#top")
      assert.deepStrictEqual([...target.searchParams], [
        ["team", "a b"],
        ["x", "1"],
        ["__clerk_ticket", ticket],
        ["__clerk_status", "sign_up"]
      ])
      yield* control.addUser(ada)
      assert.include(location(yield* send("GET", path)), "&__clerk_status=sign_in#top")
      assert.deepStrictEqual(yield* statuses, ["pending"])
    }).pipe(Effect.provide(TestLive())))

  it.effect("is a token with the claims of Clerk", () =>
    Effect.gen(function*() {
      const { id, ticket } = yield* invite({ expiresInDays: 1 })
      const claims = yield* Schema.decode(Claims)(Buffer.from(ticket.split(".")[1] ?? "", "base64url").toString())
      assert.deepStrictEqual([claims.sid, claims.eis, claims.exp], [id, 86_400, 86_400])
    }).pipe(Effect.provide(TestLive())))

  it.effect("leads to the sign-up page without a redirect URL; the button of the page accepts", () =>
    Effect.gen(function*() {
      const { path } = yield* invite()
      const page = location(yield* send("GET", path))
      assert.match(page, /^\/_emulator\/sign-up\?__clerk_ticket=[\w.-]+&__clerk_status=sign_up$/)
      const { headers, status, text } = yield* send("GET", page)
      assert.strictEqual(status, 200)
      assert.include(headers["content-security-policy"], "form-action 'self'")
      assert.include(text, `<strong>${ada}</strong> is invited`)
      assert.deepStrictEqual(yield* statuses, ["pending"])
      const hidden = /name="__clerk_ticket" value="([^"]+)"/.exec(text)?.[1] ?? ""
      const accepted = yield* send("POST", "/_emulator/sign-up", form(hidden))
      assert.strictEqual(accepted.status, 200)
      assert.include(accepted.text, "Invitation accepted")
      assert.deepStrictEqual(yield* statuses, ["accepted"])
    }).pipe(Effect.provide(TestLive())))

  it.effect("shows a page without the ticket if it is used, expired, revoked, deleted or forged", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const [used, expired, revoked, deleted] = yield* Effect.replicateEffect(invite(), 4)
      assert(used !== undefined && expired !== undefined && revoked !== undefined && deleted !== undefined)
      yield* control.accept(used.id)
      yield* control.expire(expired.id)
      yield* control.revoke(revoked.id)
      yield* control.delete(deleted.id)
      const before = yield* statuses
      const cases = [
        [used, 410, "Invitation already accepted"],
        [expired, 410, "Invitation expired"],
        [revoked, 410, "Invitation revoked"],
        [deleted, 410, "Invitation not found"],
        [{ path: `${used.path}x`, ticket: `${used.ticket}x` }, 400, "Link not valid"],
        [{ path: "/v1/tickets/accept", ticket: "" }, 400, "Link not valid"]
      ] as const
      for (const [{ path, ticket }, status, title] of cases) {
        const responses = [
          yield* send("GET", path),
          yield* send("GET", `/_emulator/sign-up?__clerk_ticket=${ticket}`),
          yield* send("POST", "/_emulator/sign-up", form(ticket))
        ]
        for (const response of responses) {
          assert.strictEqual(response.status, status)
          assert.include(response.headers["content-type"], "text/html")
          assert.include(response.text, `<h1>${title}</h1>`)
          assert.isTrue(ticket === "" || !response.text.includes(ticket))
          assert.notInclude(response.text, ada)
          assert.isUndefined(response.headers["location"])
        }
      }
      assert.deepStrictEqual(yield* statuses, before)
    }).pipe(Effect.provide(TestLive())))

  it.effect("is accepted by POST /_emulator/tickets/accept", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const { id, ticket } = yield* invite({ publicMetadata: { role: "admin" } })
      const accept = (ticket: string) => send("POST", "/_emulator/tickets/accept", { body: { ticket } })
      assert.strictEqual((yield* accept(`${ticket}x`)).status, 422)
      const accepted = yield* accept(ticket)
      assert.strictEqual(accepted.status, 200)
      assert.deepInclude(JSON.parse(accepted.text), { id, status: "accepted" })
      assert.deepStrictEqual((yield* control.users).map(({ publicMetadata }) => publicMetadata), [{ role: "admin" }])
      assert.strictEqual((yield* accept(ticket)).status, 409)
    }).pipe(Effect.provide(TestLive())))

  it.effect("is not accepted by a page of another site", () =>
    Effect.gen(function*() {
      const { ticket } = yield* invite()
      const { body, headers } = form(ticket)
      const response = yield* send("POST", "/_emulator/sign-up", {
        body,
        headers: { ...headers, origin: "https://evil.example" }
      })
      assert.strictEqual(response.status, 403)
      assert.deepStrictEqual(yield* statuses, ["pending"])
    }).pipe(Effect.provide(TestLive())))

  it.effect("begins with publicUrl", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      const [seeded] = yield* control.seed([{ emailAddress: ada }])
      assert(seeded !== undefined)
      assert.match(
        Redacted.value(Option.getOrThrow(seeded.url)),
        /^https:\/\/clerk\.example\.test\/v1\/tickets\/accept\?ticket=/
      )
    }).pipe(Effect.provide(TestLive({ publicUrl: "https://clerk.example.test/" }))))

  it.effect("finds its store among those of several keys", () =>
    Effect.gen(function*() {
      const create = (key: string) =>
        Effect.map(
          send("POST", "/v1/invitations", {
            headers: { authorization: `Bearer ${key}` },
            body: { email_address: ada, redirect_url: `https://${key.slice(-1)}.example.com/` }
          }),
          ({ text }) => /"url":"[^"]*(\/v1\/tickets\/[^"]*)"/.exec(text)?.[1] ?? ""
        )
      const [first, second] = [yield* create("sk_test_a"), yield* create("sk_test_b")]
      assert.include(location(yield* send("GET", second)), "https://b.example.com/")
      assert.include(location(yield* send("GET", first)), "https://a.example.com/")
    }).pipe(Effect.provide(TestLive({ storePerKey: true }))))
})

describe("the users of the emulator", () => {
  it.effect("are listed and counted by address, newest first, with a secret key only", () =>
    Effect.gen(function*() {
      const control = yield* InvitationsControl
      for (const name of ["a", "b", "c"]) yield* control.addUser(`${name}@example.com`)
      const list = (query: string) =>
        Effect.map(
          call("GET", `/v1/users${query}`),
          ({ text }) => Array.from(text.matchAll(/"email_address":"([^"]+)"/g), ([, address]) => address)
        )
      const count = (query: string) =>
        Effect.map(call("GET", `/v1/users/count${query}`), ({ text }): unknown => JSON.parse(text))
      assert.deepStrictEqual(yield* list(""), ["c@example.com", "b@example.com", "a@example.com"])
      assert.deepStrictEqual(yield* list("?limit=1&offset=1"), ["b@example.com"])
      assert.deepStrictEqual(yield* list("?email_address=A@example.com&email_address=c@example.com"), [
        "c@example.com",
        "a@example.com"
      ])
      assert.deepStrictEqual(yield* list("?email_address=nobody@example.com"), [])
      assert.deepStrictEqual(yield* count(""), { object: "total_count", total_count: 3 })
      assert.deepStrictEqual(yield* count("?email_address=a@example.com"), { object: "total_count", total_count: 1 })
      assert.strictEqual((yield* send("GET", "/v1/users")).status, 401)
      assert.strictEqual((yield* call("GET", "/v1/users?limit=0")).status, 422)
    }).pipe(Effect.provide(TestLive())))
})
