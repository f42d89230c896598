import { HttpApiClient, type HttpApiError, HttpClient, type HttpClientError, HttpClientRequest } from "@effect/platform"
import { Match, type ParseResult, type Redacted } from "effect"
import { AdminApi } from "./api.js"
import type { Failure, Unauthenticated } from "./failures.js"

/** The client of the admin's page. Each method has the exact union of its failures. */
export const make = (options: { readonly baseUrl: string; readonly token: Redacted.Redacted }) =>
  HttpApiClient.make(AdminApi, {
    baseUrl: options.baseUrl,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(options.token))
  })

/** Everything that a method of the client can fail with. */
export type ClientFailure =
  | Failure
  | Unauthenticated
  | HttpApiError.HttpApiDecodeError
  | HttpClientError.HttpClientError
  | ParseResult.ParseError

/** What the page tells the admin. It does not compile if a failure is missing. */
export const explain = Match.type<ClientFailure>().pipe(Match.tagsExhaustive({
  InvalidInput: ({ issues }) => issues.map(({ field, message }) => `${field} ${message}`).join("; "),
  Unauthenticated: () => "sign in first",
  NoSuchInvitation: () => "your team has no such invitation",
  AlreadyInvited: () => "this address has an invitation",
  NotPending: ({ status }) => `the invitation is already ${status}`,
  Busy: () => "someone else changes this now: try again",
  Refused: ({ reason }) =>
    ({
      user: "this address belongs to a user",
      blocked: "this address may not be invited",
      rejected: "this address cannot be invited"
    })[reason],
  Throttled: ({ retryAfterSeconds }) => `too many invitations: try again in ${retryAfterSeconds} seconds`,
  Unavailable: ({ retryAfterSeconds }) => `not available: try again in ${retryAfterSeconds} seconds`,
  OutcomeUnknown: () => "this may have happened: look at the list before you try again",
  InternalFailure: () => "something is wrong on our side",
  HttpApiDecodeError: () => "the page sent an invalid request",
  RequestError: () => "the server cannot be reached",
  ResponseError: () => "the server cannot be reached",
  ParseError: () => "the page is out of date: reload it"
}))
