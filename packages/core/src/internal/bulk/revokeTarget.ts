import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as EmailAddress from "../../EmailAddress.js"
import { type InvitationId, InvitationStatus } from "../../Invitation.js"
import type { ListError } from "../../InvitationError.js"
import { InvalidField, InvalidRequest } from "../../InvitationError.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import type { Ids, Target } from "../../RevokeMany.js"
import { paginate } from "../pagination/paginate.js"
import * as Field from "../schema/field.js"
import { typeSide, validate } from "../schema/validate.js"
import { isIterableOrStream, toStream } from "./source.js"

const kinds = ["ids", "emailAddresses", "query", "allPending"] as const

const kindsInWords = "ids, emailAddresses, query and allPending"

const mustBeTarget = `an iterable or a Stream of ids, or an object with exactly one of ${kindsInWords}`

const ids = "an iterable or a Stream of ids"

const validateFields = validate(
  typeSide(Schema.Struct({
    ids: Field.optional(Schema.declare(isIterableOrStream), ids),
    // Checked below: this message would hide the index of an invalid address.
    emailAddresses: Schema.optional(Schema.Unknown),
    query: Field.optional(Schema.String.pipe(Schema.filter((query) => query.trim() !== "")), "a text, not empty"),
    status: Field.optional(InvitationStatus, Field.status),
    allPending: Field.optional(Schema.Literal(true), "true")
  })).annotations(Field.structMustBe(mustBeTarget)),
  "revokeMany",
  "target"
)

const validateEmailAddresses = validate(
  Schema.Array(EmailAddress.EmailAddress).annotations(Field.structMustBe("an array of e-mail addresses")),
  "revokeMany",
  "target.emailAddresses"
)

const invalid = (first: InvalidField, ...rest: ReadonlyArray<InvalidField>) =>
  Effect.fail(new InvalidRequest({ operation: "revokeMany", issues: [first, ...rest] }))

/**
 * Checks a target, also that of an untyped caller. Exactly one of its kinds must be defined.
 */
export const validateTarget = (target: unknown): Effect.Effect<void, InvalidRequest> =>
  Effect.gen(function*() {
    if (isIterableOrStream(target)) return
    const fields = yield* validateFields(target)
    const given = kinds.filter((kind) => fields[kind] !== undefined)
    const [first, ...rest] = Arr.map(
      given.length === 0 ? kinds.filter((kind) => kind in fields) : given,
      (kind) =>
        new InvalidField({
          path: `target.${kind}`,
          message: given.length === 0 ? "must be defined" : `must be the only one of ${kindsInWords}`
        })
    )
    if (first === undefined) {
      return yield* invalid(new InvalidField({ path: "target", message: `must be ${mustBeTarget}` }))
    }
    if (given.length !== 1) return yield* invalid(first, ...rest)
    if (fields.status !== undefined && fields.query === undefined) {
      return yield* invalid(new InvalidField({ path: "target.status", message: "must be combined with query" }))
    }
    if (fields.emailAddresses !== undefined) yield* validateEmailAddresses(fields.emailAddresses)
  })

const lookUpConcurrency = 8

// Clerk matches parts of an address too, so that a query for ann@example.com finds joann@example.com.
const pendingIds = (
  list: InvitationsPrimitives["list"],
  emailAddress: string
): Effect.Effect<Iterable<InvitationId>, ListError> =>
  paginate(list, { query: emailAddress, status: "pending" }).pipe(
    Stream.filter((invitation) => EmailAddress.equals(invitation.emailAddress, emailAddress)),
    Stream.map(({ id }) => id),
    Stream.runCollect
  )

const isIds = <E, R>(target: Target<E, R>): target is Ids<E, R> =>
  Predicate.isObject(target) && isIterableOrStream(target)

/**
 * Streams the ids of a valid target. Paging follows the list while it shrinks.
 */
export const idsOf = <E, R>(
  list: InvitationsPrimitives["list"],
  target: Target<E, R>
): Stream.Stream<string, ListError | E, R> => {
  if (isIds(target)) return toStream(target)
  if (target.ids !== undefined) return toStream(target.ids)
  if (target.emailAddresses !== undefined) {
    const distinct = new Map(target.emailAddresses.map((address) => [EmailAddress.fold(address), address]))
    return Stream.fromIterable(distinct.values()).pipe(
      Stream.mapEffect((address) => pendingIds(list, address), { concurrency: lookUpConcurrency }),
      Stream.mapConcat((found) => found)
    )
  }
  return Stream.map(paginate(list, { query: target.query, status: target.status ?? "pending" }), ({ id }) => id)
}
