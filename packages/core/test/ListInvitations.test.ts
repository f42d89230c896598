import { ListInvitations, maxLimit, OrderBy, StreamInvitations } from "@effect-clerk/core/ListInvitations"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Schema } from "effect"

const isList = Schema.is(ListInvitations)
const isStream = Schema.is(StreamInvitations)

const orders = ["created_at", "email_address", "expires_at"].flatMap((field) => [field, `+${field}`, `-${field}`])
const wrongOrders = [
  "",
  "created",
  "createdAt",
  "++created_at",
  "*created_at",
  " created_at",
  "created_at-",
  "CREATED_AT",
  1
]

describe("ListInvitations", () => {
  // The compiler checks the types; the test does nothing at run time.
  it("has the same type as its Input", () => {
    expectTypeOf<ListInvitations.Input>().toExtend<ListInvitations>()
    expectTypeOf<ListInvitations>().toExtend<ListInvitations.Input>()
    expectTypeOf<keyof ListInvitations.Input>().toEqualTypeOf<keyof ListInvitations>()
    expectTypeOf<Required<ListInvitations.Input>>().toExtend<Required<ListInvitations>>()
    expectTypeOf<Required<ListInvitations>>().toExtend<Required<ListInvitations.Input>>()
  })

  it("accepts undefined as absent", () => {
    const undefineds: ListInvitations.Input = {
      status: undefined,
      query: undefined,
      orderBy: undefined,
      limit: undefined,
      offset: undefined
    }
    assert.isTrue(isList(undefineds))
  })

  it.each(["status", "query", "orderBy", "limit", "offset"])("rejects null for %s in an input", (field) => {
    assert.isTrue(isList({ [field]: undefined }))
    assert.isFalse(isList({ [field]: null }))
  })

  it.each([1, 2, 10, 499, 500])("accepts a limit of %d", (limit) => {
    assert.isTrue(isList({ limit }))
  })

  it.each([0, -1, 501, 1.5, NaN, Infinity])("rejects a limit of %d", (limit) => {
    assert.isFalse(isList({ limit }))
  })

  it.each([0, 1, 500, 1_000_000])("accepts an offset of %d", (offset) => {
    assert.isTrue(isList({ offset }))
  })

  it.each([-1, 0.5, NaN, Infinity])("rejects an offset of %d", (offset) => {
    assert.isFalse(isList({ offset }))
  })

  it("accepts a number as a limit, not a string", () => {
    assert.isTrue(isList({ limit: 10 }))
    assert.isFalse(isList({ limit: "10" }))
  })

  it.each(["pending", "accepted", "revoked", "expired"])("accepts the status %s", (status) => {
    assert.isTrue(isList({ status }))
    assert.isTrue(isStream({ status }))
  })

  it.each(["snoozed", "", "PENDING", 1])("rejects the status %j", (status) => {
    assert.isFalse(isList({ status }))
    assert.isFalse(isStream({ status }))
  })

  it.each(orders)("accepts the order %s", (order) => {
    assert.isTrue(Schema.is(OrderBy)(order))
    assert.isTrue(isList({ orderBy: order }))
    assert.isTrue(isStream({ orderBy: order }))
  })

  it.each(wrongOrders)("rejects the order %j", (order) => {
    assert.isFalse(isList({ orderBy: order }))
    assert.isFalse(isStream({ orderBy: order }))
  })
})

describe("StreamInvitations", () => {
  // The compiler checks the types; the test does nothing at run time.
  it("has the same type as its Input", () => {
    expectTypeOf<StreamInvitations.Input>().toExtend<StreamInvitations>()
    expectTypeOf<StreamInvitations>().toExtend<StreamInvitations.Input>()
    expectTypeOf<keyof StreamInvitations.Input>().toEqualTypeOf<keyof StreamInvitations>()
    expectTypeOf<Required<StreamInvitations.Input>>().toExtend<Required<StreamInvitations>>()
    expectTypeOf<Required<StreamInvitations>>().toExtend<Required<StreamInvitations.Input>>()
  })

  it("accepts an empty object and undefined fields", () => {
    assert.isTrue(isStream({}))
    assert.isTrue(
      isStream({ status: undefined, query: undefined, orderBy: undefined, pageSize: undefined, concurrency: undefined })
    )
  })

  it.each([1, 100, 500])("accepts pages of %d rows", (pageSize) => {
    assert.isTrue(isStream({ pageSize }))
  })

  it.each([0, -1, 501, 1.5, NaN, null, "100"])("rejects pages of %s rows", (pageSize) => {
    assert.isFalse(isStream({ pageSize }))
  })

  it.each([1, 4, 32])("accepts a concurrency of %d", (concurrency) => {
    assert.isTrue(isStream({ concurrency }))
  })

  it.each([0, -1, 33, 1.5, NaN, Infinity, null, "unbounded"])("rejects a concurrency of %s", (concurrency) => {
    assert.isFalse(isStream({ concurrency }))
  })
})

describe("maxLimit", () => {
  it("is 500", () => {
    assert.strictEqual(maxLimit, 500)
  })
})
