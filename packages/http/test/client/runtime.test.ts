import type { HttpMethod } from "@effect/platform/HttpMethod"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Stream } from "effect"
import * as Replay from "../../src/internal/client/replay.js"
import type { RuntimeName } from "../../src/internal/client/runtime.js"
import { current, nameOf } from "../../src/internal/client/runtime.js"

describe("nameOf", () => {
  it("recognises each runtime, although some imitate Node", () => {
    const process = { release: { name: "node" } }
    assert.strictEqual(current, "node")
    assert.strictEqual(nameOf({ process }), "node")
    assert.strictEqual(nameOf({ process, Bun: {} }), "bun")
    assert.strictEqual(nameOf({ process, Deno: {} }), "deno")
    assert.strictEqual(nameOf({ process, navigator: { userAgent: "Cloudflare-Workers" } }), "workerd")
    assert.strictEqual(nameOf({ process, navigator: { userAgent: "Node.js/22" } }), "node")
    assert.strictEqual(nameOf({ navigator: { userAgent: "Mozilla/5.0" } }), "other")
  })
})

describe("bodyOf", () => {
  const kinds = (runtime: RuntimeName) =>
    ([["GET", undefined], ["POST", "{}"], ["POST", undefined], ["DELETE", undefined]] as const).map(([method, text]) =>
      Replay.bodyOf(runtime, method, text)?._tag ?? "none"
    )

  it("is a stream where the runtime would send the request again", () => {
    for (const runtime of ["node", "bun", "other"] as const) {
      assert.deepStrictEqual(kinds(runtime), ["none", "Uint8Array", "none", "none"])
    }
    assert.deepStrictEqual(kinds("deno"), ["none", "Stream", "Stream", "Stream"])
    assert.deepStrictEqual(kinds("workerd"), ["none", "Uint8Array", "Stream", "Stream"])
  })

  it.effect("has the same bytes and type in every form", () =>
    Effect.gen(function*() {
      const body = Replay.bodyOf("deno", "POST", "{\"a\":\"ä\"}")
      assert(body?._tag === "Stream")
      assert.strictEqual(body.contentType, "application/json")
      const chunks = yield* Stream.runCollect(body.stream)
      assert.strictEqual(Buffer.concat(Chunk.toReadonlyArray(chunks)).toString(), "{\"a\":\"ä\"}")
    }))
})

describe("fetchOptionsOf", () => {
  it("keeps Bun from sending a DELETE again", () => {
    const methods: ReadonlyArray<HttpMethod> = ["GET", "POST", "DELETE"]
    assert.deepStrictEqual(methods.map((method) => Replay.fetchOptionsOf("bun", method)), [{}, {}, {
      keepalive: false
    }])
    assert.deepStrictEqual(methods.map((method) => Replay.fetchOptionsOf("node", method)), [{}, {}, {}])
  })
})
