/**
 * Embeds the page into the library: writes `src/internal/emulator/page/{html,css,script,icon}.ts` from the files of
 * this folder. Run it with `pnpm page:embed` after each change. A test fails if an embedded copy is stale.
 */
import { build } from "esbuild"
import { readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [here("page.ts")],
    absWorkingDir: here("."),
    bundle: true,
    charset: "utf8",
    format: "esm",
    target: "es2022",
    write: false
  })
  return outputFiles.map(({ text }) => text).join("")
}

const toModule = (name: string, file: string, text: string): string =>
  `/**\n * Generated from packages/http/page/${file} by embed.ts: do not edit.\n */\n` +
  `export const ${name} = \`${text.replace(/[\\`]|\$\{/g, "\\$&")}\`\n`

/**
 * The embedded copies: paths and contents.
 */
export const embed = async (): Promise<ReadonlyArray<{ readonly path: string; readonly content: string }>> => {
  const sources = [
    ["html", "index.html", await readFile(here("index.html"), "utf8")],
    ["css", "page.css", await readFile(here("page.css"), "utf8")],
    ["script", "page.ts", await bundle()],
    ["icon", "icon.svg", await readFile(here("icon.svg"), "utf8")]
  ] as const
  return sources.map(([name, file, text]) => ({
    path: here(`../src/internal/emulator/page/${name}.ts`),
    content: toModule(name, file, text)
  }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { content, path } of await embed()) await writeFile(path, content)
}
