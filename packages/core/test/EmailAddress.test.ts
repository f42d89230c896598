import { EmailAddress } from "@effect-clerk/core"
import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"

const is = Schema.is(EmailAddress.EmailAddress)

const ofLength = (length: number) => `${"x".repeat(length - "@example.com".length)}@example.com`

describe("EmailAddress", () => {
  it.each([
    "ada@example.com",
    "a@b",
    "a+tag@example.co.uk",
    "ADA@EXAMPLE.COM",
    "ädä@exämple.com",
    "o'brien@example.com",
    "a.@b.co"
  ])(
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
    "<ada@example.com>",
    "Ada <ada@example.com>",
    "mailto:ada@example.com",
    "ada@example.com,",
    "ada@example.com;",
    "ada@example.com.",
    "ada..lovelace@example.com",
    "ada@example..com",
    "\"ada\"@example.com",
    "'ada@example.com'",
    "\u201cada@example.com\u201d",
    "ada@[127.0.0.1]",
    "ada(work)@example.com",
    "ada\u200b@example.com",
    "\ufeffada@example.com",
    "ada\u00ad@example.com",
    "ada\u0000@example.com",
    "ada\u0085@example.com",
    "ada\ud800@example.com",
    "ada\u{e0001}@example.com",
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

  it.each([
    ["<ada@example.com", "the character \"<\" is not allowed"],
    ["ada@example.com;", "the character \";\" is not allowed"],
    ["ada lovelace@example.com", "the character \" \" is not allowed"],
    ["ada\u200b@example.com", "the character \"\\u200b\" is not allowed"],
    ["ada\t@example.com", "the character \"\\u0009\" is not allowed"],
    ["ada\u{e0001}@example.com", "the character \"\\u{e0001}\" is not allowed"],
    ["ada..l@example.com", "two dots in a row are not allowed"],
    ["ada@example.com.", "a dot at the end is not allowed"],
    ["'ada@example.com'", "quotes around it are not allowed"]
  ])("names why it refuses %j", (address, reason) => {
    const outcome = Schema.decodeUnknownEither(EmailAddress.EmailAddress)(address)
    assert.strictEqual(
      Either.match(outcome, { onLeft: ({ message }) => message, onRight: () => "accepted" }),
      `must be an e-mail address (name@domain, no white space, at most 254 characters): ${reason}`
    )
  })

  it.prop(
    "never writes an invisible character into its message",
    [fc.string({ unit: "binary" })],
    ([text]) => {
      const outcome = Schema.decodeUnknownEither(EmailAddress.EmailAddress)(text)
      if (Either.isLeft(outcome)) assert.isFalse(/[^\P{C}]|[^\S ]/u.test(outcome.left.message))
    }
  )

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
