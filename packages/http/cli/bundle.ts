/**
 * Bundles the command: writes `effect-clerk.js` and its lazy chunks, which need Node and nothing else. `pnpm build` writes them to
 * `bin`, which is published.
 */
import type { Plugin } from "esbuild"
import { build } from "esbuild"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { brotliCompressSync, constants } from "node:zlib"

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// The index of undici also loads its fetch, its WebSocket, its caches and its mocks: 250 KB that the command never uses.
const undici = `
const Dispatcher = require("undici/lib/dispatcher/dispatcher")
Object.assign(Dispatcher.prototype, require("undici/lib/api"))
module.exports = {
  Dispatcher,
  Agent: require("undici/lib/dispatcher/agent"),
  EnvHttpProxyAgent: require("undici/lib/dispatcher/env-http-proxy-agent")
}
`

// `@effect/cli` reads options from files in these formats. The command has no such option.
const formatsOfFiles = ["ini", "toml", "yaml"]

const replacements: Plugin = {
  name: "replacements",
  setup: ({ onLoad, onResolve }) => {
    // undici has its parser twice, 72 KB each. The one without SIMD works everywhere.
    onResolve({ filter: /llhttp_simd-wasm\.js$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace("_simd", ""))
    }))
    onResolve({ filter: new RegExp(`^(undici|${formatsOfFiles.join("|")})$`) }, ({ importer, path }) => ({
      path,
      namespace: "replacement",
      pluginData: dirname(importer)
    }))
    onLoad({ filter: /.*/, namespace: "replacement" }, ({ path, pluginData }) => ({
      contents: path === "undici" ? undici : "module.exports = {}",
      loader: "js",
      resolveDir: String(pluginData)
    }))
  }
}

// These drivers are installed beside this package, or in the current directory. Campaigns read no rows as a stream, which alone
// needs pg-cursor.
const drivers: Partial<Record<string, string>> = {
  "@libsql/client": `export const { createClient } = driver("@libsql/client")`,
  pg: `export const { Client, Pool, escapeIdentifier } = driver("pg")`,
  "pg-cursor": `export default class {}`
}

// Node leaves a symbolic link in the path of a module as it is, if the last synchronous stat was that of a pipe: that of the
// standard output. pnpm installs packages by such links.
const loadDriver = `
import { realpathSync } from "node:fs"
import { fileURLToPath } from "node:url"
const paths = [fileURLToPath(new URL(".", import.meta.url)), process.cwd()]
const driver = (name) => require(realpathSync(require.resolve(name, { paths })))
`

const externalDrivers: Plugin = {
  name: "external drivers",
  setup: ({ onLoad, onResolve }) => {
    onResolve(
      { filter: new RegExp(`^(${Object.keys(drivers).join("|")})$`) },
      ({ path }) => ({ path, namespace: "driver" })
    )
    onLoad({ filter: /.*/, namespace: "driver" }, ({ path }) => ({
      contents: `${loadDriver}${drivers[path] ?? ""}`,
      loader: "js"
    }))
  }
}

// Swagger UI takes 1.9 MB as a module.
const compressSwagger = (directory: string, quality: number): Plugin => ({
  name: "compress Swagger UI",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]httpApiSwagger\.js$/ }, async ({ path }) => {
      const compression = { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }
      const parts: unknown = await import(pathToFileURL(path).href)
      await writeFile(join(directory, "swagger.json.br"), brotliCompressSync(JSON.stringify(parts), compression))
      return {
        contents: `
          import { readFileSync } from "node:fs"
          import { brotliDecompressSync } from "node:zlib"
          const file = new URL("./swagger.json.br", import.meta.url)
          export const { css, javascript } = JSON.parse(brotliDecompressSync(readFileSync(file)).toString())
        `,
        loader: "js"
      }
    })
  }
})

const packageOf = /^(?<directory>.*[\\/]node_modules[\\/](?<name>(?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/

// The licences of the bundled packages demand that their text comes with each copy.
const licences = async (modules: ReadonlyArray<string>): Promise<string> => {
  const packages = new Map(
    modules.flatMap((module) => {
      const { directory, name } = packageOf.exec(module)?.groups ?? {}
      return directory === undefined || name === undefined ? [] : [[name, directory] as const]
    })
  )
  const texts = await Promise.all(
    Array.from(packages).sort().map(async ([name, directory]) => {
      const file = (await readdir(directory)).find((file) => /^licen[cs]e/i.test(file))
      return `${name}\n\n${file === undefined ? "" : await readFile(join(directory, file), "utf8")}`
    })
  )
  return texts.join("\n\n----\n\n")
}

/**
 * The quality of the published bundle: Swagger UI takes 3 s and 383 KB.
 */
export const bestQuality = 11

/**
 * Writes the bundle to a directory, which must contain nothing else. By default Swagger UI is compressed in 0.1 s to 425 KB.
 */
export const bundle = async (directory: string, quality = 9): Promise<void> => {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  const { metafile } = await build({
    entryPoints: [{ in: here("main.ts"), out: "effect-clerk" }],
    outdir: directory,
    bundle: true,
    splitting: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "none",
    banner: {
      // Some dependencies are CommonJS and call require for Node's own modules.
      js:
        "import { createRequire as $createRequire } from \"node:module\";const require = $createRequire(import.meta.url);"
    },
    plugins: [replacements, externalDrivers, compressSwagger(directory, quality)],
    absWorkingDir: here("."),
    metafile: true,
    logLevel: "error"
  })
  const modules = Object.keys(metafile.inputs).map((module) => join(here("."), module))
  await writeFile(join(directory, "THIRD-PARTY-NOTICES.txt"), await licences(modules))
  const program = join(directory, "effect-clerk.js")
  await writeFile(program, `#!/usr/bin/env node\n${await readFile(program, "utf8")}`, { mode: 0o755 })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(here("../bin"), bestQuality)
