import { Cause, Effect, Exit } from "effect"
import type { Environment, Runner } from "../conformance/index.js"
import { suites } from "../conformance/index.js"
import type { Suite } from "../conformance/suite.js"

/** The results of one suite. */
export interface Result {
  readonly suite: string
  readonly passed: number
  readonly skipped: ReadonlyArray<string>
  readonly failures: ReadonlyArray<{ readonly test: string; readonly error: string }>
}

// By a timer of the runtime: the clock of the tests stands still.
const timeout = () =>
  new Promise<Exit.Exit<void, string>>((resolve) => {
    setTimeout(() => resolve(Exit.fail("the test did not end within 10 seconds")), 10_000)
  })

/** Prints one JSON object a suite. */
export const print = (results: ReadonlyArray<Result>): void => {
  for (const result of results) console.log(JSON.stringify(result))
}

/** Runs the suites, and `more`, one test after the other, except the tests with a name of `skipped`. */
export const run = async (
  environment: Environment,
  { more = {}, skipped = new Set() }: {
    readonly more?: Readonly<Record<string, Suite>>
    readonly skipped?: ReadonlySet<string>
  } = {}
): Promise<ReadonlyArray<Result>> => {
  const results: Array<Result> = []
  for (const [suite, define] of Object.entries({ ...suites, ...more })) {
    const tests: Array<readonly [name: string, test: Effect.Effect<void, unknown>]> = []
    const notRun: Array<string> = []
    const collect: Runner = (name, test) => {
      if (!skipped.has(name)) tests.push([name, test])
      else notRun.push(name)
    }
    define(collect, environment)
    const failures: Array<Result["failures"][number]> = []
    for (const [test, effect] of tests) {
      const exit = await Promise.race([Effect.runPromiseExit(effect), timeout()])
      if (Exit.isFailure(exit)) failures.push({ test, error: Cause.pretty(exit.cause).slice(0, 2000) })
    }
    results.push({ suite, passed: tests.length - failures.length, skipped: notRun, failures })
  }
  return results
}
