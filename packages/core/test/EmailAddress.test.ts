import { EmailAddress } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"

const is = Schema.is(EmailAddress.EmailAddress)

const ofLength = (length: number) => `${"x".repeat(length - "@example.com".length)}@example.com`

describe("EmailAddress", () => {
  it.each(["ada@example.com", "a@b", "a+tag@example.co.uk", "ADA@EXAMPLE.COM", "ädä@exämple.com", "'@'"])(
    "accepts %j unchanged",
    (address) => {
      assert.strictEqual(Schema.decodeUnknownSync(EmailAddress.EmailAddress)(address), address)
    }
  )

  it.each([
    "",
    "@",
    "ada",
    "ada@",
    "@example.com",
    "a@b@c",
    "ada@@example.com",
    " ada@example.com",
    "ada@example.com ",
    "ada@example.com\n",
    "ada lovelace@example.com",
    "ada@exam\tple.com",
    "ada\u00a0@example.com",
    undefined,
    null,
    7,
    ["ada@example.com"],
    { toString: () => "ada@example.com" }
  ])("rejects %j", (address) => {
    assert.isFalse(is(address))
  })

  it("accepts 254 characters and rejects 255", () => {
    assert.strictEqual(EmailAddress.maxLength, 254)
    assert.strictEqual(ofLength(254).length, 254)
    assert.isTrue(is(ofLength(254)))
    assert.isFalse(is(ofLength(255)))
  })

  it("names the requirement in its message, never the value", () => {
    const outcome = Schema.decodeUnknownEither(EmailAddress.EmailAddress)("ada lovelace")
    const message = Either.match(outcome, { onLeft: String, onRight: () => "accepted" })
    assert.include(message, "at most 254 characters")
    assert.isFalse(message.includes("lovelace"))
  })

  it.prop("accepts every generated e-mail address", [fc.emailAddress()], ([address]) => {
    assert.isTrue(is(address))
  })

  it.prop("generates only addresses that it accepts", [EmailAddress.EmailAddress], ([address]) => {
    assert.isTrue(is(address))
  })
})

describe("fold", () => {
  it("converts to lower case", () => {
    assert.strictEqual(EmailAddress.fold("Ada@Example.COM"), "ada@example.com")
  })

  it("composed and decomposed letters are the same", () => {
    assert.strictEqual(EmailAddress.fold("Ren\u0065\u0301@example.com"), EmailAddress.fold("ren\u00e9@example.com"))
    assert.isTrue(EmailAddress.equals("Ren\u0065\u0301@example.com", "ren\u00e9@example.com"))
    assert.isFalse(EmailAddress.equals("rene@example.com", "ren\u00e9@example.com"))
  })

  it.prop("is idempotent", [fc.emailAddress()], ([address]) => {
    assert.strictEqual(EmailAddress.fold(EmailAddress.fold(address)), EmailAddress.fold(address))
  })
})

describe("equals", () => {
  it("ignores case", () => {
    assert.isTrue(EmailAddress.equals("Ada@Example.com", "aDA@eXAMPLE.COM"))
  })

  it("compares everything else", () => {
    assert.isFalse(EmailAddress.equals("ada@example.com", "ada@example.co"))
    assert.isFalse(EmailAddress.equals("ada+x@example.com", "ada@example.com"))
    assert.isFalse(EmailAddress.equals("a.da@example.com", "ada@example.com"))
    assert.isFalse(EmailAddress.equals("ada@example.com", " ada@example.com"))
  })

  it.prop("holds between every address and its upper case", [fc.emailAddress()], ([address]) => {
    assert.isTrue(EmailAddress.equals(address, address.toUpperCase()))
    assert.isTrue(EmailAddress.equals(address.toUpperCase(), address))
  })
})
