// Makes the pictures of the README: the emulator's page and a terminal. Run it with: npx -y pnpm@10 pictures
import { spawn, spawnSync } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { chromium } from "playwright-core"
import { bundle } from "../../http/cli/bundle.js"
import { executablePath } from "../../http/test/utils/browser.js"
import { render } from "./terminal.js"

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const people = `Name;E-Mail;Team
Ada Lovelace;ada@example.com;engines
Grace Hopper;grace@example.com;compilers
Grace Hopper;Grace@Example.com;compilers
Hedy Lamarr;Hedy <hedy@example.com>;radio
Alan Turing;user@example.com;engines
`

const commands = [
  "cat people.csv",
  "effect-clerk invite --csv people.csv --metadata-column Team=team --ignore-other-columns --tidy --dry-run",
  "effect-clerk invite --csv people.csv --metadata-column Team=team --ignore-other-columns --tidy",
  "effect-clerk find hedy@example.com"
]

const folder = await mkdtemp(join(tmpdir(), "effect-clerk-pictures-"))
const bin = join(folder, "bin")
await bundle(bin)
await writeFile(join(folder, "people.csv"), people)

const emulator = spawn(process.execPath, [join(bin, "effect-clerk.js"), "emulator", "--port", "0"], {
  stdio: ["ignore", "pipe", "inherit"]
})

const addressOf = async (output: NodeJS.ReadableStream): Promise<string> => {
  for await (const line of createInterface({ input: output })) {
    const [, url] = /^listening on (\S+)/.exec(line) ?? []
    if (url !== undefined) return url
  }
  throw new Error("the emulator does not listen")
}

try {
  const url = await addressOf(emulator.stdout)
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "authorization": "Bearer sk_test_pictures", "content-type": "application/json" },
      body: JSON.stringify(body)
    })
  await post("/_emulator/users", { email_address: "user@example.com" })

  const run = (command: string): string => {
    const { error, stdout } = spawnSync("sh", ["-c", `{ ${command}; } 2>&1`], {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: `${bin}:${process.env.PATH ?? ""}`,
        CLERK_API_URL: url,
        CLERK_SECRET_KEY: "sk_test_pictures"
      }
    })
    if (error !== undefined) throw error
    return stdout
  }
  const program = `"${process.execPath}" "${join(bin, "effect-clerk.js")}"`
  const session = commands.map((command) => ({ command, output: run(command.replace(/^effect-clerk/, program)) }))
  await writeFile(here("invite.svg"), render(session))

  await post("/v1/invitations", { email_address: "lin@example.com", public_metadata: { team: "engines", seats: 3 } })
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ["--no-sandbox"] })
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1100, height: 720 } })
    await page.goto(url)
    await page.getByText("Live", { exact: true }).waitFor()
    await page.getByText("lin@example.com").first().waitFor()
    await page.screenshot({ path: here(`page-${colorScheme}.png`) })
  }
  await browser.close()
} finally {
  emulator.kill("SIGTERM")
  await rm(folder, { recursive: true, force: true })
}
