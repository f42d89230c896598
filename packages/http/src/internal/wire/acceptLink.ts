import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { unsafeConstructor } from "./unsafeConstructor.js"

type Link = Option.Some<Redacted.Redacted>

const readValue = function(this: unknown): Redacted.Redacted | undefined {
  return AcceptLink.redacted(this)
}

const define: unknown = Reflect.get(Object.prototype, "__defineGetter__")

// `Object.defineProperty` makes the decoding of a page 6 % slower (bench row "decode").
const defineValue: (some: object) => void = Predicate.isFunction(define)
  ? (some) => {
    define.call(some, "value", readValue)
  }
  : (some) => Object.defineProperty(some, "value", { configurable: true, enumerable: true, get: readValue })

const LazySome = unsafeConstructor<[], Link>(Object.getPrototypeOf(Option.some(undefined)), function() {
  defineValue(this)
})

// A class adds its private fields to the object that the constructor of its superclass returns.
const Returned = unsafeConstructor<[object: Link], Link>(Object.prototype, function(object) {
  return object
})

class AcceptLink extends Returned {
  #link: string | Redacted.Redacted

  constructor(some: Link, link: string) {
    super(some)
    this.#link = link
  }

  // `undefined` for a copy of the property descriptors, which has no private field.
  static redacted(some: unknown): Redacted.Redacted | undefined {
    if (typeof some !== "object" || some === null || !(#link in some)) return undefined
    if (typeof some.#link === "string") some.#link = Redacted.make(some.#link)
    return some.#link
  }
}

/**
 * The accept link of a row: an `Option.some` that makes its `Redacted` value when `value` is read. Until then a private field,
 * which no rendering shows, holds the link.
 *
 * Few applications read the link. `Redacted.make` adds every value to a `WeakMap`: with it, the decoding of a page
 * takes 1.4 times as long (bench row "decode").
 */
export const some = (link: string): Option.Option<Redacted.Redacted> => new AcceptLink(new LazySome(), link)
