import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as AST from "effect/SchemaAST"
import type { Invitation } from "../../Invitation.js"
import { InvalidField } from "../../InvitationError.js"
import { MetadataMismatch } from "../../MetadataMismatch.js"
import { formatPath } from "../schema/validate.js"

type Issues = Arr.NonEmptyReadonlyArray<InvalidField>

// A key that the schema does not name is data. A symbol is never printed.
const unnamed = Symbol("unnamed")

const nameOf = (key: PropertyKey, parent: AST.AST | undefined): PropertyKey =>
  typeof key === "number" ||
    (parent?._tag === "TypeLiteral" && parent.propertySignatures.some(({ name }) => name === key))
    ? key
    : unnamed

// The title of `Schema.parseJson` is the name of the function.
const formOf = (ast: AST.AST): string =>
  Option.contains(AST.getSchemaIdAnnotation(ast), AST.ParseJsonSchemaId) ? "a JSON text" : String(ast)

const mustBe = (ast: AST.AST): string =>
  `must be ${Option.getOrElse(AST.getDescriptionAnnotation(ast), () => formOf(ast))}`

const innerOf = ({ issues }: ParseResult.Composite): Arr.NonEmptyReadonlyArray<ParseResult.ParseIssue> =>
  "_tag" in issues ? [issues] : issues

// The members of a union contradict each other. Only if one alone has the right form, its issues help.
const memberOf = (union: ParseResult.Composite): Option.Option<ParseResult.ParseIssue> => {
  const [member, ...others] = innerOf(union).filter(({ _tag }) => _tag !== "Type")
  return others.length === 0 ? Option.fromNullable(member) : Option.none()
}

/**
 * Describes why metadata does not match the caller's schema. The messages are made from the schema alone: the default
 * messages, and those of the annotation `message`, can contain the value.
 */
export const issues = (issue: ParseResult.ParseIssue, root: string): Issues => {
  const describe = (issue: ParseResult.ParseIssue, path: ReadonlyArray<PropertyKey>, parent?: AST.AST): Issues => {
    const field = (message: string): Issues => [new InvalidField({ path: formatPath(root, path), message })]
    switch (issue._tag) {
      case "Missing":
        return field("is missing")
      case "Unexpected":
        return field("is not a field of the schema")
      case "Forbidden":
        return field("cannot be converted")
      case "Type":
        return field(mustBe(issue.ast))
      case "Refinement":
        return issue.kind === "Predicate" ? field(mustBe(issue.ast)) : describe(issue.issue, path)
      case "Transformation":
        return issue.kind === "Transformation" ? field(mustBe(issue.ast)) : describe(issue.issue, path)
      case "Pointer": {
        const keys = typeof issue.path === "object" ? issue.path : [issue.path]
        return describe(issue.issue, [...path, ...keys.map((key) => nameOf(key, parent))])
      }
      case "Composite":
        return issue.ast._tag === "Union"
          ? Option.match(memberOf(issue), {
            onNone: () => field(mustBe(issue.ast)),
            onSome: (member) => describe(member, path, issue.ast)
          })
          : Arr.flatMap(innerOf(issue), (each) => describe(each, path, issue.ast))
    }
  }
  return describe(issue, [])
}

/**
 * Decodes or encodes one value with the caller's schema. A defect, for example of a filter that throws, becomes the issue
 * "cannot be converted". The text of the defect is dropped, because it can contain the value.
 */
export const convert = <A>(
  ast: AST.AST,
  conversion: () => Effect.Effect<A, ParseResult.ParseIssue>
): Effect.Effect<A, ParseResult.ParseIssue> =>
  Effect.catchAllCause(Effect.suspend(conversion), (cause) =>
    Cause.isInterruptedOnly(cause)
      ? Effect.failCause(cause)
      : Effect.fail(Option.getOrElse(Cause.failureOption(cause), () => new ParseResult.Forbidden(ast, undefined))))

/**
 * The error for an invitation whose metadata does not match the schema.
 */
export const make = (invitation: Invitation, issue: ParseResult.ParseIssue): MetadataMismatch =>
  new MetadataMismatch({
    id: invitation.id,
    issues: issues(issue, "publicMetadata"),
    invitation: Option.some(Redacted.make(invitation))
  })
