import { Fault } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpClient, HttpServer } from "@effect/platform"
import { Array, Effect, Either, Option, Redacted, Ref } from "effect"
import * as Client from "./client.js"
import { session } from "./local.js"

/** What the server answered, and what the page tells the admin. */
export interface Answer {
  readonly request: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly says: string
}

/** An invitation of a team that the admin does not belong to. */
export const foreign = {
  emailAddress: "grace@compilers.example",
  publicMetadata: { team: "compilers", note: "for the eyes of compilers" }
}

const ours = (emailAddress: string) => ({ emailAddress, publicMetadata: { team: "engines" } })

/** Returns the client that keeps the last response, because a typed client returns only what it decoded. */
const recording = Effect.gen(function*() {
  const last = yield* Ref.make<Pick<Answer, "status" | "headers" | "body">>({ status: 0, headers: {}, body: "" })
  const client = HttpClient.tap(
    yield* HttpClient.HttpClient,
    // The typed client reads this buffer too. A body can be read once only.
    ({ arrayBuffer, headers, status }) =>
      Effect.flatMap(arrayBuffer, (body) => Ref.set(last, { status, headers, body: new TextDecoder().decode(body) }))
  )
  return { client, last: Ref.get(last) }
})

/** Makes each kind of answer happen, through the typed client, and reports the answers in order. */
export const scenario = (report: (answer: Answer) => Effect.Effect<void>) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const baseUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
    const { client, last } = yield* recording
    const clientOf = (token: Redacted.Redacted) =>
      Effect.provideService(Client.make({ baseUrl, token }), HttpClient.HttpClient, client)
    const stranger = yield* clientOf(Redacted.make("no-session"))
    const { invitations } = yield* clientOf(session)

    const ask = <A>(request: string, call: Effect.Effect<A, Client.ClientFailure>) =>
      Effect.gen(function*() {
        const result = yield* Effect.either(call)
        const says = Either.match(result, { onLeft: Client.explain, onRight: () => "done" })
        yield* report({ request, ...(yield* last), says })
      })
    const invite = (emailAddress: string, expiresInDays?: number) =>
      ask(`invite ${emailAddress}`, invitations.invite({ payload: { emailAddress, expiresInDays } }))
    const list = (offset: number) =>
      ask(`list from ${offset}`, invitations.list({ urlParams: { offset, limit: 2, status: "pending" } }))
    const idOf = (emailAddress: string) =>
      Effect.map(
        control.invitations,
        (all) =>
          Option.match(Array.findFirst(all, (invitation) => invitation.emailAddress === emailAddress), {
            onNone: () => "inv_unknown",
            onSome: ({ id }) => id
          })
      )
    const revoke = (emailAddress: string) =>
      Effect.flatMap(idOf(emailAddress), (id) => ask(`revoke ${emailAddress}`, invitations.revoke({ path: { id } })))
    // By default every attempt of the call fails.
    const fail = (operation: "create" | "list" | "revoke", response: Fault.Response, times = 3) =>
      control.injectFaults([{ operation, response, commit: "never", times }])

    yield* control.seed([ours("kay@example.com"), { ...ours("joan@example.com"), status: "accepted" }, foreign])
    yield* control.setBlocklist(["*@blocked.example"])

    yield* ask("list without a session", stranger.invitations.list({ urlParams: { offset: 0, limit: 2 } }))

    yield* invite("ada@example.com")
    yield* invite("lin@example.com")
    yield* invite("ada@example.com")
    yield* invite(foreign.emailAddress)
    yield* invite("ada", 400)
    yield* invite("joan@example.com")
    yield* invite("eve@blocked.example")

    yield* list(0)
    yield* list(2)

    yield* revoke("ada@example.com")
    yield* revoke("ada@example.com")
    yield* revoke("joan@example.com")
    yield* revoke(foreign.emailAddress)
    yield* revoke("hedy@example.com")

    yield* fail("create", Fault.Response.Status({ status: 409, code: "resource_locked" }))
    yield* invite("hedy@example.com")
    yield* fail("create", Fault.Response.Status({ status: 422, code: "form_param_value_invalid" }), 1)
    yield* invite("hedy@example.com")
    yield* fail("create", Fault.Response.Status({ status: 401, code: "clerk_key_invalid" }), 1)
    yield* invite("hedy@example.com")
    yield* fail("revoke", Fault.Response.Reset())
    yield* revoke("lin@example.com")
    // Longer than `maxRetryAfter`.
    yield* fail("create", Fault.Response.Status({ status: 429, code: "too_many_requests", retryAfter: "90" }), 1)
    yield* invite("hedy@example.com")

    yield* fail("list", Fault.Response.Status({ status: 503, html: true }))
    yield* list(0)
  })
