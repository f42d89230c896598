import type { InvitationsService } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { Forbidden, InvalidRequest } from "@effect-clerk/core/InvitationError"
import { assert } from "@effect/vitest"
import { Effect, Option, Predicate, Stream } from "effect"
import { makeFake, untyped } from "../utils.js"

export const emailAddress = "ada@example.com"

export const ids = (invitations: Iterable<Invitation>): ReadonlyArray<string> => Array.from(invitations, ({ id }) => id)

export const field = (input: unknown, name: string): unknown =>
  Predicate.hasProperty(input, name) ? input[name] : undefined

export const forbidden = new Forbidden({ operation: "list", status: 403, errors: [], traceId: Option.none() })

/**
 * All methods, for inputs of any type.
 */
export const methods = {
  create: (service, input) => service.create(untyped(input)),
  createBulk: (service, input) => service.createBulk(untyped(input)),
  list: (service, input) => service.list(untyped(input)),
  revoke: (service, input) => service.revoke(untyped(input)),
  delete: (service, input) => service.delete(untyped(input)),
  stream: (service, input) => Stream.runDrain(service.stream(untyped(input))),
  findById: (service, input) => service.findById(untyped(input)),
  findByEmail: (service, input) => service.findByEmail(untyped(input)),
  ensure: (service, input) => service.ensure(untyped(input)),
  resend: (service, input) => service.resend(untyped(input)),
  inviteMany: (service, input) => Stream.runDrain(service.inviteMany(untyped(input))),
  revokeMany: (service, input) => Stream.runDrain(service.revokeMany(untyped(input)))
} satisfies Record<
  keyof InvitationsService.Service,
  (service: InvitationsService.Service, input: unknown) => Effect.Effect<unknown, unknown>
>

export type Method = keyof typeof methods

/**
 * Calls a method with an input of any type.
 */
export const callMethod = (
  method: Method,
  service: InvitationsService.Service,
  input: unknown
): Effect.Effect<unknown, unknown> => {
  const call: (service: InvitationsService.Service, input: unknown) => Effect.Effect<unknown, unknown> = methods[method]
  return call(service, input)
}

/**
 * The `InvalidRequest` of an invalid input. Fails if the method succeeds, or if it called a primitive.
 */
export const invalidRequest = Effect.fnUntraced(function*(method: Method, input: unknown) {
  const fake = yield* makeFake()
  const error = yield* Effect.flip(callMethod(method, fake.service, input))
  assert.instanceOf(error, InvalidRequest)
  assert.strictEqual(error.operation, method)
  assert.deepStrictEqual(yield* fake.calls, [])
  return error
})

export const issuesOf = (error: InvalidRequest) => error.issues.map(({ message, path }) => [path, message] as const)

export const must = {
  address: "must be an e-mail address (name@domain, no white space, at most 254 characters)",
  noSpace:
    "must be an e-mail address (name@domain, no white space, at most 254 characters): the character \" \" is not " +
    "allowed",
  bool: "must be true or false",
  days: "must be a whole number of days from 1 to 365",
  id: "must be the id of an invitation (1 to 255 letters, digits, _ or -)",
  limit: "must be a whole number of rows from 1 to 500",
  metadata:
    "must be a plain JSON object (no dates, functions, NaN or cycles; at most 100 levels deep and 8 KB of JSON)",
  offset: "must be a whole number of rows, 0 or more",
  order: "must be created_at, email_address or expires_at, with an optional + or - before it",
  status: "must be \"pending\", \"accepted\", \"revoked\" or \"expired\"",
  template: "must be \"invitation\" or \"waitlist_invitation\"",
  unknown: "is not a field of this request"
}

export const bulk = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ emailAddress: `person${n}@example.com` }))

export const methodsOf = Effect.map<ReadonlyArray<{ readonly method: string }>, ReadonlyArray<string>>((calls) =>
  calls.map(({ method }) => method)
)
