/**
 * The machines of a fault run: processes that are started again when they end, as an orchestrator does.
 */
import { Command } from "@effect/platform"
import type { CommandExecutor } from "@effect/platform"
import { Deferred, Effect, ExecutionStrategy, Exit, Scope, Stream } from "effect"
import { fileURLToPath } from "node:url"

/**
 * How a machine is started.
 */
export interface Machine {
  readonly name: string
  /** How much later than the time of this computer its clock is, in milliseconds. Defaults to 0. */
  readonly clock?: number | undefined
  /** The file of the program. Defaults to the program of this revision. */
  readonly program?: string | undefined
}

export interface Fleet {
  /** Starts a machine, and keeps it running until it is removed. Returns once it works. */
  readonly add: (machine: Machine) => Effect.Effect<void>
  /** Ends a machine by SIGTERM, as a deployment does. */
  readonly remove: (name: string) => Effect.Effect<void>
  /** Sends a signal to a process. A process that is killed is started again. */
  readonly signal: (pid: number, signal: NodeJS.Signals) => Effect.Effect<void>
  /** How many processes ended by themselves after they had begun to work. */
  readonly crashes: Effect.Effect<number>
}

// The same runtime options and the same kind of file as this program, which may be a bundle.
const ownProgram = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./machine.ts" : "./machine.mjs", import.meta.url)
)

/**
 * Makes a fleet without machines. `env` is the environment of all of them.
 */
export const make = (
  env: Record<string, string>
): Effect.Effect<Fleet, never, Scope.Scope | CommandExecutor.CommandExecutor> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const context = yield* Effect.context<CommandExecutor.CommandExecutor>()
    const killed = new Set<number>()
    const machines = new Map<string, Effect.Effect<void>>()
    let crashes = 0

    const once = ({ clock = 0, name, program = ownProgram }: Machine, works: Deferred.Deferred<unknown>) =>
      Effect.scoped(Effect.gen(function*() {
        const isReady = yield* Deferred.make<unknown>()
        const child = yield* Command.make(process.execPath, ...process.execArgv, program).pipe(
          Command.env({ ...env, MACHINE: name, CLOCK: String(clock) }),
          Command.stderr("inherit"),
          Command.start
        )
        yield* child.stdout.pipe(
          Stream.runForEach(() => Deferred.succeed(isReady, undefined)),
          Effect.forkScoped
        )
        yield* Effect.forkScoped(Effect.zipRight(Deferred.await(isReady), Deferred.succeed(works, undefined)))
        yield* Effect.exit(child.exitCode)
        if ((yield* Deferred.isDone(isReady)) && !killed.has(child.pid)) crashes++
      })).pipe(Effect.ignore, Effect.zipRight(Effect.sleep("500 millis")))

    return {
      add: (machine) =>
        Effect.gen(function*() {
          const works = yield* Deferred.make<unknown>()
          const ownScope = yield* Scope.fork(scope, ExecutionStrategy.sequential)
          yield* Effect.forkIn(Effect.forever(once(machine, works)), ownScope)
          machines.set(machine.name, Scope.close(ownScope, Exit.void))
          yield* Deferred.await(works)
        }).pipe(Effect.provide(context)),
      remove: (name) => machines.get(name) ?? Effect.void,
      signal: (pid, signal) =>
        Effect.sync(() => {
          if (signal === "SIGKILL") killed.add(pid)
          process.kill(pid, signal)
        }),
      crashes: Effect.sync(() => crashes)
    }
  })
