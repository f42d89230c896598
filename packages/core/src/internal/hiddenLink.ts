import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/**
 * `Option.some` of a `Redacted`, which is made when it is first looked at. Few links ever are, while making a `Redacted` costs
 * as much as all the rest of an invitation. Until then the link is in a private field, which nothing prints.
 */
class HiddenLink {
  readonly #link: string
  #redacted: Redacted.Redacted | undefined
  constructor(link: string) {
    this.#link = link
  }
  get value(): Redacted.Redacted {
    return this.#redacted ??= Redacted.make(this.#link)
  }
}

const some: unknown = Object.getPrototypeOf(Option.some(0))
if (typeof some === "object") Object.setPrototypeOf(HiddenLink.prototype, some)

/**
 * The option of a link.
 */
export const hiddenLink = (link: string): Option.Option<Redacted.Redacted> => {
  const hidden: unknown = new HiddenLink(link)
  // eslint-disable-next-line no-restricted-syntax -- It has the prototype of a Some, and the value is what the type says.
  return hidden as Option.Option<Redacted.Redacted>
}
