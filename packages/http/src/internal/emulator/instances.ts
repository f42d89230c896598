import type * as Headers from "@effect/platform/Headers"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type { Options } from "../../InvitationsMemory.js"
import * as Authorization from "./authorization.js"
import * as Instance from "./instance.js"
import * as Ticket from "./ticket.js"

/**
 * The instances of an emulator.
 */
export interface Instances {
  /** The instance of all requests, or of those without an accepted secret key if each key has an instance of its own. */
  readonly shared: Instance.Instance
  /** The instance of a request with these headers. */
  readonly of: (headers: Headers.Headers) => Effect.Effect<Instance.Instance>
  /** The instance that signed a ticket. Another one rejects the ticket. */
  readonly ofTicket: (ticket: string) => Effect.Effect<Instance.Instance>
}

/**
 * Makes the instances. With `storePerKey`, the first request with a secret key makes the instance of the key.
 */
export const make = (
  options: Options & {
    readonly secretKey?: Redacted.Redacted | undefined
    readonly storePerKey?: boolean | undefined
  },
  baseUrl: string
): Effect.Effect<Instances, never, Scope.Scope> =>
  Effect.gen(function*() {
    const shared = yield* Instance.make(options, baseUrl)
    if (options.storePerKey !== true) {
      return { shared, of: () => Effect.succeed(shared), ofTicket: () => Effect.succeed(shared) }
    }

    const scope = yield* Effect.scope
    const byKey = new Map<string, Instance.Instance>()
    // Two first requests may make two instances. Both receive the one that was stored first.
    const ofKey = (key: string): Effect.Effect<Instance.Instance> =>
      Effect.suspend(() => {
        const found = byKey.get(key)
        if (found !== undefined) return Effect.succeed(found)
        return Effect.map(Scope.extend(Instance.make(options, baseUrl), scope), (made) => {
          const instance = byKey.get(key) ?? made
          byKey.set(key, instance)
          return instance
        })
      })

    return {
      shared,
      of: (headers) =>
        Option.match(Authorization.acceptedKey(headers, options.secretKey), {
          onNone: () => Effect.succeed(shared),
          onSome: ofKey
        }),
      ofTicket: (ticket) =>
        Effect.sync(() => {
          const id = Option.getOrUndefined(Ticket.instanceIdOf(ticket))
          return Array.from(byKey.values()).find((instance) => instance.instanceId() === id) ?? shared
        })
    }
  })
