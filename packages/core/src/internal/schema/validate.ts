import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { InvalidField, InvalidRequest } from "../../InvitationError.js"
import { structMustBe } from "./field.js"

// A key chosen by the caller may contain personal data, such as an address.
const formatKey = (key: string | symbol): string =>
  typeof key === "string" && /^\w{1,64}$/.test(key) ? key : "(a field)"

/**
 * The path of a field as text, for example `requests[3].emailAddress`.
 */
export const formatPath = (root: string, path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>(
    (prefix, key) =>
      typeof key === "number" ? `${prefix}[${key}]` : prefix === "" ? formatKey(key) : `${prefix}.${formatKey(key)}`,
    root
  )

/**
 * The decoded side of a struct schema, for checking an input that is already decoded.
 */
export const typeSide = <A, I>(schema: Schema.Schema<A, I>): Schema.Schema<A> =>
  Schema.typeSchema(schema).annotations(structMustBe("an object"))

/**
 * Checks an input against the decoded side of a schema, so that no request is sent that Clerk would reject for its form.
 * Every schema passed here must annotate its messages, since the default messages quote values.
 */
export const validate = <A>(schema: Schema.Schema<A>, operation: string, root = "") => {
  const check = ParseResult.validateEither(schema, { errors: "all", onExcessProperty: "error" })
  return (input: unknown): Effect.Effect<A, InvalidRequest> =>
    Effect.mapError(check(input), (issue) =>
      invalid(
        operation,
        ParseResult.ArrayFormatter.formatIssueSync(issue).map(({ _tag, message, path }) =>
          new InvalidField({
            path: formatPath(root, path),
            message: _tag === "Unexpected" ? "is not a field of this request" : message
          })
        )
      ))
}

const invalid = (operation: string, issues: ReadonlyArray<InvalidField>): InvalidRequest =>
  new InvalidRequest({
    operation,
    issues: Arr.isNonEmptyReadonlyArray(issues)
      ? issues
      : [new InvalidField({ path: "", message: "is not acceptable" })]
  })
