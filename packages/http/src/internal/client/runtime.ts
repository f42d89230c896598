import * as Predicate from "effect/Predicate"

/**
 * The runtimes whose `fetch` or connections need care. Every other runtime is `"other"`, for example a browser.
 */
export type RuntimeName = "node" | "bun" | "deno" | "workerd" | "other"

const isWorkerd = (global: object): boolean =>
  Predicate.hasProperty(global, "navigator") && Predicate.hasProperty(global.navigator, "userAgent") &&
  global.navigator.userAgent === "Cloudflare-Workers"

const isNode = (global: object): boolean =>
  Predicate.hasProperty(global, "process") && Predicate.hasProperty(global.process, "release") &&
  Predicate.hasProperty(global.process.release, "name") && global.process.release.name === "node"

/**
 * The runtime with this global object. Bun, Deno and workerd imitate Node, so they are recognised first.
 */
export const nameOf = (global: object): RuntimeName => {
  if ("Bun" in global) return "bun"
  if ("Deno" in global) return "deno"
  if (isWorkerd(global)) return "workerd"
  return isNode(global) ? "node" : "other"
}

/**
 * The runtime of this process.
 */
export const current: RuntimeName = nameOf(globalThis)
