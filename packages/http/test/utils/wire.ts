import type { InvitationsService } from "@effect-clerk/core"
import type { Effect } from "effect"
import { Redacted } from "effect"

/** The key that every test uses. */
export const key = "sk_test_4242deadbeef4242"

export const secretKey = Redacted.make(key)

/** An id that needs no invitation behind it. */
export const id = "inv_1"

/**
 * An invitation as Clerk writes it.
 */
export const row = (n: number, fields: { readonly [name: string]: unknown } = {}) => ({
  object: "invitation",
  id: `inv_${n}`,
  email_address: `person${n}@example.com`,
  public_metadata: {},
  status: "pending",
  revoked: false,
  url: `https://accounts.example.test/v1/tickets/accept?ticket=tkt_${n}`,
  expires_at: 86_400_000,
  created_at: 0,
  updated_at: 0,
  ...fields
})

export const page = (rows: ReadonlyArray<unknown>, total: number = rows.length) => ({ data: rows, total_count: total })

export const deleted = (n: number) => ({ object: "invitation", id: `inv_${n}`, deleted: true })

/**
 * The body of an error.
 */
export const errors = (
  code: string,
  fields: { readonly message?: string; readonly long_message?: string; readonly meta?: unknown } = {},
  traceId?: unknown
) => ({
  errors: [{ code, message: code, long_message: code, ...fields }],
  ...(traceId === undefined ? {} : { clerk_trace_id: traceId })
})

export const html = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad gateway</h1></body></html>"

type Service = InvitationsService.Service

export type Operation = "create" | "createBulk" | "list" | "revoke" | "delete"

export type Write = Exclude<Operation, "list">

type Result<Name extends Operation> = ReturnType<Service[Name]>

export type CallError = Effect.Effect.Error<Result<Operation>>

/**
 * The tag of the error for this tag: a class that is outside the union of the operation becomes `ClientError`.
 */
export const tagFor = (operation: Operation, tag: string): string =>
  (tag === "Conflict" && operation === "list") ||
    (tag === "Unprocessable" && (operation === "revoke" || operation === "delete"))
    ? "ClientError"
    : tag

export const operations: ReadonlyArray<Operation> = ["list", "create", "createBulk", "revoke", "delete"]

export const writes: ReadonlyArray<Write> = ["create", "createBulk", "revoke", "delete"]

/**
 * Calls each of the five with inputs that stay the same.
 */
export const call = (service: Service, operation: Operation): Effect.Effect<unknown, CallError> => {
  switch (operation) {
    case "list":
      return service.list()
    case "create":
      return service.create({ emailAddress: "person1@example.com" })
    case "createBulk":
      return service.createBulk([{ emailAddress: "person1@example.com" }, { emailAddress: "person2@example.com" }])
    case "revoke":
      return service.revoke(id)
    case "delete":
      return service.delete(id)
  }
}

/** A proper answer to each of these calls. No two creates return the same invitation. */
export const proper: { readonly [Name in Operation]: unknown } = {
  list: page([row(1)]),
  create: row(1),
  createBulk: [row(1, { id: "inv_11" }), row(2, { id: "inv_12" })],
  revoke: row(1, { status: "revoked", revoked: true }),
  delete: deleted(1)
}

const paths: { readonly [path: string]: Operation } = {
  "POST /v1/invitations": "create",
  "POST /v1/invitations/bulk": "createBulk",
  "GET /v1/invitations": "list"
}

/** Which operation a request is. */
export const operationOf = (method: string, path: string): Operation =>
  paths[`${method} ${path.replace(/\?.*$/, "")}`] ?? (method === "DELETE" ? "delete" : "revoke")
