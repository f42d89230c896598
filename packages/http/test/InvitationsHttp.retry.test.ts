import type { Invitation, InvitationsService } from "@effect-clerk/core"
import { AmbiguousWrite, isAlreadyAccepted, isAlreadyRevoked, isDuplicate } from "@effect-clerk/core"
import { Fault, InvitationsHttp } from "@effect-clerk/http"
import { describe, expect, it } from "@effect/vitest"
import {
  Clock,
  Duration,
  Effect,
  Equal,
  Exit,
  FastCheck,
  Fiber,
  Option,
  Random,
  Redacted,
  Schedule,
  Schema,
  TestClock
} from "effect"
import * as clerk from "./utils/clerk.js"
import { clients } from "./utils/clients.js"
import { drive, driveStub, eventually, quiet, settle, turn } from "./utils/drive.js"
import { overRaw } from "./utils/overRaw.js"
import * as raw from "./utils/rawServer.js"
import * as stub from "./utils/stub.js"
import type { CallError, Operation, Write } from "./utils/wire.js"
import { call, errors, id, operations, page, proper, row, writes } from "./utils/wire.js"

const emailAddress = "person1@example.com"

const readable = (operation: Operation): stub.Reaction => ({ body: proper[operation] })

/** Reacts with this to the first so many requests of an operation, and properly to all others. */
const first = (times: number, operation: Operation, reaction: stub.Reaction) => {
  let left = times
  return (request: stub.Seen): stub.Reaction =>
    request.operation === operation && left-- > 0 ? reaction : readable(request.operation)
}

const always = (operation: Operation, reaction: stub.Reaction) => first(Infinity, operation, reaction)

const sent = (seen: ReadonlyArray<stub.Seen>, operation: Operation) =>
  seen.filter((request) => request.operation === operation)

const gaps = (seen: ReadonlyArray<{ readonly at: number }>): ReadonlyArray<number> =>
  seen.slice(1).map(({ at }, index) => at - (seen[index]?.at ?? 0))

describe("A · not sent", () => {
  const causes: ReadonlyArray<readonly [what: string, reaction: stub.Reaction, reason: string]> = [
    ["name server busy", { code: "EAI_AGAIN", syscall: "getaddrinfo" }, "Dns"],
    ["name not found", { code: "ENOTFOUND", syscall: "getaddrinfo" }, "Dns"],
    ["refused", { code: "ECONNREFUSED", syscall: "connect" }, "Refused"],
    ["no route", { code: "EHOSTUNREACH", syscall: "connect" }, "Unreachable"],
    ["connect timed out", { code: "UND_ERR_CONNECT_TIMEOUT" }, "ConnectTimeout"],
    ["connect timed out in the kernel", { code: "ETIMEDOUT", syscall: "connect" }, "ConnectTimeout"],
    ["certificate expired", { code: "CERT_HAS_EXPIRED" }, "Tls"]
  ]

  for (const operation of operations) {
    // How a cause is recognised does not depend on the operation, so that the writes do with two of them.
    for (const [what, reaction, reason] of operation === "list" ? causes : causes.slice(1, 3)) {
      it.effect(`A · ${operation} · ${what}: sent 3 times, then ConnectionError ${reason}, nothing looked up`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(always(operation, reaction))
          const error = yield* driveStub(Effect.flip(call(invitations, operation)))
          expect(error).toMatchObject({ _tag: "ConnectionError", operation, reason })
          expect(error.message).toContain("was not sent")
          expect(seen.map((request) => request.operation)).toEqual([operation, operation, operation])
        }))
    }

    it.effect(`A · ${operation} · refused twice, then not: the third attempt succeeds`, () =>
      Effect.gen(function*() {
        const { invitations, seen } = yield* stub.service(first(2, operation, { code: "ECONNREFUSED" }))
        yield* driveStub(call(invitations, operation))
        expect(seen).toHaveLength(3)
      }))
  }

  for (const [name, client] of clients) {
    for (const operation of ["list", "create"] as const) {
      it.scoped(`A · ${operation} · a port that nobody listens on, over ${name}: ConnectionError Refused`, () =>
        Effect.gen(function*() {
          const port = yield* raw.closedPort
          const { invitations } = yield* overRaw([], { apiUrl: `http://127.0.0.1:${port}` }, client)
          const error = yield* drive(Effect.flip(call(invitations, operation)))
          expect(error).toMatchObject({ _tag: "ConnectionError", operation, reason: "Refused" })
          expect("code" in error && error.code).toEqual(Option.some("ECONNREFUSED"))
        }))
    }
  }

  for (const operation of writes) {
    it.effect(`A · ${operation} · an error that may have come later counts as sent`, () =>
      Effect.gen(function*() {
        const { invitations } = yield* stub.service(
          always(operation, { code: "ETIMEDOUT", syscall: "read" }),
          { retry: "none" }
        )
        const error = yield* driveStub(Effect.flip(call(invitations, operation)))
        expect(error).toMatchObject({ _tag: "AmbiguousWrite", lastFailure: { reason: "Lost" } })
      }))
  }
})

describe("B · refused for now", () => {
  const refusals = [
    ["429", { status: 429, body: errors("too_many_requests") }, "TooManyRequests"],
    ["409 resource_locked", { status: 409, body: errors("resource_locked") }, "Conflict"]
  ] as const

  for (const operation of operations) {
    for (const [what, reaction, tag] of refusals) {
      it.effect(`B · ${operation} · ${what} for ever: sent 3 times, then ${tag}`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(always(operation, reaction))
          const error = yield* driveStub(Effect.flip(call(invitations, operation)))
          expect(error).toMatchObject({ _tag: tag, operation })
          expect(seen.map((request) => request.operation)).toEqual([operation, operation, operation])
        }))

      it.effect(`B · ${operation} · ${what} once: waits, then succeeds`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(first(1, operation, reaction))
          yield* driveStub(call(invitations, operation))
          expect(seen).toHaveLength(2)
          expect(gaps(seen)[0]).toBeGreaterThanOrEqual(200)
        }))
    }
  }

  it.effect("B · create with ignoreExisting · 429 once: sent again, since it was not done", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        first(1, "create", { status: 429, body: errors("too_many_requests") })
      )
      yield* driveStub(invitations.create({ emailAddress, ignoreExisting: true }))
      expect(sent(seen, "create")).toHaveLength(2)
    }))
})

describe("C · definitive", () => {
  const refusals = [
    [400, "duplicate_record", "BadRequest"],
    [401, "clerk_key_invalid", "Unauthorized"],
    [403, "quota_exceeded", "Forbidden"],
    [404, "resource_not_found", "NotFound"],
    [409, "conflict", "Conflict"],
    [422, "form_identifier_exists", "Unprocessable"]
  ] as const

  for (const operation of operations) {
    for (const [status, code, tag] of refusals) {
      it.effect(`C · ${operation} · ${status} ${code}: sent once, then ${tag} at once`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(always(operation, { status, body: errors(code) }))
          const error = yield* driveStub(Effect.flip(call(invitations, operation)))
          expect(error).toMatchObject({ _tag: tag, operation, status })
          expect(seen).toHaveLength(1)
          expect(yield* Clock.currentTimeMillis).toBe(0)
        }))
    }
  }
})

describe("D · fate unknown", () => {
  const faults: ReadonlyArray<readonly [what: string, answer: Fault.Response, tag: string]> = [
    ["reset", Fault.Response.Reset(), "ConnectionError"],
    ["no answer", Fault.Response.Stall({ at: "headers" }), "Timeout"],
    ["503", Fault.Response.Status({ status: 503, code: "service_unavailable" }), "ServerError"],
    ["half an answer, then silence", Fault.Response.Stall({ at: "body" }), "Timeout"],
    ["half an answer, then a reset", Fault.Response.Truncated(), "ConnectionError"],
    ["HTML 502", Fault.Response.Status({ status: 502, html: true }), "ServerError"],
    ["200 without sense", Fault.Response.Body({ body: "{\"foo\":1}" }), "UnexpectedResponse"]
  ]

  /** What each write does to a store that holds one pending invitation for somebody else. */
  const perform = (
    service: InvitationsService.Service,
    operation: Write,
    target: Invitation,
    ignoreExisting: boolean
  ): Effect.Effect<unknown, CallError> => {
    switch (operation) {
      case "create":
        return service.create({ emailAddress, ignoreExisting, publicMetadata: { plan: "gold" } })
      case "createBulk":
        return service.createBulk([1, 2, 3].map((n) => ({ emailAddress: `person${n}@example.com`, ignoreExisting })))
      default:
        return operation === "revoke" ? service.revoke(target.id) : service.delete(target.id)
    }
  }

  /** What the store then holds beside: how many new ones, and what became of the one that was there. */
  const done = {
    create: [1, "pending"],
    createBulk: [3, "pending"],
    revoke: [0, "revoked"],
    delete: [0, "gone"]
  } as const

  const world = (operation: Write, plan: Omit<Fault.Plan, "operation">, ignoreExisting = false) =>
    Effect.gen(function*() {
      const { attempts, control, count, invitations } = yield* clerk.make()
      const [target] = yield* control.seed([{ emailAddress: "other@example.com" }])
      if (target === undefined) return yield* Effect.dieMessage("nothing was seeded")
      yield* TestClock.adjust("1 hour")
      yield* control.injectFaults([{ ...plan, operation }])
      const result = yield* drive(Effect.either(perform(invitations, operation, target, ignoreExisting)))
      const rows = yield* control.invitations
      return {
        attempts,
        result,
        rows,
        requests: count(operation),
        made: rows.filter((one) => one.id !== target.id),
        fate: rows.find((one) => one.id === target.id)?.status ?? "gone"
      }
    })

  for (const [index, [what, answer, tag]] of faults.entries()) {
    // The first three in every cell; the others differ from them in how they are recognised only.
    const everywhere = index < 3

    it.scoped(`D · list · ${what} once: sent again, succeeds`, () =>
      Effect.gen(function*() {
        const { control, count, invitations } = yield* clerk.make()
        yield* control.seed([{ emailAddress }])
        yield* control.injectFaults([{ response: answer, commit: "before" }])
        const { data } = yield* drive(invitations.list())
        expect(data.map((one) => one.emailAddress)).toEqual([emailAddress])
        expect(count("list")).toBe(2)
      }))

    it.scoped(`D · list · ${what} for ever: sent 3 times, then ${tag}`, () =>
      Effect.gen(function*() {
        const { control, count, invitations } = yield* clerk.make()
        yield* control.injectFaults([{ response: answer, commit: "before", times: 10 }])
        const error = yield* drive(Effect.flip(invitations.list()))
        expect(error).toMatchObject({ _tag: tag, operation: "list" })
        expect(count("list")).toBe(3)
      }))

    for (const operation of everywhere ? ["create", "createBulk"] as const : ["create"] as const) {
      for (const ignoreExisting of everywhere ? [false, true] : [false]) {
        const name = `D · ${operation}${ignoreExisting ? " with ignoreExisting" : ""} · ${what}`

        it.scoped(`${name} after commit: reconciled, one POST`, () =>
          Effect.gen(function*() {
            const { made, requests, result } = yield* world(
              operation,
              { response: answer, commit: "before" },
              ignoreExisting
            )
            expect(requests).toBe(1)
            if (result._tag === "Left") return yield* Effect.fail(result.left)
            expect([result.right].flat()).toHaveLength(done[operation][0])
            for (const [n, one] of [result.right].flat().entries()) expect(Equal.equals(one, made[n])).toBe(true)
            expect(made).toHaveLength(done[operation][0])
          }))

        if (ignoreExisting) {
          it.scoped(`${name} without commit: one POST, AmbiguousWrite`, () =>
            Effect.gen(function*() {
              const { made, requests, result } = yield* world(operation, { response: answer, commit: "never" }, true)
              expect(requests).toBe(1)
              expect(result).toMatchObject({
                _tag: "Left",
                left: { _tag: "AmbiguousWrite", operation, candidates: [], lastFailure: { _tag: tag } }
              })
              expect(made).toHaveLength(0)
            }))
        }
      }
    }

    for (const operation of everywhere ? writes : ["create"] as const) {
      it.scoped(`D · ${operation} · ${what} without commit: sent again, done once`, () =>
        Effect.gen(function*() {
          const { fate, made, requests, result } = yield* world(operation, { response: answer, commit: "never" })
          expect(result._tag).toBe("Right")
          expect(requests).toBe(2)
          expect([made.length, fate]).toEqual(done[operation])
        }))

      it.scoped(`D · ${operation} · ${what} for ever without commit: sent 3 times, then AmbiguousWrite`, () =>
        Effect.gen(function*() {
          const { fate, made, requests, result } = yield* world(operation, {
            response: answer,
            commit: "never",
            times: 10
          })
          expect(result).toMatchObject({
            _tag: "Left",
            left: { _tag: "AmbiguousWrite", operation, lastFailure: { _tag: tag, operation } }
          })
          expect(requests).toBe(3)
          expect([made.length, fate]).toEqual([0, "pending"])
        }))
    }

    if (!everywhere) continue

    for (const operation of ["revoke", "delete"] as const) {
      it.scoped(`D · ${operation} · ${what} after commit: sent again, success`, () =>
        Effect.gen(function*() {
          const { fate, requests, result } = yield* world(operation, { response: answer, commit: "before" })
          expect(result._tag).toBe("Right")
          expect(result).toMatchObject({ right: operation === "revoke" ? { status: "revoked" } : { deleted: true } })
          expect(requests).toBe(2)
          expect(fate).toBe(done[operation][1])
        }))
    }

    if (index > 0) continue

    for (const operation of operations) {
      it.scoped(`D · ${operation} · ${what} under "none": exactly one request of any kind`, () =>
        Effect.gen(function*() {
          const { attempts, control, invitations } = yield* clerk.make()
          yield* control.seed([{ emailAddress: "other@example.com" }])
          yield* control.injectFaults([{ response: answer, commit: "never" }])
          const error = yield* drive(Effect.flip(call(invitations, operation)).pipe(InvitationsHttp.withRetry("none")))
          yield* quiet
          expect(error._tag).toBe(operation === "list" ? tag : "AmbiguousWrite")
          expect(attempts).toHaveLength(1)
        }))
    }
  }

  it.scoped("D · a write keeps what it tried: the addresses redacted, the id as it is", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      yield* control.setFaultPolicy(() => Effect.succeedSome(Fault.make(Fault.Response.Reset())))
      for (const operation of writes) {
        const error = yield* drive(Effect.flip(call(invitations, operation)).pipe(InvitationsHttp.withRetry("none")))
        if (!(error instanceof AmbiguousWrite)) return yield* Effect.dieMessage(`it is ${error._tag}`)
        const addresses = operation === "create" ?
          [emailAddress] :
          operation === "createBulk" ?
          [emailAddress, "person2@example.com"] :
          []
        expect(Redacted.value(error.emailAddresses)).toEqual(addresses)
        expect(error.id).toEqual(addresses.length > 0 ? Option.none() : Option.some(id))
      }
    }))
})

describe("reconciling a create", () => {
  /** A world whose rows, clock and answers are scripted; posts are answered in order. */
  const scripted = (options: {
    readonly posts: ReadonlyArray<stub.Reaction>
    readonly rows: (posts: number, lists: number) => ReadonlyArray<unknown>
    readonly lists?: (lists: number) => stub.Reaction | undefined
    /** How far the server's clock is ahead, in milliseconds; without it there is no `Date`. */
    readonly ahead?: number
  }) => {
    let posts = 0
    let lists = 0
    return (request: stub.Seen): stub.Reaction => {
      const headers = options.ahead === undefined
        ? {}
        : { date: new Date(request.at + options.ahead).toUTCString() }
      if (request.operation !== "list") {
        const reaction = options.posts[posts++] ?? { status: 500 }
        return reaction !== "stall" && !("code" in reaction) ? { headers, ...reaction } : reaction
      }
      const revoked = request.url.searchParams.get("status") === "revoked"
      const instead = options.lists?.(lists)
      if (revoked) lists++
      if (instead !== undefined) return instead
      return {
        headers,
        body: page(
          options.rows(posts, lists).filter((one) =>
            Schema.is(Schema.Struct({ status: Schema.Literal("revoked") }))(one) === revoked
          )
        )
      }
    }
  }

  const lost: stub.Reaction = { code: "ECONNRESET", syscall: "read" }
  const duplicate: stub.Reaction = {
    status: 400,
    body: errors("duplicate_record", { meta: { email_addresses: [emailAddress] } })
  }
  const hour = 3_600_000

  it.scoped("an older pending one: the duplicate, and not an ambiguous write", () =>
    Effect.gen(function*() {
      const { control, count, invitations } = yield* clerk.make()
      yield* control.seed([{ emailAddress }])
      yield* TestClock.adjust("1 hour")
      yield* control.failNext(Fault.Response.Status({ status: 503 }), { operation: "create" })
      const error = yield* drive(Effect.flip(invitations.create({ emailAddress })))
      expect(isDuplicate(error)).toBe(true)
      expect(count("create")).toBe(2)
      expect(yield* control.invitations).toHaveLength(1)
    }))

  for (const [what, ahead] of [["an hour ahead", hour], ["an hour behind", -hour]] as const) {
    it.effect(`the server's clock is ${what}: what was created is recognised by its Date`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(48 * hour)
        const { invitations, seen } = yield* stub.service(scripted({
          ahead,
          posts: [lost, duplicate, duplicate],
          rows: () => [row(1, { created_at: 48 * hour + ahead + 10 })]
        }))
        const created = yield* driveStub(invitations.create({ emailAddress }))
        expect(created.id).toBe("inv_1")
        expect(sent(seen, "create")).toHaveLength(1)
      }))

    it.effect(`the server's clock is ${what}: an older one is recognised as older`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(48 * hour)
        const { invitations } = yield* stub.service(scripted({
          ahead,
          posts: [{ status: 503 }, duplicate, duplicate],
          rows: () => [row(1, { created_at: 48 * hour + ahead - 60_000 })]
        }))
        const error = yield* driveStub(Effect.flip(invitations.create({ emailAddress })))
        expect(isDuplicate(error)).toBe(true)
      }))
  }

  it.effect("without a Date the clocks are taken to agree", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(48 * hour)
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost, duplicate, duplicate],
        rows: () => [row(1, { created_at: 48 * hour })]
      }))
      expect((yield* driveStub(invitations.create({ emailAddress }))).id).toBe("inv_1")
      expect(sent(seen, "create")).toHaveLength(1)
    }))

  it.effect("both listings are looked at: the default one and that of the revoked", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost],
        rows: () => [row(1, { status: "revoked", revoked: true })]
      }))
      const created = yield* driveStub(invitations.create({ emailAddress }))
      expect(created).toMatchObject({ id: "inv_1", status: "revoked" })
      const looks = sent(seen, "list").map(({ url }) => url.searchParams)
      expect(looks.map((params) => params.get("status"))).toEqual([null, "revoked"])
      expect(looks.map((params) => params.get("query"))).toEqual([emailAddress, emailAddress])
    }))

  it.effect("the address is matched exactly but for its case, whatever the query finds", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(scripted({
        posts: [lost],
        rows: () => [row(1, { email_address: `x${emailAddress}` }), row(2, { email_address: "PERSON1@Example.com" })]
      }))
      expect((yield* driveStub(invitations.create({ emailAddress }))).id).toBe("inv_2")
    }))

  it.effect("one with other metadata is not taken for it", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(scripted({
        posts: [lost],
        rows: (posts) => posts === 0 ? [] : [row(1, { public_metadata: { plan: "silver" } })]
      }))
      const error = yield* driveStub(
        Effect.flip(invitations.create({ emailAddress, publicMetadata: { plan: "gold" }, ignoreExisting: true }))
      )
      expect(error).toMatchObject({ _tag: "AmbiguousWrite", candidates: [] })
    }))

  it.effect("metadata is matched as JSON, whatever the order of its keys", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(scripted({
        posts: [lost],
        rows: () => [row(1, { public_metadata: { b: [1, { c: null }], a: "x" } })]
      }))
      const created = yield* driveStub(
        invitations.create({ emailAddress, publicMetadata: { a: "x", b: [1, { c: null }], d: undefined } })
      )
      expect(created.id).toBe("inv_1")
    }))

  it.effect("with ignoreExisting, what was listed beforehand is not taken for it, however new it is", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost],
        rows: (posts) => posts === 0 ? [row(1)] : [row(1), row(2, { email_address: emailAddress })]
      }))
      expect((yield* driveStub(invitations.create({ emailAddress, ignoreExisting: true }))).id).toBe("inv_2")
      expect(seen.map(({ operation }) => operation)).toEqual(["list", "list", "create", "list", "list"])
    }))

  it.effect("without ignoreExisting and without trouble, nothing is listed", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(first(0, "create", "stall"))
      yield* driveStub(invitations.create({ emailAddress }))
      expect(seen.map(({ operation }) => operation)).toEqual(["create"])
    }))

  it.effect("several that may be it: AmbiguousWrite with the candidates, one POST", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost],
        rows: (posts) => posts === 0 ? [row(7)] : [row(7), row(1), row(2, { email_address: emailAddress })]
      }))
      const error = yield* driveStub(Effect.flip(invitations.create({ emailAddress, ignoreExisting: true })))
      expect(error).toMatchObject({ _tag: "AmbiguousWrite", candidates: ["inv_1", "inv_2"] })
      expect(error.message).toContain("2 candidate(s)")
      expect(sent(seen, "create")).toHaveLength(1)
    }))

  it.effect("look-ups that fail show nothing: AmbiguousWrite, and not a second POST that nobody guards", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        scripted({ posts: [lost], rows: () => [], lists: () => ({ status: 503 }) })
      )
      const error = yield* driveStub(Effect.flip(invitations.create({ emailAddress, ignoreExisting: true })))
      expect(error).toMatchObject({ _tag: "AmbiguousWrite", lastFailure: { _tag: "ConnectionError", reason: "Lost" } })
      expect(sent(seen, "create")).toHaveLength(1)
    }))

  it.effect("a duplicate after a D while the look-ups fail: AmbiguousWrite, and not the duplicate", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(
        scripted({ posts: [lost, duplicate], rows: () => [], lists: () => ({ status: 503 }) })
      )
      const error = yield* driveStub(Effect.flip(invitations.create({ emailAddress })))
      expect(error._tag).toBe("AmbiguousWrite")
      expect(sent(seen, "create")).toHaveLength(2)
    }))

  it.effect("a look-up that fails is repeated within the settle window", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost],
        rows: (posts) => posts === 0 ? [] : [row(1)],
        lists: (lists) => lists >= 1 && lists <= 2 ? { status: 503 } : undefined
      }))
      expect((yield* driveStub(invitations.create({ emailAddress, ignoreExisting: true }))).id).toBe("inv_1")
      expect(sent(seen, "create")).toHaveLength(1)
    }))

  it.effect("a duplicate after a D is looked up until the list catches up", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(scripted({
        posts: [lost, duplicate],
        rows: (_, lists) => lists < 3 ? [] : [row(1)]
      }))
      expect((yield* driveStub(invitations.create({ emailAddress }))).id).toBe("inv_1")
      expect(sent(seen, "create")).toHaveLength(2)
    }))

  it.effect("a bulk of which only some were made: AmbiguousWrite with those", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(scripted({
        posts: [lost, duplicate, duplicate],
        rows: () => [row(1)]
      }))
      const error = yield* driveStub(Effect.flip(call(invitations, "createBulk")))
      expect(error).toMatchObject({ _tag: "AmbiguousWrite", operation: "createBulk", candidates: ["inv_1"] })
    }))

  it.effect("a bulk is put together in the order of its requests, one address twice included", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(scripted({
        posts: [lost],
        rows: (posts) =>
          posts === 0 ? [] : [
            row(1, { email_address: "b@b.co" }),
            row(2, { email_address: "a@b.co", public_metadata: { n: 1 } }),
            row(3, { email_address: "a@b.co", public_metadata: { n: 2 } })
          ]
      }))
      const created = yield* driveStub(invitations.createBulk([
        { emailAddress: "a@b.co", publicMetadata: { n: 2 }, ignoreExisting: true },
        { emailAddress: "b@b.co", ignoreExisting: true },
        { emailAddress: "a@b.co", publicMetadata: { n: 1 }, ignoreExisting: true }
      ]))
      expect(created.map((one) => one.id)).toEqual(["inv_3", "inv_1", "inv_2"])
    }))

  it.scoped("a bulk is not sent again because one of the many looks at it failed", () =>
    Effect.gen(function*() {
      for (const nth of [1, 2, 3, 4]) {
        const { control, invitations } = yield* clerk.make()
        yield* control.failNext(Fault.Response.Reset(), { operation: "createBulk", commit: "before" })
        yield* control.injectFaults([{ ...Fault.make(Fault.Response.Status({ status: 503 })), operation: "list", nth }])
        const created = yield* drive(invitations.createBulk([{ emailAddress }, { emailAddress: "other@example.com" }]))
        expect(created).toHaveLength(2)
        expect((yield* control.calls).filter(({ operation }) => operation === "createBulk")).toHaveLength(1)
      }
    }))

  it.scoped("a bulk clashing with an older pending one after a D: the duplicate, nothing made", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      yield* control.seed([{ emailAddress }])
      yield* TestClock.adjust("1 hour")
      yield* control.failNext(Fault.Response.Reset(), { operation: "createBulk" })
      const error = yield* drive(Effect.flip(call(invitations, "createBulk")))
      expect(isDuplicate(error)).toBe(true)
      expect(yield* control.invitations).toHaveLength(1)
    }))

  it.scoped("a commit that comes a second after the reset is found, with ignoreExisting and without", () =>
    Effect.gen(function*() {
      for (const ignoreExisting of [true, false]) {
        const { control, invitations } = yield* clerk.make()
        yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: Duration.seconds(1) })
        const created = yield* drive(invitations.create({ emailAddress, ignoreExisting }))
        yield* TestClock.adjust("10 seconds")
        expect((yield* control.invitations).map((one) => one.id)).toEqual([created.id])
      }
    }))

  it.scoped("a list that lags behind by two seconds is waited for", () =>
    Effect.gen(function*() {
      for (const ignoreExisting of [true, false]) {
        const { control, invitations } = yield* clerk.make()
        yield* control.freezeReads("2 seconds")
        yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: "before" })
        const created = yield* drive(invitations.create({ emailAddress, ignoreExisting }))
        expect((yield* control.invitations).map((one) => one.id)).toEqual([created.id])
      }
    }))

  it.scoped("revoke, then create again, the create lost after commit and lists two seconds behind: never \"did not happen\"", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      const [old] = yield* control.seed([{ emailAddress }])
      yield* TestClock.adjust("1 hour")
      yield* control.freezeReads("2 seconds")
      yield* drive(invitations.revoke(old?.id ?? ""))
      yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: "before" })
      const result = yield* drive(Effect.either(invitations.create({ emailAddress })))
      const made = (yield* control.invitations).filter((one) => one.id !== old?.id)
      expect(made).toHaveLength(1)
      expect(result).toMatchObject({ _tag: "Right", right: { id: made[0]?.id } })
    }))

  for (const ignoreExisting of [true, false]) {
    it.scoped(`two creates of one address at once, one lost without commit (ignoreExisting: ${ignoreExisting}): no invitation is claimed twice`, () =>
      Effect.gen(function*() {
        const { control, invitations } = yield* clerk.make()
        yield* control.failNext(Fault.Response.Reset(), { operation: "create" })
        const results = yield* drive(
          Effect.all(
            [emailAddress, emailAddress.toUpperCase()].map((address) =>
              Effect.either(invitations.create({ emailAddress: address, ignoreExisting }))
            ),
            { concurrency: "unbounded" }
          )
        )
        const stored = yield* control.invitations
        const claimed = results.flatMap((result) => result._tag === "Right" ? [result.right.id] : [])
        const failed = results.flatMap((result) => result._tag === "Left" ? [result.left] : [])
        expect(claimed).toEqual(stored.map((one) => one.id))
        expect(claimed).toHaveLength(1)
        expect(failed[0]).toMatchObject(ignoreExisting ? { _tag: "AmbiguousWrite" } : { _tag: "BadRequest" })
        if (!ignoreExisting) expect(isDuplicate(failed[0])).toBe(true)
      }))
  }

  it.scoped("what this layer created a moment before is not taken for what a lost create made", () =>
    Effect.gen(function*() {
      const { control, count, invitations } = yield* clerk.make()
      yield* drive(invitations.create({ emailAddress }))
      yield* control.failNext(Fault.Response.Reset(), { operation: "create" })
      const error = yield* drive(Effect.flip(invitations.create({ emailAddress })))
      expect(isDuplicate(error)).toBe(true)
      expect(count("create")).toBe(3)
      expect(yield* control.invitations).toHaveLength(1)
    }))

  it.scoped("the address became a user after the lost create: the accepted invitation is found", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      yield* control.freezeReads("300 millis")
      yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: "before" })
      const fiber = yield* Effect.fork(invitations.create({ emailAddress }))
      yield* quiet
      const [made] = yield* control.invitations
      yield* control.accept(made?.id ?? "")
      yield* settle(fiber)
      expect(yield* Fiber.join(fiber)).toMatchObject({ id: made?.id, status: "accepted" })
    }))

  for (const attempts of [1, 2]) {
    it.scoped(`with ${attempts} attempt(s) and a settle window, a lost create is still looked for`, () =>
      Effect.gen(function*() {
        const { control, count, invitations } = yield* clerk.make({ retry: { attempts } })
        yield* control.failNext(Fault.Response.Reset(), { operation: "create", commit: "before" })
        yield* drive(invitations.create({ emailAddress }))
        expect(count("create")).toBe(1)
      }))
  }
})

describe("reading back revoke and delete", () => {
  it.scoped("revoke · already revoked at the first attempt: BadRequest, nothing looked up", () =>
    Effect.gen(function*() {
      const { attempts, control, invitations } = yield* clerk.make()
      const [target] = yield* control.seed([{ emailAddress, status: "revoked" }])
      const error = yield* drive(Effect.flip(invitations.revoke(target?.id ?? "")))
      expect(isAlreadyRevoked(error)).toBe(true)
      expect(attempts).toHaveLength(1)
    }))

  it.scoped("revoke · already revoked after a D: read back, until the list catches up", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      const [target] = yield* control.seed([{ emailAddress }])
      yield* control.freezeReads("2 seconds")
      yield* control.failNext(Fault.Response.Reset(), { operation: "revoke", commit: "before" })
      const revoked = yield* drive(invitations.revoke(target?.id ?? ""))
      expect(revoked).toMatchObject({ id: target?.id, status: "revoked", revoked: true })
    }))

  it.scoped("revoke · already revoked after a D, and it cannot be read back: AmbiguousWrite", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      const [target] = yield* control.seed([{ emailAddress }])
      yield* control.failNext(Fault.Response.Reset(), { operation: "revoke", commit: "before" })
      yield* control.injectFaults([{
        operation: "list",
        response: Fault.Response.Status({ status: 503 }),
        commit: "never",
        times: 99
      }])
      const error = yield* drive(Effect.flip(invitations.revoke(target?.id ?? "")))
      expect(error._tag).toBe("AmbiguousWrite")
      expect("id" in error && error.id).toEqual(Option.some(target?.id))
    }))

  it.scoped("revoke · accepted after a D without commit: the typed error, since it did not happen", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      const [target] = yield* control.seed([{ emailAddress }])
      yield* control.failNext(Fault.Response.Reset(), { operation: "revoke" })
      const fiber = yield* Effect.fork(Effect.flip(invitations.revoke(target?.id ?? "")))
      yield* quiet
      yield* control.accept(target?.id ?? "")
      yield* settle(fiber)
      expect(isAlreadyAccepted(yield* Fiber.join(fiber))).toBe(true)
    }))

  it.scoped("delete · 404 at the first attempt: NotFound", () =>
    Effect.gen(function*() {
      const { attempts, invitations } = yield* clerk.make()
      const error = yield* drive(Effect.flip(invitations.delete("inv_none")))
      expect(error).toMatchObject({ _tag: "NotFound", operation: "delete" })
      expect(attempts).toHaveLength(1)
    }))
})

const failingList = (react: Parameters<typeof stub.service>[0], options: Partial<InvitationsHttp.Options> = {}) =>
  Effect.gen(function*() {
    const { invitations, seen } = yield* stub.service(react, options)
    const started = yield* Clock.currentTimeMillis
    const exit = yield* driveStub(Effect.exit(invitations.list()))
    const error = Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error : undefined
    return { error, seen, gaps: gaps(seen), took: (yield* Clock.currentTimeMillis) - started }
  })

const refusedFor = (retryAfter: string): stub.Reaction => ({
  status: 429,
  headers: { "retry-after": retryAfter },
  body: errors("too_many_requests")
})

describe("waiting", () => {
  it.effect.prop(
    "backoff has full jitter between the shortest wait and one that doubles up to the longest",
    {
      seed: FastCheck.integer(),
      min: FastCheck.integer({ min: 1, max: 500 }),
      factor: FastCheck.constantFrom(1, 2, 3, 20)
    },
    ({ factor, min, seed }) =>
      Effect.gen(function*() {
        const max = min * factor
        const result = yield* failingList(() => ({ status: 503 }), {
          retry: { attempts: 5, minBackoff: min, maxBackoff: max }
        }).pipe(Effect.withRandom(Random.make(seed)))
        expect(result.gaps).toHaveLength(4)
        for (const [n, gap] of result.gaps.entries()) {
          expect(gap).toBeGreaterThanOrEqual(min)
          expect(gap).toBeLessThanOrEqual(Math.min(max, min * 2 ** (n + 1)))
        }
      }),
    { fastCheck: { numRuns: 25 } }
  )

  it.effect("backoff is spread over its whole range, the first wait as well", () =>
    Effect.gen(function*() {
      const firsts: Array<number> = []
      for (let seed = 0; seed < 30; seed++) {
        const result = yield* failingList(() => ({ status: 503 }), { retry: { attempts: 2 } }).pipe(
          Effect.withRandom(Random.make(seed))
        )
        firsts.push(...result.gaps)
      }
      expect(firsts).toHaveLength(30)
      expect(new Set(firsts).size).toBeGreaterThan(25)
      expect(firsts.filter((wait) => wait < 250).length).toBeGreaterThan(1)
      expect(firsts.filter((wait) => wait > 350).length).toBeGreaterThan(1)
    }))

  it.effect("a wait is a whole number of milliseconds, which timers and clocks of nanoseconds can keep", () =>
    Effect.gen(function*() {
      const result = yield* failingList(() => ({ status: 503 })).pipe(Effect.withRandom(Random.make(1)))
      expect(result.gaps.filter((gap) => !Number.isInteger(gap))).toEqual([])
    }))

  it.effect("backoff comes from Effect's Random: one seed, one sequence", () =>
    Effect.gen(function*() {
      const run = Effect.suspend(() =>
        failingList(() => ({ status: 503 })).pipe(Effect.withRandom(Random.make("seed")))
      )
      const one = (yield* run).gaps
      const two = (yield* run).gaps
      expect(one.map(Math.round)).toEqual(two.map(Math.round))
    }))

  const asked: ReadonlyArray<readonly [what: string, reaction: stub.Reaction, millis: number]> = [
    ["429 with 5", refusedFor("5"), 5000],
    ["429 with 30, the longest that is waited out", refusedFor("30"), 30_000],
    ["429 with a date", refusedFor(new Date(1_007_000).toUTCString()), 7000],
    ["429 with 0", refusedFor("0"), 0],
    ["429 with 1e999", refusedFor("1e999"), 0],
    ["429 with -1", refusedFor("-1"), 0],
    ["503 with 5", { status: 503, headers: { "retry-after": "5" } }, 5000],
    [
      "409 resource_locked with 2",
      { status: 409, headers: { "retry-after": "2" }, body: errors("resource_locked") },
      2000
    ],
    ["429 with resets_in 4", { status: 429, body: errors("too_many_requests", { meta: { resets_in: 4 } }) }, 4000]
  ]

  for (const [what, reaction, millis] of asked) {
    it.effect(`${what}: sent again ${millis} ms later at the earliest, plus jitter`, () =>
      Effect.gen(function*() {
        const waits: Array<number> = []
        for (let seed = 0; seed < 4; seed++) {
          yield* TestClock.setTime(1_000_000)
          const result = yield* failingList(first(1, "list", reaction)).pipe(Effect.withRandom(Random.make(seed)))
          expect(result.error).toBeUndefined()
          waits.push(...result.gaps)
        }
        expect(waits).toHaveLength(4)
        for (const wait of waits) {
          expect(wait).toBeGreaterThanOrEqual(millis + 200)
          expect(wait).toBeLessThanOrEqual(millis + 400)
        }
        expect(new Set(waits).size).toBe(4)
      }))
  }

  for (const retryAfter of ["31", "3600", "86400", "999999999999999"]) {
    it.effect(`Retry-After ${retryAfter} is longer than what is waited out: fails at once with TooManyRequests`, () =>
      Effect.gen(function*() {
        const { error, seen, took } = yield* failingList(() => refusedFor(retryAfter))
        expect(error).toMatchObject({ _tag: "TooManyRequests" })
        expect(error !== undefined && "retryAfter" in error && error.retryAfter).toEqual(
          Option.some(Duration.seconds(Number(retryAfter)))
        )
        expect(seen).toHaveLength(1)
        expect(took).toBe(0)
      }))
  }

  it.effect("a date a day away fails at once as well", () =>
    Effect.gen(function*() {
      const { error, seen, took } = yield* failingList(() => refusedFor(new Date(86_400_000).toUTCString()))
      expect(error?._tag).toBe("TooManyRequests")
      expect(seen).toHaveLength(1)
      expect(took).toBe(0)
    }))

  it.effect("a 503 that asks for a day fails at once with ServerError", () =>
    Effect.gen(function*() {
      const { error, seen, took } = yield* failingList(() => ({ status: 503, headers: { "retry-after": "86400" } }))
      expect(error?._tag).toBe("ServerError")
      expect(seen).toHaveLength(1)
      expect(took).toBe(0)
    }))

  it.effect("maxRetryAfter is an option", () =>
    Effect.gen(function*() {
      const options = { retry: { maxRetryAfter: "2 seconds" }, timeout: { total: "1 hour" } } as const
      expect((yield* failingList(first(1, "list", refusedFor("2")), options)).error).toBeUndefined()
      const refused = yield* failingList(() => refusedFor("3"), options)
      expect(refused.error?._tag).toBe("TooManyRequests")
      expect(refused.seen).toHaveLength(1)
    }))

  it.effect("a Retry-After beyond what is left of the total deadline fails at once", () =>
    Effect.gen(function*() {
      const { error, seen, took } = yield* failingList(() => refusedFor("20"), { timeout: { total: "15 seconds" } })
      expect(error?._tag).toBe("TooManyRequests")
      expect(seen).toHaveLength(1)
      expect(took).toBe(0)
    }))
})

describe("deadlines", () => {
  it.effect("an attempt ends after ten seconds; three of them, then Timeout names that limit", () =>
    Effect.gen(function*() {
      const { error, seen, took } = yield* failingList(() => "stall")
      expect(error).toMatchObject({ _tag: "Timeout", operation: "list", limit: "attempt" })
      expect(error !== undefined && "duration" in error && Duration.toMillis(error.duration)).toBe(10_000)
      expect(seen).toHaveLength(3)
      expect(took).toBeGreaterThanOrEqual(30_000)
      expect(took).toBeLessThan(32_000)
    }))

  it.effect("a call ends after sixty seconds, whatever the attempts, and Timeout names that limit and its length", () =>
    Effect.gen(function*() {
      const { error, seen, took } = yield* failingList(() => "stall", { retry: Schedule.spaced("1 second") })
      expect(took).toBe(60_000)
      expect(seen).toHaveLength(6)
      expect(error).toMatchObject({ _tag: "Timeout", operation: "list", limit: "total" })
      expect(error !== undefined && "duration" in error && Duration.toMillis(error.duration)).toBe(60_000)
    }))

  it.effect("no wait goes beyond the total deadline: the last error is told in its place", () =>
    Effect.gen(function*() {
      const { error, seen, took } = yield* failingList(() => ({ status: 503 }), {
        retry: Schedule.spaced("1 second"),
        timeout: { total: "5500 millis" }
      })
      expect(error?._tag).toBe("ServerError")
      expect(seen).toHaveLength(6)
      expect(took).toBe(5000)
    }))

  for (const [name, client] of clients) {
    it.scoped(`the limit of an attempt includes the body, over ${name}, and the connection is closed`, () =>
      Effect.gen(function*() {
        const { invitations, server } = yield* overRaw(
          [[raw.Step.Write({
            bytes: "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"data\":["
          })]],
          { retry: "none" },
          client
        )
        const error = yield* drive(Effect.flip(invitations.list()))
        expect(error).toMatchObject({ _tag: "Timeout", limit: "attempt" })
        expect(yield* Clock.currentTimeMillis).toBe(10_000)
        yield* eventually("the connection is closed", () => server.openSockets() === 0)
      }))
  }

  it.scoped("a body that keeps dripping ends an attempt all the same", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make({ retry: "none" })
      yield* control.seed([{ emailAddress }])
      yield* control.failNext(Fault.Response.Drip({ every: Duration.seconds(3) }))
      const error = yield* drive(Effect.flip(invitations.list()))
      expect(error).toMatchObject({ _tag: "Timeout", limit: "attempt" })
      expect(yield* Clock.currentTimeMillis).toBe(10_000)
    }))

  it.scoped("a body that drips fast enough is read to its end", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make()
      yield* control.seed([{ emailAddress }])
      yield* control.failNext(Fault.Response.Drip({ every: Duration.millis(100) }))
      expect((yield* drive(invitations.list())).data).toHaveLength(1)
    }))

  it.effect("the total deadline includes the look beforehand that ignoreExisting needs", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(() => "stall", { timeout: { total: "5 seconds" } })
      const error = yield* driveStub(Effect.flip(invitations.create({ emailAddress, ignoreExisting: true })))
      expect(["Timeout", "AmbiguousWrite"]).toContain(error._tag)
      expect(yield* Clock.currentTimeMillis).toBe(5000)
    }))

  it.effect("the total deadline includes waiting for another create of the same address", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(() => "stall", { retry: "none", timeout: { total: "5 seconds" } })
      const results = yield* driveStub(
        Effect.all([1, 2, 3].map(() => Effect.flip(invitations.create({ emailAddress }))), { concurrency: 3 })
      )
      expect(results).toHaveLength(3)
      expect(yield* Clock.currentTimeMillis).toBe(5000)
    }))

  it.effect("a write that runs into the total deadline while it is looked for is ambiguous", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(
        ({ operation }) => operation === "create" ? { code: "ECONNRESET" } : "stall",
        { timeout: { total: "3 seconds" } }
      )
      const error = yield* driveStub(Effect.flip(invitations.create({ emailAddress })))
      expect(error._tag).toBe("AmbiguousWrite")
      expect(yield* Clock.currentTimeMillis).toBe(3000)
    }))

  it.effect("withTimeout holds for a region of code only", () =>
    Effect.gen(function*() {
      const { invitations } = yield* stub.service(() => "stall", { retry: "none" })
      const timed = Effect.gen(function*() {
        const started = yield* Clock.currentTimeMillis
        yield* driveStub(Effect.flip(invitations.list()))
        return (yield* Clock.currentTimeMillis) - started
      })
      expect(yield* InvitationsHttp.withTimeout(timed, { attempt: "1 second" })).toBe(1000)
      expect(yield* timed.pipe(InvitationsHttp.withTimeout({ total: "2 seconds" }))).toBe(2000)
      expect(yield* timed).toBe(10_000)
    }))
})

describe("policies", () => {
  it.effect("a schedule says when and how often", () =>
    Effect.gen(function*() {
      const retry = Schedule.exponential("1 second").pipe(Schedule.intersect(Schedule.recurs(3)))
      const { error, seen } = yield* failingList(() => ({ status: 503 }), { retry })
      expect(seen.map(({ at }) => at)).toEqual([0, 1000, 3000, 7000])
      expect(error?._tag).toBe("ServerError")
    }))

  it.effect("a schedule begins anew with every call", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }), {
        retry: Schedule.exponential("1 second").pipe(Schedule.intersect(Schedule.recurs(1)))
      })
      yield* driveStub(Effect.all([invitations.list(), invitations.list()].map(Effect.either), { concurrency: 2 }))
      yield* driveStub(Effect.either(invitations.list()))
      expect(seen.map(({ at }) => at)).toEqual([0, 0, 1000, 1000, 1000, 2000])
    }))

  it.effect("a schedule without a delay still waits as long as the shortest backoff", () =>
    Effect.gen(function*() {
      const { seen } = yield* failingList(() => ({ status: 503 }), { retry: Schedule.recurs(2) })
      expect(seen.map(({ at }) => at)).toEqual([0, 200, 400])
    }))

  it.effect("a schedule is given the error, and may give up because of it", () =>
    Effect.gen(function*() {
      const retry = Schedule.recurWhile(({ _tag }: { readonly _tag: string }) => _tag === "TooManyRequests")
      expect((yield* failingList(first(2, "list", refusedFor("1")), { retry })).error).toBeUndefined()
      expect((yield* failingList(() => ({ status: 503 }), { retry })).seen).toHaveLength(1)
    }))

  it.effect("a schedule does not make a definitive refusal or an unguarded create be sent again", () =>
    Effect.gen(function*() {
      const retry = Schedule.spaced("1 second").pipe(Schedule.intersect(Schedule.recurs(5)))
      expect((yield* failingList(() => ({ status: 403 }), { retry })).seen).toHaveLength(1)
      const { invitations, seen } = yield* stub.service(
        ({ operation }) => operation === "list" ? { body: page([]) } : { status: 503 },
        { retry }
      )
      yield* driveStub(Effect.flip(invitations.create({ emailAddress, ignoreExisting: true })))
      expect(sent(seen, "create")).toHaveLength(1)
    }))

  it.effect("a schedule waits out a Retry-After as well", () =>
    Effect.gen(function*() {
      const { seen } = yield* failingList(first(1, "list", refusedFor("5")), { retry: Schedule.recurs(1) })
      expect(gaps(seen)[0]).toBeGreaterThanOrEqual(5000)
    }))

  for (const operation of operations) {
    for (
      const [what, reaction] of [
        ["refused", { code: "ECONNREFUSED" }],
        ["429", { status: 429 }],
        ["409 resource_locked", { status: 409, body: errors("resource_locked") }],
        ["400", { status: 400 }],
        ["503", { status: 503 }],
        ["reset", { code: "ECONNRESET" }]
      ] as const
    ) {
      it.effect(`"none" · ${operation} · ${what}: exactly one request, and no wait`, () =>
        Effect.gen(function*() {
          const { invitations, seen } = yield* stub.service(() => reaction, { retry: "none" })
          yield* driveStub(Effect.flip(call(invitations, operation)))
          expect(seen).toHaveLength(1)
          expect(yield* Clock.currentTimeMillis).toBe(0)
        }))
    }
  }

  it.effect("\"none\" · a create with ignoreExisting is one request as well", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(first(0, "create", "stall"), { retry: "none" })
      yield* driveStub(invitations.create({ emailAddress, ignoreExisting: true }))
      expect(seen.map(({ operation }) => operation)).toEqual(["create"])
    }))

  it.effect("InvitationsHttp.withRetry holds for a region of code only, and for what it forks", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }))
      const run = Effect.zipRight(driveStub(Effect.flip(invitations.list())), Effect.sync(() => seen.splice(0).length))
      expect(yield* InvitationsHttp.withRetry(run, "none")).toBe(1)
      expect(yield* run.pipe(InvitationsHttp.withRetry({ attempts: 5 }))).toBe(5)
      expect(yield* run.pipe(InvitationsHttp.withRetry("none"), InvitationsHttp.withRetry({ attempts: 5 }))).toBe(1)
      expect(yield* run).toBe(3)
    }))
})

describe("retry budget", () => {
  const run = (invitations: InvitationsService.Service, seen: Array<stub.Seen>) =>
    Effect.zipRight(driveStub(Effect.either(invitations.list())), Effect.sync(() => seen.splice(0).length))

  it.effect("used up, a call fails at once with its error; successes fill it again", () =>
    Effect.gen(function*() {
      let healthy = false
      const { invitations, seen } = yield* stub.service(
        () => healthy ? { body: page([]) } : { status: 503 },
        { retryBudget: 12 }
      )
      expect(yield* run(invitations, seen)).toBe(3)
      const before = yield* Clock.currentTimeMillis
      expect(yield* run(invitations, seen)).toBe(1)
      expect(yield* Clock.currentTimeMillis).toBe(before)
      healthy = true
      yield* Effect.repeatN(driveStub(invitations.list()), 2)
      healthy = false
      seen.length = 0
      expect(yield* run(invitations, seen)).toBe(2)
      expect(yield* run(invitations, seen)).toBe(1)
    }))

  it.effect("an outage is not multiplied: a hundred calls make far fewer than three hundred requests", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }), { retryBudget: 50 })
      yield* driveStub(Effect.all(Array.from({ length: 100 }, () => Effect.either(invitations.list())), {
        concurrency: "unbounded"
      }))
      expect(seen).toHaveLength(110)
    }))

  it.effect("an outage is not multiplied by looking for writes either", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }), { retryBudget: 0 })
      yield* driveStub(Effect.all(
        Array.from(
          { length: 20 },
          (_, n) => Effect.either(invitations.create({ emailAddress: `person${n}@example.com` }))
        ),
        { concurrency: "unbounded" }
      ))
      expect(sent(seen, "create")).toHaveLength(20)
      expect(seen.length).toBeLessThanOrEqual(20 + 2 * 5 * 20)
    }))

  it.effect("unlimited, it never runs out", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }), { retryBudget: "unlimited" })
      for (let i = 0; i < 5; i++) expect(yield* run(invitations, seen)).toBe(3)
    }))
})

describe("one call refused for now spares the others theirs", () => {
  it.effect("a 429 keeps other calls of the operation waiting, and none of another operation", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(first(1, "list", refusedFor("5")))
      const refused = yield* Effect.fork(invitations.list())
      yield* Effect.repeatN(turn, 5)
      const waiting = yield* Effect.fork(invitations.list())
      yield* driveStub(Effect.yieldNow())
      yield* Effect.repeatN(turn, 5)
      expect(seen).toHaveLength(1)
      for (const operation of writes) yield* Effect.fork(call(invitations, operation))
      yield* Effect.repeatN(turn, 10)
      expect(seen.slice(1).map(({ at, operation }) => `${operation} at ${at}`).sort()).toEqual(
        writes.map((operation) => `${operation} at 0`).sort()
      )
      yield* settle(waiting, 5)
      yield* settle(refused, 5)
      const lists = sent(seen, "list").slice(1)
      expect(lists).toHaveLength(2)
      for (const { at } of lists) expect(at).toBeGreaterThanOrEqual(5000)
    }))

  it.effect("those that waited do not all arrive at once afterwards", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(first(1, "list", refusedFor("5")))
      const refused = yield* Effect.fork(invitations.list())
      yield* Effect.repeatN(turn, 5)
      yield* driveStub(Effect.all(Array.from({ length: 10 }, () => invitations.list()), { concurrency: "unbounded" }))
      yield* settle(refused, 5)
      const arrivals = seen.slice(1).map(({ at }) => at).sort((a, b) => a - b)
      expect(arrivals).toHaveLength(11)
      expect(arrivals[0]).toBeGreaterThanOrEqual(5000)
      for (let i = 0; i + 2 < arrivals.length; i++) {
        expect((arrivals[i + 2] ?? 0) - (arrivals[i] ?? 0)).toBeGreaterThanOrEqual(50)
      }
      expect(arrivals[10]).toBeLessThan(6000)
    }))

  it.effect("one that cannot wait that long fails at once, without asking, and says how long is left", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => refusedFor("20"))
      const refused = yield* Effect.fork(Effect.either(invitations.list()))
      yield* Effect.repeatN(turn, 5)
      yield* TestClock.adjust("5 seconds")
      const error = yield* Effect.flip(invitations.list()).pipe(InvitationsHttp.withTimeout({ total: "10 seconds" }))
      expect(error).toMatchObject({ _tag: "TooManyRequests", operation: "list" })
      expect("retryAfter" in error && error.retryAfter).toEqual(Option.some(Duration.seconds(15)))
      expect(seen).toHaveLength(1)
      yield* Fiber.interrupt(refused)
    }))

  it.effect("one that is refused for an hour does not shut the layer out for longer than that", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(first(1, "list", refusedFor("999999999")))
      yield* driveStub(Effect.flip(invitations.list()))
      yield* driveStub(Effect.flip(invitations.list()))
      expect(seen).toHaveLength(1)
      yield* TestClock.adjust("61 minutes")
      yield* driveStub(invitations.list())
      expect(seen).toHaveLength(2)
    }))

  it.effect("one that is interrupted while it waits does not push back those behind it", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(first(1, "list", refusedFor("5")))
      const refused = yield* Effect.fork(invitations.list())
      yield* Effect.repeatN(turn, 5)
      const ahead = yield* Effect.forEach(Array.from({ length: 50 }), () => Effect.fork(invitations.list()))
      yield* Effect.repeatN(turn, 5)
      yield* Fiber.interruptAll(ahead)
      yield* driveStub(invitations.list())
      yield* settle(refused, 5)
      expect(seen.slice(1).map(({ at }) => at).sort((a, b) => a - b)[0]).toBeLessThan(5100)
    }))
})

describe("interruption", () => {
  const interruptedAtOnce = <A, E>(fiber: Fiber.RuntimeFiber<A, E>) =>
    Effect.gen(function*() {
      const before = yield* Clock.currentTimeMillis
      const exit = yield* Fiber.interrupt(fiber)
      expect(Exit.isInterrupted(exit)).toBe(true)
      expect(yield* Clock.currentTimeMillis).toBe(before)
    })

  it.effect("during a backoff ends the call at once, and nothing more is sent", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => ({ status: 503 }))
      const fiber = yield* Effect.fork(invitations.list())
      yield* Effect.repeatN(turn, 5)
      yield* interruptedAtOnce(fiber)
      yield* TestClock.adjust("1 minute")
      expect(seen).toHaveLength(1)
    }))

  it.effect("during a Retry-After ends the call at once, and so it does for one that waits behind it", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(() => refusedFor("20"))
      const refused = yield* Effect.fork(invitations.list())
      yield* Effect.repeatN(turn, 5)
      const behind = yield* Effect.fork(invitations.list())
      yield* Effect.repeatN(turn, 5)
      yield* interruptedAtOnce(behind)
      yield* interruptedAtOnce(refused)
      yield* TestClock.adjust("1 minute")
      expect(seen).toHaveLength(1)
    }))

  it.effect("while a lost create is looked for ends the call at once", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service(({ operation }) =>
        operation === "list" ? { body: page([]) } : { code: "ECONNRESET" }
      )
      const fiber = yield* Effect.fork(invitations.create({ emailAddress, ignoreExisting: true }))
      yield* Effect.repeatN(turn, 20)
      expect(sent(seen, "create")).toHaveLength(1)
      const before = seen.length
      expect(before).toBeGreaterThan(3)
      yield* interruptedAtOnce(fiber)
      yield* TestClock.adjust("1 minute")
      expect(seen).toHaveLength(before)
    }))

  for (const [name, client] of clients) {
    for (const operation of operations) {
      it.scoped(`in flight closes the connection: ${operation} over ${name}`, () =>
        Effect.gen(function*() {
          const { invitations, server } = yield* overRaw([raw.stall], {}, client)
          const fiber = yield* Effect.fork(call(invitations, operation))
          yield* eventually("the request arrives", () => server.requests.length === 1)
          expect(server.openSockets()).toBe(1)
          yield* interruptedAtOnce(fiber)
          yield* eventually("the connection is closed", () => server.openSockets() === 0)
          yield* quiet
          expect(server.requests).toHaveLength(1)
        }))
    }

    it.scoped(`in the middle of a body closes the connection, over ${name}`, () =>
      Effect.gen(function*() {
        const { invitations, server } = yield* overRaw(
          [[raw.Step.Write({ bytes: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{\"\r\n" })]],
          {},
          client
        )
        const fiber = yield* Effect.fork(invitations.list())
        yield* eventually("the request arrives", () => server.requests.length === 1)
        yield* quiet
        yield* interruptedAtOnce(fiber)
        yield* eventually("the connection is closed", () => server.openSockets() === 0)
      }))
  }

  it.scoped("in the queue for an address ends the call at once, and the queue goes on", () =>
    Effect.gen(function*() {
      const signal = raw.makeSignal()
      const { invitations, server } = yield* overRaw([
        [raw.Step.Wait({ until: signal.promise }), ...raw.reply({ body: row(1) })],
        raw.reply({ status: 400, body: errors("duplicate_record") })
      ])
      const ahead = yield* Effect.fork(invitations.create({ emailAddress }))
      yield* eventually("the request arrives", () => server.requests.length === 1)
      const queued = yield* Effect.fork(invitations.create({ emailAddress }))
      const last = yield* Effect.fork(Effect.flip(invitations.create({ emailAddress })))
      const other = yield* Effect.fork(
        Effect.flip(invitations.createBulk([{ emailAddress }, { emailAddress: "x@y.co" }]))
      )
      yield* quiet
      expect(server.requests).toHaveLength(1)
      yield* interruptedAtOnce(queued)
      yield* interruptedAtOnce(other)
      signal.open()
      yield* settle(last)
      expect((yield* Fiber.join(ahead)).id).toBe("inv_1")
      expect(isDuplicate(yield* Fiber.join(last))).toBe(true)
      expect(server.requests).toHaveLength(2)
    }))

  it.effect("of the one that holds an address lets the next one go", () =>
    Effect.gen(function*() {
      const { invitations, seen } = yield* stub.service((_, index) => index === 0 ? "stall" : { body: row(1) })
      const holder = yield* Effect.fork(invitations.create({ emailAddress }))
      yield* Effect.repeatN(turn, 5)
      const next = yield* Effect.fork(invitations.create({ emailAddress }))
      yield* Effect.repeatN(turn, 5)
      expect(seen).toHaveLength(1)
      yield* interruptedAtOnce(holder)
      expect((yield* Fiber.join(next)).id).toBe("inv_1")
    }))
})

describe("creates of different addresses", () => {
  it.effect("do not wait for each other, and bulks that share addresses do not lock each other out", () =>
    Effect.gen(function*() {
      let inFlight = 0
      let most = 0
      const { invitations } = yield* stub.service(({ body }) =>
        Effect.gen(function*() {
          most = Math.max(most, ++inFlight)
          yield* Effect.sleep("1 second")
          inFlight--
          const addresses = Schema.decodeUnknownSync(
            Schema.parseJson(Schema.Array(Schema.Struct({ email_address: Schema.String })))
          )(body)
          return { body: addresses.map(({ email_address }, n) => row(n + 1, { email_address })) }
        })
      )
      const bulk = (...names: ReadonlyArray<string>) =>
        invitations.createBulk(names.map((name) => ({ emailAddress: `${name}@example.com` })))
      yield* driveStub(
        Effect.all([bulk("a", "b"), bulk("b", "a"), bulk("c"), bulk("C"), bulk("d", "c")], { concurrency: "unbounded" })
      )
      expect(most).toBe(2)
      expect(yield* Clock.currentTimeMillis).toBe(3000)
    }))
})
