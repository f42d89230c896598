import { HttpApp, HttpServerResponse } from "@effect/platform"
import { Duration, Effect, Option } from "effect"

/** The wait in whole seconds, rounded up; a minute if Clerk named no wait. */
export const seconds = (wait: Option.Option<Duration.Duration>): number =>
  Math.ceil(Duration.toSeconds(Option.getOrElse(wait, () => Duration.minutes(1))))

/** Sets the header Retry-After of the response to the current request. */
export const setHeader = (seconds: number): Effect.Effect<void> =>
  HttpApp.appendPreResponseHandler((_, response) =>
    Effect.succeed(HttpServerResponse.setHeader(response, "retry-after", String(seconds)))
  )
