import { HttpApiMiddleware, HttpApiSecurity } from "@effect/platform"
import { Context, Effect, Layer, Option, type Redacted } from "effect"
import { Unauthenticated } from "./failures.js"

/** The admin who sent the current request. An admin sees the invitations of one team. */
export class CurrentAdmin extends Context.Tag("CurrentAdmin")<CurrentAdmin, { readonly team: string }>() {}

/** Lets only admins in. */
export class AdminOnly extends HttpApiMiddleware.Tag<AdminOnly>()("AdminOnly", {
  failure: Unauthenticated,
  provides: CurrentAdmin,
  security: { session: HttpApiSecurity.bearer }
}) {}

/** `teamOf` verifies the session token of a request, and returns the team that its holder administers. */
export const layer = (teamOf: (token: Redacted.Redacted) => Effect.Effect<Option.Option<string>>) =>
  Layer.succeed(AdminOnly, {
    session: (token) =>
      Effect.flatMap(
        teamOf(token),
        Option.match({
          onNone: () => new Unauthenticated(),
          onSome: (team) => Effect.succeed({ team })
        })
      )
  })
