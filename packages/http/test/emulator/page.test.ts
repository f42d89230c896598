import { InvitationsService, RateLimits } from "@effect-clerk/core"
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { afterAll, assert, describe, it } from "@effect/vitest"
import axe from "axe-core"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { BrowserContextOptions, Page } from "playwright-core"
import { embed } from "../../page/embed.js"
import { Chromium, executablePath, openPage } from "../utils/browser.js"
import * as emulator from "../utils/emulator.js"

if (executablePath === undefined) {
  console.log(
    "chromium is not installed: the tests of the emulator's page are skipped. Install it, or set CHROMIUM_PATH."
  )
}

// One browser for all tests, launched by the first one. The `layer` of @effect/vitest would replace `it.effect` for
// every later test file of the same process.
const browser = ManagedRuntime.make(Chromium.layer)

const TestLive = emulator.layer({ client: { retry: "none" } })

const create = (
  emailAddress: string,
  options: { readonly publicMetadata?: { readonly [key: string]: unknown } } = {}
) => Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress, ...options }))

const statuses = Effect.flatMap(
  InvitationsControl,
  (control) => Effect.map(control.invitations, (all) => all.map(({ emailAddress, status }) => [emailAddress, status]))
)

const step = <A>(run: () => Promise<A>): Effect.Effect<A> => Effect.promise(run)

const waitForLive = (page: Page) => step(() => page.getByText("Live", { exact: true }).waitFor())

/**
 * Opens the page and runs a test on it. Fails if the page sent a request to another origin, or if its console shows a
 * problem that does not match `expected`.
 */
const onPage = <E, R>(
  test: (page: Page) => Effect.Effect<unknown, E, R>,
  { expected, ...options }: BrowserContextOptions & { readonly expected?: RegExp } = {}
) =>
  Effect.gen(function*() {
    const { crossOrigin, page, problems } = yield* openPage(yield* emulator.apiUrl, options)
    yield* waitForLive(page)
    yield* test(page)
    assert.deepStrictEqual(crossOrigin, [])
    assert.deepStrictEqual(problems.filter((problem) => expected?.test(problem) !== true), [])
  }).pipe(Effect.scoped, Effect.provide(TestLive), Effect.provide(browser))

const waitForMessage = (page: Page, text: string) => step(() => page.locator("#message", { hasText: text }).waitFor())

const invitation = (page: Page, text: string) => page.locator("#invitation-list > li", { hasText: text })

/**
 * The emulator on this port. As the command does, it closes all connections when it shuts down: the platform never
 * answers a request that arrives during the shutdown, which would keep the server open.
 */
const emulatorOn = (port: number) =>
  Layer.suspend(() => {
    const server = createServer()
    return ClerkEmulator.layer().pipe(
      Layer.provideMerge(
        Layer.scopedDiscard(Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections())))
      ),
      Layer.provideMerge(NodeHttpServer.layer(() => server, { host: "127.0.0.1", port }))
    )
  })

/** The WCAG violations that axe reports. */
const violations = (page: Page): Effect.Effect<ReadonlyArray<string>> =>
  step(async () => {
    // Through the debugger, because the page's policy allows its own script only.
    await page.evaluate(axe.source)
    return page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { readonly axe: typeof axe }).axe.run(document)
      return violations.flatMap(({ help, id, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`))
    })
  })

/** Fills every list of the page. */
const fillLists = Effect.gen(function*() {
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
  yield* control.setRateLimits(RateLimits.development)
})

it("the embedded copy of the page is up to date (else run `pnpm page:embed`)", async () => {
  for (const { content, path } of await embed()) {
    assert.strictEqual(await readFile(path, "utf8"), content, path)
  }
})

describe.skipIf(executablePath === undefined)("the emulator's page", () => {
  afterAll(() => browser.dispose())

  it.live("explains how to connect an application", () =>
    onPage((page) =>
      Effect.gen(function*() {
        const url = yield* emulator.apiUrl
        const environment = yield* step(() => page.locator("#environment").textContent())
        assert.strictEqual(environment, `CLERK_API_URL=${url}\nCLERK_SECRET_KEY=sk_test_local`)
        const curl = yield* step(() => page.locator("#curl").textContent())
        // The shown command works.
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
        yield* waitForMessage(page, "Copied the curl command.")
        assert.strictEqual(yield* step(() => page.evaluate(() => navigator.clipboard.readText())), curl)
      })
    ))

  it.live("shows changes at once, and as text", () =>
    onPage((page) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const markup = "&ltimg/src=x&gt@example.com"
        const { id } = yield* create(markup, { publicMetadata: { "<b>": "<script>alert(1)</script>" } })
        const row = invitation(page, markup)
        yield* step(() => row.locator(".status", { hasText: "Pending" }).waitFor())
        assert.include(yield* step(() => row.innerText()), "<script>alert(1)</script>")
        assert.strictEqual(yield* step(() => page.locator("main img, main script, main b").count()), 0)

        const link = page.locator("#email-list code")
        const [email] = yield* control.outbox
        assert.strictEqual(yield* step(() => link.textContent()), email && Redacted.value(email.url))

        yield* step(() => page.locator(".request summary").click())
        const details = yield* step(() => page.locator(".request-body").innerText())
        assert.include(details, id)
        assert.notInclude(yield* step(() => page.content()), Redacted.value(emulator.secretKey))

        // Open details stay open.
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
    ))

  it.live("changes invitations and filters them", () =>
    onPage((page) =>
      Effect.gen(function*() {
        for (const name of ["a", "b", "c", "d"]) yield* create(`${name}@example.com`)
        yield* step(() => invitation(page, "d@example.com").waitFor())

        const press = (name: string, address: string) =>
          step(() => invitation(page, address).getByRole("button", { name: `${name} ${address}`, exact: true }).click())
        yield* press("Accept", "a@example.com")
        yield* waitForMessage(page, "a@example.com accepted and is now a user.")
        yield* press("Expire now", "b@example.com")
        yield* waitForMessage(page, "b@example.com expired")
        yield* press("Revoke", "c@example.com")
        yield* waitForMessage(page, "c@example.com is revoked")
        yield* step(() => page.locator("#email-list").getByRole("button", { name: "Accept as d@example.com" }).click())
        yield* waitForMessage(page, "d@example.com accepted and is now a user.")
        assert.deepStrictEqual(yield* statuses, [
          ["a@example.com", "accepted"],
          ["b@example.com", "expired"],
          ["c@example.com", "revoked"],
          ["d@example.com", "accepted"]
        ])
        yield* press("Delete", "a@example.com")
        yield* waitForMessage(page, "a@example.com is deleted")
        assert.strictEqual((yield* statuses).length, 3)

        yield* step(() => page.getByLabel("Status").selectOption("expired"))
        yield* step(() => invitation(page, "c@example.com").waitFor({ state: "detached" }))
        assert.strictEqual(yield* step(() => page.locator("#invitation-list > li").count()), 1)
        yield* step(() => page.getByLabel("Address or id").fill("nobody"))
        yield* step(() => page.getByRole("button", { name: "Show all" }).click())
        yield* step(() => invitation(page, "c@example.com").waitFor())
      })
    ))

  it.live("follows an accept link in a tab of its own, and shows the metadata of the new user", () =>
    onPage((page) =>
      Effect.gen(function*() {
        yield* create("ada@example.com", { publicMetadata: { team: "engines" } })
        const link = page.locator("#email-list a", { hasText: "/v1/tickets/accept" })
        const [tab] = yield* step(() => Promise.all([page.context().waitForEvent("page"), link.click()]))
        yield* step(() => tab.getByRole("button", { name: "Accept" }).waitFor())
        assert.deepStrictEqual(yield* statuses, [["ada@example.com", "pending"]])
        assert.deepStrictEqual(yield* violations(tab), [])
        yield* step(() => tab.getByRole("button", { name: "Accept" }).click())
        yield* step(() => tab.getByRole("heading", { name: "Invitation accepted" }).waitFor())
        assert.deepStrictEqual(yield* statuses, [["ada@example.com", "accepted"]])
        yield* step(() => page.locator("#user-list", { hasText: "{\"team\":\"engines\"}" }).waitFor())
      })
    ))

  it.live("makes the instance refuse every create", () =>
    onPage((page) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const refusal = page.getByRole("combobox", { name: "The instance refuses every create with" })
        yield* step(() => refusal.selectOption("quota_exceeded"))
        yield* waitForMessage(page, "The instance refuses with quota_exceeded.")
        assert.strictEqual(yield* control.instanceRefusal, "quota_exceeded")
        assert.strictEqual((yield* Effect.flip(create("ada@example.com")))._tag, "Forbidden")
        yield* step(() => refusal.selectOption("off"))
        yield* waitForMessage(page, "The instance accepts creates.")
        yield* create("ada@example.com")
      })
    ))

  it.live("adds users, faults and rate limits, and resets the emulator", () =>
    onPage((page) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const invitations = yield* InvitationsService
        yield* step(() => page.getByLabel("Address of the user").fill("Grace@example.com"))
        yield* step(() => page.getByRole("button", { name: "Add user" }).click())
        yield* waitForMessage(page, "Grace@example.com is now a user.")
        assert.include((yield* control.users).map(({ emailAddress }) => emailAddress), "grace@example.com")
        assert.strictEqual((yield* Effect.flip(create("grace@example.com")))._tag, "Unprocessable")

        const fault = page.getByRole("combobox", { name: "Fault", exact: true })
        const operation = page.getByRole("combobox", { name: "Operation", exact: true })
        const failNext = page.getByRole("button", { name: "Fail next" })
        yield* step(() => fault.selectOption({ label: "409 resource_locked" }))
        yield* step(() => operation.selectOption({ label: "List" }))
        yield* step(() => page.getByLabel("Times").fill("2"))
        yield* step(() => failNext.click())
        yield* waitForMessage(page, "Added fault: 409 resource_locked.")
        yield* step(() => page.locator("#plan-list", { hasText: "2 times" }).waitFor())
        assert.strictEqual((yield* Effect.flip(invitations.list()))._tag, "ClientError")
        yield* step(() => page.locator("#plan-list", { hasText: "once" }).waitFor())

        yield* step(() => fault.selectOption({ label: "Connection closed without a response" }))
        yield* step(() => operation.selectOption({ label: "Create" }))
        yield* step(() => page.getByLabel("The call takes effect").check())
        yield* step(() => page.getByLabel("Times").fill("1"))
        yield* step(() => failNext.click())
        yield* waitForMessage(page, "Added fault: Connection closed without a response.")
        assert.strictEqual((yield* Effect.flip(create("e@example.com")))._tag, "AmbiguousWrite")
        yield* step(() => invitation(page, "e@example.com").waitFor())

        yield* step(() => page.getByLabel("Active rate limits").selectOption("development"))
        yield* waitForMessage(page, "Rate limits: development.")
        yield* create("f@example.com")
        yield* step(() => page.getByText("99 of 100 left").first().waitFor())
        assert.notStrictEqual(yield* control.remainingQuotas, "off")

        const reset = page.getByRole("button", { name: "Reset…" })
        yield* step(() => reset.click())
        yield* step(() => page.getByRole("button", { name: "Cancel" }).click())
        assert.strictEqual((yield* statuses).length, 2)
        yield* step(() => reset.click())
        yield* step(() => page.getByRole("button", { name: "Reset", exact: true }).click())
        yield* waitForMessage(page, "The emulator is reset.")
        assert.deepStrictEqual([yield* statuses, yield* control.users, yield* control.pendingFaults], [[], [], []])
        yield* step(() => page.getByText("No invitations yet").waitFor())
      })
    ))

  it.live("shows the reason of a failed action", () =>
    onPage((page) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const { id } = yield* create("ada@example.com")
        yield* step(() => invitation(page, "ada@example.com").waitFor())
        // Another client revokes the invitation, and the page has not received the new state.
        yield* step(() => page.route("**/_emulator/state*", (route) => route.abort()))
        yield* control.revoke(id)
        yield* step(() => invitation(page, "ada@example.com").getByRole("button", { name: "Accept" }).click())
        yield* waitForMessage(page, "The invitation is not pending: it is revoked.")
      }), { expected: /409|ERR_FAILED/ }))

  it.live("can be used with the keyboard, and keeps the focus when rows change", () =>
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
        const tabTo = (name: string, matches: (text: string, id: string) => boolean) =>
          step(async () => {
            for (let n = 0; n < 60; n++) {
              await page.keyboard.press("Tab")
              const { id, outlineStyle, text } = await focused()
              assert.notStrictEqual(outlineStyle, "none", `${text || id} shows no focus outline`)
              if (matches(text, id)) return
            }
            throw new Error(`Tab does not reach ${name}`)
          })

        yield* tabTo("the skip link", (text) => text === "Skip to the invitations")
        yield* step(() => page.keyboard.press("Enter"))
        yield* tabTo("the expire button", (text) => text === "Expire now ada@example.com")
        yield* step(() => page.keyboard.press("Enter"))
        yield* waitForMessage(page, "The invitation of ada@example.com expired.")
        assert.deepStrictEqual(yield* statuses, [["ada@example.com", "expired"]])
        // The button is removed, so its row has the focus.
        assert.include((yield* step(focused)).text, "ada@example.com")

        yield* tabTo("a request", (text) => text.includes("/v1/invitations") && text.startsWith("200"))
        yield* step(() => page.keyboard.press("Enter"))
        yield* step(() => page.locator(".request[open]").waitFor())

        yield* tabTo("the faults", (_, id) => id === "fault")
        yield* step(() => page.keyboard.press("End"))
        yield* tabTo("the fail button", (text) => text === "Fail next")
        yield* step(() => page.keyboard.press("Space"))
        yield* waitForMessage(page, "Added fault: Slow response.")

        yield* tabTo("the address of a user", (_, id) => id === "user")
        yield* step(() => page.keyboard.type("grace@example.com"))
        yield* step(() => page.keyboard.press("Enter"))
        yield* waitForMessage(page, "grace@example.com is now a user.")
        const users = yield* Effect.flatMap(InvitationsControl, (control) => control.users)
        assert.deepStrictEqual(users.map(({ emailAddress }) => emailAddress), ["grace@example.com"])
      })
    ))

  for (const colorScheme of ["light", "dark"] as const) {
    it.live(`has no accessibility violations and fits a phone, ${colorScheme}`, () =>
      onPage((page) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* violations(page), [], "without rows")
          yield* fillLists
          yield* step(() => invitation(page, "expired@example.com").waitFor())
          yield* step(() => page.locator(".request summary").first().click())
          yield* step(() => page.getByRole("heading", { name: "Connect an application" }).click())
          assert.deepStrictEqual(yield* violations(page), [], "with rows")
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
        }), { colorScheme, viewport: { width: 360, height: 740 } }))
  }

  it.live("reconnects to a restarted emulator", () =>
    Effect.gen(function*() {
      const { origin, page } = yield* Effect.gen(function*() {
        const origin = yield* HttpServer.addressFormattedWith(Effect.succeed)
        const { page } = yield* openPage(origin)
        yield* waitForLive(page)
        return { origin, page }
      }).pipe(Effect.provide(emulatorOn(0)))
      yield* step(() => page.getByText("The emulator does not respond; reconnecting").waitFor())

      yield* Effect.gen(function*() {
        const control = yield* InvitationsControl
        yield* control.seed([{ emailAddress: "ada@example.com" }])
        yield* waitForLive(page)
        yield* step(() => invitation(page, "ada@example.com").waitFor())
        assert.strictEqual(new URL(page.url()).origin, origin)
      }).pipe(Effect.provide(emulatorOn(Number(new URL(origin).port))))
    }).pipe(Effect.scoped, Effect.provide(browser)))

  it.live("links to an API reference that loads nothing from other origins", () =>
    Effect.gen(function*() {
      const { crossOrigin, page, problems } = yield* openPage(yield* emulator.apiUrl, {}, "/docs")
      yield* step(() => page.getByText("Create 1 to 10 invitations").waitFor())
      assert.deepStrictEqual({ problems, crossOrigin }, { problems: [], crossOrigin: [] })
    }).pipe(Effect.scoped, Effect.provide(TestLive), Effect.provide(browser)))
})
