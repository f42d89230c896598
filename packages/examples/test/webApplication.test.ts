import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { type HttpApiError, HttpClient, type HttpClientError, HttpClientRequest, HttpServer } from "@effect/platform"
import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { assert, expectTypeOf, it } from "@effect/vitest"
import { assertNone } from "@effect/vitest/utils"
import { Array, Context, Effect, Layer, Logger, Option, type ParseResult, Redacted, Ref } from "effect"
import * as Client from "../src/recipes/webApplication/client.js"
import type {
  InviteFailure,
  ListFailure,
  RevokeFailure,
  Unauthenticated
} from "../src/recipes/webApplication/failures.js"
import { Local, session } from "../src/recipes/webApplication/local.js"
import { type Answer, foreign, scenario } from "../src/recipes/webApplication/scenario.js"
import { run } from "./utils.js"

class Log extends Context.Tag("Log")<Log, Ref.Ref<ReadonlyArray<string>>>() {}

// What the server logs, instead of the console.
const Logged = Layer.unwrapEffect(
  Effect.map(Ref.make<ReadonlyArray<string>>([]), (lines) =>
    Layer.merge(
      Layer.succeed(Log, lines),
      Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => Effect.runSync(Ref.update(lines, Array.append(String(message)))))
      )
    ))
)

// Two real sockets: one from the page to the application, one from the application to the emulator.
const Sockets = Layer.mergeAll(Local, NodeHttpClient.layerUndici).pipe(Layer.provideMerge(Logged))

const answersOfScenario = Effect.gen(function*() {
  const answers = yield* Ref.make(Array.empty<Answer>())
  yield* scenario((answer) => Ref.update(answers, Array.append(answer)))
  return yield* Ref.get(answers)
})

// Ids and times differ from run to run.
const bodyOf = ({ body }: Answer): unknown =>
  JSON.parse(body.replace(/inv_\w+/g, "inv").replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "time"))

const invitation = (name: string, status = "pending") => ({
  id: "inv",
  emailAddress: `${name}@example.com`,
  publicMetadata: { team: "engines" },
  status,
  ...(status === "revoked" ? { revoked: true } : {}),
  expiresAt: "time",
  createdAt: "time",
  updatedAt: "time"
})

const addressMust = "must be an e-mail address (name@domain, no white space, at most 254 characters)"

const daysMust = "must be a whole number of days from 1 to 365"

it.live("every failure has a status, a body and a text, and no answer has a secret", () =>
  Effect.gen(function*() {
    const answers = yield* answersOfScenario
    const rows = answers.map((answer) => [
      answer.request,
      answer.status,
      answer.headers["retry-after"],
      bodyOf(answer),
      answer.says
    ])
    assert.deepStrictEqual(rows, [
      ["list without a session", 401, undefined, { _tag: "Unauthenticated" }, "sign in first"],
      ["invite ada@example.com", 201, undefined, invitation("ada"), "done"],
      ["invite lin@example.com", 201, undefined, invitation("lin"), "done"],
      ["invite ada@example.com", 409, undefined, { _tag: "AlreadyInvited" }, "this address has an invitation"],
      ["invite grace@compilers.example", 409, undefined, { _tag: "AlreadyInvited" }, "this address has an invitation"],
      [
        "invite ada",
        400,
        undefined,
        {
          _tag: "InvalidInput",
          issues: [
            { field: "emailAddress", message: addressMust },
            { field: "expiresInDays", message: daysMust }
          ]
        },
        `emailAddress ${addressMust}; expiresInDays ${daysMust}`
      ],
      [
        "invite joan@example.com",
        422,
        undefined,
        { _tag: "Refused", reason: "user" },
        "this address belongs to a user"
      ],
      [
        "invite eve@blocked.example",
        422,
        undefined,
        { _tag: "Refused", reason: "blocked" },
        "this address may not be invited"
      ],
      ["list from 0", 200, undefined, { data: [invitation("lin"), invitation("ada")], nextOffset: 2 }, "done"],
      ["list from 2", 200, undefined, { data: [invitation("kay")] }, "done"],
      ["revoke ada@example.com", 200, undefined, invitation("ada", "revoked"), "done"],
      [
        "revoke ada@example.com",
        409,
        undefined,
        { _tag: "NotPending", status: "revoked" },
        "the invitation is already revoked"
      ],
      [
        "revoke joan@example.com",
        409,
        undefined,
        { _tag: "NotPending", status: "accepted" },
        "the invitation is already accepted"
      ],
      [
        "revoke grace@compilers.example",
        404,
        undefined,
        { _tag: "NoSuchInvitation" },
        "your team has no such invitation"
      ],
      ["revoke hedy@example.com", 404, undefined, { _tag: "NoSuchInvitation" }, "your team has no such invitation"],
      ["invite hedy@example.com", 409, undefined, { _tag: "Busy" }, "someone else changes this now: try again"],
      [
        "invite hedy@example.com",
        422,
        undefined,
        { _tag: "Refused", reason: "rejected" },
        "this address cannot be invited"
      ],
      ["invite hedy@example.com", 500, undefined, { _tag: "InternalFailure" }, "something is wrong on our side"],
      [
        "revoke lin@example.com",
        503,
        undefined,
        { _tag: "OutcomeUnknown" },
        "this may have happened: look at the list before you try again"
      ],
      [
        "invite hedy@example.com",
        429,
        "90",
        { _tag: "Throttled", retryAfterSeconds: 90 },
        "too many invitations: try again in 90 seconds"
      ],
      [
        "list from 0",
        503,
        "60",
        { _tag: "Unavailable", retryAfterSeconds: 60 },
        "not available: try again in 60 seconds"
      ]
    ])

    const control = yield* InvitationsControl
    const links = (yield* control.outbox).map(({ url }) => Redacted.value(url))
    const fromClerk = (yield* control.requests).flatMap(({ response }) =>
      Option.match(response, {
        onNone: () => [],
        onSome: ({ body }) =>
          Array.fromIterable(
            Redacted.value(body).matchAll(/"(?:code|message|long_message|clerk_trace_id|url)":"([^"]+)"/g)
          ).map(([, text = ""]) => text)
      })
    )
    // The search finds what it is about.
    for (const known of ["duplicate_record", "duplicate invitation", ...links]) assert.include(fromClerk, known)
    const texts = [...fromClerk, "sk_test", "ticket", foreign.publicMetadata.team, foreign.publicMetadata.note]
    for (const { body, headers, request } of answers) {
      const answer = JSON.stringify(headers) + body
      for (const text of [...texts, foreign.emailAddress]) assert.notInclude(answer, text, request)
    }

    // The admin sees no reason for the 500; the operator does.
    const lines = yield* Effect.flatMap(Log, Ref.get)
    assert.strictEqual(lines.length, 1)
    assert.match(
      lines[0] ?? "",
      /^Answered InternalFailure: Clerk answered create with status 401: the secret key is invalid/
    )
  }).pipe(Effect.provide(Sockets)))

it.live("a request that the typed client cannot send gets 400 or 401, and is not sent to Clerk", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const baseUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
    const send = (request: HttpClientRequest.HttpClientRequest, token = Redacted.value(session)) =>
      Effect.flatMap(
        HttpClient.execute(request.pipe(HttpClientRequest.prependUrl(baseUrl), HttpClientRequest.bearerToken(token))),
        ({ json, status }) => Effect.map(json, (body) => [status, body])
      )
    const post = (body: string) =>
      HttpClientRequest.bodyText(HttpClientRequest.post("/invitations"), body, "application/json")

    assert.deepStrictEqual(yield* send(post("{")), [400, null])
    for (const request of [post("{}"), HttpClientRequest.get("/invitations?limit=101")]) {
      const [status, body] = yield* send(request)
      assert.strictEqual(status, 400)
      assert.nestedPropertyVal(body, "_tag", "HttpApiDecodeError")
    }
    assert.deepStrictEqual(yield* send(post("{"), ""), [401, { _tag: "Unauthenticated" }])
    assert.deepStrictEqual(yield* control.calls, [])
  }).pipe(Effect.provide(Sockets)))

it.live("the typed client has the exact failures of each endpoint", () =>
  Effect.gen(function*() {
    const baseUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
    const { invitations } = yield* Client.make({ baseUrl, token: session })
    const invite = invitations.invite({ payload: { emailAddress: "ada" } })
    const list = invitations.list({ urlParams: { limit: 20, offset: 0 } })
    const revoke = invitations.revoke({ path: { id: "inv_1" } })
    type Always =
      | Unauthenticated
      | HttpApiError.HttpApiDecodeError
      | HttpClientError.HttpClientError
      | ParseResult.ParseError
    expectTypeOf<Effect.Effect.Error<typeof invite>>().toEqualTypeOf<InviteFailure | Always>()
    expectTypeOf<Effect.Effect.Error<typeof list>>().toEqualTypeOf<ListFailure | Always>()
    expectTypeOf<Effect.Effect.Error<typeof revoke>>().toEqualTypeOf<RevokeFailure | Always>()

    const field = yield* Effect.map(invite, () => "none").pipe(
      Effect.catchTag("InvalidInput", ({ issues }) => Effect.succeed(issues[0]?.field))
    )
    assert.strictEqual(field, "emailAddress")
    assert.strictEqual((yield* Effect.flip(revoke))._tag, "NoSuchInvitation")
    assertNone((yield* list).nextOffset)
  }).pipe(Effect.provide(Sockets)))

it.scopedLive("as a program, prints every answer and ends", () =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* run("recipes/webApplication/main.ts")
    assert.deepStrictEqual([code, stderr], [0, ""])
    const statuses = Array.fromIterable(stdout.matchAll(/^(\d{3}) {2}/gm)).map(([, status]) => status)
    assert.deepStrictEqual(
      Array.dedupe(statuses).sort(),
      ["200", "201", "400", "401", "404", "409", "422", "429", "500", "503"]
    )
  }).pipe(Effect.provide(NodeContext.layer)))
