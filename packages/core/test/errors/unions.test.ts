import type {
  AmbiguousWrite,
  BadRequest,
  ClientError,
  Conflict,
  ConnectionError,
  Forbidden,
  InvalidRequest,
  NotFound,
  RateLimited,
  ResendError,
  ResendIncomplete,
  ServerError,
  Timeout,
  TooManyRequests,
  Unauthorized,
  UnexpectedResponse,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import { CreateError, DeleteError, ListError, RevokeError } from "@effect-clerk/core/InvitationError"
import type { InvitationsService } from "@effect-clerk/core/InvitationsService"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import type { Effect, Stream } from "effect"
import { Schema } from "effect"
import { duplicates } from "./utils.js"

type Common =
  | InvalidRequest
  | BadRequest
  | Unauthorized
  | Forbidden
  | NotFound
  | TooManyRequests
  | ClientError
  | ConnectionError
  | Timeout
  | UnexpectedResponse
  | RateLimited

type ErrorOf<Method extends (...args: never) => unknown> = ReturnType<Method> extends
  Effect.Effect<unknown, infer E, unknown> ? E : ReturnType<Method> extends Stream.Stream<unknown, infer E, unknown> ? E
: never

type Service = InvitationsService.Service

describe("the union of errors of each operation", () => {
  // The compiler checks the types.
  it("lists what the operation can produce, and nothing else", () => {
    expectTypeOf<CreateError>().toEqualTypeOf<Common | Conflict | Unprocessable | AmbiguousWrite>()
    expectTypeOf<ResendError>().toEqualTypeOf<CreateError | ServerError | ResendIncomplete>()
    expectTypeOf<ListError>().toEqualTypeOf<Common | Unprocessable | ServerError>()
    expectTypeOf<RevokeError>().toEqualTypeOf<Common | Conflict | AmbiguousWrite>()
    expectTypeOf<DeleteError>().toEqualTypeOf<Common | Conflict | AmbiguousWrite>()
  })

  it("is the error of the methods of the service", () => {
    expectTypeOf<ErrorOf<Service["create"]>>().toEqualTypeOf<CreateError>()
    expectTypeOf<ErrorOf<Service["createBulk"]>>().toEqualTypeOf<CreateError>()
    expectTypeOf<ErrorOf<Service["resend"]>>().toEqualTypeOf<ResendError>()
    expectTypeOf<ErrorOf<Service["list"]>>().toEqualTypeOf<ListError>()
    expectTypeOf<ErrorOf<Service["stream"]>>().toEqualTypeOf<ListError>()
    expectTypeOf<ErrorOf<Service["findById"]>>().toEqualTypeOf<ListError>()
    expectTypeOf<ErrorOf<Service["findByEmail"]>>().toEqualTypeOf<ListError>()
    expectTypeOf<ErrorOf<Service["revoke"]>>().toEqualTypeOf<RevokeError>()
    expectTypeOf<ErrorOf<Service["delete"]>>().toEqualTypeOf<DeleteError>()
  })

  it("is a schema that accepts its members and nothing else", () => {
    assert.isTrue(Schema.is(CreateError)(duplicates))
    assert.isFalse(Schema.is(CreateError)({ ...duplicates }))
    assert.strictEqual(ListError.members.length, 13)
    assert.strictEqual(CreateError.members.length, 14)
    assert.strictEqual(RevokeError.members.length, 13)
    assert.strictEqual(DeleteError.members.length, 13)
  })
})
