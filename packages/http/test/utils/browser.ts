import { Effect } from "effect"
import { existsSync } from "node:fs"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { chromium } from "playwright-core"

/**
 * Where chromium is on this machine: `CHROMIUM_PATH`, or where Debian puts it.
 */
export const executablePath: string | undefined = [process.env.CHROMIUM_PATH, "/usr/bin/chromium"].find((path) =>
  path !== undefined && path !== "" && existsSync(path)
)

export const launch = Effect.acquireRelease(
  // The sandbox of chromium does not work for root, nor in most containers; the only page that is opened is the emulator's.
  Effect.promise(() => chromium.launch({ ...(executablePath && { executablePath }), args: ["--no-sandbox"] })),
  (browser) => Effect.promise(() => browser.close())
)

/**
 * A page, and what must stay empty: what it complains about, and what it asks of anybody else.
 */
export interface Watched {
  readonly page: Page
  readonly complaints: ReadonlyArray<string>
  readonly foreign: ReadonlyArray<string>
}

/**
 * Opens a page of this origin in a profile of its own.
 */
export const visit = (browser: Browser, origin: string, options: BrowserContextOptions = {}, path = "/") =>
  Effect.acquireRelease(
    Effect.promise(() => browser.newContext(options)),
    (context) => Effect.promise(() => context.close())
  ).pipe(
    Effect.flatMap((context) =>
      Effect.promise(async (): Promise<Watched> => {
        const complaints: Array<string> = []
        const foreign: Array<string> = []
        context.on("request", (request) => {
          const url = request.url()
          if (!url.startsWith(`${origin}/`) && !url.startsWith("data:") && !url.startsWith("blob:")) foreign.push(url)
        })
        const page = await context.newPage()
        page.setDefaultTimeout(15_000)
        page.on("console", (message) => {
          if (message.type() === "error" || message.type() === "warning") complaints.push(message.text())
        })
        page.on("pageerror", (error) => complaints.push(error.message))
        await page.goto(`${origin}${path}`)
        return { page, complaints, foreign }
      })
    )
  )
