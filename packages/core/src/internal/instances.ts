/**
 * A constructor of instances with this prototype that assigns the fields and does nothing else: no copies, no checks. Whoever
 * uses it proves by a property test that they equal what the proper constructor makes.
 */
export const instances = <Args extends ReadonlyArray<unknown>, A extends object>(
  prototype: unknown,
  assign: (this: { -readonly [K in keyof A]: A[K] }, ...args: Args) => void
): new(...args: Args) => A => {
  const constructor: unknown = assign
  assign.prototype = prototype
  // eslint-disable-next-line no-restricted-syntax -- TypeScript knows no function as a constructor; its prototype is the one given.
  return constructor as new(...args: Args) => A
}
