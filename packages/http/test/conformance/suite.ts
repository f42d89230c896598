import { InvitationAttempts, InvitationsService } from "@effect-clerk/core"
import type { InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import type { Layer } from "effect"
import { Effect, Logger, TestContext } from "effect"

/** Registers one test with the test runner of the runtime. The effect fails or dies if the test fails. */
export type Runner = (name: string, test: Effect.Effect<void, unknown>) => void

/** The implementation under test. */
export interface Environment {
  /** Builds an empty instance: the service, the calls of one attempt, and the control of the server behind them. */
  readonly layer: (
    options?: InvitationsMemory.Options
  ) => Layer.Layer<InvitationsService | InvitationAttempts | InvitationsControl>
  /** Runs an effect to its end and moves the `TestClock` whenever the effect waits for nothing else. */
  readonly runWithClock: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** The texts that the runtime's own debugging functions make of a value, for example `inspect` of `node:util`. */
  readonly inspect: (value: unknown) => ReadonlyArray<string>
}

/** What the body of a test uses. */
export interface Services {
  readonly invitations: InvitationsService.Service
  readonly attempts: InvitationAttempts.Service
  readonly control: InvitationsControl.Service
}

/** Defines one test. It starts from an empty store at the time 0. */
export type Test = (
  name: string,
  body: (services: Services) => Effect.Effect<void, unknown>,
  options?: InvitationsMemory.Options
) => void

/** Registers the tests of one concept for one environment. */
export type Suite = (run: Runner, environment: Environment) => void

export const make = (define: (test: Test, environment: Environment) => void): Suite => (run, environment) => {
  define(
    (name, body, options) =>
      run(
        name,
        Effect.gen(function*() {
          yield* body({
            invitations: yield* InvitationsService,
            attempts: yield* InvitationAttempts,
            control: yield* InvitationsControl
          })
        }).pipe(
          Effect.provide(environment.layer(options)),
          Effect.provide(Logger.remove(Logger.defaultLogger)),
          Effect.provide(TestContext.TestContext)
        )
      ),
    environment
  )
}
