import { InvitationsService } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import type { InvitationsHttp } from "@effect-clerk/http"
import { HttpApiBuilder } from "@effect/platform"
import { Array, Effect, Layer, Option, Stream } from "effect"
import { CurrentAdmin } from "./adminOnly.js"
import * as Answers from "./answers.js"
import { AdminApi, Page } from "./api.js"
import { type Failure, NoSuchInvitation } from "./failures.js"
import * as RetryAfter from "./retryAfter.js"

/** A browser waits for the answer, so the service gives up sooner than for a job. */
export const interactive: Pick<InvitationsHttp.Options, "retry" | "timeout"> = {
  retry: { maxBackoff: "1 second", maxRetryAfter: "2 seconds" },
  timeout: { attempt: "5 seconds", total: "15 seconds" }
}

const setRetryAfter = (failure: Failure) =>
  "retryAfterSeconds" in failure ? RetryAfter.setHeader(failure.retryAfterSeconds) : Effect.void

// Turns an error of the service into an answer. The message of an error has no secret, so the log may have it.
const answer = <E extends { readonly message: string }, F extends Failure>(of: (error: E) => F) =>
  Effect.catchAll((error: E) => {
    const failure = of(error)
    const log = failure._tag === "InternalFailure" ? Effect.logError : Effect.logDebug
    return log(`Answered ${failure._tag}: ${error.message}`).pipe(
      Effect.zipRight(setRetryAfter(failure)),
      Effect.zipRight(Effect.fail(failure))
    )
  })

const isOf = (team: string) => ({ publicMetadata }: Invitation): boolean => publicMetadata["team"] === team

const Handlers = HttpApiBuilder.group(
  AdminApi,
  "invitations",
  (handlers) =>
    Effect.map(InvitationsService, (invitations) =>
      handlers
        .handle("invite", ({ payload: { emailAddress, expiresInDays } }) =>
          Effect.flatMap(
            CurrentAdmin,
            ({ team }) => invitations.create({ emailAddress, expiresInDays, publicMetadata: { team } })
          ).pipe(answer(Answers.ofCreate)))
        // Clerk cannot select by metadata, so a page reads the rows before it too, 500 a request. The newest come first.
        .handle("list", ({ urlParams: { limit, offset, status } }) =>
          Effect.gen(function*() {
            const { team } = yield* CurrentAdmin
            const rows = yield* invitations.stream({ status, concurrency: 1 }).pipe(
              Stream.filter(isOf(team)),
              Stream.drop(offset),
              Stream.take(limit + 1),
              Stream.runCollect,
              answer(Answers.ofList)
            )
            return new Page({
              data: Array.take(rows, limit),
              nextOffset: rows.length > limit ? Option.some(offset + limit) : Option.none()
            })
          }))
        .handle("revoke", ({ path: { id } }) =>
          Effect.gen(function*() {
            const { team } = yield* CurrentAdmin
            const found = yield* invitations.findById(id).pipe(answer(Answers.ofList))
            if (!Option.exists(found, isOf(team))) return yield* new NoSuchInvitation()
            return yield* invitations.revoke(id).pipe(answer(Answers.ofRevoke))
          })))
)

/** The application without its server, its sessions and a layer for the invitations. */
export const AdminApiLive = HttpApiBuilder.api(AdminApi).pipe(Layer.provide(Handlers))
