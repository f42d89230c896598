import type { InvitationsService } from "@effect-clerk/core"
import { Fault, InvitationsHttp } from "@effect-clerk/http"
import { assert, describe, it } from "@effect/vitest"
import { Cause, ConfigProvider, Effect, Exit, Layer, Logger, LogLevel, Option, Redacted, Stream, Tracer } from "effect"
import { inspect } from "node:util"
import * as clerk from "./utils/clerk.js"
import { clients, undici } from "./utils/clients.js"
import { runWithClock } from "./utils/clock.js"
import * as raw from "./utils/rawServer.js"

const key = "sk_live_Quetzalcoatl0123456789"
const local = "xochiquetzal.tlaloc"
const emailAddress = `${local}@tenochtitlan.example`
const other = "huitzilopochtli@tenochtitlan.example"
const ticket = "tkt_Mictlantecuhtli"
const link = `https://accounts.tenochtitlan.example/v1/tickets/accept?ticket=${ticket}`
const metadata = { plan: "obsidian-mirror", team: { name: "jaguar-warriors", size: 47110815 } }
const redirectUrl = "https://app.tenochtitlan.example/cozcacuauhtli"

/** The texts that no log, span or error may contain, in any case. */
const secrets = [
  key,
  "Quetzalcoatl",
  local,
  "huitzilopochtli",
  "tenochtitlan",
  encodeURIComponent(emailAddress),
  Buffer.from(emailAddress).toString("base64"),
  ticket,
  "obsidian-mirror",
  "jaguar-warriors",
  "47110815",
  "cozcacuauhtli"
]

const request = { emailAddress, publicMetadata: metadata, redirectUrl }

/**
 * Records logs of every level, and spans with their attributes, events and links.
 */
const recorder = () => {
  const lines: Array<string> = []
  const keep = (what: string, value: unknown) => {
    lines.push(`${what}: ${inspect(value, { depth: null, maxStringLength: null, maxArrayLength: null })}`)
    if (typeof value === "string") lines.push(value)
  }
  const logger = Logger.make((options) => {
    for (const { log } of [Logger.stringLogger, Logger.logfmtLogger, Logger.jsonLogger]) lines.push(log(options))
    keep("log", Logger.structuredLogger.log(options))
    keep("cause", Cause.pretty(options.cause))
  })
  const spans: Array<string> = []
  const tracer = Tracer.make({
    context: (f) => f(),
    span: (name, parent, context, links, startTime, kind, options) => {
      spans.push(name)
      keep("span", name)
      keep("links", links)
      keep("options", options?.attributes)
      const attributes = new Map<string, unknown>()
      const span: Tracer.Span = {
        _tag: "Span",
        name,
        spanId: `span${spans.length}`,
        traceId: "trace",
        parent,
        context,
        status: { _tag: "Started", startTime },
        attributes,
        links,
        sampled: true,
        kind,
        end: (_, exit) => {
          if (Exit.isSuccess(exit)) {
            // The result of a call may contain addresses, but not the link.
            if (inspect(exit, { depth: null }).includes("ticket=")) keep(`end of ${name}`, link)
            return
          }
          keep(`end of ${name}`, exit)
          lines.push(JSON.stringify(exit), Cause.pretty(exit.cause, { renderErrorCause: true }))
        },
        attribute: (attribute, value) => {
          attributes.set(attribute, value)
          keep(`attribute ${attribute}`, value)
        },
        event: (event, _, values) => keep(`event ${event}`, values),
        addLinks: (added) => keep("links", added)
      }
      return span
    }
  })
  const record = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    effect.pipe(
      Effect.withSpan("caller"),
      Effect.withTracer(tracer),
      Effect.withTracerEnabled(true),
      Effect.provide(Layer.merge(Logger.add(logger), Logger.minimumLogLevel(LogLevel.All)))
    )
  return { lines, spans, keep, record }
}

/** The common ways to print a value. */
const texts = (value: unknown): ReadonlyArray<string> => [
  inspect(value, { depth: null, maxStringLength: null, maxArrayLength: null }),
  inspect(value, { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null }),
  String(value),
  JSON.stringify(value),
  JSON.stringify({ nested: [value] }),
  ...(value instanceof Error ? [value.message, value.stack ?? "", value.toString()] : [])
]

const errorTexts = (error: unknown): ReadonlyArray<string> => [
  ...texts(error),
  ...texts(Cause.fail(error)),
  ...texts(Exit.fail(error)),
  Cause.pretty(Cause.fail(error), { renderErrorCause: true }),
  Cause.pretty(Cause.die(error), { renderErrorCause: true })
]

const assertClean = (lines: ReadonlyArray<string>) => {
  for (const secret of secrets) {
    const found = lines.find((line) => line.toLowerCase().includes(secret.toLowerCase()))
    assert.strictEqual(found === undefined ? "nothing" : `${secret} in ${found.slice(0, 2000)}`, "nothing")
  }
}

const calls = (
  service: InvitationsService.Service,
  id: string
): ReadonlyArray<readonly [name: string, call: Effect.Effect<unknown, unknown>]> => [
  ["list", service.list({ query: emailAddress, status: "pending" })],
  ["create", service.create(request)],
  ["create with ignoreExisting", service.create({ ...request, ignoreExisting: true })],
  ["createBulk", service.createBulk([request, { ...request, emailAddress: other }])],
  ["revoke", service.revoke(id)],
  ["delete", service.delete(id)],
  ["stream", Stream.runDrain(service.stream({ query: emailAddress }))],
  ["findById", service.findById(id)],
  ["findByEmail", service.findByEmail(emailAddress)],
  ["ensure", service.ensure(request)]
]

/** Runs a call and records its logs, its spans and the texts of its error. */
const watch = (call: Effect.Effect<unknown, unknown>) =>
  Effect.gen(function*() {
    const { keep, lines, record, spans } = recorder()
    const reported = call.pipe(
      Effect.tapErrorCause((cause) => Effect.logError("it failed", cause)),
      Effect.tapError((error) => Effect.logWarning(error).pipe(Effect.annotateLogs({ error })))
    )
    const exit = yield* record(runWithClock(Effect.exit(reported)))
    if (Exit.isFailure(exit)) {
      lines.push(...texts(exit), Cause.pretty(exit.cause, { renderErrorCause: true }))
      const error = Cause.failureOption(exit.cause)
      if (Option.isSome(error)) lines.push(...errorTexts(error.value))
    }
    return { exit, lines, spans, keep }
  })

const tagOf = (exit: Exit.Exit<unknown, unknown>): unknown =>
  Exit.match(exit, {
    onSuccess: () => "success",
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onNone: () => "defect",
        onSome: (error) => typeof error === "object" && error !== null && "_tag" in error ? error._tag : "unknown"
      })
  })

/** The body of an error that contains every secret. */
const quoting = JSON.stringify({
  errors: [{
    code: "form_param_value_invalid",
    message: `${emailAddress} is not allowed`,
    long_message: `${emailAddress} is not allowed for ${key}, see ${link}`,
    meta: {
      email_addresses: [emailAddress, other],
      param_name: "email_address",
      value: metadata,
      url: link,
      [emailAddress]: 1
    }
  }, { code: emailAddress, message: link }],
  [emailAddress]: metadata,
  clerk_trace_id: emailAddress
})

const proper = JSON.stringify({
  object: "invitation",
  id: "inv_1",
  email_address: emailAddress,
  public_metadata: metadata,
  url: link,
  status: "pending",
  created_at: 0,
  updated_at: 0
})

const page = (text: string) => `<html><head><title>Error for ${text}</title></head><body>${text}</body></html>`

describe("logs, spans and errors contain no secret key, link, address or metadata", () => {
  it.scoped("the recorder records logs and spans, so that these tests can fail", () =>
    Effect.gen(function*() {
      const { lines, record, spans } = recorder()
      yield* record(
        Effect.log("a log", emailAddress).pipe(
          Effect.annotateLogs({ note: "annotated" }),
          Effect.zipRight(Effect.annotateCurrentSpan("attribute", "an attribute")),
          Effect.withSpan("a span", { attributes: { early: "an early attribute" } }),
          Effect.zipRight(Effect.exit(Effect.withSpan(Effect.fail(new Error(key)), "failing")))
        )
      )
      assert.deepStrictEqual(spans, ["caller", "a span", "failing"])
      for (const what of ["a log", emailAddress, "annotated", "an attribute", "an early attribute", key]) {
        assert.isTrue(lines.some((line) => line.includes(what)))
      }
      assert.throws(() => assertClean(lines))
    }))

  it.scoped("when every call succeeds", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make({ secretKey: Redacted.make("sk_test_Quetzalcoatl") })
      const seeded = yield* control.seed([{ emailAddress: other }, { emailAddress: other }])
      const [first] = seeded
      const outcomes: Array<unknown> = []
      for (const [name, call] of calls(invitations, first?.id ?? "")) {
        if (name.startsWith("create") && !name.includes("ignore")) yield* control.reset
        const { exit, lines, spans } = yield* watch(call)
        outcomes.push(tagOf(exit))
        assert.isAbove(spans.filter((span) => span.startsWith("InvitationsService.")).length, 0)
        assertClean(lines)
        if (Exit.isSuccess(exit)) {
          for (const text of texts([exit.value])) assert.notInclude(text, "ticket=")
        }
      }
      assert.include(outcomes, "success")
      assert.isAbove(outcomes.filter((outcome) => outcome === "success").length, 6)
    }))

  const responses: ReadonlyArray<readonly [what: string, script: raw.Script, tags: ReadonlyArray<string>]> = [
    ...[400, 401, 403, 404, 409, 422].map((status) =>
      [
        `a ${status} that contains every secret`,
        raw.reply({ status, body: quoting, headers: { "cf-ray": emailAddress } }),
        ["BadRequest", "Unauthorized", "Forbidden", "NotFound", "Conflict", "Unprocessable", "ClientError"]
      ] as const
    ),
    [
      "a 429 that contains every secret",
      raw.reply({ status: 429, body: quoting, headers: { "retry-after": emailAddress } }),
      ["TooManyRequests"]
    ],
    ["a 503 that contains every secret", raw.reply({ status: 503, body: quoting }), ["ServerError", "AmbiguousWrite"]],
    ["a 418 that contains every secret", raw.reply({ status: 418, body: quoting }), ["ClientError"]],
    [
      "a redirect that contains every secret",
      raw.reply({ status: 302, body: page(link), headers: { location: link } }),
      ["UnexpectedResponse", "AmbiguousWrite"]
    ],
    ...[
      ["truncated JSON", proper.slice(0, -1)],
      ["JSON that is truncated within the link", proper.slice(0, proper.indexOf(ticket) + ticket.length)],
      ["JSON of another shape", quoting],
      ["JSON with the secrets as keys", JSON.stringify({ [emailAddress]: 1, [link]: 2, [key]: 3 })],
      ["a string with the secrets", JSON.stringify(`${emailAddress} ${link} ${key}`)],
      ["an HTML page with the secrets in the title", page(`${emailAddress} ${link} ${key}`)],
      ["an HTML page without a title", `<p>${emailAddress}</p> <a href='${link}'>${link}</a> <i>${key}</i>`],
      [
        "text that contains the URL",
        `Cannot GET /v1/invitations?paginated=true&query=${encodeURIComponent(emailAddress)}`
      ],
      ["an HTML page that escapes the address", `<p>No such user: ${emailAddress.replace("@", "&#64;")}</p>`],
      ["text that contains the headers", `authorization: Bearer ${key}\r\nclerk-api-version: 2026-05-12`]
    ].map(([what, body]) =>
      [
        `a 200 with ${what}`,
        raw.reply({ body, contentType: "text/html" }),
        ["UnexpectedResponse", "AmbiguousWrite"]
      ] as const
    ),
    ["a reset", raw.reset, ["ConnectionError", "AmbiguousWrite"]],
    ["no response", raw.stall, ["Timeout", "AmbiguousWrite"]]
  ]

  for (const [what, script, tags] of responses) {
    // Every operation gets these responses, with retries. Three operations get the others, without retries.
    const withRetries = /422|503|418|a reset/.test(what)

    it.scoped(`when every response is ${what}`, () =>
      Effect.gen(function*() {
        const server = yield* raw.make(() => script)
        const invitations = yield* InvitationsHttp.make({
          secretKey: Redacted.make(key),
          apiUrl: server.url,
          retry: withRetries ? { attempts: 2, reconcileTimeout: "100 millis" } : "none"
        }).pipe(Effect.provide(yield* Layer.build(undici)))
        for (const [name, call] of calls(invitations, "inv_1")) {
          if (!withRetries && !["list", "create", "revoke"].includes(name)) continue
          const { exit, lines } = yield* watch(call)
          assert.include(tags, tagOf(exit))
          assertClean(lines)
        }
        assert.isAtLeast(server.requests.length, 3)
        assert.strictEqual(server.requests[0]?.headers["authorization"], `Bearer ${key}`)
      }))
  }

  for (const [name, client] of clients) {
    it.scoped(`when the connection is refused, over ${name}`, () =>
      Effect.gen(function*() {
        const port = yield* raw.closedPort
        const invitations = yield* InvitationsHttp.make({
          secretKey: Redacted.make(key),
          apiUrl: `http://127.0.0.1:${port}`,
          retry: "none"
        }).pipe(Effect.provide(yield* Layer.build(client)))
        for (const [, call] of calls(invitations, "inv_1")) {
          const { exit, lines } = yield* watch(call)
          assert.strictEqual(tagOf(exit), "ConnectionError")
          assertClean(lines)
        }
      }))
  }

  it.scoped("when a write stays ambiguous with candidates", () =>
    Effect.gen(function*() {
      const { control, invitations } = yield* clerk.make({ secretKey: Redacted.make("sk_test_Quetzalcoatl") })
      yield* control.injectFaults([{ operation: "create", response: Fault.Response.Reset(), commit: "before" }])
      const competing = yield* Effect.fork(
        Effect.eventually(Effect.flatMap(control.invitations, (rows) =>
          rows.length === 1 ? control.seed([{ emailAddress, publicMetadata: metadata }]) : Effect.fail("not yet")))
      )
      const { exit, lines } = yield* watch(invitations.create({ ...request, ignoreExisting: true }))
      yield* competing
      assert.strictEqual(tagOf(exit), "AmbiguousWrite")
      assertClean(lines)
    }))

  it.scoped("when an input is invalid", () =>
    Effect.gen(function*() {
      const server = yield* raw.make([])
      const invitations = yield* InvitationsHttp.make({ secretKey: Redacted.make(key), apiUrl: server.url }).pipe(
        Effect.provide(yield* Layer.build(undici))
      )
      const invalid: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        invitations.create({ emailAddress: `${emailAddress} ` }),
        invitations.create({
          emailAddress,
          publicMetadata: {
            [local]: new Date(0),
            plan: metadata.plan,
            f: () => metadata
          }
        }),
        invitations.create({ emailAddress, redirectUrl: "", expiresInDays: 0 }),
        invitations.create(Object.assign({ emailAddress }, { [emailAddress]: metadata })),
        invitations.createBulk([{ emailAddress: local }, { emailAddress: `${emailAddress}@` }]),
        invitations.createBulk(Array.from({ length: 11 }, () => request)),
        invitations.list({ query: emailAddress, limit: 0 }),
        invitations.revoke(link),
        invitations.delete(emailAddress),
        invitations.findById(key),
        invitations.findByEmail(link),
        invitations.ensure({ emailAddress: link })
      ]
      for (const [index, call] of invalid.entries()) {
        const { exit, lines } = yield* watch(call)
        // The secret key has the form of an id, so `findById` looks it up. Every other input is invalid.
        if (index !== 9) assert.strictEqual(tagOf(exit), "InvalidRequest")
        assertClean(lines)
      }
    }))

  it.scoped("when the configuration is invalid", () =>
    Effect.gen(function*() {
      const build = (entries: ReadonlyArray<readonly [string, string]>) =>
        Layer.build(
          InvitationsHttp.layerConfig().pipe(
            Layer.provide(undici),
            Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(entries))))
          )
        )
      const invalid = [
        [["CLERK_SECRET_KEY", `${key}\n`]],
        [["CLERK_SECRET_KEY", key], ["CLERK_API_URL", `https://user:${key}@api.example.test`]],
        [["CLERK_SECRET_KEY", key], ["CLERK_API_URL", key]],
        [["CLERK_API_URL", "https://api.example.test"]]
      ] as const
      for (const entries of invalid) {
        const { exit, lines } = yield* watch(Effect.scoped(build(entries)))
        assert.isTrue(Exit.isFailure(exit))
        assert.notStrictEqual(tagOf(exit), "defect")
        assertClean(lines)
      }
    }))

  it.scoped("when the service, its options or its layer are printed", () =>
    Effect.gen(function*() {
      const options = { secretKey: Redacted.make(key) }
      const context = yield* Layer.build(InvitationsHttp.layer(options).pipe(Layer.provide(undici)))
      const service = yield* InvitationsHttp.make(options).pipe(Effect.provide(yield* Layer.build(undici)))
      assertClean([
        ...texts(options),
        ...texts(service),
        inspect(context, { depth: null }),
        inspect(InvitationsHttp.layer(options), { depth: null })
      ])
    }))
})
