import { assert, describe, it } from "@effect/vitest"
import { Cause, Chunk, Effect, Exit, Stream } from "effect"
import * as Source from "../../src/internal/bulk/source.js"

/** The numbers from 1 to `count`, and the calls of their iterator. */
const counting = (count: number) => {
  const calls: Array<string> = []
  const iterable: Iterable<number> = {
    [Symbol.iterator]: () => {
      calls.push("open")
      let value = 0
      return {
        next: () => {
          calls.push("next")
          return value < count ? { done: false, value: ++value } : { done: true, value: undefined }
        },
        return: () => {
          calls.push("return")
          return { done: true, value: undefined }
        }
      }
    }
  }
  return { calls, iterable }
}

const toStream = (source: Source.Source<number, never, never>) => Source.toStream(source)

const collect = (source: Source.Source<number, never, never>) =>
  Effect.map(Stream.runCollect(toStream(source)), Chunk.toReadonlyArray)

describe("isIterableOrStream", () => {
  it("accepts iterables and Streams", () => {
    for (const input of [[], new Set(), [].values(), counting(1).iterable, Stream.empty]) {
      assert.isTrue(Source.isIterableOrStream(input))
    }
  })

  it("rejects strings and values that are no iterable", () => {
    for (const input of ["ada@example.com", {}, null, undefined, 3]) assert.isFalse(Source.isIterableOrStream(input))
  })
})

describe("toStream", () => {
  it.effect("returns a Stream unchanged", () =>
    Effect.gen(function*() {
      const stream = Stream.make(1, 2)
      assert.strictEqual(toStream(stream), stream)
      assert.deepStrictEqual(yield* collect(stream), [1, 2])
    }))

  it.effect("opens the iterator when the Stream runs, and closes it at the end", () =>
    Effect.gen(function*() {
      const { calls, iterable } = counting(2)
      const stream = toStream(iterable)
      assert.deepStrictEqual(calls, [])
      assert.deepStrictEqual(yield* collect(stream), [1, 2])
      assert.deepStrictEqual(calls, ["open", "next", "next", "next", "return"])
    }))

  it.effect("pulls one element at a time, and closes the iterator when the consumer has enough", () =>
    Effect.gen(function*() {
      const { calls, iterable } = counting(9)
      assert.strictEqual(yield* Stream.runCount(Stream.take(toStream(iterable), 2)), 2)
      assert.deepStrictEqual(calls, ["open", "next", "next", "return"])
    }))

  it.effect("accepts an iterator without `return`", () =>
    Effect.gen(function*() {
      const iterable: Iterable<number> = {
        [Symbol.iterator]: () => {
          const values = [1, 2]
          return {
            next: () => {
              const value = values.shift()
              return value === undefined ? { done: true, value } : { value }
            }
          }
        }
      }
      assert.deepStrictEqual(yield* collect(iterable), [1, 2])
    }))
})

describe("separateExit", () => {
  const separate = <E>(stream: Stream.Stream<number, E>) =>
    Effect.gen(function*() {
      const { elements, exit } = yield* Source.separateExit(stream)
      return [Array.from(yield* Stream.runCollect(elements)), yield* exit] as const
    })

  it.effect("succeeds when the Stream ends", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* separate(Stream.make(1, 2)), [[1, 2], Exit.void])
    }))

  it.effect("ends the elements where the Stream fails, and keeps its cause", () =>
    Effect.gen(function*() {
      for (const cause of [Cause.fail("the file is broken"), Cause.die("a bug")]) {
        const [elements, exit] = yield* separate(Stream.concat(Stream.make(1, 2), Stream.failCause(cause)))
        assert.deepStrictEqual(elements, [1, 2])
        assert.deepStrictEqual(Exit.causeOption(exit), Exit.causeOption(Exit.failCause(cause)))
      }
    }))
})
