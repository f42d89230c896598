import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import {
  BadRequest,
  ClientError,
  Forbidden,
  InvalidField,
  InvalidRequest,
  Unauthorized,
  Unprocessable
} from "@effect-clerk/core/InvitationError"
import { endsJob, sharedRefusal } from "@effect-clerk/core/InviteMany"
import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Option } from "effect"
import { serverError } from "../utils.js"
import { rejection, responseFields } from "./fixtures.js"

const withCode = (code: string) => ({
  ...responseFields,
  operation: "create" as const,
  errors: [new ErrorDetail({ code, message: "", longMessage: "", meta: {} })]
})

describe("endsJob", () => {
  it("is true for errors that would fail every other call", () => {
    for (
      const error of [
        new Unauthorized({ ...responseFields, operation: "create", status: 401 }),
        new Forbidden({ ...responseFields, operation: "create", status: 403 }),
        new Forbidden({ ...withCode("authorization_invalid"), status: 403 }),
        new BadRequest({ ...withCode("invitations_not_supported"), status: 400 }),
        new BadRequest({ ...withCode("dev_monthly_email_limit_exceeded"), status: 400 }),
        new BadRequest({ ...withCode("request_invalid_for_instance"), status: 400 }),
        new ClientError({ ...withCode("unsupported_subscription_plan_features"), status: 402 }),
        new Forbidden({ ...withCode("quota_exceeded"), status: 403 }),
        new InvalidRequest({
          operation: "create",
          issues: [new InvalidField({ path: "secretKey", message: "is empty" })]
        })
      ]
    ) assert.isTrue(endsJob(error), error.message)
  })

  it("is false for errors of one address and of one call", () => {
    for (
      const error of [
        new Forbidden({ ...withCode("not_allowed_access"), status: 403 }),
        new BadRequest({ ...withCode("duplicate_record"), status: 400 }),
        rejection("create", "invitations_not_supported"),
        serverError
      ]
    ) assert.isFalse(endsJob(error), error.message)
  })
})

describe("sharedRefusal", () => {
  const refused = (code: string, paramName?: string) =>
    new Unprocessable({
      ...responseFields,
      operation: "createBulk",
      errors: [
        new ErrorDetail({ code, paramName: Option.fromNullable(paramName), message: "", longMessage: "", meta: {} })
      ]
    })

  const request = (n: number, fields: Partial<CreateInvitation> = {}) => ({
    emailAddress: `person${n}@example.com`,
    ...fields
  })

  const withUrl = (n: number, redirectUrl: string) => request(n, { redirectUrl })

  it("is what the requests share, if the refusal names a field with the same value in all of them", () => {
    const a = withUrl(1, "https://a.example.com")
    const b = withUrl(2, "https://a.example.com")
    const error = refused("form_param_format_invalid", "redirect_url")
    const common = sharedRefusal([a, b], error)
    assertSome(Option.map(common, ({ refusals }) => refusals), 1)
    assert.deepStrictEqual(sharedRefusal([a], error), common)
    assert.deepStrictEqual(sharedRefusal([b], refused("form_param_format_invalid", "[1].redirect_url")), common)
    assert.deepStrictEqual(sharedRefusal([b], refused("form_param_format_invalid", "[10].redirect_url")), common)
    assertNone(sharedRefusal([a, withUrl(3, "https://c.example.com")], error))
  })

  it("is the status and the codes of a refusal without a field, which takes three single creates to prove", () => {
    const common = sharedRefusal([request(1), request(2)], refused("something_new"))
    assertSome(Option.map(common, ({ refusals }) => refusals), 3)
    assert.deepStrictEqual(sharedRefusal([request(3)], refused("something_new")), common)
    assert.notDeepEqual(sharedRefusal([request(3)], refused("something_else")), common)
  })

  it("takes a path within metadata for the whole metadata", () => {
    const withPlan = (n: number, plan: string) => request(n, { publicMetadata: { plan } })
    const refusedPath = (path: string) => refused("form_param_value_invalid", path)
    for (const path of ["public_metadata.plan", "[0].public_metadata.plan"]) {
      const common = sharedRefusal([withPlan(1, "a"), withPlan(2, "a")], refusedPath(path))
      assertSome(Option.map(common, ({ refusals }) => refusals), 1)
      assertNone(sharedRefusal([withPlan(1, "a"), withPlan(2, "b")], refusedPath(path)))
    }
  })

  it("takes three single creates to prove if no request has a value for the named field", () => {
    const common = sharedRefusal([request(1), request(2)], refused("form_param_format_invalid", "redirect_url"))
    assertSome(Option.map(common, ({ refusals }) => refusals), 3)
  })

  it("is none if the refusal is about the address", () => {
    for (const code of ["form_identifier_exists", "duplicate_record", "not_allowed_access"]) {
      assertNone(sharedRefusal([request(1), request(2)], refused(code)))
    }
    // The refusal names the address also where the requests have no more than one.
    for (const paramName of ["email_address", "[0].email_address", "[10].email_address"]) {
      assertNone(sharedRefusal([request(1)], refused("form_param_format_invalid", paramName)))
    }
  })
  it("is none if the error is not a refusal", () => {
    for (const error of [serverError, new Error("x"), undefined]) assertNone(sharedRefusal([request(1)], error))
  })
})
