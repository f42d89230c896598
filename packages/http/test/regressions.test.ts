// Bugs observed in other clients; a name in parentheses is the client.
import { InvalidRequest } from "@effect-clerk/core"
import { describe, expect, it } from "@effect/vitest"
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
    it.effect(`a server that asks for ${what} does not put the caller to sleep`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(() => tooMany(value ?? ""))
        const error = yield* runStubWithClock(Effect.flip(invitations.list()))
        expect(error._tag).toBe("TooManyRequests")
        expect(seen).toHaveLength(1)
        expect(yield* Clock.currentTimeMillis).toBe(0)
      }))
  }

  for (const value of ["1e999", "NaN", "-1", "Infinity"]) {
    it.effect(`${value} neither overflows nor retries at once nor for ever (Speakeasy, workos)`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(() => ({ status: 503, headers: { "retry-after": value } }))
        const error = yield* runStubWithClock(Effect.flip(invitations.list()))
        expect(error._tag).toBe("ServerError")
        expect(seen).toHaveLength(3)
        expect((seen[1]?.at ?? 0) - (seen[0]?.at ?? 0)).toBeGreaterThanOrEqual(200)
        expect(yield* Clock.currentTimeMillis).toBeLessThan(2000)
      }))
  }

  it.effect("a date is waited for, and not taken for none (workos: NaN)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service((_, index) =>
        index === 0
          ? { status: 429, headers: { date: new Date(0).toUTCString(), "retry-after": new Date(20_000).toUTCString() } }
          : { body: page([]) }
      )
      yield* runStubWithClock(invitations.list())
      expect(seen[1]?.at).toBeGreaterThanOrEqual(20_000)
      expect(seen[1]?.at).toBeLessThan(21_000)
    }))

  it.effect("on a 503 is not ignored (octokit)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service((_, index) =>
        index === 0 ? { status: 503, headers: { "retry-after": "30" } } : { body: page([]) }
      )
      yield* runStubWithClock(invitations.list())
      expect(seen[1]?.at).toBeGreaterThanOrEqual(30_000)
    }))

  it.scoped("and the status survive a body that breaks off (@clerk/backend)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [raw.reply({ status: 429, headers: { "retry-after": "9" }, body: "{\"errors\":[{\"co" })],
        once
      )
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      expect(error).toMatchObject({ _tag: "TooManyRequests", status: 429 })
      expect("retryAfter" in error && Option.isSome(error.retryAfter)).toBe(true)
    }))
})

describe("retries", () => {
  it.effect("an endless 503 does not make 71 calls over an hour (Speakeasy)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }))
      yield* runStubWithClock(Effect.flip(invitations.list()))
      expect(seen).toHaveLength(3)
      expect(yield* Clock.currentTimeMillis).toBeLessThan(60_000)
    }))

  it.effect("the first waits of several callers are not the same (stripe: no jitter)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }))
      yield* runStubWithClock(
        Effect.all(Array.from({ length: 10 }, () => Effect.flip(invitations.list())), { concurrency: "unbounded" })
          .pipe(
            Effect.withRandom(Random.make("jitter"))
          )
      )
      expect(seen).toHaveLength(30)
      expect(seen.slice(0, 10).every(({ at }) => at === 0)).toBe(true)
      expect(new Set(seen.slice(10).map(({ at }) => at)).size).toBeGreaterThan(15)
    }))

  it.effect("an abort during a backoff is noticed at once, not after it (openai)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => tooMany("25"))
      const fiber = yield* Effect.fork(invitations.list())
      yield* eventLoopTurns(5)
      expect(seen).toHaveLength(1)
      yield* Fiber.interrupt(fiber)
      expect(yield* Clock.currentTimeMillis).toBe(0)
      expect(seen).toHaveLength(1)
    }))

  for (const [name, client] of clients) {
    for (const [what, ending] of [["a reset", raw.reset], ["a hang-up", raw.hangUp]] as const) {
      it.scoped(`a POST is not sent again on ${what} when retries are off, over ${name} (stripe, openai)`, () =>
        Effect.gen(function*() {
          const { invitations, server } = yield* overRaw(
            [raw.reply({ body: page([]) }), ending, raw.reply({ body: row(2) })],
            once,
            client
          )
          // First something that works, so that the connection may be one that was kept open.
          yield* runWithClock(invitations.list())
          const error = yield* runWithClock(Effect.flip(invitations.create({ emailAddress })))
          yield* networkIdle
          expect(error._tag).toBe("AmbiguousWrite")
          expect(server.requests.map(({ method }) => method)).toEqual(["GET", "POST"])
        }))
    }
  }

  it.effect("a reset POST that nobody guards is not sent three times (openai)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(({ method }) =>
        method === "POST" ? { code: "ECONNRESET" } : { body: page([]) }
      )
      yield* runStubWithClock(Effect.flip(invitations.create({ emailAddress, ignoreExisting: true })))
      expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1)
    }))

  describe("are not multiplied by nesting", () => {
    const outage = () => stub.service(() => ({ status: 503 }))

    it.effect("findByEmail asks three times in all", () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* outage()
        yield* runStubWithClock(Effect.flip(invitations.findByEmail(emailAddress)))
        expect(seen).toHaveLength(3)
      }))

    it.effect("findById asks three times in all", () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* outage()
        yield* runStubWithClock(Effect.flip(invitations.findById("inv_1")))
        expect(seen).toHaveLength(3)
      }))

    it.effect("stream asks three times in all", () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* outage()
        yield* runStubWithClock(Effect.flip(Stream.runDrain(invitations.stream())))
        expect(seen).toHaveLength(3)
      }))

    it.effect("stream asks for a page in the middle three times in all", () =>
      Effect.gen(function*() {
        const rows = Array.from({ length: 10 }, (_, n) => row(n))
        const { invitations, seen } = yield* stub.service(({ url }) =>
          url.searchParams.get("offset") === "0" ? { body: page(rows, 12) } : { status: 503 }
        )
        yield* runStubWithClock(Effect.flip(Stream.runDrain(invitations.stream({ pageSize: 10, concurrency: 1 }))))
        expect(seen.filter(({ url }) => url.searchParams.get("offset") !== "0")).toHaveLength(3)
      }))

    it.effect("ensure asks three times and posts three times", () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(() => ({ code: "ECONNREFUSED" }))
        yield* runStubWithClock(Effect.flip(invitations.ensure({ emailAddress })))
        expect(seen.filter(({ method }) => method === "GET").length).toBeLessThanOrEqual(3)
        expect(seen.filter(({ method }) => method === "POST").length).toBeLessThanOrEqual(3)
      }))

    it.effect("ensure posts three times at most while everything fails with a 503", () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* outage()
        yield* runStubWithClock(Effect.flip(invitations.ensure({ emailAddress })))
        expect(seen.filter(({ method }) => method === "POST").length).toBeLessThanOrEqual(3)
      }))
  })
})

describe("pages", () => {
  const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => row(from + n))

  for (
    const [what, answer, tag] of [
      ["an error", { status: 500, body: errors("internal_clerk_error") }, "ServerError"],
      ["a 403", { status: 403, body: errors("not_allowed_access") }, "Forbidden"],
      ["a page of HTML", { body: html }, "UnexpectedResponse"],
      ["an object without rows", { body: { foo: 1 } }, "UnexpectedResponse"]
    ] as const
  ) {
    it.effect(`${what} in place of page 2 is not the end of the list (octokit)`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* stub.service(
          ({ url }) => url.searchParams.get("offset") === "0" ? { body: page(rows(0, 10), 25) } : answer,
          once
        )
        const error = yield* runStubWithClock(
          Effect.flip(Stream.runCollect(invitations.stream({ pageSize: 10, concurrency: 1 })))
        )
        expect(error._tag).toBe(tag)
      }))
  }

  it.effect("a page that failed is not replayed for ever by who asks again (stripe)", () =>
    Effect.gen(function*() {
      let broken = true
      const { invitations } = yield* stub.service(({ url }) => {
        const offset = Number(url.searchParams.get("offset") ?? 0)
        const limit = Number(url.searchParams.get("limit"))
        return offset + limit > 10 && broken
          ? { status: 503 }
          : { body: page(rows(offset, Math.min(25, offset + limit)), 25) }
      }, once)
      const all = invitations.stream({ pageSize: 10 }).pipe(Stream.runCollect, Effect.map((chunk) => chunk.length))
      expect((yield* runStubWithClock(Effect.flip(all)))._tag).toBe("ServerError")
      broken = false
      expect(yield* runStubWithClock(all)).toBe(25)
    }))

  it.effect("a limit is the size of a page and not the end of the walk (workos)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(({ url }) => {
        const offset = Number(url.searchParams.get("offset") ?? 0)
        const limit = Number(url.searchParams.get("limit") ?? 10)
        return { body: page(rows(offset, Math.min(7, offset + limit)), 7) }
      })
      const seen = yield* runStubWithClock(Stream.runCollect(invitations.stream({ pageSize: 3 })))
      expect(Array.from(seen, ({ id }) => id)).toEqual(rows(0, 7).map(({ id }) => id))
    }))

  it.scoped("the total of a page can be read (Speakeasy: paginated=true fails to validate)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([raw.reply({ body: page([row(1)], 40) })], once)
      expect((yield* runWithClock(invitations.list())).totalCount).toBe(40)
    }))

  it.scoped("a status that is new does not make the page unreadable (Speakeasy)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [raw.reply({ body: page([row(1), row(2, { status: "snoozed" })]) })],
        once
      )
      expect((yield* runWithClock(invitations.list())).data.map(({ status }) => status)).toEqual(["pending", "snoozed"])
    }))

  it.scoped("a 200 {\"foo\":1} is not a list (@clerk/backend)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([raw.reply({ body: { foo: 1 } })], once)
      expect((yield* runWithClock(Effect.flip(invitations.list())))._tag).toBe("UnexpectedResponse")
    }))

  it.scoped("a content type with a charset is JSON all the same, and not a string (@clerk/backend)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [raw.reply({ body: page([row(1)]), contentType: "application/json; charset=utf-8" })],
        once
      )
      expect((yield* runWithClock(invitations.list())).data[0]?.emailAddress).toBe(emailAddress)
    }))
})

describe("errors", () => {
  it.scoped("a page of HTML keeps its status and says what to do, though it has no errors (@clerk/backend, Go)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([raw.reply({ status: 502, body: html, contentType: "text/html" })], once)
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      expect(error).toMatchObject({ _tag: "ServerError", status: 502, errors: [] })
      expect(error.message).toMatch(/502.*gateway/)
    }))

  it.scoped("resets_in of a 429 is not dropped by a whitelist (@clerk/backend)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [raw.reply({ status: 429, body: errors("too_many_requests", { meta: { resets_in: 17 } }) })],
        once
      )
      const error = yield* runWithClock(Effect.flip(invitations.list()))
      expect(error).toMatchObject({ errors: [{ meta: { resets_in: 17 } }] })
    }))

  it.scoped("email_addresses of a duplicate and the trace id are not deleted (Speakeasy, Go)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [raw.reply({
          status: 400,
          body: errors("duplicate_record", { meta: { email_addresses: ["a@b.co", "c@d.co"] } }, "trace_1")
        })],
        once
      )
      const error = yield* runWithClock(Effect.flip(invitations.createBulk([{ emailAddress: "a@b.co" }])))
      expect(error).toMatchObject({ errors: [{ emailAddresses: ["a@b.co", "c@d.co"] }] })
      expect("traceId" in error && error.traceId).toEqual(Option.some("trace_1"))
    }))

  for (const [name, client] of clients) {
    it.scoped(`ECONNRESET is not an error with an empty message, over ${name} (@clerk/backend)`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* overRaw([raw.reset], once, client)
        const error = yield* runWithClock(Effect.flip(invitations.list()))
        expect(error).toMatchObject({ _tag: "ConnectionError", reason: "Lost" })
        expect("code" in error && Option.isSome(error.code)).toBe(true)
        expect(error.message).toMatch(/connection was lost during list \(\w+\)/)
      }))
  }

  it.scoped("a null body is not a TypeError (workos)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw(
        [
          raw.reply({ body: "null" }),
          raw.reply({ status: 400, body: "null" }),
          raw.reply({ status: 400, body: "{\"errors\":null}" })
        ],
        once
      )
      expect((yield* runWithClock(Effect.flip(invitations.list())))._tag).toBe("UnexpectedResponse")
      expect((yield* runWithClock(Effect.flip(invitations.list())))._tag).toBe("BadRequest")
      expect((yield* runWithClock(Effect.flip(invitations.list())))._tag).toBe("BadRequest")
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
    it.effect(`the id ${JSON.stringify(id.slice(0, 20))} does not change the URL: nothing is sent (@clerk/backend, Go)`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(() => ({ body: row(1) }))
        const calls: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          invitations.revoke(id),
          invitations.delete(id),
          invitations.findById(id)
        ]
        for (const call of calls) {
          expect(yield* Effect.flip(call)).toBeInstanceOf(InvalidRequest)
        }
        expect(seen).toEqual([])
      }))
  }

  it.effect("a bulk of none is not sent (@clerk/backend: an empty body)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ body: [] }))
      expect(yield* Effect.flip(invitations.createBulk([]))).toMatchObject({
        _tag: "InvalidRequest",
        operation: "createBulk",
        issues: [{ path: "requests" }]
      })
      expect(seen).toEqual([])
    }))

  it.effect("a bulk of eleven is not sent (@clerk/backend: unchecked)", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ body: [] }))
      const eleven = Array.from({ length: 11 }, (_, n) => ({ emailAddress: `person${n}@example.com` }))
      expect(yield* Effect.flip(invitations.createBulk(eleven))).toBeInstanceOf(InvalidRequest)
      expect(seen).toEqual([])
    }))

  it.effect("a limit above 500, which Clerk ignores silently, is not sent", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ body: page([]) }))
      expect(yield* Effect.flip(invitations.list({ limit: 501 }))).toBeInstanceOf(InvalidRequest)
      expect(yield* Effect.flip(Stream.runDrain(invitations.stream({ pageSize: 501 })))).toBeInstanceOf(InvalidRequest)
      expect(seen).toEqual([])
    }))
})

describe("invitations", () => {
  it.scoped("JSON.stringify does not print the accept link, nor does anything else (@clerk/backend: twice)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([raw.reply({ body: row(1) })], once)
      const created = yield* runWithClock(invitations.create({ emailAddress }))
      const texts = [
        JSON.stringify(created),
        format("%s", created),
        inspect(created, { depth: null, showHidden: true })
      ]
      expect(Option.map(created.url, Redacted.value)).toEqual(
        Option.some("https://accounts.example.test/v1/tickets/accept?ticket=tkt_1")
      )
      for (const text of texts) {
        expect(text).toContain("inv_1")
        expect(text).not.toContain("tkt_1")
      }
    }))

  it.scoped("expires_at is there, and a time (@clerk/backend: missing)", () =>
    Effect.gen(function*() {
      const { invitations } = yield* overRaw([raw.reply({ body: row(1, { expires_at: 1_767_225_600_000 }) })], once)
      const created = yield* runWithClock(invitations.create({ emailAddress }))
      expect(Option.map(created.expiresAt, (time) => time.epochMillis)).toEqual(Option.some(1_767_225_600_000))
    }))
})

describe("what users of other clients ask for", () => {
  it.effect("a failed look-up is not read as \"absent\" by ensure: nobody is invited twice", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(({ method }) =>
        method === "GET"
          ? { status: 503 }
          : { status: 400, body: errors("duplicate_record", { meta: { email_addresses: [emailAddress] } }) }
      )
      const error = yield* runStubWithClock(Effect.flip(invitations.ensure({ emailAddress, ignoreExisting: true })))
      expect(error._tag).not.toBe("InvalidRequest")
      for (const { body, method } of seen) {
        if (method === "POST") expect(JSON.parse(body)).not.toHaveProperty("ignore_existing", true)
      }
    }))
})
