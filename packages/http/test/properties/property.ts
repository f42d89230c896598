import type { InvitationsService } from "@effect-clerk/core"
import type { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Effect, FastCheck as fc, Logger, TestContext } from "effect"
import type { Environment } from "../conformance/index.js"

/** Checks a property for `runs` generated values, each against a new instance. */
export const property = <A>(
  { layer }: Environment,
  runs: number,
  arbitrary: fc.Arbitrary<A>,
  check: (value: A) => Effect.Effect<void, unknown, InvitationsService | InvitationsControl>
): Effect.Effect<void, unknown> =>
  Effect.tryPromise({
    try: () =>
      fc.assert(
        fc.asyncProperty(arbitrary, (value) =>
          check(value).pipe(
            Effect.provide(layer()),
            Effect.provide(Logger.remove(Logger.defaultLogger)),
            Effect.provide(TestContext.TestContext),
            Effect.runPromise
          )),
        { numRuns: runs }
      ),
    catch: (error) => error
  })
