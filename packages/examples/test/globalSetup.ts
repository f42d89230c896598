import { build } from "esbuild"
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"

const src = fileURLToPath(new URL("../src", import.meta.url))

/** Where every program of `src` is, as one file. */
export const programs = fileURLToPath(new URL("../node_modules/.cache/programs", import.meta.url))

/**
 * Puts every program together as one file: dozens of processes are started, and reading a thousand files takes far longer than
 * most of them run.
 */
export default async (): Promise<void> => {
  await build({
    entryPoints: readdirSync(src, { recursive: true, encoding: "utf8" })
      .filter((file) => /^([^/]+|examples\/[^/]+)\.ts$/.test(file))
      .map((file) => `${src}/${file}`),
    outbase: src,
    outdir: programs,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // Some dependencies are CommonJS, and ask for modules of Node as such.
    banner: {
      js:
        "import { createRequire as $createRequire } from \"node:module\"; const require = $createRequire(import.meta.url);"
    },
    logLevel: "error"
  })
}
