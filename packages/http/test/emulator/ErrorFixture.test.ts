import { InvitationsService } from "@effect-clerk/core"
import {
  duplicateEmails,
  isAlreadyAccepted,
  isAlreadyRevoked,
  isDuplicate,
  isUserExists
} from "@effect-clerk/core/InvitationError"
import { ErrorFixture, Fault, InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Duration, Effect, Redacted } from "effect"

const ada = "ada@example.com"

const missing = "inv_missing"

// The error that a program gets from the in-memory layer, as the first call.
const errorOf = <A, E>(
  program: (
    invitations: InvitationsService.Service,
    control: InvitationsControl.Service
  ) => Effect.Effect<A, E>,
  options?: InvitationsMemory.Options
) =>
  Effect.gen(function*() {
    return yield* Effect.flip(program(yield* InvitationsService, yield* InvitationsControl))
  }).pipe(Effect.provide(InvitationsMemory.layer({ ...options, ids: "sequential" })))

const seeded = (control: InvitationsControl.Service, status: "pending" | "accepted" | "revoked") =>
  Effect.map(control.seed([{ emailAddress: ada, status }]), ([invitation]) => invitation?.id ?? "")

describe("the errors", () => {
  it.effect("are those of the in-memory layer", () =>
    Effect.gen(function*() {
      const create = (invitations: InvitationsService.Service) => invitations.create({ emailAddress: ada })
      const bulk = (invitations: InvitationsService.Service) => invitations.createBulk([{ emailAddress: ada }])
      const cases = [
        [
          ErrorFixture.duplicate([ada]),
          yield* errorOf((invitations, control) => Effect.zipRight(seeded(control, "pending"), create(invitations)))
        ],
        [
          ErrorFixture.duplicate([ada], "createBulk"),
          yield* errorOf((invitations, control) => Effect.zipRight(seeded(control, "pending"), bulk(invitations)))
        ],
        [
          ErrorFixture.userExists(),
          yield* errorOf((invitations, control) => Effect.zipRight(control.addUser(ada), create(invitations)))
        ],
        [
          ErrorFixture.notAllowed([ada]),
          yield* errorOf(create, { blocklist: [ada] })
        ],
        [
          ErrorFixture.notFound(missing),
          yield* errorOf((invitations) => invitations.revoke(missing))
        ],
        [
          ErrorFixture.notFound(missing, "delete"),
          yield* errorOf((invitations) => invitations.delete(missing))
        ],
        [
          ErrorFixture.alreadyRevoked(),
          yield* errorOf((invitations, control) => Effect.flatMap(seeded(control, "revoked"), invitations.revoke))
        ],
        [
          ErrorFixture.alreadyAccepted(),
          yield* errorOf((invitations, control) => Effect.flatMap(seeded(control, "accepted"), invitations.revoke))
        ],
        [
          ErrorFixture.tooManyRequests("59.5 seconds", "list"),
          yield* errorOf((invitations) => invitations.list(), {
            rateLimits: {
              all: { limit: 0, window: Duration.minutes(1) },
              create: { limit: 1, window: Duration.minutes(1) },
              createBulk: { limit: 1, window: Duration.minutes(1) }
            }
          })
        ]
      ] as const
      for (const [fixture, error] of cases) deepStrictEqual({ ...fixture, ...textOf(fixture) }, fieldsOf(error))
    }))

  it.effect("an ambiguous create is that of a lost response", () =>
    Effect.gen(function*() {
      const error = yield* errorOf((invitations, control) =>
        Effect.zipRight(
          control.failNext(Fault.Response.Reset(), { commit: "before" }),
          invitations.create({ emailAddress: ada })
        )
      )
      const fixture = ErrorFixture.ambiguousCreate([ada])
      assert.strictEqual(fixture.message, error.message)
      assert.strictEqual(fixture._tag, error._tag)
      deepStrictEqual(Redacted.value(fixture.emailAddresses), [ada])
      deepStrictEqual([...ErrorFixture.ambiguousCreate([ada], ["inv_1"]).candidates].map(String), ["inv_1"])
    }))

  it("are recognized by the predicates", () => {
    assert.isTrue(isDuplicate(ErrorFixture.duplicate([ada])))
    deepStrictEqual(duplicateEmails(ErrorFixture.duplicate([ada, "b@x.co"])), [ada, "b@x.co"])
    assert.isTrue(isUserExists(ErrorFixture.userExists("createBulk")))
    assert.isTrue(isAlreadyRevoked(ErrorFixture.alreadyRevoked()))
    assert.isTrue(isAlreadyAccepted(ErrorFixture.alreadyAccepted()))
    assert.deepInclude(ErrorFixture.unauthorized(), { _tag: "Unauthorized", status: 401, operation: "create" })
  })

  it("have no address in their message", () => {
    for (
      const error of [
        ErrorFixture.duplicate([ada]),
        ErrorFixture.notAllowed([ada]),
        ErrorFixture.ambiguousCreate([ada])
      ]
    ) {
      assert.notInclude(error.message, "@")
    }
  })
})

function textOf(error: { readonly name: string; readonly message: string }) {
  return { name: error.name, message: error.message }
}

function fieldsOf(error: Error) {
  return { ...error, ...textOf(error) }
}
