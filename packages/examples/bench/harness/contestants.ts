import { Schema } from "effect"
import { compile } from "./build.js"
import type { Arguments } from "./processes.js"
import { run } from "./processes.js"

/** Everybody who is measured, by the name of the module. */
export type Contestant =
  | "undici"
  | "fetch"
  | "clerkBackend"
  | "effectClerkFetch"
  | "effectClerkUndici"
  | "httpClientUndici"

const Figures = Schema.Struct({
  /** Milliseconds that passed. */
  wall: Schema.Number,
  /** Milliseconds of CPU time, of all threads. */
  cpu: Schema.Number,
  /** The most memory that the process ever held, in MiB. */
  peak: Schema.Number,
  /** The most that was in use at once, in MiB, where that was watched. */
  live: Schema.Number
})

export type Figures = typeof Figures.Type

/**
 * Has a contestant do something, in a process of its own.
 */
export const measure = async (name: Contestant, args: Arguments): Promise<Figures> =>
  run(await compile(`contestants/${name}.ts`), args, Figures)

export const wall = ({ wall }: Figures): number => wall

export const cpu = ({ cpu }: Figures): number => cpu

export const peak = ({ peak }: Figures): number => peak

export const live = ({ live }: Figures): number => live
