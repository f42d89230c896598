import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as emulator from "../utils/emulator.js"
import { send } from "../utils/emulator.js"

describe("the OpenAPI document", () => {
  it.effect("is an OpenAPI 3.1 document of the five operations, served without a key", () =>
    Effect.gen(function*() {
      const response = yield* send("GET", "/openapi.json")
      assert.strictEqual(response.status, 200)
      const OpenApi = Schema.Struct({
        openapi: Schema.TemplateLiteral("3.1.", Schema.Number),
        info: Schema.Struct({ title: Schema.NonEmptyString, version: Schema.Literal("2026-05-12") }),
        paths: Schema.Record({
          key: Schema.String,
          value: Schema.Record({
            key: Schema.Literal("get", "post", "delete"),
            value: Schema.Struct({
              operationId: Schema.NonEmptyString,
              responses: Schema.Record({
                key: Schema.String,
                value: Schema.Struct({ description: Schema.NonEmptyString })
              })
            })
          }).pipe(Schema.partialWith({ exact: true }))
        }),
        components: Schema.Struct({
          securitySchemes: Schema.Struct({
            bearerAuth: Schema.Struct({ type: Schema.Literal("http"), scheme: Schema.Literal("bearer") })
          })
        })
      })
      const document = Schema.decodeUnknownSync(OpenApi)(JSON.parse(response.text))
      const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ ...operation, name: `${method} ${path}` }))
      )
      const statuses: Readonly<Record<string, ReadonlyArray<number>>> = {
        "delete /v1/invitations/{invitation_id}": [200, 401, 403, 404, 409, 429, 500],
        "get /v1/invitations": [200, 401, 403, 409, 422, 429, 500],
        "post /v1/invitations": [200, 400, 401, 403, 409, 422, 429, 500],
        "post /v1/invitations/bulk": [200, 400, 401, 403, 409, 422, 429, 500],
        "post /v1/invitations/{invitation_id}/revoke": [200, 400, 401, 403, 404, 409, 429, 500]
      }
      assert.deepStrictEqual(operations.map(({ name }) => name).sort(), Object.keys(statuses))
      for (const { name, responses } of operations) {
        assert.deepStrictEqual(
          (statuses[name] ?? []).filter((status) => !Object.hasOwn(responses, String(status))),
          [],
          name
        )
      }
      assert.strictEqual(new Set(operations.map(({ operationId }) => operationId)).size, 5)
    }).pipe(Effect.provide(emulator.layerRaw())))

  it.effect("has valid component names, and no dangling reference", () =>
    Effect.gen(function*() {
      const response = yield* send("GET", "/openapi.json")
      const Components = Schema.Struct({
        components: Schema.Struct({ schemas: Schema.Record({ key: Schema.String, value: Schema.Unknown }) })
      })
      const { components } = Schema.decodeUnknownSync(Components)(JSON.parse(response.text))
      const names = Object.keys(components.schemas)
      assert.deepStrictEqual(names.filter((name) => !/^[\w.-]+$/.test(name)), [])
      const references = Array.from(response.text.matchAll(/"\$ref":\s*"([^"]*)"/g), ([, reference]) => reference)
      assert.isTrue(references.length > 0)
      const known = names.map((name) => `#/components/schemas/${name}`)
      assert.deepStrictEqual(references.filter((reference) => !known.includes(reference ?? "")), [])
    }).pipe(Effect.provide(emulator.layerRaw())))
})
