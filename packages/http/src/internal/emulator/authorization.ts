import type * as Headers from "@effect/platform/Headers"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Authorization } from "../../ClerkApi.js"
import * as ApiError from "./apiError.js"
import { errorResponse } from "./errorResponse.js"
import type { Instances } from "./instances.js"
import { isOwnPath, isVisited } from "./sameOrigin.js"

const checkKey = (
  headers: Headers.Headers,
  secretKey: Redacted.Redacted | undefined
): Either.Either<string, ApiError.ApiError> => {
  const key = /^Bearer (\S+)$/i.exec(headers["authorization"] ?? "")?.[1]
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

/**
 * Middleware that checks the secret key of a request to Clerk's API before its path is looked at. An accept link needs
 * no key. Without `secretKey`, it
 * accepts every key that begins with `sk_test_`.
 */
export const middleware =
  ({ shared }: Instances, secretKey: Redacted.Redacted | undefined) =>
  <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
    Effect.flatMap(
      HttpServerRequest.HttpServerRequest,
      ({ headers, url }) =>
        isOwnPath(url) || isVisited(url) ? app : Either.match(checkKey(headers, secretKey), {
          onLeft: (error) => Effect.map(shared.traceId, (traceId) => errorResponse(error, traceId)),
          onRight: () => app
        })
    )

/**
 * Accepts every request that reaches an endpoint, because {@link middleware} has checked its key. The contract still names
 * the security scheme.
 */
export const layer: Layer.Layer<Authorization> = Layer.succeed(
  Authorization,
  Authorization.of({ bearerAuth: () => Effect.void })
)
