import { cpSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root, run as execute } from "./process.mjs"

const writeJson = (file, value) => writeFileSync(file, JSON.stringify(value, null, 2))

/**
 * Makes an empty project of the directory, installs the tarballs and their peers there with npm, and adds the programs.
 */
export const install = (directory, packages) => {
  const [{ manifest }] = packages.filter(({ manifest }) => manifest.name.endsWith("/http"))
  writeJson(join(directory, "package.json"), {
    private: true,
    type: "module",
    dependencies: {
      ...Object.fromEntries(packages.map(({ filename, manifest }) => [manifest.name, `file:${filename}`])),
      ...manifest.peerDependencies,
      "@effect/platform-node": manifest.devDependencies["@effect/platform-node"],
      "@types/node": manifest.devDependencies["@types/node"]
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
