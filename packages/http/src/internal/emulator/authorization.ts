import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Authorization, ClerkErrors } from "../../ClerkApi.js"
import * as ApiError from "./apiError.js"
import type { Instance } from "./instance.js"

const authorizationError = (
  header: string | undefined,
  secretKey: Redacted.Redacted | undefined
): ApiError.ApiError | undefined => {
  if (header === undefined || header === "") return ApiError.authenticationInvalid
  const key = /^Bearer (\S+)$/i.exec(header)?.[1]
  if (key === undefined) return ApiError.authorizationHeaderInvalid
  const accepted = secretKey === undefined ? key.startsWith("sk_test_") : key === Redacted.value(secretKey)
  return accepted ? undefined : ApiError.keyInvalid
}

const toErrors = ({ code, longMessage, message }: ApiError.ApiError, traceId: string): ClerkErrors =>
  new ClerkErrors({ errors: [new ErrorDetail({ code, message, longMessage, meta: {} })], traceId })

/**
 * Checks the secret key. Without `secretKey`, accepts every key that begins with `sk_test_`.
 */
export const layer = (clerk: Instance, secretKey: Redacted.Redacted | undefined): Layer.Layer<Authorization> =>
  Layer.succeed(
    Authorization,
    Authorization.of({
      bearerAuth: () =>
        Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) => {
          const error = authorizationError(headers["authorization"], secretKey)
          return error === undefined
            ? Effect.void
            : Effect.flatMap(clerk.traceId, (traceId) => Effect.fail(toErrors(error, traceId)))
        })
    })
  )
