import type { CreateError } from "@effect-clerk/core/InvitationError"
import { ConnectionError } from "@effect-clerk/core/InvitationError"
import { Clock, Duration, Effect, Option, Ref } from "effect"
import type { Attempts } from "./fixture.js"

export const shortOf = (millis: number): Duration.Duration => Duration.millis(millis)

/** Attempts whose creates go through `before` first. */
export const beforeCreates = (
  attempts: Attempts,
  before: <A>(call: Effect.Effect<A, CreateError>) => Effect.Effect<A, CreateError>
): Attempts => ({
  ...attempts,
  create: (request) => before(attempts.create(request)),
  createBulk: (requests) => before(attempts.createBulk(requests))
})

/** Attempts whose first creates fail before they are sent, and the times of all creates. */
export const refusedConnection = (attempts: Attempts, failures: number) =>
  Effect.map(Ref.make<ReadonlyArray<number>>([]), (times) => ({
    times: Ref.get(times),
    failing: beforeCreates(attempts, (call) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.flatMap(
          Ref.updateAndGet(times, (all) => [...all, now]),
          (all) =>
            all.length > failures
              ? call
              : Effect.fail(
                new ConnectionError({
                  operation: "create",
                  reason: "Refused",
                  code: Option.some("ECONNREFUSED")
                })
              )
        )))
  }))

/** Attempts whose every call first waits for `before`. */
export const beforeAll = (attempts: Attempts, before: Effect.Effect<unknown>): Attempts => ({
  create: (request) => Effect.zipRight(before, attempts.create(request)),
  createBulk: (requests) => Effect.zipRight(before, attempts.createBulk(requests)),
  list: (params) => Effect.zipRight(before, attempts.list(params)),
  revoke: (id) => Effect.zipRight(before, attempts.revoke(id))
})
