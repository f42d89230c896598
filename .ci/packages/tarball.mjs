import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fail, root, run } from "./process.mjs"

const checkManifest = (name, text) => {
  const manifest = JSON.parse(text)
  if (manifest.exports["."].default !== "./dist/index.js") fail(`${name}: publishConfig.exports was not applied`)
  if (/"(workspace|catalog):/.test(text)) fail(`${name}: the manifest refers to the workspace`)
  if (manifest.sideEffects !== false) fail(`${name}: a bundler must know that modules have no side effects`)
  if (manifest.publishConfig.provenance !== true) fail(`${name}: it would be published without provenance`)
  return manifest
}

// A source map is useful only if the tarball contains the source.
const checkMaps = (name, unpacked, files) => {
  for (const file of files.filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file))) {
    if (!files.includes(`${file}.map`)) fail(`${name}: ${file} has no map`)
    const url = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(join(unpacked, file), "utf8"))?.[1]
    if (url === undefined || !files.includes(join(dirname(file), url))) fail(`${name}: ${file} does not name its map`)
    const { sourceRoot = "", sources } = JSON.parse(readFileSync(join(unpacked, `${file}.map`), "utf8"))
    for (const source of sources) {
      if (!existsSync(join(unpacked, dirname(file), sourceRoot, source))) fail(`${name}: ${source} is not published`)
    }
  }
}

const checkFiles = (name, files) => {
  for (const file of ["LICENSE", "README.md", "package.json"]) {
    if (!files.includes(file)) fail(`${name}: there is no ${file}`)
  }
  const stray = files.find((file) => file.endsWith(".tsbuildinfo") || /(^|\/)(test|node_modules)\//.test(file))
  if (stray !== undefined) fail(`${name}: ${stray} should not be published`)
}

const repository = "https://github.com/effect-clerk/effect-clerk/blob/main/"

// A reader of the tarball has no repository around it. The anchors are checked by a test.
const checkLinks = (name, unpacked, files) => {
  for (const file of files.filter((file) => /^[^/]+\.md$/.test(file))) {
    for (const [, link] of readFileSync(join(unpacked, file), "utf8").matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      const target = link.startsWith(repository)
        ? join(root, link.slice(repository.length))
        : /^https?:/.test(link)
        ? unpacked
        : join(unpacked, link)
      if (!existsSync(target) || (!/^https?:/.test(link) && link.startsWith(".."))) {
        fail(`${name}: ${file} links to ${link}, which is not there`)
      }
    }
  }
}

/**
 * Packs one package and checks what came of it.
 */
export const check = (name, directory) => {
  const source = join(root, "packages", name)
  const { filename } = JSON.parse(run("pnpm", ["pack", "--json", "--pack-destination", directory], source))
  const unpacked = join(directory, "unpacked", name)
  mkdirSync(unpacked, { recursive: true })
  run("tar", ["-xzf", filename, "-C", unpacked, "--strip-components=1"])

  const manifest = checkManifest(name, readFileSync(join(unpacked, "package.json"), "utf8"))
  const files = readdirSync(unpacked, { recursive: true }).map((file) => file.replaceAll("\\", "/"))
  checkFiles(name, files)
  checkMaps(name, unpacked, files)
  checkLinks(name, unpacked, files)

  const modules = files.flatMap((file) => /^dist\/(\w+)\.js$/.exec(file)?.[1] ?? [])
  const subpaths = modules.map((module) => module === "index" ? "." : module)

  run("pnpm", ["exec", "publint", "--strict", filename])
  // Listed one by one, because attw does not expand the pattern "./*".
  run("pnpm", ["exec", "attw", "--profile", "esm-only", filename, "--entrypoints", ...subpaths])
  const entrypoints = subpaths.map((subpath) => subpath === "." ? manifest.name : `${manifest.name}/${subpath}`)
  return { filename, manifest, entrypoints }
}
