import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Monotonic from "../client/monotonic.js"
import * as WakeUp from "../client/wakeUp.js"

/**
 * Values by key. A value is built at its first use, and shared by all its users.
 */
export interface KeyedCache<in K, out A, out E> {
  /**
   * Returns the value of a key. The value is in use until the scope closes.
   *
   * The first user builds the value, and concurrent users wait for it. If the build fails, they fail with the same error, and
   * the next user builds again. If the builder is interrupted, a waiting user builds.
   */
  readonly get: (key: K) => Effect.Effect<A, E, Scope.Scope>
  /**
   * Makes the next user of a key build its value again. Present users keep the value that they have.
   */
  readonly invalidate: (key: K) => Effect.Effect<void>
}

interface Entry<K, A, E> {
  readonly key: K
  users: number
  /** By the monotonic clock, in milliseconds. */
  idleSince: number
  /** The build that runs or has succeeded. */
  build: Deferred.Deferred<Exit.Exit<A, E>> | undefined
}

/**
 * A cache that drops each value after it has had no users for `idleMillis`. `get` of any key drops such values, so the
 * cache needs neither a fiber nor a timer, which would not outlive a request in a Worker.
 *
 * `RcMap` and `LayerMap` are no replacement: they keep a failed build until it is idle, build twice if a fiber yields inside
 * of `get`, and drop a value in use if its key was invalidated.
 */
export const make = <K, A, E>(build: (key: K) => Effect.Effect<A, E>, idleMillis: number): KeyedCache<K, A, E> => {
  const entries = MutableHashMap.empty<K, Entry<K, A, E>>()
  // In the order in which they became idle.
  const idle = new Set<Entry<K, A, E>>()

  const drop = (entry: Entry<K, A, E>): void => {
    idle.delete(entry)
    MutableHashMap.remove(entries, entry.key)
  }

  const dropIdle = (now: number): void => {
    for (const entry of idle) {
      if (now - entry.idleSince < idleMillis) return
      drop(entry)
    }
  }

  const add = (key: K): Entry<K, A, E> => {
    const entry: Entry<K, A, E> = { key, users: 0, idleSince: 0, build: undefined }
    MutableHashMap.set(entries, key, entry)
    return entry
  }

  const isCurrent = (entry: Entry<K, A, E>): boolean => Option.contains(MutableHashMap.get(entries, entry.key), entry)

  const enter = (key: K): Effect.Effect<Entry<K, A, E>> =>
    Effect.map(Monotonic.millis, (now) => {
      dropIdle(now)
      const entry = Option.getOrElse(MutableHashMap.get(entries, key), () => add(key))
      idle.delete(entry)
      entry.users++
      return entry
    })

  const leave = (entry: Entry<K, A, E>): Effect.Effect<void> =>
    Effect.map(Monotonic.millis, (now) => {
      entry.users--
      if (entry.users > 0 || !isCurrent(entry)) return
      if (entry.build === undefined) drop(entry)
      else {
        entry.idleSince = now
        idle.add(entry)
      }
    })

  const valueOf = (entry: Entry<K, A, E>): Effect.Effect<A, E> =>
    Effect.uninterruptibleMask((restore) => {
      if (entry.build !== undefined) {
        return Effect.flatMap(
          restore(WakeUp.awaitOther(entry.build)),
          (exit) => Exit.isInterrupted(exit) ? restore(valueOf(entry)) : exit
        )
      }
      const running = entry.build = Deferred.unsafeMake<Exit.Exit<A, E>>(FiberId.none)
      return Effect.onExit(restore(build(entry.key)), (exit) =>
        Effect.sync(() => {
          if (Exit.isFailure(exit)) entry.build = undefined
          Deferred.unsafeDone(running, Exit.succeed(exit))
        }))
    })

  return {
    get: (key) => Effect.flatMap(Effect.acquireRelease(enter(key), leave), valueOf),
    invalidate: (key) =>
      Effect.sync(() => {
        const entry = MutableHashMap.get(entries, key)
        if (Option.isSome(entry)) drop(entry.value)
      })
  }
}
