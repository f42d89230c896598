import { Context, Effect, Layer } from "effect"
import { existsSync } from "node:fs"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { chromium } from "playwright-core"

/**
 * The path of chromium on this machine: `CHROMIUM_PATH`, or the first of Debian's paths. The headless shell needs half of
 * the CPU. Undefined if chromium is not installed.
 */
export const executablePath: string | undefined = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium"
].find((path) => path !== undefined && path !== "" && existsSync(path))

/** A running chromium. */
export class Chromium extends Context.Tag("test/Chromium")<Chromium, Browser>() {
  static readonly layer = Layer.scoped(
    Chromium,
    Effect.acquireRelease(
      // The sandbox of chromium works neither for root nor in most containers. The tests open the emulator's page only.
      Effect.promise(() => chromium.launch({ ...(executablePath && { executablePath }), args: ["--no-sandbox"] })),
      (browser) => Effect.promise(() => browser.close())
    )
  )
}

/** A page, the errors and warnings in its console, and its requests to other origins. */
export interface OpenPage {
  readonly page: Page
  readonly problems: ReadonlyArray<string>
  readonly crossOrigin: ReadonlyArray<string>
}

/**
 * Opens a page of this origin in a browser context of its own, which is closed with the scope.
 */
export const openPage = (origin: string, options: BrowserContextOptions = {}, path = "/") =>
  Effect.acquireRelease(
    Effect.flatMap(Chromium, (browser) => Effect.promise(() => browser.newContext(options))),
    (context) => Effect.promise(() => context.close())
  ).pipe(
    Effect.flatMap((context) =>
      Effect.promise(async (): Promise<OpenPage> => {
        const problems: Array<string> = []
        const crossOrigin: Array<string> = []
        context.on("request", (request) => {
          const url = request.url()
          if (!url.startsWith(`${origin}/`) && !/^(?:data|blob):/.test(url)) crossOrigin.push(url)
        })
        const page = await context.newPage()
        page.setDefaultTimeout(15_000)
        page.on("console", (message) => {
          if (message.type() === "error" || message.type() === "warning") problems.push(message.text())
        })
        page.on("pageerror", (error) => problems.push(error.message))
        await page.goto(`${origin}${path}`)
        return { page, problems, crossOrigin }
      })
    )
  )
