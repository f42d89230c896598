/**
 * Assertions for the conformance suites. They need Effect only, so that the suites run on every runtime.
 */
import { Equal, Inspectable, Option, Utils } from "effect"

/** Test reporters print the difference between `actual` and `expected`. */
class AssertionError extends Error {
  override readonly name = "AssertionError"
  constructor(message: string, readonly actual: unknown, readonly expected: unknown) {
    super(message)
  }
}

const show = (value: unknown): string => Inspectable.toStringUnknown(value)

const fail = (actual: unknown, relation: string, expected: unknown, message?: string): never => {
  const description = `expected ${show(actual)} ${relation} ${show(expected)}`
  throw new AssertionError(message === undefined ? description : `${message}: ${description}`, actual, expected)
}

/** `Equal.equals`, which compares plain objects and arrays by their contents as well. */
const equals = (self: unknown, that: unknown): boolean => Utils.structuralRegion(() => Equal.equals(self, that))

export function isTrue(value: boolean, message?: string): asserts value {
  if (!value) fail(value, "to be", true, message)
}

export function isFalse(value: boolean, message?: string): asserts value is false {
  if (value) fail(value, "to be", false, message)
}

export function strictEqual<A>(actual: A, expected: A, message?: string): void {
  if (!Object.is(actual, expected)) fail(actual, "to be", expected, message)
}

export function notStrictEqual<A>(actual: A, expected: A, message?: string): void {
  if (Object.is(actual, expected)) fail(actual, "not to be", expected, message)
}

export function deepStrictEqual<A>(actual: A, expected: A, message?: string): void {
  if (!equals(actual, expected)) fail(actual, "to equal", expected, message)
}

export function include(text: string, part: string): void {
  if (!text.includes(part)) fail(text, "to include", part)
}

export function match(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) fail(text, "to match", String(pattern))
}

export function isNone(option: Option.Option<unknown>): void {
  deepStrictEqual<Option.Option<unknown>>(option, Option.none())
}

export function isSome<A>(option: Option.Option<A>, expected: A): void {
  deepStrictEqual(option, Option.some(expected))
}
