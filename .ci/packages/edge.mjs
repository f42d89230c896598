import { EdgeVM } from "@edge-runtime/vm"
import { build } from "esbuild"
import { builtinModules } from "node:module"
import { join } from "node:path"
import { fail } from "./process.mjs"

const bundle = (directory, entry, options) =>
  build({
    absWorkingDir: directory,
    entryPoints: [join(directory, entry)],
    bundle: true,
    platform: "neutral",
    target: "es2022",
    metafile: true,
    write: false,
    logLevel: "error",
    ...options
  })

/**
 * Bundles every entry point, whole. Nothing that only Node has may be in it; answers with how many modules there are.
 */
export const checkModules = async (directory) => {
  const found = []
  const findNode = {
    name: "find Node modules",
    setup: ({ onResolve }) => {
      onResolve({ filter: /.*/ }, ({ importer, path }) => {
        if (!path.startsWith("node:") && !builtinModules.includes(path)) return undefined
        found.push(`${importer} imports ${path}`)
        return { path, external: true }
      })
    }
  }
  const { metafile } = await bundle(directory, "everything.ts", { format: "esm", plugins: [findNode] })
  if (found.length > 0) fail(found.join("\n"))
  const modules = Object.keys(metafile.inputs)
  for (const name of ["core", "http"]) {
    if (!modules.some((module) => module.includes(`@effect-clerk/${name}/dist/`))) fail(`${name} is not in the bundle`)
  }
  return modules.length
}

/**
 * Runs the program for edge runtimes in one, which knows the web's interfaces only.
 */
export const run = async (directory) => {
  const { outputFiles: [{ text }] } = await bundle(directory, "edge.ts", { format: "iife", globalName: "edge" })
  const vm = new EdgeVM()
  if (vm.evaluate("typeof process") !== "undefined") fail("this edge runtime has Node's globals")
  vm.evaluate(text)
  await vm.evaluate("edge.run()")
}
