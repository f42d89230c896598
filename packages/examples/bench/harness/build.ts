import { build } from "esbuild"
import { mkdir, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { bestQuality, bundle as bundleCommand } from "../../../http/cli/bundle.js"

const bench = fileURLToPath(new URL("..", import.meta.url))

/** Below the package, so that the built programs find their dependencies. */
export const cache = join(bench, "..", "node_modules", ".cache", "bench")

const built = new Map<string, Promise<string>>()

/**
 * Compiles a program to plain JavaScript without its dependencies, and returns its path. The measurement then runs the code of
 * the packages, without a loader in between.
 */
export const compile = (entry: string): Promise<string> => {
  const known = built.get(entry)
  if (known !== undefined) return known
  const outfile = join(cache, `${basename(entry, ".ts")}.mjs`)
  const building = build({
    entryPoints: [join(bench, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["effect", "@effect/*", "@clerk/*", "undici"],
    logLevel: "error"
  }).then(() => outfile)
  built.set(entry, building)
  return building
}

const program = join(cache, "..", "effect-clerk")

let bundling: Promise<string> | undefined

/**
 * Bundles the command as it is published, and returns the path of its program.
 */
export const command = (): Promise<string> =>
  bundling ??= bundleCommand(program, bestQuality).then(() => join(program, "effect-clerk.js"))

export interface Bundle {
  readonly file: string
  readonly minified: number
  readonly gzipped: number
  /** The size of every module, in bytes. */
  readonly modules: ReadonlyMap<string, number>
}

/**
 * Bundles and minifies an application, as for an edge runtime.
 */
export const bundle = async (entry: string): Promise<Bundle> => {
  const file = join(cache, `${basename(entry, ".ts")}.bundle.mjs`)
  const { metafile, outputFiles } = await build({
    entryPoints: [join(bench, entry)],
    outfile: file,
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    metafile: true,
    write: false,
    logLevel: "error"
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error(`${entry} came to nothing`)
  const modules = new Map<string, number>()
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [name, { bytesInOutput }] of Object.entries(inputs)) modules.set(name, bytesInOutput)
  }
  await mkdir(cache, { recursive: true })
  await writeFile(file, output.contents)
  return {
    file,
    minified: output.contents.length,
    gzipped: gzipSync(output.contents, { level: 9 }).length,
    modules
  }
}
