// Bugs observed in other clients. The name in parentheses is the client that has the bug.
import { InvalidRequest } from "@effect-clerk/core/InvitationError"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Option, Random, Redacted, Stream } from "effect"
import { format, inspect } from "node:util"
import { clients } from "./utils/clients.js"
import { eventLoopTurns, networkIdle, runStubWithClock, runWithClock } from "./utils/clock.js"
import { once, overRaw } from "./utils/overRaw.js"
import * as raw from "./utils/rawServer.js"
import * as stub from "./utils/stub.js"
import { errors, html, page, row } from "./utils/wire.js"

const emailAddress = "person1@example.com"

const tooMany = (retryAfter: string): stub.Reaction => ({
  status: 429,
  headers: { "retry-after": retryAfter },
  body: errors("too_many_requests", { meta: { resets_in: 1 } })
})

describe("Retry-After", () => {
  for (
    const [what, value] of [["a day", "86400"], ["an hour (openai)", "3600"], ["31,709,791 years", "999999999999999"]]
  ) {
    it.effect(`of ${what} fails the call instead of suspending it`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(() => tooMany(value ?? ""))
        const error = yield* runStubWithClock(Effect.flip(invitations.list()))
        assert.strictEqual(error._tag, "TooManyRequests")
        assert.strictEqual(seen.length, 1)
        assert.strictEqual(yield* Clock.currentTimeMillis, 0)
      }))
  }

  for (const value of ["1e999", "NaN", "-1", "Infinity"]) {
    it.effect(`of ${value} is ignored: three attempts with the usual backoff (Speakeasy, workos)`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(() => ({ status: 503, headers: { "retry-after": value } }))
        const error = yield* runStubWithClock(Effect.flip(invitations.list()))
        assert.strictEqual(error._tag, "ServerError")
        assert.strictEqual(seen.length, 3)
        assert.isAtLeast((seen[1]?.at ?? 0) - (seen[0]?.at ?? 0), 200)
        assert.isBelow(yield* Clock.currentTimeMillis, 2000)
      }))
  }

  it.effect("with a date delays the retry until that date (workos: NaN)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service((_, index) =>
        index === 0
          ? { status: 429, headers: { date: new Date(0).toUTCString(), "retry-after": new Date(20_000).toUTCString() } }
          : { body: page([]) }
      )
      yield* runStubWithClock(invitations.list())
      assert.isAtLeast(seen[1]?.at ?? 0, 20_000)
      assert.isBelow(seen[1]?.at ?? 0, 21_000)
    }))

  it.effect("of a 503 delays the retry (octokit)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service((_, index) =>
        index === 0 ? { status: 503, headers: { "retry-after": "30" } } : { body: page([]) }
      )
      yield* runStubWithClock(invitations.list())
      assert.isAtLeast(seen[1]?.at ?? 0, 30_000)
    }))

  it.scoped("and the status are kept if the body is truncated JSON (@clerk/backend)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [raw.reply({ status: 429, headers: { "retry-after": "9" }, body: "{\"errors\":[{\"co" })],
        once
      )
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      assert.include(error, { _tag: "TooManyRequests", status: 429 })
      assert.isTrue("retryAfter" in error && Option.isSome(error.retryAfter))
    }))
})

describe("retries", () => {
  it.effect("a permanent 503 ends after three attempts (Speakeasy: 71 attempts in an hour)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }))
      yield* runStubWithClock(Effect.flip(invitations.list()))
      assert.strictEqual(seen.length, 3)
      assert.isBelow(yield* Clock.currentTimeMillis, 60_000)
    }))

  it.effect("the backoffs of concurrent calls differ (stripe: no jitter)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }))
      yield* runStubWithClock(
        Effect.all(Array.from({ length: 10 }, () => Effect.flip(invitations.list())), { concurrency: "unbounded" })
          .pipe(
            Effect.withRandom(Random.make("jitter"))
          )
      )
      assert.strictEqual(seen.length, 30)
      assert.isTrue(seen.slice(0, 10).every(({ at }) => at === 0))
      assert.isAbove(new Set(seen.slice(10).map(({ at }) => at)).size, 15)
    }))

  it.effect("an interruption during a backoff ends the call at once (openai: after the backoff)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => tooMany("25"))
      const fiber = yield* Effect.fork(invitations.list())
      yield* Effect.repeatN(eventLoopTurns(1), 5)
      assert.strictEqual(seen.length, 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* Clock.currentTimeMillis, 0)
      assert.strictEqual(seen.length, 1)
    }))

  for (const [name, client] of clients) {
    for (const [what, ending] of [["reset", raw.reset], ["closed", raw.hangUp]] as const) {
      it.scoped(`without retries, a POST is not resent if its connection is ${what}, over ${name} (stripe, openai)`, () =>
        Effect.gen(function*() {
          const { invitations, server } = yield* overRaw(
            [raw.reply({ body: page([]) }), ending, raw.reply({ body: row(2) })],
            once,
            client
          )
          // A successful call first, so that the POST may use a connection that was kept open.
          yield* runWithClock(invitations.list())
          const error = yield* runWithClock(Effect.flip(invitations.create({ emailAddress })))
          yield* networkIdle
          assert.strictEqual(error._tag, "AmbiguousWrite")
          assert.deepStrictEqual(server.requests.map(({ method }) => method), ["GET", "POST"])
        }))
    }
  }

  it.effect("a create with ignoreExisting is not resent after a reset (openai)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(({ method }) =>
        method === "POST" ? { code: "ECONNRESET" } : { body: page([]) }
      )
      yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress, ignoreExisting: true })))
      assert.strictEqual(seen.filter(({ method }) => method === "POST").length, 1)
    }))

  describe("are not multiplied by composite operations", () => {
    const outage = () => stub.service(() => ({ status: 503 }))

    it.effect("findByEmail makes three attempts", () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* outage()
        yield* runStubWithClock(Effect.flip(invitations.findByEmail(emailAddress)))
        assert.strictEqual(seen.length, 3)
      }))

    it.effect("findById makes three attempts", () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* outage()
        yield* runStubWithClock(Effect.flip(invitations.findById("inv_1")))
        assert.strictEqual(seen.length, 3)
      }))

    it.effect("stream makes three attempts", () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* outage()
        yield* runStubWithClock(Effect.flip(Stream.runDrain(invitations.stream())))
        assert.strictEqual(seen.length, 3)
      }))

    it.effect("stream makes three attempts for a later page", () =>
      Effect.gen(function*() {
        const rows = Array.from({ length: 10 }, (_, n) => row(n))
        const { invitations, seen } = yield* stub.service(({ url }) =>
          url.searchParams.get("offset") === "0" ? { body: page(rows, 12) } : { status: 503 }
        )
        yield* runStubWithClock(Effect.flip(Stream.runDrain(invitations.stream({ pageSize: 10, concurrency: 1 }))))
        assert.strictEqual(seen.filter(({ url }) => url.searchParams.get("offset") !== "0").length, 3)
      }))

    it.effect("ensure makes at most three attempts to list and three to create if the connection is refused", () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(() => ({ code: "ECONNREFUSED" }))
        yield* runStubWithClock(Effect.flip(invitations.ensure({ emailAddress })))
        assert.isAtMost(seen.filter(({ method }) => method === "GET").length, 3)
        assert.isAtMost(seen.filter(({ method }) => method === "POST").length, 3)
      }))

    it.effect("ensure makes at most three attempts to create if every response is a 503", () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* outage()
        yield* runStubWithClock(Effect.flip(invitations.ensure({ emailAddress })))
        assert.isAtMost(seen.filter(({ method }) => method === "POST").length, 3)
      }))
  })
})

describe("pages", () => {
  const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => row(from + n))

  for (
    const [what, answer, tag] of [
      ["an error", { status: 500, body: errors("internal_clerk_error") }, "ServerError"],
      ["a 403", { status: 403, body: errors("not_allowed_access") }, "Forbidden"],
      ["an HTML page", { body: html }, "UnexpectedResponse"],
      ["an object without rows", { body: { foo: 1 } }, "UnexpectedResponse"]
    ] as const
  ) {
    it.effect(`${what} in place of page 2 fails the stream (octokit: ends it)`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* stub.service(
          ({ url }) => url.searchParams.get("offset") === "0" ? { body: page(rows(0, 10), 25) } : answer,
          once
        )
        const error = yield* runStubWithClock(
          Effect.flip(Stream.runCollect(invitations.stream({ pageSize: 10, concurrency: 1 })))
        )
        assert.strictEqual(error._tag, tag)
      }))
  }

  it.effect("a failed page is requested again by the next run of the stream (stripe)", () =>
    Effect.gen(function*() {
      let failing = true
      const { invitations } = yield* stub.service(({ url }) => {
        const offset = Number(url.searchParams.get("offset") ?? 0)
        const limit = Number(url.searchParams.get("limit"))
        return offset + limit > 10 && failing
          ? { status: 503 }
          : { body: page(rows(offset, Math.min(25, offset + limit)), 25) }
      }, once)
      const all = invitations.stream({ pageSize: 10 }).pipe(Stream.runCollect, Effect.map((chunk) => chunk.length))
      assert.strictEqual((yield* runStubWithClock(Effect.flip(all)))._tag, "ServerError")
      failing = false
      assert.strictEqual(yield* runStubWithClock(all), 25)
    }))

  it.effect("pageSize does not limit the number of rows of the stream (workos)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(({ url }) => {
        const offset = Number(url.searchParams.get("offset") ?? 0)
        const limit = Number(url.searchParams.get("limit") ?? 10)
        return { body: page(rows(offset, Math.min(7, offset + limit)), 7) }
      })
      const seen = yield* runStubWithClock(Stream.runCollect(invitations.stream({ pageSize: 3 })))
      assert.deepStrictEqual(Array.from(seen, ({ id }) => id), rows(0, 7).map(({ id }) => id))
    }))

  it.scoped("the total of a page is decoded (Speakeasy: paginated=true fails to validate)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([raw.reply({ body: page([row(1)], 40) })], once)
      assert.strictEqual((yield* runWithClock(invitations.list())).totalCount, 40)
    }))

  it.scoped("a page with an unknown status is decoded (Speakeasy)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [raw.reply({ body: page([row(1), row(2, { status: "snoozed" })]) })],
        once
      )
      assert.deepStrictEqual((yield* runWithClock(invitations.list())).data.map(({ status }) => status), [
        "pending",
        "snoozed"
      ])
    }))

  it.scoped("a 200 {\"foo\":1} is an UnexpectedResponse (@clerk/backend)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([raw.reply({ body: { foo: 1 } })], once)
      assert.strictEqual((yield* runWithClock(Effect.flip(invitations.list())))._tag, "UnexpectedResponse")
    }))

  it.scoped("a body whose content type has a charset is decoded as JSON (@clerk/backend: a string)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [raw.reply({ body: page([row(1)]), contentType: "application/json; charset=utf-8" })],
        once
      )
      assert.strictEqual((yield* runWithClock(invitations.list())).data[0]?.emailAddress, emailAddress)
    }))
})

describe("errors", () => {
  it.scoped("the error of an HTML page has the status and a useful message (@clerk/backend, Go)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([raw.reply({ status: 502, body: html, contentType: "text/html" })], once)
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      assert.deepInclude(error, { _tag: "ServerError", status: 502, errors: [] })
      assert.match(error.message, /502.*gateway/)
    }))

  it.scoped("resets_in of a 429 is kept in meta (@clerk/backend)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [raw.reply({ status: 429, body: errors("too_many_requests", { meta: { resets_in: 17 } }) })],
        once
      )
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      assert.deepStrictEqual("errors" in error && error.errors.map(({ meta }) => meta), [{ resets_in: 17 }])
    }))

  it.scoped("email_addresses of a duplicate and the trace id are kept (Speakeasy, Go)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [raw.reply({
          status: 400,
          body: errors("duplicate_record", { meta: { email_addresses: ["a@b.co", "c@d.co"] } }, "trace_1")
        })],
        once
      )
      const error = yield* runWithClock(Effect.flip(invitations.createBulk([{ emailAddress: "a@b.co" }])))
      assert.strictEqual(error._tag, "BadRequest")
      assert.deepStrictEqual("errors" in error && error.errors.map(({ emailAddresses }) => emailAddresses), [
        ["a@b.co", "c@d.co"]
      ])
      assert.strictEqual("traceId" in error && Option.getOrUndefined(error.traceId), "trace_1")
    }))

  for (const [name, client] of clients) {
    it.scoped(`ECONNRESET has a code and a message, over ${name} (@clerk/backend: an empty message)`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* overRaw([raw.reset], once, client)
        const error = yield* runWithClock(Effect.flip(invitations.list()))
        assert.include(error, { _tag: "ConnectionError", reason: "Lost" })
        assert.isTrue("code" in error && Option.isSome(error.code))
        assert.match(error.message, /connection was lost during list \(\w+\)/)
      }))
  }

  it.scoped("a null body is a typed error (workos: a TypeError)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [
          raw.reply({ body: "null" }),
          raw.reply({ status: 400, body: "null" }),
          raw.reply({ status: 400, body: "{\"errors\":null}" })
        ],
        once
      )
      assert.strictEqual((yield* runWithClock(Effect.flip(invitations.list())))._tag, "UnexpectedResponse")
      assert.strictEqual((yield* runWithClock(Effect.flip(invitations.list())))._tag, "BadRequest")
      assert.strictEqual((yield* runWithClock(Effect.flip(invitations.list())))._tag, "BadRequest")
    }))
})

describe("requests", () => {
  const ids = [
    "",
    " ",
    ".",
    "..",
    "inv_1?x=1#f",
    "inv_1/revoke",
    "../users/user_1",
    "inv_1%2f..",
    "inv_1\n",
    "inv_ä",
    "a".repeat(256)
  ]

  for (const id of ids) {
    it.effect(`the invalid id ${JSON.stringify(id.slice(0, 20))} is not sent (@clerk/backend, Go: changes the URL)`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(() => ({ body: row(1) }))
        const calls: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          invitations.revoke(id),
          invitations.delete(id),
          invitations.findById(id)
        ]
        for (const call of calls) {
          assert.instanceOf(yield* Effect.flip(call), InvalidRequest)
        }
        assert.deepStrictEqual(seen, [])
      }))
  }

  it.effect("an empty bulk is not sent (@clerk/backend: an empty body)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ body: [] }))
      const error = yield* Effect.flip(invitations.createBulk([]))
      assert.instanceOf(error, InvalidRequest)
      assert.strictEqual(error.operation, "createBulk")
      assert.deepStrictEqual(error.issues.map(({ path }) => path), ["requests"])
      assert.deepStrictEqual(seen, [])
    }))

  it.effect("a bulk of eleven is not sent (@clerk/backend: unchecked)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ body: [] }))
      const eleven = Array.from({ length: 11 }, (_, n) => ({ emailAddress: `person${n}@example.com` }))
      assert.instanceOf(yield* Effect.flip(invitations.createBulk(eleven)), InvalidRequest)
      assert.deepStrictEqual(seen, [])
    }))

  it.effect("a limit above 500, which Clerk ignores, is not sent", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ body: page([]) }))
      assert.instanceOf(yield* Effect.flip(invitations.list({ limit: 501 })), InvalidRequest)
      assert.instanceOf(yield* Effect.flip(Stream.runDrain(invitations.stream({ pageSize: 501 }))), InvalidRequest)
      assert.deepStrictEqual(seen, [])
    }))
})

describe("invitations", () => {
  it.scoped("the accept link is redacted in JSON, format and inspect (@clerk/backend: printed twice)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([raw.reply({ body: row(1) })], once)
      const created = yield* runWithClock(invitations.create({ emailAddress }))
      const texts = [
        JSON.stringify(created),
        format("%s", created),
        inspect(created, { depth: null, showHidden: true })
      ]
      assert.strictEqual(
        Option.getOrUndefined(Option.map(created.url, Redacted.value)),
        "https://accounts.example.test/v1/tickets/accept?ticket=tkt_1"
      )
      for (const text of texts) {
        assert.include(text, "inv_1")
        assert.notInclude(text, "tkt_1")
      }
    }))

  it.scoped("expiresAt is decoded as a time (@clerk/backend: missing)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([raw.reply({ body: row(1, { expires_at: 1_767_225_600_000 }) })], once)
      const created = yield* runWithClock(invitations.create({ emailAddress }))
      assert.strictEqual(Option.getOrUndefined(created.expiresAt)?.epochMillis, 1_767_225_600_000)
    }))
})

describe("ensure", () => {
  it.effect("does not treat a failed look-up as an absent invitation, so that it creates no duplicate", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(({ method }) =>
        method === "GET"
          ? { status: 503 }
          : { status: 400, body: errors("duplicate_record", { meta: { email_addresses: [emailAddress] } }) }
      )
      const error = yield* runStubWithClock(Effect.flip(invitations.ensure({ emailAddress, ignoreExisting: true })))
      assert.notStrictEqual(error._tag, "InvalidRequest")
      for (const { body, method } of seen) {
        if (method === "POST") assert.notInclude(JSON.parse(body), { ignore_existing: true })
      }
    }))
})
