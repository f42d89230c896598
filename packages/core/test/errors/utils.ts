import { ErrorDetail } from "@effect-clerk/core/ErrorDetail"
import { BadRequest, Unprocessable } from "@effect-clerk/core/InvitationError"
import { Option, Predicate } from "effect"

/** An error as the http package decodes it: a name that is no field name is left out. */
export const detail = (code: string, meta: Record<string, unknown> = {}, message = "", longMessage = "") =>
  new ErrorDetail({
    code,
    paramName: Option.liftPredicate(
      meta["param_name"],
      (name): name is string => Predicate.isString(name) && /^[\w.[\]-]+$/.test(name)
    ),
    message,
    longMessage,
    meta
  })

export const apiError = (
  operation: "create" | "createBulk" | "list" | "revoke" | "delete",
  status: number,
  ...errors: ReadonlyArray<ErrorDetail>
) => ({ operation, status, errors, traceId: Option.none<string>() })

export const duplicates = new BadRequest(
  apiError(
    "createBulk",
    400,
    detail("duplicate_record", { email_addresses: ["ada@example.com", 7, "bob@example.com"] }),
    detail("bad_request", { email_addresses: ["eve@example.com"] }),
    detail("duplicate_record", { email_addresses: ["dan@example.com"] })
  )
)
export const revokedBefore = new BadRequest(apiError("revoke", 400, detail("invitation_already_revoked")))
export const acceptedBefore = new BadRequest(apiError("revoke", 400, detail("invitation_already_accepted")))
export const userExists = new Unprocessable(
  apiError("create", 422, detail("form_identifier_exists", { param_name: "email_address" }))
)
