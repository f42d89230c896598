import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
import * as Monotonic from "./monotonic.js"

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

const liveClock = Context.get(DefaultServices.liveServices, Clock.Clock)

// `setTimeout` fires at once for more.
const maxTimer = 2 ** 31 - 1

/**
 * Runs a task after a `sleep`. Returns the function that cancels the task.
 */
const schedule = (
  runFork: (effect: Effect.Effect<void>) => Fiber.RuntimeFiber<void>,
  clock: Clock.Clock,
  duration: Duration.Duration,
  task: () => void
): () => void => {
  let isActive = true
  const runTask = () => {
    if (isActive) task()
  }
  if (clock === liveClock) {
    // Without a fiber. Measured on Node 20: a fiber that sleeps and is interrupted takes 18 µs.
    const millis = Duration.toMillis(duration)
    const timer = millis > maxTimer ? undefined : setTimeout(() => afterOneTurn(runTask), millis)
    return () => {
      isActive = false
      clearTimeout(timer)
    }
  }
  const sleeper = runFork(Effect.map(sleep(duration), runTask))
  return () => {
    isActive = false
    sleeper.unsafeInterruptAsFork(sleeper.id())
  }
}

// The result of an effect after it was returned.
const taken: Exit.Exit<never> = Exit.interrupt(FiberId.none)

const exitOf = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Effect.Effect<A, E> =>
  Effect.async((resume) => {
    fiber.addObserver(resume)
  })

/**
 * Runs an effect in a fiber with its own context. After `duration` interrupts it, and fails with `onTimeout`. Runs
 * `onEnd` when the effect has ended, also after a timeout or an interruption.
 *
 * Changes of fiber refs are lost, and that is its purpose: `Effect.timeoutFail` merges the fiber refs of the two fibers
 * that it forks by comparing their whole contexts, which takes longer than all the rest of a call (bench row "create").
 */
export const run = <A, E, R, E1>(self: Effect.Effect<A, E, R>, options: {
  readonly duration: Duration.Duration
  readonly onTimeout: () => E1
  readonly onEnd?: ((exit: Exit.Exit<A, E | E1>) => void) | undefined
  readonly context: Context.Context<R>
  readonly updateRefs: NonNullable<Runtime.RunForkOptions["updateRefs"]>
}): Effect.Effect<A, E | E1> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.withFiberRuntime((parent, { runtimeFlags }) => {
      const runFork = Runtime.runFork(Runtime.make({
        context: options.context,
        runtimeFlags: RuntimeFlags.enable(runtimeFlags, RuntimeFlags.Interruption),
        fiberRefs: parent.getFiberRefs()
      }))
      let isLate = false
      // The value is not the result of the fiber. V8's minor collections keep fibers that have ended, with their results:
      // a list takes 1.4 times the CPU time if these are pages (bench row "list-in-turn").
      let success: Exit.Exit<A> = taken
      const work = runFork(
        Effect.map(self, (value) => {
          success = Exit.succeed(value)
        }),
        { updateRefs: options.updateRefs }
      )
      const cancelTimer = schedule(
        runFork,
        Monotonic.clockOf(parent),
        options.duration,
        () => {
          isLate = true
          work.unsafeInterruptAsFork(parent.id())
        }
      )
      const end = (exit: Exit.Exit<A, E | E1>): Exit.Exit<A, E | E1> => {
        cancelTimer()
        options.onEnd?.(exit)
        return exit
      }
      const ended = (exit: Exit.Exit<A, E>) => end(isLate ? Exit.fail(options.onTimeout()) : exit)
      return Effect.matchCauseEffect(restore(exitOf(work)), {
        onSuccess: () => {
          const exit = success
          success = taken
          return ended(exit)
        },
        onFailure: (cause) => {
          const exit = Exit.failCause(cause)
          // The effect still runs if the caller was interrupted.
          return work.unsafePoll() === null ? Effect.flatMap(Fiber.interrupt(work), () => end(exit)) : ended(exit)
        }
      })
    })
  )
