import { build } from "esbuild"
import { cpSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fail, root, run as execute } from "./process.mjs"

const writeJson = (file, value) => writeFileSync(file, JSON.stringify(value, null, 2))

/**
 * The lowest versions of the peers that the manifests allow, and of the packages that these need in turn.
 */
export const lowest = {
  effect: "3.19.13",
  "@effect/platform": "0.94.0",
  "@effect/experimental": "0.58.0",
  "@effect/platform-node": "0.104.0",
  "@effect/platform-node-shared": "0.57.0",
  "@effect/cluster": "0.56.0",
  "@effect/rpc": "0.73.0",
  "@effect/sql": "0.49.0",
  "@effect/sql-libsql": "0.39.0",
  "@effect/workflow": "0.16.0"
}

/**
 * Makes an empty project of the directory, installs the tarballs and their peers there with npm, and adds the programs. The peers
 * are the newest that the manifests allow, unless `versions` has others.
 */
export const install = (directory, packages, versions = {}) => {
  const [{ manifest }] = packages.filter(({ manifest }) => manifest.name.endsWith("/http"))
  for (const [name, range] of Object.entries(manifest.peerDependencies)) {
    const version = lowest[name]
    if (!range.startsWith(`^${version}`) && !range.startsWith(`>=${version} `)) {
      fail(`the lowest version of ${name} that is tested is ${version}, but its range is ${range}`)
    }
  }
  mkdirSync(directory, { recursive: true })
  writeJson(join(directory, "package.json"), {
    private: true,
    type: "module",
    dependencies: {
      ...Object.fromEntries(packages.map(({ filename, manifest }) => [manifest.name, `file:${filename}`])),
      ...manifest.peerDependencies,
      "@effect/platform-node": manifest.devDependencies["@effect/platform-node"],
      "@types/node": manifest.devDependencies["@types/node"],
      ...versions
    }
  })
  // npm with strict peers refuses a peer of the wrong version.
  execute(
    "npm",
    ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--strict-peer-deps"],
    directory
  )
  cpSync(join(import.meta.dirname, "consumer"), directory, { recursive: true })
}

const compile = (directory, files, options) => {
  writeJson(join(directory, "tsconfig.json"), {
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2022", "DOM", "DOM.Iterable"],
      strict: true,
      exactOptionalPropertyTypes: true,
      ...options
    },
    files
  })
  execute(join(root, "node_modules/.bin/tsc"), ["--project", directory])
}

/**
 * Type-checks an import of every entry point and the program for edge runtimes, under the resolution of Node and that of
 * bundlers: without Node's types, and with the declarations checked as well, for users who do not skip that.
 */
export const typeCheck = (directory, entrypoints) => {
  writeFileSync(
    join(directory, "everything.ts"),
    entrypoints.map((entrypoint, n) => `export * as _${n} from "${entrypoint}"\n`).join("")
  )
  const options = { types: [], skipLibCheck: false, noEmit: true }
  compile(directory, ["everything.ts", "edge.ts"], { ...options, module: "NodeNext", moduleResolution: "NodeNext" })
  compile(directory, ["everything.ts", "edge.ts"], { ...options, module: "ESNext", moduleResolution: "Bundler" })
}

/**
 * Compiles the programs for Node and runs them, and imports every entry point but the internal ones, which must be closed.
 */
export const run = (directory, entrypoints) => {
  compile(directory, ["program.ts", "api.ts"], { module: "NodeNext", types: ["node"], skipLibCheck: true })
  execute("node", ["program.js"], directory)
  execute("node", ["api.js"], directory)
  const script = `
    for (const entrypoint of ${JSON.stringify(entrypoints)}) await import(entrypoint)
    for (const name of ["core", "http"]) {
      const internal = await import("@effect-clerk/" + name + "/internal/any").catch((error) => error.code)
      if (internal !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw new Error(name + ": internal modules are exported")
    }
  `
  execute("node", ["--input-type=module", "--eval", script], directory)
}

/**
 * Runs the conformance suites with the installed packages. Returns the number of tests.
 */
export const runSuites = async (directory) => {
  await build({
    entryPoints: [join(root, "packages/http/test/runtimes/main.ts")],
    bundle: true,
    format: "esm",
    logLevel: "error",
    outfile: join(directory, "suites.mjs"),
    packages: "external",
    platform: "node",
    target: "es2022"
  })
  const results = execute("node", ["suites.mjs", "undici"], directory).trim().split("\n").map((line) =>
    JSON.parse(line)
  )
  for (const { failures, suite } of results) {
    for (const { error, test } of failures) fail(`${suite}: ${test}: ${error}`)
  }
  return results.reduce((sum, { passed }) => sum + passed, 0)
}
