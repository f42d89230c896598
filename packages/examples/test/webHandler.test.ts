import { Fault, InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpServer } from "@effect/platform"
import { afterEach, assert, it, vi } from "@effect/vitest"
import { Effect, ManagedRuntime } from "effect"
import { makeApp, makeRuntime } from "../src/recipes/webHandler.js"
import { Emulator } from "./utils.js"

const post = (body: string, signal?: AbortSignal) =>
  new Request("http://localhost/invitations", { method: "POST", body, ...(signal === undefined ? {} : { signal }) })

const invite = (emailAddress: string, signal?: AbortSignal) => post(JSON.stringify({ emailAddress }), signal)

afterEach(() => {
  vi.unstubAllEnvs()
})

it("maps each failure to a status", async () => {
  const runtime = ManagedRuntime.make(InvitationsMemory.layer())
  const app = makeApp(runtime)
  const control = await runtime.runPromise(InvitationsControl)
  const answer = async (request: Request) => {
    const response = await app.request(request)
    const body: unknown = await response.json()
    return [response.status, body] as const
  }

  const [status, body] = await answer(invite("ada@example.com"))
  const [invitation] = await runtime.runPromise(control.invitations)
  assert.deepStrictEqual([status, body], [201, { id: invitation?.id }])
  assert.deepStrictEqual(await answer(invite("ada@example.com")), [409, { error: "invited already" }])

  await runtime.runPromise(control.addUser("grace@example.com"))
  assert.deepStrictEqual(await answer(invite("grace@example.com")), [409, { error: "a member already" }])

  assert.strictEqual((await answer(invite("ada")))[0], 422)
  assert.strictEqual((await answer(post("{}")))[0], 400)
  assert.strictEqual((await answer(post("{")))[0], 400)

  await runtime.runPromise(control.failNext(Fault.Response.Status({ status: 503 })))
  assert.deepStrictEqual(await answer(invite("edith@example.com")), [503, { error: "try again later" }])
  await runtime.dispose()
})

it("is interrupted when the caller disconnects", async () => {
  const runtime = ManagedRuntime.make(InvitationsMemory.layer())
  const control = await runtime.runPromise(InvitationsControl)
  await runtime.runPromise(control.failNext(Fault.Response.Stall({ at: "headers" })))
  const caller = new AbortController()
  const answered = makeApp(runtime).request(invite("ada@example.com", caller.signal))
  caller.abort()
  assert.strictEqual((await answered).status, 500)
  assert.deepStrictEqual(await runtime.runPromise(control.invitations), [])
  await runtime.dispose()
})

it.live("invites through the API of CLERK_API_URL, over fetch", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const apiUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
    vi.stubEnv("CLERK_SECRET_KEY", "sk_test_any")
    vi.stubEnv("CLERK_API_URL", apiUrl)
    const runtime = makeRuntime()
    const response = yield* Effect.promise(async () => makeApp(runtime).request(invite("ada@example.com")))
    assert.strictEqual(response.status, 201)
    assert.deepStrictEqual((yield* control.outbox).map(({ to }) => to), ["ada@example.com"])
    yield* runtime.disposeEffect
  }).pipe(Effect.provide(Emulator)))
