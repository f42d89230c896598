import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { InvalidTicket, InvitationNotPending } from "../../InvitationsControl.js"
import * as AcceptLink from "./acceptLink.js"
import type { Instances } from "./instances.js"
import { type HostCheck, originError, signUpPath } from "./sameOrigin.js"
import * as SignUpPage from "./signUpPage.js"
import type { OpenedTicket } from "./store.js"

const html = (text: string, status = 200): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(text, { status, contentType: "text/html; charset=utf-8" })

const problem = (error: InvalidTicket | InvitationNotPending): HttpServerResponse.HttpServerResponse =>
  html(SignUpPage.problem(error), error._tag === "InvalidTicket" ? 400 : 410)

// The sign-up page of the emulator has a path only, and a redirect URL is absolute.
const withTicket = (target: string, ticket: string, { isUser }: OpenedTicket): string => {
  const [, base = "", query, fragment = ""] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(target) ?? []
  const search = new URLSearchParams(query)
  search.set("__clerk_ticket", ticket)
  search.set("__clerk_status", isUser ? "sign_in" : "sign_up")
  return `${base}?${search.toString()}${fragment}`
}

/**
 * The routes that an invited person visits: the accept link, which needs no secret key, and the sign-up page to which it
 * leads unless the invitation has a redirect URL. A visit does not accept the invitation; the button of the page does.
 */
export const layer = (instances: Instances, isAllowed: HostCheck) => {
  const accept = (ticket: string): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
    Effect.match(Effect.flatMap(instances.ofTicket(ticket), ({ control }) => control.acceptLink(ticket)), {
      onFailure: problem,
      onSuccess: ({ emailAddress }) => html(SignUpPage.accepted(emailAddress))
    })

  const open = (
    ticket: string,
    show: (opened: OpenedTicket) => HttpServerResponse.HttpServerResponse
  ): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
    Effect.match(Effect.flatMap(instances.ofTicket(ticket), (clerk) => clerk.openTicket(ticket)), {
      onFailure: problem,
      onSuccess: show
    })

  return HttpApiBuilder.Router.use((router) =>
    Effect.gen(function*() {
      yield* router.get(
        AcceptLink.path,
        Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) => {
          const ticket = AcceptLink.ticketOf(url) ?? ""
          return open(ticket, (opened) =>
            HttpServerResponse.redirect(withTicket(opened.redirectUrl ?? signUpPath, ticket, opened), { status: 303 }))
        })
      )
      yield* router.get(
        signUpPath,
        Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) => {
          const ticket = AcceptLink.ticketOf(url, "__clerk_ticket") ?? ""
          return open(ticket, ({ invitation }) =>
            html(SignUpPage.invitation(invitation.emailAddress, ticket)))
        })
      )
      yield* router.post(
        signUpPath,
        Effect.gen(function*() {
          const request = yield* HttpServerRequest.HttpServerRequest
          const error = originError(request.headers, isAllowed)
          if (error !== undefined) {
            return HttpServerResponse.text(`${error.message}\n`, { status: 403 })
          }
          const form = yield* Effect.orElseSucceed(request.urlParamsBody, () =>
            UrlParams.empty)
          return yield* accept(Option.getOrElse(UrlParams.getFirst(form, "__clerk_ticket"), () => ""))
        })
      )
    })
  )
}
