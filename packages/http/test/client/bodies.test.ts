import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { clients } from "../utils/clients.js"
import { runWithClock, waitUntil } from "../utils/clock.js"
import { once, overRaw } from "../utils/overRaw.js"
import * as raw from "../utils/rawServer.js"
import { call, errors, operations, page, proper, row } from "../utils/wire.js"
import { traceIdOf } from "./utils.js"

const { reply } = raw

for (const [name, client] of clients) {
  describe(`the body of a response, over ${name}`, () => {
    for (const operation of operations) {
      it.scoped(`${operation} decodes a body with a content length and a chunked body`, () =>
        Effect.gen(function*() {
          const decoded = yield* Effect.forEach(["exact", "chunked"] as const, (length) =>
            Effect.gen(function*() {
              const { invitations, server } = yield* overRaw(
                [reply({ body: proper[operation], length })],
                once,
                client
              )
              const value = yield* runWithClock(call(invitations, operation))
              assert.lengthOf(server.requests, 1)
              return value
            }))
          assert.include(JSON.stringify(decoded[0]), "inv_1")
          assert.deepStrictEqual(decoded[1], decoded[0])
        }))
    }

    it.scoped("is decoded as JSON if its content type has a charset, names another type or is missing", () =>
      Effect.gen(function*() {
        const types = ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8", "text/plain", null]
        const { invitations } = yield* overRaw(
          types.map((contentType) => reply({ body: page([row(1)]), contentType })),
          once,
          client
        )
        for (const _ of types) {
          const { data, totalCount } = yield* runWithClock(invitations.list())
          assert.deepStrictEqual(data.map(({ emailAddress }) => emailAddress), ["person1@example.com"])
          assert.strictEqual(totalCount, 1)
        }
      }))

    for (
      const [encoding, compress] of [["gzip", gzipSync], ["br", brotliCompressSync], ["deflate", deflateSync]] as const
    ) {
      it.scoped(`in the content encoding ${encoding} is decoded, or the error names the encoding`, () =>
        Effect.gen(function*() {
          const bytes = compress(JSON.stringify(page([row(1)])))
          const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" +
            `content-encoding: ${encoding}\r\ncontent-length: ${bytes.length}\r\n\r\n`
          const { invitations } = yield* overRaw(
            [[raw.Step.Write({ bytes: head }), raw.Step.Write({ bytes })]],
            once,
            client
          )
          const result = yield* runWithClock(Effect.either(invitations.list()))
          if (name === "FetchHttpClient.layer") {
            assert(Either.isRight(result))
            assert.deepStrictEqual(result.right.data.map(({ emailAddress }) => emailAddress), ["person1@example.com"])
          } else {
            assert(Either.isLeft(result))
            assert.include(
              result.left.message,
              `a body in the content encoding ${encoding}, which the request does not ask for`
            )
          }
        }))
    }

    it.scoped("of a 400 is decoded if its content type has a charset", () =>
      Effect.gen(function*() {
        const { invitations } = yield* overRaw(
          [reply({
            status: 400,
            body: errors("duplicate_record", { meta: { email_addresses: ["a@b.co"] } }, "trace_1"),
            contentType: "application/json; charset=utf-8"
          })],
          once,
          client
        )
        const error = yield* runWithClock(Effect.flip(invitations.create({ emailAddress: "a@b.co" })))
        assert.strictEqual(error._tag, "BadRequest")
        assert.deepStrictEqual("errors" in error && error.errors.map(({ code }) => code), ["duplicate_record"])
        assert.strictEqual(traceIdOf(error), "trace_1")
      }))

    it.scoped("keeps characters that are split across chunks", () =>
      Effect.gen(function*() {
        const body = JSON.stringify(page([row(1, { public_metadata: { name: "Zoë 東京 🎉" } })]))
        const multibyte = Array.from(Buffer.from(body).entries()).filter(([, byte]) => byte >= 0x80).map(([at]) => at)
        assert.strictEqual(multibyte.length, 12)
        const { invitations } = yield* overRaw(
          [
            reply({ body, length: "chunked", cutAt: multibyte }),
            reply({ body, length: "exact", cutAt: multibyte })
          ],
          once,
          client
        )
        for (let i = 0; i < 2; i++) {
          const { data } = yield* runWithClock(invitations.list())
          assert.deepStrictEqual(data[0]?.publicMetadata, { name: "Zoë 東京 🎉" })
        }
      }))

    it.scoped("may end with the connection", () =>
      Effect.gen(function*() {
        const { invitations } = yield* overRaw([reply({ body: page([row(1)]), length: "none" })], once, client)
        const { data } = yield* runWithClock(invitations.list())
        assert.strictEqual(data.length, 1)
      }))

    for (const length of ["chunked", 64 * 1024 * 1024] as const) {
      it.scoped(`is read up to the size of its page, then the connection is closed (length: ${length})`, () =>
        Effect.gen(function*() {
          const size = 1024 * 1024
          const blank = Buffer.alloc(size, 0x20)
          const framed = Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), blank, Buffer.from("\r\n")])
          const header = length === "chunked" ? "transfer-encoding: chunked" : `content-length: ${length}`
          const { invitations, server } = yield* overRaw(
            [[
              raw.Step.Write({ bytes: `HTTP/1.1 200 OK\r\n${header}\r\n\r\n` }),
              raw.Step.Flood({ bytes: length === "chunked" ? framed : blank })
            ]],
            once,
            client
          )
          const error = yield* Effect.flip(invitations.list())
          assert.include(error, { _tag: "UnexpectedResponse", status: 200 })
          assert.include(error.message, "more than 640000 bytes")
          yield* waitUntil("the connection is closed", () => server.openSockets() === 0)
        }))
    }
  })
}
