import type { CreateInvitation, Invitation, ListInvitations } from "@effect-clerk/core"
import {
  BadRequest,
  duplicateEmails,
  ErrorDetail,
  Forbidden,
  InvalidRequest,
  InvitationId,
  InvitationPage,
  InvitationsService,
  isDuplicate,
  UnexpectedResponse
} from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import type { Tracer } from "effect"
import { Chunk, Effect, Equal, FastCheck as fc, Layer, Option, Predicate, Ref, Stream, Tracer as Tracing } from "effect"
import {
  duplicate,
  makeFake,
  makeInvitation,
  makeInvitations,
  notFound,
  renderings,
  serverError,
  start,
  untyped
} from "./utils.js"

const emailAddress = "ada@example.com"

const ids = (invitations: Iterable<Invitation>): ReadonlyArray<string> => Array.from(invitations, ({ id }) => id)

const field = (input: unknown, name: string): unknown => Predicate.hasProperty(input, name) ? input[name] : undefined

const forbidden = new Forbidden({ operation: "list", status: 403, errors: [], traceId: Option.none() })

/**
 * Every method, for callers without types.
 */
const methods = {
  create: (service, input) => service.create(untyped(input)),
  createBulk: (service, input) => service.createBulk(untyped(input)),
  list: (service, input) => service.list(untyped(input)),
  revoke: (service, input) => service.revoke(untyped(input)),
  delete: (service, input) => service.delete(untyped(input)),
  stream: (service, input) => Stream.runDrain(service.stream(untyped(input))),
  findById: (service, input) => service.findById(untyped(input)),
  findByEmail: (service, input) => service.findByEmail(untyped(input)),
  ensure: (service, input) => service.ensure(untyped(input)),
  inviteMany: (service, input) => Stream.runDrain(service.inviteMany(untyped(input))),
  revokeMany: (service, input) => Stream.runDrain(service.revokeMany(untyped(input)))
} satisfies Record<
  keyof InvitationsService.Service,
  (service: InvitationsService.Service, input: unknown) => Effect.Effect<unknown, unknown>
>

type Method = keyof typeof methods

/**
 * The `InvalidRequest` that the input is refused with; fails if it is not refused, or if anything was called.
 */
const refusal = Effect.fnUntraced(function*(method: Method, input: unknown) {
  const fake = yield* makeFake()
  const call: (service: InvitationsService.Service, input: unknown) => Effect.Effect<unknown, unknown> = methods[method]
  const error = yield* Effect.flip(call(fake.service, input))
  assert.instanceOf(error, InvalidRequest)
  assert.strictEqual(error.operation, method)
  assert.deepStrictEqual(yield* fake.calls, [])
  return error
})

const issuesOf = (error: InvalidRequest) => error.issues.map(({ message, path }) => [path, message] as const)

const must = {
  address: "must be an e-mail address (name@domain, no white space, at most 254 characters)",
  bool: "must be true or false",
  days: "must be a whole number of days from 1 to 365",
  id: "must be the id of an invitation (1 to 255 letters, digits, _ or -)",
  limit: "must be a whole number of rows from 1 to 500",
  metadata: "must be a plain JSON object (no dates, functions, NaN or cycles; at most 100 levels deep)",
  offset: "must be a whole number of rows, 0 or more",
  order: "must be created_at, email_address or expires_at, with an optional + or - before it",
  status: "must be \"pending\", \"accepted\", \"revoked\" or \"expired\"",
  template: "must be \"invitation\" or \"waitlist_invitation\"",
  unknown: "is not a field of this request"
}

const bulk = (count: number) => Array.from({ length: count }, (_, n) => ({ emailAddress: `person${n}@example.com` }))

describe("checks of inputs", () => {
  const requestFields: ReadonlyArray<readonly [field: string, value: unknown, message: string]> = [
    ["emailAddress", "ada", must.address],
    ["emailAddress", "ada @example.com", must.address],
    ["emailAddress", `${"x".repeat(250)}@x.co`, must.address],
    ["emailAddress", null, must.address],
    ["publicMetadata", { at: new Date(0) }, must.metadata],
    ["publicMetadata", null, must.metadata],
    ["redirectUrl", "", "must be a URL, not empty"],
    ["redirectUrl", 7, "must be a URL, not empty"],
    ["notify", "yes", must.bool],
    ["notify", null, must.bool],
    ["ignoreExisting", 1, must.bool],
    ["expiresInDays", 0, must.days],
    ["expiresInDays", 366, must.days],
    ["expiresInDays", 1.5, must.days],
    ["expiresInDays", NaN, must.days],
    ["expiresInDays", "7", must.days],
    ["templateSlug", "reminder", must.template],
    ["email_address", "ada@example.com", must.unknown]
  ]
  const filterFields: ReadonlyArray<readonly [field: string, value: unknown, message: string]> = [
    ["status", "snoozed", must.status],
    ["status", null, must.status],
    ["query", 7, "must be a string"],
    ["orderBy", "name", must.order]
  ]

  it.effect.each<readonly [method: Method, input: unknown, path: string, message: string]>([
    ...requestFields.map(([field, value, message]) =>
      ["create", { emailAddress, [field]: value }, field, message] as const
    ),
    ...requestFields.map(([field, value, message]) =>
      ["ensure", { emailAddress, [field]: value }, field, message] as const
    ),
    ...requestFields.map(([field, value, message]) =>
      ["createBulk", [...bulk(3), { emailAddress, [field]: value }], `requests[3].${field}`, message] as const
    ),
    ...filterFields.map(([field, value, message]) => ["list", { [field]: value }, field, message] as const),
    ...filterFields.map(([field, value, message]) => ["stream", { [field]: value }, field, message] as const),
    ["list", { limit: 0 }, "limit", must.limit],
    ["list", { limit: 501 }, "limit", must.limit],
    ["list", { limit: "10" }, "limit", must.limit],
    ["list", { offset: -1 }, "offset", must.offset],
    ["list", { offset: 0.5 }, "offset", must.offset],
    ["list", { pageSize: 10 }, "pageSize", must.unknown],
    ["stream", { pageSize: 501 }, "pageSize", must.limit],
    ["stream", { pageSize: 0 }, "pageSize", must.limit],
    ["stream", { concurrency: 33 }, "concurrency", "must be a whole number of requests from 1 to 32"],
    ["stream", { limit: 10 }, "limit", must.unknown],
    ...(["revoke", "delete", "findById"] as const).flatMap((method) =>
      ["", ".", "..", "../x", "a/b", "inv_1?x=1", "x".repeat(300), null, undefined, 7, ["inv_1"]].map((id) =>
        [method, id, "id", must.id] as const
      )
    ),
    ...["", "ada", "ada@", "a b@example.com", null, undefined, 7].map((address) =>
      ["findByEmail", address, "emailAddress", must.address] as const
    )
  ])("%s refuses %j and names %s, which %s", ([method, input, path, message]) =>
    Effect.gen(function*() {
      const error = yield* refusal(method, input)
      assert.deepStrictEqual(issuesOf(error), [[path, message]])
      assert.strictEqual(error.message, `${method} was not sent: ${path} ${message}`)
    }))

  it.effect.each(["create", "ensure"] as const)(
    "%s says that the address is missing",
    (method) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(issuesOf(yield* refusal(method, {})), [["emailAddress", "is missing"]])
      })
  )

  it.effect("everything that is wrong is said at once", () =>
    Effect.gen(function*() {
      const error = yield* refusal("create", { emailAddress: "ada", expiresInDays: 0, notify: 1, extra: 1 })
      assert.deepStrictEqual(
        new Map(issuesOf(error)),
        new Map([
          ["emailAddress", must.address],
          ["expiresInDays", must.days],
          ["notify", must.bool],
          ["extra", must.unknown]
        ])
      )
    }))

  it.effect("every request of a bulk that is wrong is named", () =>
    Effect.gen(function*() {
      const error = yield* refusal("createBulk", [{ emailAddress: "ada" }, { emailAddress }, { emailAddress: "bob" }])
      assert.deepStrictEqual(issuesOf(error).map(([path]) => path), ["requests[0].emailAddress", "requests[2].emailAddress"])
    }))

  it.effect("a bulk of 11 is refused with the limit", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(issuesOf(yield* refusal("createBulk", bulk(11))), [
        ["requests", "must be an array of 1 to 10 requests"]
      ])
    }))

  it.effect("a bulk of none is refused", () =>
    Effect.gen(function*() {
      const [issue, ...more] = issuesOf(yield* refusal("createBulk", []))
      assert.deepStrictEqual(more, [])
      assert.strictEqual(issue?.[0], "requests")
    }))

  it.effect("bulks of 1 and of 10 are sent, in one call", () =>
    Effect.gen(function*() {
      for (const count of [1, 10]) {
        const fake = yield* makeFake()
        const created = yield* fake.service.createBulk(bulk(count))
        assert.deepStrictEqual(
          created.map((invitation) => invitation.emailAddress),
          bulk(count).map((request) => request.emailAddress)
        )
        assert.deepStrictEqual(yield* fake.calls, [
          { method: "createBulk", input: bulk(count), span: "InvitationsService.createBulk" }
        ])
      }
    }))

  it.effect.each(
    (["create", "ensure", "createBulk", "revoke", "delete", "findById", "findByEmail"] as const).flatMap((method) =>
      [null, undefined, 7, true, Symbol("x"), () => 1].map((input) => [method, input] as const)
    )
  )("%s refuses %o for an input", ([method, input]) =>
    Effect.gen(function*() {
      assert.include((yield* refusal(method, input)).message, `${method} was not sent: `)
    }))

  it.effect.each(
    (["list", "stream"] as const).flatMap((method) =>
      ["ada", 7, true, [], Symbol("x"), () => 1].map((input) => [method, input] as const)
    )
  )("%s refuses %o for an input", ([method, input]) =>
    Effect.gen(function*() {
      assert.include((yield* refusal(method, input)).message, `${method} was not sent: `)
    }))

  it.effect("list and stream take no input at all for no filter", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(3))
      assert.strictEqual((yield* fake.service.list()).totalCount, 3)
      assert.strictEqual((yield* fake.service.list(undefined)).totalCount, 3)
      assert.deepStrictEqual(ids(yield* Stream.runCollect(fake.service.stream())), ["inv_1", "inv_2", "inv_3"])
      assert.deepStrictEqual(ids(yield* Stream.runCollect(fake.service.stream(undefined))), ["inv_1", "inv_2", "inv_3"])
    }))

  it.effect("undefined counts as absent", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      const request: CreateInvitation.Input = { emailAddress, notify: undefined, expiresInDays: undefined }
      assert.strictEqual((yield* fake.service.create(request)).emailAddress, emailAddress)
      const filter: ListInvitations.Input = { status: undefined, limit: undefined, offset: undefined }
      assert.strictEqual((yield* fake.service.list(filter)).data.length, 1)
    }))

  it.effect("nothing is checked before the effect runs, and again each time that it does", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      const twice = fake.service.list({ limit: 5 })
      assert.deepStrictEqual(yield* fake.calls, [])
      yield* twice
      yield* twice
      assert.strictEqual((yield* fake.calls).length, 2)
    }))
})

describe("what a refusal quotes", () => {
  const marker = "s3cr3t"

  class Box {
    constructor(readonly content: string) {}
  }

  /** Values that are nowhere acceptable for a field, each with the marker somewhere in it. */
  const junk = fc.letrec<{ readonly leaf: unknown; readonly any: unknown }>((tie) => ({
    leaf: fc.oneof(
      fc.string().map((text) => `${text} ${marker} @ ${text}`),
      fc.constant(Symbol(marker)),
      fc.constant(Object.assign(() => marker, { marker })),
      fc.constant(Object.assign(new Date(0), { marker })),
      fc.constant(new Error(marker)),
      fc.constant(new Box(marker)),
      fc.constant(new Map([[marker, marker]])),
      fc.constant(new Set([marker])),
      fc.constant(new URL(`https://example.com/${marker}`)),
      fc.constant(Object(marker))
    ),
    any: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      tie("leaf"),
      fc.array(tie("any"), { minLength: 1, maxLength: 3 }),
      tie("any").map((value) => ({ [marker]: value })),
      tie("any").map((value) => ({ _tag: "Some", value, message: marker, toString: () => marker }))
    )
  })).any

  /** Junk that is still no metadata inside of metadata, and no URL. */
  const lossy = junk.map((value) => ({ [marker]: marker, list: [marker, { [marker]: Symbol(marker), value }] }))
  const noText = junk.filter((value) => typeof value !== "string")

  const requestWith: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
    junk.map((value) => ({ emailAddress: value })),
    fc.constantFrom(marker, `${marker}@`, `@${marker}`, `${marker}@${marker}@x`, `${marker} a@x.co`).map((address) => ({
      emailAddress: address
    })),
    lossy.map((value) => ({ emailAddress, publicMetadata: value })),
    noText.map((value) => ({ emailAddress, redirectUrl: value })),
    fc.tuple(fc.constantFrom("notify", "ignoreExisting", "expiresInDays", "templateSlug", "extra"), junk).map((
      [field, value]
    ) => ({ emailAddress, [field]: value })),
    fc.tuple(junk, lossy, junk).map(([address, publicMetadata, value]) => ({
      emailAddress: address,
      publicMetadata,
      notify: value,
      ignoreExisting: value,
      expiresInDays: value,
      templateSlug: value,
      extra: value
    }))
  )

  const filterWith: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
    fc.tuple(fc.constantFrom("status", "orderBy", "limit", "offset", "pageSize", "concurrency", "extra"), junk).map((
      [field, value]
    ) => ({ [field]: value })),
    noText.map((value) => ({ query: value }))
  )

  const neverQuoted = (method: Method, input: unknown) =>
    Effect.map(refusal(method, input), (error) => {
      assert.isFalse(error.message.includes(marker))
      assert.deepStrictEqual(renderings(error).filter(([, text]) => text.includes(marker)), [])
    })

  it.effect.prop(
    "is nothing of a request to create or ensure",
    [requestWith],
    ([request]) => Effect.zipRight(neverQuoted("create", request), neverQuoted("ensure", request))
  )

  it.effect.prop(
    "is nothing of a bulk of requests",
    [fc.nat({ max: 4 }), fc.array(requestWith, { minLength: 1, maxLength: 5 })],
    ([before, wrong]) => neverQuoted("createBulk", [...bulk(before), ...wrong])
  )

  it.effect.prop(
    "is nothing of a bulk that is too large",
    [fc.array(requestWith, { minLength: 11, maxLength: 12 })],
    ([requests]) => neverQuoted("createBulk", requests),
    { fastCheck: { numRuns: 20 } }
  )

  it.effect.prop(
    "is nothing of a filter of a list or a stream",
    [filterWith],
    ([filter]) => Effect.zipRight(neverQuoted("list", filter), neverQuoted("stream", filter))
  )

  it.effect.prop(
    "is nothing of an id",
    [junk],
    ([id]) =>
      Effect.all([neverQuoted("revoke", id), neverQuoted("delete", id), neverQuoted("findById", id)], { discard: true })
  )

  it.effect.prop("is nothing of an address to find", [junk], ([address]) => neverQuoted("findByEmail", address))

  // A known defect: what is no object at all, or no array, is quoted.
  describe("in place of a whole input", () => {
    const whole = fc.oneof(
      fc.constant(marker),
      fc.constant(Symbol(marker)),
      fc.constant([marker]),
      fc.constant([[{ [marker]: marker }]]),
      fc.constant([new Box(marker)])
    )

    it.effect("is nothing of what is no request", () =>
      Effect.forEach(
        fc.sample(whole, 50),
        (input) => Effect.zipRight(neverQuoted("create", input), neverQuoted("ensure", input))
      ))

    it.effect("is nothing of what is no array of requests", () =>
      Effect.forEach([marker, { marker }, Symbol(marker)], (input) => neverQuoted("createBulk", input)))

    it.effect("is nothing of what is no request in an array of them", () =>
      Effect.forEach(
        [marker, [marker], Symbol(marker)],
        (input) => neverQuoted("createBulk", [{ emailAddress }, input])
      ))

    it.effect("is nothing of what is no filter", () =>
      Effect.forEach(
        fc.sample(whole, 50),
        (input) => Effect.zipRight(neverQuoted("list", input), neverQuoted("stream", input))
      ))

    it.effect("says what it must be", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(issuesOf(yield* refusal("create", null)), [["", "must be an object"]])
        assert.deepStrictEqual(issuesOf(yield* refusal("list", 7)), [["", "must be an object"]])
        assert.deepStrictEqual(issuesOf(yield* refusal("createBulk", [])), [
          ["requests", "must be an array of 1 to 10 requests"]
        ])
        assert.deepStrictEqual(issuesOf(yield* refusal("createBulk", [null])), [["requests[0]", "must be an object"]])
      }))
  })
})

describe("the five calls", () => {
  it.effect("pass the checked request on and the answer back", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(2))
      const request = { emailAddress, expiresInDays: 7, publicMetadata: { role: "admin" } }
      const created = yield* fake.service.create(request)
      assert.strictEqual(created.emailAddress, emailAddress)
      const page = yield* fake.service.list({ limit: 2, offset: 1 })
      assert.deepStrictEqual(ids(page.data), ["inv_2", "inv_3"])
      assert.strictEqual(page.totalCount, 3)
      assert.strictEqual((yield* fake.service.revoke("inv_1")).id, "inv_1")
      assert.strictEqual((yield* fake.service.delete(InvitationId.make("inv_2"))).id, "inv_2")
      assert.deepStrictEqual((yield* fake.calls).map(({ input, method }) => [method, input]), [
        ["create", request],
        ["list", { limit: 2, offset: 1 }],
        ["revoke", "inv_1"],
        ["delete", "inv_2"]
      ])
    }))

  it.effect("pass failures on as they are", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress })], () => ({
        list: () => Effect.fail(forbidden)
      }))
      const failure = yield* Effect.flip(fake.service.create({ emailAddress }))
      assert.isTrue(isDuplicate(failure))
      assert.deepStrictEqual(duplicateEmails(failure), [emailAddress])
      assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.list()), forbidden))
      assert.strictEqual((yield* Effect.flip(fake.service.revoke("inv_9")))._tag, "NotFound")
      assert.strictEqual((yield* Effect.flip(fake.service.delete("inv_9")))._tag, "NotFound")
    }))

  it.effect("are reached through the tag", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(1))
      const program = Effect.flatMap(InvitationsService, (invitations) => invitations.list())
      const page = yield* Effect.provide(program, Layer.succeed(InvitationsService, fake.service))
      assert.deepStrictEqual(ids(page.data), ["inv_1"])
      assert.strictEqual(InvitationsService.key, "@effect-clerk/core/InvitationsService")
    }))
})

describe("stream", () => {
  const pages = Effect.map<ReadonlyArray<{ readonly input: unknown }>, ReadonlyArray<unknown>>((calls) =>
    calls.map(({ input }) => input)
  )

  it.effect("emits the rows of all pages in order", () =>
    Effect.gen(function*() {
      const rows = makeInvitations(7)
      const fake = yield* makeFake(rows)
      const found = yield* Stream.runCollect(fake.service.stream({ pageSize: 3 }))
      assert.deepStrictEqual(ids(found), ids(rows))
    }))

  it.effect("asks for page after page, each of which repeats the end of the one before, and not beyond the total", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(7))
      yield* Stream.runDrain(fake.service.stream({ pageSize: 4, concurrency: 1 }))
      const filter = { status: undefined, query: undefined, orderBy: "-created_at", limit: 4 }
      assert.deepStrictEqual(yield* pages(fake.calls), [
        { ...filter, offset: 0 },
        { ...filter, offset: 2 },
        { ...filter, offset: 4 }
      ])
    }))

  it.effect("asks for 500 rows at a time unless told", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(2))
      yield* Stream.runDrain(fake.service.stream())
      const [call] = yield* fake.calls
      assert(call !== undefined)
      assert.strictEqual(field(call.input, "limit"), 500)
    }))

  it.effect("passes the filter and the order on with every page", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(4))
      const filter = { status: "pending", query: "person", orderBy: "+email_address" } as const
      const found = yield* Stream.runCollect(fake.service.stream({ ...filter, pageSize: 4, concurrency: 1 }))
      assert.strictEqual(found.length, 4)
      assert.deepStrictEqual(yield* pages(fake.calls), [
        { ...filter, limit: 4, offset: 0 },
        { ...filter, limit: 4, offset: 2 }
      ])
    }))

  it.effect("does not take a short page for the end while the total says otherwise", () =>
    Effect.gen(function*() {
      const rows = makeInvitations(7)
      // Gives at most two rows, whatever the limit, as a server that caps its pages would.
      const fake = yield* makeFake(rows, ({ list }) => ({ list: (params) => list({ ...params, limit: 2 }) }))
      const found = yield* Stream.runCollect(fake.service.stream({ pageSize: 5 }))
      assert.deepStrictEqual(ids(found), ids(rows))
    }))

  it.effect("of an empty list is empty, and asks once", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      assert.isTrue(Chunk.isEmpty(yield* Stream.runCollect(fake.service.stream())))
      assert.strictEqual((yield* fake.calls).length, 1)
    }))

  it.effect.each<readonly [rows: number, calls: number]>([
    [0, 1],
    [1, 3],
    [4, 2],
    [9, 5]
  ])(
    "goes on to a page with nothing new where the total is not known: %d rows, %d calls",
    ([count, calls]) =>
      Effect.gen(function*() {
        const rows = makeInvitations(count)
        const fake = yield* makeFake(rows, ({ list }) => ({
          list: (params) =>
            Effect.map(
              list(params),
              ({ data }) =>
                new InvitationPage({ data, totalCount: (params.offset ?? 0) + data.length, totalIsKnown: false })
            )
        }))
        const found = yield* Stream.runCollect(fake.service.stream({ pageSize: 4, concurrency: 1 }))
        assert.deepStrictEqual(ids(found), ids(rows))
        assert.strictEqual((yield* fake.calls).length, calls)
      })
  )

  it.effect("fails typed on an empty page in the middle, after the rows before it", () =>
    Effect.gen(function*() {
      const rows = makeInvitations(6)
      const fake = yield* makeFake(rows, ({ list }) => ({
        list: (params) =>
          Effect.map(list(params), ({ data, totalCount }) =>
            new InvitationPage({ data: (params.offset ?? 0) >= 3 ? [] : data, totalCount, totalIsKnown: true }))
      }))
      const seen = yield* Ref.make<ReadonlyArray<string>>([])
      const failure = yield* fake.service.stream({ pageSize: 2, concurrency: 1 }).pipe(
        Stream.runForEach(({ id }) =>
          Ref.update(seen, (before) => [...before, id])
        ),
        Effect.flip
      )
      assert.instanceOf(failure, UnexpectedResponse)
      assert.strictEqual(failure.operation, "list")
      assert.include(failure.message, "an empty page in the middle of the list")
      assert.deepStrictEqual(yield* Ref.get(seen), ["inv_1", "inv_2", "inv_3", "inv_4"])
    }))

  it.effect("fails with what a page fails with, after the rows before it", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(6), ({ list }) => ({
        list: (params) => (params.offset ?? 0) >= 1 ? Effect.fail(forbidden) : list(params)
      }))
      const seen = yield* Ref.make<ReadonlyArray<string>>([])
      const failure = yield* fake.service.stream({ pageSize: 2, concurrency: 1 }).pipe(
        Stream.runForEach(({ id }) => Ref.update(seen, (before) => [...before, id])),
        Effect.flip
      )
      assert.isTrue(Equal.equals(failure, forbidden))
      assert.deepStrictEqual(yield* Ref.get(seen), ["inv_1", "inv_2"])
      assert.strictEqual((yield* fake.calls).length, 2)
    }))

  it.effect("stops fetching once enough is taken", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(100))
      const found = yield* fake.service.stream({ pageSize: 4, concurrency: 1 }).pipe(Stream.take(5), Stream.runCollect)
      assert.deepStrictEqual(ids(found), ["inv_1", "inv_2", "inv_3", "inv_4", "inv_5"])
      assert.strictEqual((yield* fake.calls).length, 2)
    }))

  it.effect("asks for nothing until it is run, and from the beginning each time", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(3))
      const stream = fake.service.stream()
      assert.deepStrictEqual(yield* fake.calls, [])
      assert.strictEqual(yield* Stream.runCount(stream), 3)
      assert.strictEqual(yield* Stream.runCount(stream), 3)
    }))

  it.effect.prop(
    "emits every row once, in order, for every size of list and page",
    [fc.nat({ max: 40 }), fc.integer({ min: 1, max: 45 }), fc.integer({ min: 2, max: 45 }), fc.boolean()],
    ([count, pageSize, cap, totalIsKnown]) =>
      Effect.gen(function*() {
        const rows = makeInvitations(count)
        const fake = yield* makeFake(rows, ({ list }) => ({
          list: (params) =>
            Effect.map(
              list({ ...params, limit: Math.min(cap, params.limit ?? 10) }),
              ({ data, totalCount }) =>
                new InvitationPage({
                  data,
                  totalCount: totalIsKnown ? totalCount : (params.offset ?? 0) + data.length,
                  totalIsKnown
                })
            )
        }))
        assert.deepStrictEqual(ids(yield* Stream.runCollect(fake.service.stream({ pageSize }))), ids(rows))
      })
  )
})

describe("findById", () => {
  it.effect("finds the one with exactly this id, though the query matches others in part", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(11), makeInvitation(1), makeInvitation(111)])
      const found = yield* fake.service.findById("inv_1")
      assert.strictEqual(Option.getOrThrow(found).id, "inv_1")
    }))

  it.effect("finds nothing where the query matches others in part only", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([
        makeInvitation(11),
        makeInvitation(2, { emailAddress: "inv_1@example.com" }),
        makeInvitation(12, { status: "revoked" })
      ])
      assert.isTrue(Option.isNone(yield* fake.service.findById("inv_1")))
    }))

  it.effect("tells two ids apart that differ in case", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { id: "inv_A" }), makeInvitation(2, { id: "inv_a" })])
      assert.strictEqual(Option.getOrThrow(yield* fake.service.findById("inv_a")).id, "inv_a")
    }))

  it.effect.each(["pending", "accepted", "revoked", "expired"])(
    "finds one that is %s",
    (status) =>
      Effect.gen(function*() {
        const fake = yield* makeFake([makeInvitation(1), makeInvitation(2, { status })])
        assert.strictEqual(Option.getOrThrow(yield* fake.service.findById("inv_2")).status, status)
      })
  )

  it.effect("finds one beyond the first page of partial matches", () =>
    Effect.gen(function*() {
      const rows = [...Array.from({ length: 700 }, (_, n) => makeInvitation(10_000 + n)), makeInvitation(1)]
      const fake = yield* makeFake(rows)
      assert.strictEqual(Option.getOrThrow(yield* fake.service.findById("inv_1")).id, "inv_1")
    }))

  it.effect("asks once where the first listing has it, and looks among revoked ones otherwise", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1)])
      yield* fake.service.findById("inv_1")
      assert.strictEqual((yield* fake.calls).length, 1)
      assert.isTrue(Option.isNone(yield* fake.service.findById("inv_2")))
      assert.deepStrictEqual((yield* fake.calls).map(({ input }) => field(input, "status")), [undefined, undefined, "revoked"])
    }))

  it.effect("fails with what the list fails with", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([], () => ({ list: () => Effect.fail(serverError) }))
      assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.findById("inv_1")), serverError))
    }))
})

describe("findByEmail", () => {
  it.effect("finds the address whatever its case, and no other that the query matches in part", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([
        makeInvitation(1, { emailAddress: "Ada@Example.com" }),
        makeInvitation(2, { emailAddress: "xada@example.com" }),
        makeInvitation(3, { emailAddress: "ada@example.com.au" }),
        makeInvitation(4, { emailAddress: "ada@example.com" }),
        makeInvitation(5, { emailAddress: "xada@example.com", status: "revoked" })
      ])
      assert.deepStrictEqual(ids(yield* fake.service.findByEmail("aDA@example.COM")), ["inv_4", "inv_1"])
    }))

  it.effect("finds those of every status, the newest first", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([
        makeInvitation(1, { emailAddress, status: "expired", createdAt: start + 30 }),
        makeInvitation(2, { emailAddress, status: "pending", createdAt: start + 10 }),
        makeInvitation(3, { emailAddress, status: "revoked", createdAt: start + 40 }),
        makeInvitation(4, { emailAddress, status: "accepted", createdAt: start + 20 }),
        makeInvitation(5, { emailAddress, status: "revoked", createdAt: start })
      ])
      assert.deepStrictEqual(ids(yield* fake.service.findByEmail(emailAddress)), [
        "inv_3",
        "inv_1",
        "inv_4",
        "inv_2",
        "inv_5"
      ])
    }))

  it.effect("finds nothing for an address that was never invited", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(3))
      assert.deepStrictEqual(yield* fake.service.findByEmail(emailAddress), [])
    }))

  it.effect("lists one once that is revoked between the two looks, as it was last seen", () =>
    Effect.gen(function*() {
      const pending = makeInvitation(1, { emailAddress })
      const revoked = makeInvitation(1, { emailAddress, status: "revoked" })
      const fake = yield* makeFake([pending, makeInvitation(2, { emailAddress })], ({ list }, rows) => ({
        list: (params) =>
          list(params).pipe(
            Effect.zipLeft(Ref.update(rows, (all) => all.map((row) => row.id === pending.id ? revoked : row)))
          )
      }))
      const found = yield* fake.service.findByEmail(emailAddress)
      assert.deepStrictEqual(found.map(({ id, status }) => [id, status]), [["inv_2", "pending"], ["inv_1", "revoked"]])
    }))

  it.effect("lists one once where revoked ones are in the first listing as well", () =>
    Effect.gen(function*() {
      const row = makeInvitation(1, { emailAddress, status: "revoked" })
      const fake = yield* makeFake([row], () => ({
        list: () => Effect.succeed(new InvitationPage({ data: [row], totalCount: 1, totalIsKnown: true }))
      }))
      assert.deepStrictEqual(ids(yield* fake.service.findByEmail(emailAddress)), ["inv_1"])
      assert.strictEqual((yield* fake.calls).length, 2)
    }))

  it.effect("fails if either listing fails", () =>
    Effect.gen(function*() {
      for (const failing of [undefined, "revoked"]) {
        const fake = yield* makeFake([makeInvitation(1, { emailAddress })], ({ list }) => ({
          list: (params) => params.status === failing ? Effect.fail(forbidden) : list(params)
        }))
        assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.findByEmail(emailAddress)), forbidden))
      }
    }))
})

describe("ensure", () => {
  const methodsOf = Effect.map<ReadonlyArray<{ readonly method: string }>, ReadonlyArray<string>>((calls) =>
    calls.map(({ method }) => method)
  )

  it.effect("answers with the pending invitation that exists, and writes nothing", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress: "ADA@example.com" })])
      const invitation = yield* fake.service.ensure({ emailAddress, publicMetadata: { other: true } })
      assert.strictEqual(invitation.id, "inv_1")
      assert.deepStrictEqual(invitation.publicMetadata, {})
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list"])
    }))

  it.effect("creates one where there is none, with the request and the guard against duplicates", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(2))
      const request = { emailAddress, expiresInDays: 7, notify: false }
      const invitation = yield* fake.service.ensure(request)
      assert.strictEqual(invitation.emailAddress, emailAddress)
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create"])
      assert.deepStrictEqual((yield* fake.calls).at(-1)?.input, { ...request, ignoreExisting: false })
    }))

  it.effect("gives the same one the second time", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      const first = yield* fake.service.ensure({ emailAddress })
      const second = yield* fake.service.ensure({ emailAddress: "ADA@EXAMPLE.COM" })
      assert.strictEqual(second.id, first.id)
      assert.strictEqual((yield* Ref.get(fake.rows)).length, 1)
    }))

  it.effect.each(["accepted", "revoked", "expired"])("creates one where one is %s", (status) =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress, status })])
      assert.strictEqual((yield* fake.service.ensure({ emailAddress })).id, "inv_2")
    }))

  it.effect("creates one where the query matches others in part only", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress: `x${emailAddress}` })])
      assert.strictEqual((yield* fake.service.ensure({ emailAddress })).emailAddress, emailAddress)
    }))

  it.effect("answers with the invitation of whoever was quicker", () =>
    Effect.gen(function*() {
      const theirs = makeInvitation(7, { emailAddress })
      const fake = yield* makeFake([], ({ create }, rows) => ({
        create: (request) => Effect.zipRight(Ref.set(rows, [theirs]), create(request))
      }))
      assert.strictEqual((yield* fake.service.ensure({ emailAddress })).id, "inv_7")
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create", "list"])
      assert.strictEqual((yield* Ref.get(fake.rows)).length, 1)
    }))

  it.effect("fails with the duplicate if the second look finds none either", () =>
    Effect.gen(function*() {
      const clash = duplicate(emailAddress)
      const fake = yield* makeFake([], () => ({ create: () => Effect.fail(clash) }))
      assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.ensure({ emailAddress })), clash))
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create", "list"])
    }))

  it.effect("creates one though a server error spoils the look, and lets Clerk check for duplicates", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([], () => ({ list: () => Effect.fail(serverError) }))
      assert.strictEqual((yield* fake.service.ensure({ emailAddress, ignoreExisting: true })).emailAddress, emailAddress)
      assert.deepStrictEqual((yield* fake.calls).at(-1)?.input, { emailAddress, ignoreExisting: false })
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create"])
    }))

  it.effect("fails with the duplicate if a server error spoils both looks", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress })], () => ({
        list: () => Effect.fail(serverError)
      }))
      const failure = yield* Effect.flip(fake.service.ensure({ emailAddress }))
      assert.isTrue(isDuplicate(failure))
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create", "list"])
    }))

  it.effect("finds the one that exists though a server error spoils the first look", () =>
    Effect.gen(function*() {
      const looks = yield* Ref.make(0)
      const fake = yield* makeFake([makeInvitation(1, { emailAddress })], ({ list }) => ({
        list: (params) =>
          Effect.flatMap(
            Ref.getAndUpdate(looks, (n) => n + 1),
            (n) => n === 0 ? Effect.fail(serverError) : list(params)
          )
      }))
      assert.strictEqual((yield* fake.service.ensure({ emailAddress })).id, "inv_1")
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create", "list"])
    }))

  it.effect("fails with every other error of the look, and writes nothing", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake([], () => ({ list: () => Effect.fail(forbidden) }))
      assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.ensure({ emailAddress })), forbidden))
      assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list"])
    }))

  it.effect("fails with every other error of the create, and looks no more", () =>
    Effect.gen(function*() {
      const refused = new BadRequest({
        operation: "create",
        status: 400,
        errors: [new ErrorDetail({ code: "bad_request", message: "", longMessage: "", meta: {} })],
        traceId: Option.none()
      })
      for (const error of [refused, forbidden, notFound("revoke")]) {
        const fake = yield* makeFake([], () => ({ create: () => Effect.fail(error) }))
        assert.isTrue(Equal.equals(yield* Effect.flip(fake.service.ensure({ emailAddress })), error))
        assert.deepStrictEqual(yield* methodsOf(fake.calls), ["list", "create"])
      }
    }))
})

describe("spans", () => {
  /** The spans that are started while the effect runs. */
  const spansOf = Effect.fnUntraced(function*<A, E>(effect: Effect.Effect<A, E>) {
    const native = yield* Effect.tracer
    const spans: Array<Tracer.Span> = []
    const tracer = Tracing.make({
      span: (...options) => {
        const span = native.span(...options)
        spans.push(span)
        return span
      },
      context: (f, fiber) => native.context(f, fiber)
    })
    yield* Effect.exit(effect).pipe(Effect.withSpan("caller"), Effect.withTracer(tracer))
    return spans
  })

  const inputs: Record<Method, unknown> = {
    create: { emailAddress },
    createBulk: [{ emailAddress }],
    list: { query: emailAddress },
    revoke: "inv_1",
    delete: "inv_1",
    stream: { query: emailAddress },
    findById: "inv_1",
    findByEmail: emailAddress,
    ensure: { emailAddress },
    inviteMany: [{ emailAddress }],
    revokeMany: ["inv_1"]
  }
  const names: ReadonlyArray<Method> = [
    "create",
    "createBulk",
    "list",
    "revoke",
    "delete",
    "stream",
    "findById",
    "findByEmail",
    "ensure",
    "inviteMany",
    "revokeMany"
  ]

  it.effect.each(names)("%s runs in a span of its name, below the caller's", (method) =>
    Effect.gen(function*() {
      const fake = yield* makeFake(makeInvitations(1))
      const call: (service: InvitationsService.Service, input: unknown) => Effect.Effect<unknown, unknown> =
        methods[method]
      const all = yield* spansOf(call(fake.service, inputs[method]))
      // The steps of a job have spans of their own, below that.
      const steps = all.filter(({ name }) => name.startsWith(`InvitationsService.${method}.`))
      const spans = all.filter((span) => !steps.includes(span))
      assert.isTrue(steps.every(({ parent }) => Option.exists(parent, ({ spanId }) => spanId === spans[1]?.spanId)))
      assert.deepStrictEqual(spans.map(({ name }) => name), ["caller", `InvitationsService.${method}`])
      assert.deepStrictEqual(
        spans.map(({ parent }) => Option.getOrNull(Option.map(parent, ({ spanId }) => spanId))),
        [null, spans[0]?.spanId]
      )
      assert.isTrue(all.every(({ status }) => status._tag === "Ended"))
      const calls = yield* fake.calls
      assert.isTrue(calls.length > 0)
      const expected = steps.length > 0 ? steps.map(({ name }) => name) : [`InvitationsService.${method}`]
      assert.isTrue(calls.every(({ span }) => expected.includes(span)))
    }))

  it.effect.each(names)("the span of %s has no address among its attributes", (method) =>
    Effect.gen(function*() {
      const fake = yield* makeFake([makeInvitation(1, { emailAddress })])
      const call: (service: InvitationsService.Service, input: unknown) => Effect.Effect<unknown, unknown> =
        methods[method]
      const spans = yield* spansOf(call(fake.service, inputs[method]))
      assert.isTrue(spans.length >= 2)
      for (const { attributes } of spans) {
        assert.isFalse([...attributes].map(String).join().includes("ada"))
      }
    }))

  it.effect("a refused input ends its span with the failure", () =>
    Effect.gen(function*() {
      const fake = yield* makeFake()
      const spans = yield* spansOf(fake.service.create({ emailAddress: "ada" }))
      const span = spans.find(({ name }) => name === "InvitationsService.create")
      assert(span?.status._tag === "Ended")
      assert.strictEqual(span.status.exit._tag, "Failure")
    }))
})
