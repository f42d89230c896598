import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"

// Absent in browsers.
declare const setImmediate: ((task: () => void) => unknown) | undefined

const afterOneTurn: (task: () => void) => unknown = typeof setImmediate === "function"
  ? setImmediate
  : (task) => setTimeout(task, 0)

const eventLoopTurn: Effect.Effect<void> = Effect.async((resume) => {
  afterOneTurn(() => resume(Effect.void))
})

/**
 * Sleeps until a timeout is over, and then for one turn of the event loop. If the process stood still meanwhile, its
 * timers fire before its sockets are read: in that turn a response that has already arrived is read.
 */
export const sleep = (duration: Duration.DurationInput): Effect.Effect<void> =>
  Effect.zipRight(Effect.sleep(duration), eventLoopTurn)

/**
 * Runs an effect in a fiber with its own context. After `duration` interrupts it, and fails with `onTimeout`.
 *
 * Changes of fiber refs are lost, and that is its purpose: `Effect.timeoutFail` merges the fiber refs of the two fibers
 * that it forks by comparing their whole contexts, which takes longer than all the rest of a call (bench row "create").
 */
export const run = <A, E, E1>(self: Effect.Effect<A, E>, options: {
  readonly duration: Duration.Duration
  readonly onTimeout: () => E1
  readonly context: Context.Context<never>
  readonly updateRefs: NonNullable<Runtime.RunForkOptions["updateRefs"]>
}): Effect.Effect<A, E | E1> =>
  Effect.withFiberRuntime((parent, { runtimeFlags }) =>
    Effect.async((resume) => {
      const runFork = Runtime.runFork(Runtime.make({
        context: options.context,
        runtimeFlags: RuntimeFlags.enable(runtimeFlags, RuntimeFlags.Interruption),
        fiberRefs: parent.getFiberRefs()
      }))
      let isLate = false
      // The value is not the result of the fiber. V8's minor collections keep fibers that have ended, with their results:
      // a list takes 1.4 times the CPU time if these are pages (bench row "list-in-turn").
      let success: Effect.Effect<A> = Effect.never
      const work = runFork(
        Effect.map(self, (value) => {
          success = Effect.succeed(value)
        }),
        { updateRefs: options.updateRefs }
      )
      const timer = runFork(sleep(options.duration))
      timer.addObserver((exit) => {
        isLate = Exit.isSuccess(exit)
        if (isLate) work.unsafeInterruptAsFork(parent.id())
      })
      work.addObserver((exit) => {
        timer.unsafeInterruptAsFork(parent.id())
        const ended = Exit.isSuccess(exit) ? success : Exit.failCause(exit.cause)
        success = Effect.never
        resume(isLate ? Effect.fail(options.onTimeout()) : ended)
      })
      return Fiber.interruptAll([work, timer])
    })
  )
