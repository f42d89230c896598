import { InvitationsService } from "@effect-clerk/core"
import { ClerkEmulator, InvitationsControl, InvitationsHttp } from "@effect-clerk/http"
import { HttpServer } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import axe from "axe-core"
import { Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"
import type { BrowserContextOptions, Page } from "playwright-core"
import { executablePath, launch, visit } from "../utils/browser.js"

if (executablePath === undefined) {
  console.log("There is no chromium: the emulator's page is not tested. Install it, or set CHROMIUM_PATH.")
}

const ServerLive = NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })

const EmulatorLive = Layer.provideMerge(ClerkEmulator.layer(), ServerLive)

const ClientLive = Layer.unwrapEffect(
  HttpServer.addressFormattedWith((apiUrl) =>
    Effect.succeed(InvitationsHttp.layer({ apiUrl, secretKey: Redacted.make("sk_test_any"), retry: "none" }))
  )
).pipe(Layer.provide(NodeHttpClient.layerUndici))

const TestLive = Layer.provideMerge(ClientLive, EmulatorLive)

const create = (
  emailAddress: string,
  options: { readonly publicMetadata?: { readonly [key: string]: unknown } } = {}
) => Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress, ...options }))

const statuses = Effect.flatMap(
  InvitationsControl,
  (control) => Effect.map(control.invitations, (all) => all.map(({ emailAddress, status }) => [emailAddress, status]))
)

/** Opens the page and hands it over; afterwards nothing may have been complained about, nor asked of anybody else. */
const onPage = <E, R>(
  use: (page: Page) => Effect.Effect<unknown, E, R>,
  { expected, ...options }: BrowserContextOptions & { readonly expected?: RegExp } = {}
) =>
  Effect.gen(function*() {
    const origin = yield* HttpServer.addressFormattedWith(Effect.succeed)
    const { complaints, foreign, page } = yield* visit(yield* launch, origin, options)
    yield* Effect.promise(() => page.getByText("Live", { exact: true }).waitFor())
    yield* use(page)
    assert.deepStrictEqual(foreign, [])
    assert.deepStrictEqual(complaints.filter((complaint) => expected?.test(complaint) !== true), [])
  }).pipe(Effect.scoped)

const step = <A>(run: () => Promise<A>): Effect.Effect<A> => Effect.promise(run)

const says = (page: Page, text: string) => step(() => page.locator("#message", { hasText: text }).waitFor())

const invitation = (page: Page, text: string) => page.locator("#invitation-list > li", { hasText: text })

/** What a tool that checks against WCAG finds. */
const violations = (page: Page): Effect.Effect<ReadonlyArray<string>> =>
  step(async () => {
    // Through the debugger, since the page's policy lets in no script but its own.
    await page.evaluate(axe.source)
    return page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { readonly axe: typeof axe }).axe.run(document)
      return violations.flatMap(({ help, id, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`))
    })
  })

/** Something of everything that the page can show. */
const busy = Effect.gen(function*() {
  const control = yield* InvitationsControl
  const invitations = yield* InvitationsService
  yield* create("ada@example.com", { publicMetadata: { team: "engines", nested: { deep: [1, 2, 3] } } })
  yield* create("somebody.with.a.rather.long.name@a-department.of.a-company.example.com")
  yield* control.seed((["accepted", "revoked", "expired"] as const).map((status) => ({
    emailAddress: `${status}@example.com`,
    status
  })))
  yield* Effect.flip(create("ada@example.com"))
  yield* invitations.list({ query: "ada@example.com", status: "pending" })
  yield* control.failNext({ _tag: "Reset" }, { operation: "create", commit: "before" })
})

describe.skipIf(executablePath === undefined)("the emulator's page", () => {
  it.live("tells in the beginning how to connect", () =>
    onPage((page) =>
      Effect.gen(function*() {
        const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
        const environment = yield* step(() => page.locator("#environment").textContent())
        assert.strictEqual(environment, `CLERK_API_URL=${url}\nCLERK_SECRET_KEY=sk_test_local`)
        const curl = yield* step(() => page.locator("#curl").textContent())
        // What it offers to copy works.
        const [, key = ""] = /Bearer (\S+)"/.exec(curl ?? "") ?? []
        const [, body = ""] = /-d '(.*)'/.exec(curl ?? "") ?? []
        assert.include(curl ?? "", `curl ${url}/v1/invitations `)
        const { status } = yield* step(() =>
          fetch(`${url}/v1/invitations`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body })
        )
        assert.strictEqual(status, 200)
        yield* step(() => invitation(page, "ada@example.com").waitFor())

        yield* step(() => page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: url }))
        yield* step(() => page.getByRole("button", { name: "Copy the curl command" }).click())
        yield* says(page, "Copied the curl command.")
        assert.strictEqual(yield* step(() => page.evaluate(() => navigator.clipboard.readText())), curl)
      })
    ).pipe(Effect.provide(TestLive)), 60_000)

  it.live("shows what happens as it happens, as text", () =>
    onPage((page) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const wicked = "<img/src=x/onerror=alert(1)>@example.com"
        const { id } = yield* create(wicked, { publicMetadata: { "<b>": "<script>alert(1)</script>" } })
        const row = invitation(page, wicked)
        yield* step(() => row.locator(".status", { hasText: "Pending" }).waitFor())
        assert.include(yield* step(() => row.innerText()), "<script>alert(1)</script>")
        assert.strictEqual(yield* step(() => page.locator("main img, main script, main b").count()), 0)

        const link = page.locator("#email-list code")
        const [email] = yield* control.outbox
        assert.strictEqual(yield* step(() => link.textContent()), email && Redacted.value(email.url))

        yield* step(() => page.locator(".request summary").click())
        const details = yield* step(() => page.locator(".request-body").innerText())
        assert.include(details, id)
        assert.notInclude(yield* step(() => page.content()), "sk_test_any")

        // What is unfolded stays unfolded.
        yield* Effect.flatMap(InvitationsService, (invitations) => invitations.revoke(id))
        yield* step(() => row.locator(".status", { hasText: "Revoked" }).waitFor())
        yield* step(() => page.locator(".request").nth(1).waitFor())
        assert.deepStrictEqual(
          yield* step(() =>
            page.locator(".request").evaluateAll((all) => all.map((each) => each.hasAttribute("open")))
          ),
          [false, true]
        )
        assert.strictEqual(
          yield* step(() => page.locator("#changes").textContent()),
          "1 invitation, 1 e-mail."
        )
      })
    ).pipe(Effect.provide(TestLive)), 60_000)

  it.live("has a button for everything that the world does", () =>
    onPage((page) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        for (const name of ["a", "b", "c", "d"]) yield* create(`${name}@example.com`)
        yield* step(() => invitation(page, "d@example.com").waitFor())

        const press = (name: string, address: string) =>
          step(() => invitation(page, address).getByRole("button", { name: `${name} ${address}`, exact: true }).click())
        yield* press("Accept", "a@example.com")
        yield* says(page, "a@example.com has accepted")
        yield* press("Expire now", "b@example.com")
        yield* says(page, "b@example.com has expired")
        yield* press("Revoke", "c@example.com")
        yield* says(page, "c@example.com is revoked")
        yield* step(() => page.locator("#email-list").getByRole("button", { name: "Accept as d@example.com" }).click())
        yield* says(page, "d@example.com has accepted")
        assert.deepStrictEqual(yield* statuses, [
          ["a@example.com", "accepted"],
          ["b@example.com", "expired"],
          ["c@example.com", "revoked"],
          ["d@example.com", "accepted"]
        ])
        yield* press("Delete", "a@example.com")
        yield* says(page, "a@example.com is deleted")
        assert.strictEqual((yield* statuses).length, 3)

        yield* step(() => page.getByLabel("Status").selectOption("expired"))
        yield* step(() => invitation(page, "c@example.com").waitFor({ state: "detached" }))
        assert.strictEqual(yield* step(() => page.locator("#invitation-list > li").count()), 1)
        yield* step(() => page.getByLabel("Address or id").fill("nobody"))
        yield* step(() => page.getByRole("button", { name: "Show all" }).click())
        yield* step(() => invitation(page, "c@example.com").waitFor())

        yield* step(() => page.getByLabel("Address of the user").fill("Grace@example.com"))
        yield* step(() => page.getByRole("button", { name: "Add user" }).click())
        yield* says(page, "Grace@example.com is a user now.")
        assert.include(yield* control.users, "grace@example.com")
        assert.strictEqual((yield* Effect.flip(create("grace@example.com")))._tag, "Unprocessable")

        yield* step(() =>
          page.getByRole("combobox", { name: "Failure", exact: true }).selectOption({ label: "409 resource_locked" })
        )
        yield* step(() => page.getByRole("combobox", { name: "Call", exact: true }).selectOption({ label: "List" }))
        yield* step(() => page.getByLabel("Times").fill("2"))
        yield* step(() => page.getByRole("button", { name: "Fail next" }).click())
        yield* says(page, "409 resource_locked: armed.")
        yield* step(() => page.locator("#plan-list", { hasText: "2 times" }).waitFor())
        assert.strictEqual((yield* Effect.flip(invitations.list()))._tag, "Conflict")
        yield* step(() => page.locator("#plan-list", { hasText: "once" }).waitFor())

        yield* step(() =>
          page.getByRole("combobox", { name: "Failure", exact: true }).selectOption({
            label: "Connection closed without an answer"
          })
        )
        yield* step(() => page.getByRole("combobox", { name: "Call", exact: true }).selectOption({ label: "Create" }))
        yield* step(() => page.getByLabel("It takes effect all the same").check())
        yield* step(() => page.getByLabel("Times").fill("1"))
        yield* step(() => page.getByRole("button", { name: "Fail next" }).click())
        yield* says(page, "Connection closed without an answer: armed.")
        assert.strictEqual((yield* Effect.flip(create("e@example.com")))._tag, "AmbiguousWrite")
        yield* step(() => invitation(page, "e@example.com").waitFor())

        yield* step(() => page.getByLabel("Limits in force").selectOption("development"))
        yield* says(page, "Limited as in development.")
        yield* create("f@example.com")
        yield* step(() => page.getByText("99 of 100 left").first().waitFor())
        assert.notStrictEqual(yield* control.remainingQuotas, "off")

        const reset = page.getByRole("button", { name: "Reset…" })
        yield* step(() => reset.click())
        yield* step(() => page.getByRole("button", { name: "Keep it" }).click())
        assert.strictEqual((yield* statuses).length, 5)
        yield* step(() => reset.click())
        yield* step(() => page.getByRole("button", { name: "Reset", exact: true }).click())
        yield* says(page, "Everything is forgotten.")
        assert.deepStrictEqual([yield* statuses, yield* control.users, yield* control.pendingFaults], [[], [], []])
        yield* step(() => page.getByText("No invitations yet").waitFor())
      })
    ).pipe(Effect.provide(TestLive)), 60_000)

  it.live("says why something could not be done", () =>
    onPage((page) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const { id } = yield* create("ada@example.com")
        yield* step(() => invitation(page, "ada@example.com").waitFor())
        // Somebody is quicker, and this page has not been told yet.
        yield* step(() => page.route("**/_emulator/state*", (route) => route.abort()))
        yield* control.revoke(id)
        yield* step(() => invitation(page, "ada@example.com").getByRole("button", { name: "Accept" }).click())
        yield* says(page, "The invitation is not pending: it is revoked.")
      }), { expected: /409|ERR_FAILED/ }).pipe(Effect.provide(TestLive)), 60_000)

  it.live("needs nothing but the keyboard, and keeps its place", () =>
    onPage((page) =>
      Effect.gen(function*() {
        yield* create("ada@example.com")
        yield* step(() => invitation(page, "ada@example.com").waitFor())
        const focused = () =>
          page.evaluate(() => {
            const element = document.activeElement
            const { outlineStyle } = getComputedStyle(element ?? document.body)
            return { text: element?.textContent ?? "", id: element?.id ?? "", outlineStyle }
          })
        const tabTo = (what: string, shows: (text: string, id: string) => boolean) =>
          step(async () => {
            for (let n = 0; n < 60; n++) {
              await page.keyboard.press("Tab")
              const { id, outlineStyle, text } = await focused()
              assert.notStrictEqual(outlineStyle, "none", `${text || id} does not show that it has the focus`)
              if (shows(text, id)) return
            }
            throw new Error(`${what} cannot be reached`)
          })

        yield* tabTo("the link past the head", (text) => text === "Skip to the invitations")
        yield* step(() => page.keyboard.press("Enter"))
        yield* tabTo("expire", (text) => text === "Expire now ada@example.com")
        yield* step(() => page.keyboard.press("Enter"))
        yield* says(page, "The invitation of ada@example.com has expired.")
        assert.deepStrictEqual(yield* statuses, [["ada@example.com", "expired"]])
        // The button is gone; the focus is on its row rather than nowhere.
        assert.include((yield* step(focused)).text, "ada@example.com")

        yield* tabTo("a request", (text) => text.includes("/v1/invitations") && text.startsWith("200"))
        yield* step(() => page.keyboard.press("Enter"))
        yield* step(() => page.locator(".request[open]").waitFor())

        yield* tabTo("the failures", (_, id) => id === "fault")
        yield* step(() => page.keyboard.press("End"))
        yield* tabTo("fail next", (text) => text === "Fail next")
        yield* step(() => page.keyboard.press("Space"))
        yield* says(page, "Answer a few bytes at a time: armed.")

        yield* tabTo("the new user", (_, id) => id === "user")
        yield* step(() => page.keyboard.type("grace@example.com"))
        yield* step(() => page.keyboard.press("Enter"))
        yield* says(page, "grace@example.com is a user now.")
        const users = yield* Effect.flatMap(InvitationsControl, (control) => control.users)
        assert.deepStrictEqual(users, ["grace@example.com"])
      })
    ).pipe(Effect.provide(TestLive)), 60_000)

  for (const colorScheme of ["light", "dark"] as const) {
    it.live(`is accessible and fits a phone, ${colorScheme}`, () =>
      onPage((page) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* violations(page), [], "empty")
          yield* busy
          yield* step(() => invitation(page, "expired@example.com").waitFor())
          yield* step(() => page.locator(".request summary").first().click())
          yield* step(() => page.getByRole("heading", { name: "Connect an application" }).click())
          assert.deepStrictEqual(yield* violations(page), [], "busy")
          const { background, colour, inner, wide } = yield* step(() =>
            page.evaluate(() => ({
              wide: document.documentElement.scrollWidth,
              inner: innerWidth,
              background: getComputedStyle(document.body).backgroundColor,
              colour: getComputedStyle(document.body).color
            }))
          )
          assert.isAtMost(wide, inner)
          const brightness = (rgb: string) =>
            Math.max(...Array.from(rgb.matchAll(/\d+/g), ([digits]) => Number(digits)))
          assert.strictEqual(brightness(background) < brightness(colour), colorScheme === "dark")
        }), { colorScheme, viewport: { width: 360, height: 740 } }).pipe(Effect.provide(TestLive)), 60_000)
  }

  it.live("finds the emulator again after it was away", () =>
    Effect.gen(function*() {
      const browser = yield* launch
      const emulator = (port: number) =>
        Layer.provideMerge(ClerkEmulator.layer(), NodeHttpServer.layer(createServer, { host: "127.0.0.1", port }))
      const { origin, page, port } = yield* Effect.gen(function*() {
        const origin = yield* HttpServer.addressFormattedWith(Effect.succeed)
        const { page } = yield* visit(browser, origin)
        yield* step(() => page.getByText("Live", { exact: true }).waitFor())
        return { origin, page, port: Number(new URL(origin).port) }
      }).pipe(Effect.provide(emulator(0)))
      yield* step(() => page.getByText("The emulator does not answer; trying again").waitFor())

      yield* Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed([{ emailAddress: "ada@example.com" }])
        yield* step(() => page.getByText("Live", { exact: true }).waitFor())
        yield* step(() => invitation(page, "ada@example.com").waitFor())
        assert.strictEqual(new URL(page.url()).origin, origin)
      }).pipe(Effect.provide(emulator(port)))
    }).pipe(Effect.scoped), 60_000)

  it.live("has a reference of the API beside it, from this machine alone", () =>
    Effect.gen(function*() {
      const origin = yield* HttpServer.addressFormattedWith(Effect.succeed)
      const { complaints, foreign, page } = yield* visit(yield* launch, origin, {}, "/docs")
      yield* step(() => page.getByText("Create 1 to 10 invitations").waitFor())
      assert.deepStrictEqual({ complaints, foreign }, { complaints: [], foreign: [] })
    }).pipe(Effect.scoped, Effect.provide(TestLive)), 60_000)
})
