import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import type * as Headers from "@effect/platform/Headers"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Authorization, ClerkErrors } from "../../ClerkApi.js"
import * as ApiError from "./apiError.js"
import type { Instances } from "./instances.js"

const checkKey = (
  headers: Headers.Headers,
  secretKey: Redacted.Redacted | undefined
): Either.Either<string, ApiError.ApiError> => {
  const header = headers["authorization"]
  if (header === undefined || header === "") return Either.left(ApiError.authenticationInvalid)
  const key = /^Bearer (\S+)$/i.exec(header)?.[1]
  if (key === undefined) return Either.left(ApiError.authorizationHeaderInvalid)
  const accepted = secretKey === undefined ? key.startsWith("sk_test_") : key === Redacted.value(secretKey)
  return accepted ? Either.right(key) : Either.left(ApiError.keyInvalid)
}

/**
 * The secret key of a request. `None` if the request has no key, or one that is not accepted.
 */
export const acceptedKey = (
  headers: Headers.Headers,
  secretKey: Redacted.Redacted | undefined
): Option.Option<string> => Option.getRight(checkKey(headers, secretKey))

const toErrors = ({ code, longMessage, message }: ApiError.ApiError, traceId: string): ClerkErrors =>
  new ClerkErrors({ errors: [new ErrorDetail({ code, message, longMessage, meta: {} })], traceId })

/**
 * Checks the secret key. Without `secretKey`, accepts every key that begins with `sk_test_`.
 */
export const layer = ({ shared }: Instances, secretKey: Redacted.Redacted | undefined): Layer.Layer<Authorization> =>
  Layer.succeed(
    Authorization,
    Authorization.of({
      bearerAuth: () =>
        Effect.flatMap(
          HttpServerRequest.HttpServerRequest,
          ({ headers }) =>
            Either.match(checkKey(headers, secretKey), {
              onLeft: (error) => Effect.flatMap(shared.traceId, (traceId) => Effect.fail(toErrors(error, traceId))),
              onRight: () => Effect.void
            })
        )
    })
  )
