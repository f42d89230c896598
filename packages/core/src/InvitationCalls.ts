/**
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { paginate } from "./internal/pagination/paginate.js"
import * as Requests from "./internal/schema/requests.js"
import { spanned } from "./internal/service/spanned.js"
import type { InvitationsPrimitives } from "./InvitationsPrimitives.js"
import type { InvitationsService } from "./InvitationsService.js"

/**
 * @since 0.1.0
 */
export declare namespace InvitationCalls {
  /**
   * The methods of `InvitationsService` that call one endpoint. Each behaves as it does there.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service
    extends Pick<InvitationsService.Service, "create" | "createBulk" | "list" | "revoke" | "delete" | "stream">
  {}
}

const fromPrimitives = (primitives: InvitationsPrimitives): InvitationCalls.Service => ({
  create: spanned(
    "InvitationCalls.create",
    (request) => Effect.flatMap(Requests.create(request), primitives.create)
  ),
  createBulk: spanned(
    "InvitationCalls.createBulk",
    (requests) => Effect.flatMap(Requests.createBulk(requests), primitives.createBulk)
  ),
  list: spanned("InvitationCalls.list", (params) => Effect.flatMap(Requests.list(params ?? {}), primitives.list)),
  revoke: spanned("InvitationCalls.revoke", (id) => Effect.flatMap(Requests.revoke(id), primitives.revoke)),
  delete: spanned("InvitationCalls.delete", (id) => Effect.flatMap(Requests.remove(id), primitives.delete)),
  stream: (params) =>
    Stream.unwrap(Effect.map(Requests.stream(params ?? {}), (valid) => paginate(primitives.list, valid))).pipe(
      Stream.withSpan("InvitationCalls.stream")
    )
})

/**
 * The calls of Clerk's Invitations API, one method per endpoint, and `stream`: the part of `InvitationsService` that an
 * application with a small bundle needs. A bundle has no look-ups, no `ensure`, no `inviteMany` and no rate limits.
 * `InvitationsHttp.layerCalls` of `@effect-clerk/http` provides it. A service has all of its methods, so that
 * `Layer.project` makes it from any layer of `InvitationsService`, for example from the in-memory layer in a test.
 *
 * @since 0.1.0
 * @category services
 * @see https://clerk.com/docs/reference/backend-api/tag/Invitations
 * @example
 * ```ts
 * import { InvitationCalls, InvitationsService } from "@effect-clerk/core"
 * import { InvitationsMemory } from "@effect-clerk/http"
 * import { Effect, Layer } from "effect"
 *
 * const program = Effect.flatMap(InvitationCalls, (invitations) => invitations.create({ emailAddress: "ada@example.com" }))
 *
 * const Test = Layer.project(InvitationsMemory.layer(), InvitationsService, InvitationCalls, (service) => service)
 *
 * export const tested = Effect.provide(program, Test)
 * ```
 */
export class InvitationCalls extends Context.Tag("@effect-clerk/core/InvitationCalls")<
  InvitationCalls,
  InvitationCalls.Service
>() {
  /**
   * Makes the calls from the primitives of a layer: adds the validation of inputs, `stream`, and one span per method call
   * (`InvitationCalls.<method>`).
   *
   * @since 0.1.0
   */
  static readonly fromPrimitives = fromPrimitives
}
