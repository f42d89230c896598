import type { InvitationStatus } from "@effect-clerk/core/Invitation"
import * as RateLimits from "@effect-clerk/core/RateLimits"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { EmulatorState } from "../../EmulatorApi.js"
import { EmulatorApi } from "../../EmulatorApi.js"
import type { InvitationsControl } from "../../InvitationsControl.js"
import type { Instance } from "./instance.js"
import type { Instances } from "./instances.js"

const newestInvitations = 100

const newestEmails = 50

const newestUsers = 20

const newest = <A>(all: ReadonlyArray<A>, count: number): ReadonlyArray<A> => all.slice(-count).reverse()

const state = (
  { control, overview, statusOf }: Instance,
  filter: { readonly status?: InvitationStatus | undefined; readonly query?: string | undefined },
  acceptsAnyTestKey: boolean
): Effect.Effect<EmulatorState> =>
  Effect.gen(function*() {
    const outbox = yield* control.outbox
    const users = yield* control.users
    return {
      now: yield* DateTime.now,
      acceptsAnyTestKey,
      invitations: yield* overview(filter, newestInvitations),
      emails: {
        total: outbox.length,
        newest: yield* Effect.forEach(newest(outbox, newestEmails), (email) =>
          Effect.map(statusOf(email.invitationId), (status) => ({ ...email, status })))
      },
      requests: newest(yield* control.requests, Infinity),
      users: { total: users.length, newest: newest(users, newestUsers) },
      pendingFaults: yield* control.pendingFaults,
      quotas: yield* control.remainingQuotas,
      instanceRefusal: yield* control.instanceRefusal
    }
  })

// The periodic comment keeps proxies from closing an idle connection, and lets the server detect a closed one.
const events = (changes: Stream.Stream<void>): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.stream(
    Stream.make("retry: 1000\n\n").pipe(
      Stream.concat(
        Stream.merge(
          Stream.as(changes, "data: changed\n\n"),
          Stream.as(Stream.tick("15 seconds"), ":\n\n"),
          { haltStrategy: "left" }
        )
      ),
      Stream.encodeText
    ),
    // A kept-alive connection would keep the server from shutting down.
    { contentType: "text/event-stream", headers: { connection: "close" } }
  )

/**
 * The handlers of the endpoints below `/_emulator`.
 */
export const layer = (instances: Instances, acceptsAnyTestKey: boolean) => {
  const withControl = <A, E>(
    { headers }: HttpServerRequest.HttpServerRequest,
    f: (control: InvitationsControl.Service) => Effect.Effect<A, E>
  ): Effect.Effect<A, E> => Effect.flatMap(instances.of(headers), ({ control }) => f(control))

  return HttpApiBuilder.group(EmulatorApi, "emulator", (handlers) =>
    handlers
      .handle("state", ({ request, urlParams }) =>
        Effect.flatMap(instances.of(request.headers), (clerk) =>
          state(clerk, urlParams, acceptsAnyTestKey)))
      .handleRaw("events", ({ request }) =>
        withControl(request, ({ changes }) => Effect.succeed(events(changes))))
      .handle("accept", ({ path, request }) => withControl(request, (control) => control.accept(path.invitation_id)))
      .handle("expire", ({ path, request }) => withControl(request, (control) => control.expire(path.invitation_id)))
      .handle("revoke", ({ path, request }) => withControl(request, (control) => control.revoke(path.invitation_id)))
      .handle("delete", ({ path, request }) => withControl(request, (control) => control.delete(path.invitation_id)))
      .handle("acceptTicket", ({ payload: { ticket } }) =>
        Effect.flatMap(instances.ofTicket(ticket), ({ control }) =>
          control.acceptLink(ticket)))
      .handle("addUser", ({ payload, request }) =>
        withControl(request, (control) =>
          control.addUser(payload.emailAddress)))
      .handle("plan", ({ payload, request }) =>
        withControl(request, (control) =>
          control.injectFaults([payload])))
      .handle("rateLimits", ({ payload: { limits }, request }) =>
        withControl(request, (control) =>
          control.setRateLimits(limits === "off" ? limits : RateLimits[limits])))
      .handle("instanceRefusal", ({ payload: { code }, request }) =>
        withControl(request, (control) =>
          control.setInstanceRefusal(code)))
      .handle("reset", ({ request }) =>
        withControl(request, ({ reset }) =>
          reset)))
}
