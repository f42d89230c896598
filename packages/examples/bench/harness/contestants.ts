import { Schema } from "effect"
import { compile } from "./build.js"
import type { Arguments } from "./processes.js"
import { run } from "./processes.js"

/** All contestants, by module name. */
export type Contestant =
  | "undici"
  | "fetch"
  | "clerkBackend"
  | "effectClerkFetch"
  | "effectClerkUndici"
  | "httpClientUndici"
  | "httpClientFetch"

const Figures = Schema.Struct({
  /** Wall time, in milliseconds. */
  wall: Schema.Number,
  /** CPU time of all threads, in milliseconds. */
  cpu: Schema.Number,
  /** Peak resident size of the process, in MiB. */
  peak: Schema.Number,
  /** Peak used heap, in MiB, if it was measured. */
  live: Schema.Number
})

export type Figures = typeof Figures.Type

/**
 * Runs a contestant in a process of its own. `flags` are those of Node.
 */
export const measure = async (
  name: Contestant,
  args: Arguments,
  flags: ReadonlyArray<string> = []
): Promise<Figures> => run(await compile(`contestants/${name}.ts`), args, Figures, flags)

export const wall = ({ wall }: Figures): number => wall

export const cpu = ({ cpu }: Figures): number => cpu

export const peak = ({ peak }: Figures): number => peak

export const live = ({ live }: Figures): number => live
