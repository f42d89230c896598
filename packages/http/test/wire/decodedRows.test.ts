import { Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import { describe, expect, it } from "@effect/vitest"
import { DateTime, Equal, Option, Redacted } from "effect"
import * as Decode from "../../src/internal/wire/decode.js"

const url = "https://accounts.example.com/v1/tickets/accept?ticket=s3cr3t"

const decoded = Option.getOrThrow(Decode.invitation({
  object: "invitation",
  id: "inv_1",
  email_address: "ada@example.com",
  public_metadata: {},
  revoked: false,
  status: "pending",
  url,
  expires_at: 1,
  created_at: 0,
  updated_at: 0
}))

const constructed = (fields: { readonly status?: string } = {}) =>
  new Invitation({
    id: InvitationId.make("inv_1"),
    emailAddress: "ada@example.com",
    publicMetadata: {},
    status: "pending",
    revoked: false,
    url: Option.some(Redacted.make(url)),
    expiresAt: Option.some(DateTime.unsafeMake(1)),
    createdAt: DateTime.unsafeMake(0),
    updatedAt: DateTime.unsafeMake(0),
    ...fields
  })

// These are the assertions of a user of vitest, therefore `expect`.
describe("a decoded row", () => {
  it("equals a constructed invitation, in every way that vitest compares", () => {
    expect(Equal.equals(decoded, constructed())).toBe(true)
    expect(decoded).toEqual(constructed())
    expect(decoded).toStrictEqual(constructed())
    expect(decoded.url).toEqual(Option.some(Redacted.make(url)))
    expect(decoded).toMatchObject({ emailAddress: "ada@example.com" })
  })

  it("fails an assertion as any object does, and the message has no accept link", () => {
    const message = (() => {
      try {
        expect(decoded).toStrictEqual(constructed({ status: "revoked" }))
        return ""
      } catch (error) {
        return error instanceof Error ? `${error.message} ${JSON.stringify(error)}` : ""
      }
    })()
    expect(message).toContain("revoked")
    expect(message).not.toContain("s3cr3t")
  })

  it("can be spread", () => {
    const { url: link, ...rest } = { ...decoded }
    expect(Option.map(link, Redacted.value)).toEqual(Option.some(url))
    expect(Object.keys(rest).sort()).toEqual(
      ["createdAt", "emailAddress", "expiresAt", "id", "publicMetadata", "revoked", "status", "updatedAt"]
    )
  })

  it("can be cloned and written as JSON, without the accept link", () => {
    expect(structuredClone(decoded)).toMatchObject({ id: "inv_1", emailAddress: "ada@example.com", status: "pending" })
    expect(JSON.stringify(structuredClone(decoded))).not.toContain("s3cr3t")
    expect(JSON.parse(JSON.stringify(decoded))).toMatchObject({ id: "inv_1", createdAt: "1970-01-01T00:00:00.000Z" })
    expect(JSON.stringify(decoded)).not.toContain("s3cr3t")
  })
})
