/**
 * Faults that the in-memory layer and the emulator can inject into calls.
 *
 * @since 0.1.0
 */
import { Operation } from "@effect-clerk/core/InvitationError"
import * as Data from "effect/Data"
import * as Schema from "effect/Schema"

const HttpStatus = Schema.Int.pipe(Schema.between(200, 599))

// Node refuses to send any other character in a header.
const HeaderValue = Schema.String.pipe(Schema.pattern(/^[\t\x20-\x7e\x80-\xff]*$/))

const ResponseSchema = Schema.Union(
  Schema.TaggedStruct("Status", {
    /** From 200 to 599. */
    status: HttpStatus,
    /** The error code in the body. Defaults to `internal_clerk_error`. */
    code: Schema.optional(Schema.String),
    /** The raw `Retry-After` header. */
    retryAfter: Schema.optional(HeaderValue),
    /** If true, the body is a gateway's HTML page. */
    html: Schema.optional(Schema.Boolean)
  }),
  Schema.TaggedStruct("Body", {
    body: Schema.String,
    /** From 200 to 599. Defaults to 200. */
    status: Schema.optional(HttpStatus),
    /** Defaults to `application/json`. */
    contentType: Schema.optional(HeaderValue)
  }),
  Schema.TaggedStruct("Truncated", {}),
  Schema.TaggedStruct("Reset", {}),
  Schema.TaggedStruct("Stall", { at: Schema.Literal("headers", "body") }),
  Schema.TaggedStruct("Drip", { every: Schema.DurationFromMillis })
).annotations({ identifier: "FaultResponse" })

/**
 * The response that a caller receives instead of the intended one.
 *
 * - `Status`: an error response with this status and error code.
 * - `Body`: a response with this body.
 * - `Truncated`: the first half of the intended response; then the connection is closed.
 * - `Reset`: no response; the connection is closed.
 * - `Stall`: no response (`"headers"`), or the first half of the intended one (`"body"`); the connection stays open.
 * - `Drip`: the intended response, 16 bytes `every` so often. The call takes effect.
 *
 * The in-memory layer sends no bytes. There, a fault produces the error that an HTTP client reports for it.
 *
 * @since 0.1.0
 * @category models
 */
export type Response = typeof ResponseSchema.Type

const { $is, $match, Body, Drip, Reset, Stall, Status, Truncated } = Data.taggedEnum<Response>()

/**
 * The schema of {@link Response}, and its constructors. As JSON, `every` is in milliseconds.
 *
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { Fault } from "@effect-clerk/http"
 * import { Duration } from "effect"
 *
 * Fault.Response.Status({ status: 429, code: "too_many_requests", retryAfter: "5" })
 * Fault.Response.Drip({ every: Duration.millis(100) })
 * ```
 */
export const Response = Object.assign(ResponseSchema, { $is, $match, Body, Drip, Reset, Stall, Status, Truncated })

/**
 * Whether and when the call takes effect: never, before the caller sees the fault, or after this duration. As JSON, the
 * duration is in milliseconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Commit = Schema.Union(Schema.Literal("never", "before"), Schema.DurationFromMillis)

/**
 * @since 0.1.0
 * @category models
 */
export type Commit = typeof Commit.Type

const faultFields = {
  /** The response that the caller receives. */
  response: Response,
  /** Whether and when the call takes effect. */
  commit: Commit
}

/**
 * A fault: the injected response, and whether the call takes effect.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Fault = Schema.Struct(faultFields).annotations({ identifier: "Fault" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Fault extends Schema.Schema.Type<typeof Fault> {}

/**
 * A fault, and the calls that it affects.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Plan = Schema.Struct({
  ...faultFields,
  /** The operation whose calls are affected. By default the calls of every operation are. */
  operation: Schema.optional(Operation),
  /** The position of the first affected call among the coming ones, counted from 1. Defaults to 1. */
  nth: Schema.optional(Schema.Int.pipe(Schema.positive())),
  /** The number of consecutive calls that are affected. Defaults to 1. */
  times: Schema.optional(Schema.Int.pipe(Schema.positive()))
}).annotations({ identifier: "FaultPlan" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Plan extends Schema.Schema.Type<typeof Plan> {}

/**
 * Makes a fault. Unless `commit` is given, the call has no effect.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Fault } from "@effect-clerk/http"
 *
 * Fault.make(Fault.Response.Status({ status: 503 }))
 * Fault.make(Fault.Response.Reset(), "before") // the call takes effect, but the caller receives no response
 * ```
 */
export const make = (response: Response, commit: Commit = "never"): Fault => ({ response, commit })
