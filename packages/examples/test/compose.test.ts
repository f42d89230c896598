import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { parse } from "yaml"
import { read } from "./snippets.js"

const directory = "packages/examples/src/recipes/campaign"

const Service = Schema.Struct({
  image: Schema.String,
  command: Schema.optional(Schema.Array(Schema.String)),
  environment: Schema.Record({ key: Schema.String, value: Schema.String }),
  restart: Schema.Literal("unless-stopped"),
  ports: Schema.optional(Schema.Array(Schema.String)),
  init: Schema.optional(Schema.Boolean),
  stop_grace_period: Schema.optional(Schema.String),
  depends_on: Schema.optional(
    Schema.Record({ key: Schema.String, value: Schema.Struct({ condition: Schema.Literal("service_healthy") }) })
  ),
  deploy: Schema.optional(Schema.Struct({ replicas: Schema.Int })),
  volumes: Schema.optional(Schema.Array(Schema.String)),
  healthcheck: Schema.optional(
    Schema.Struct({
      test: Schema.Array(Schema.String),
      interval: Schema.String,
      retries: Schema.Int
    })
  )
})

// The keys of the specification of Compose that the recipe uses. A wrong key is an error.
const decode = Schema.decodeUnknownSync(
  Schema.Struct({
    services: Schema.Struct({ web: Service, worker: Service, postgres: Service }),
    volumes: Schema.Struct({ postgres: Schema.Struct({}) }),
    "x-process": Schema.Unknown,
    "x-environment": Schema.Unknown
  }),
  { onExcessProperty: "error" }
)

const compose = (text: string) => decode(parse(text, { merge: true }))

const file = read(`${directory}/compose.yaml`)

describe("compose.yaml", () => {
  const { services: { postgres, web, worker }, volumes } = compose(file)

  it("starts one web process that does not work, and three workers", () => {
    assert.deepStrictEqual([web.environment["WORK"], worker.environment["WORK"]], ["false", "true"])
    assert.deepStrictEqual([web.deploy, worker.deploy], [undefined, { replicas: 3 }])
    assert.deepStrictEqual(web.command, ["node", "process.mjs"])
    assert.deepStrictEqual(worker.command, web.command)
  })

  it("publishes the web process on this machine only, and nothing else", () => {
    assert.deepStrictEqual(web.ports, ["127.0.0.1:3000:3000"])
    assert.deepStrictEqual([worker.ports, postgres.ports], [undefined, undefined])
    assert.deepStrictEqual([web.environment["HOST"], web.environment["PORT"]], ["0.0.0.0", "3000"])
  })

  it("sets every variable that the process reads, and no other", () => {
    const process = read(`${directory}/process.ts`)
    const variables = [
      ...Array.from(process.matchAll(/Config\.\w+\("(\w+)"\)/g), ([, name = ""]) => name),
      // Those of InvitationsHttp.layerConfig.
      "CLERK_SECRET_KEY",
      "CLERK_API_URL"
    ]
    assert.sameMembers(Object.keys(web.environment), variables)
    const ofWorker = variables.filter((name) => name !== "HOST" && name !== "PORT")
    assert.sameMembers(Object.keys(worker.environment), ofWorker)
  })

  it("has one database, with a volume, and starts the processes once it answers", () => {
    assert.strictEqual(worker.environment["DATABASE_URL"], web.environment["DATABASE_URL"])
    assert.match(web.environment["DATABASE_URL"] ?? "", /@postgres:5432\//)
    assert.deepStrictEqual(postgres.volumes, [`${Object.keys(volumes).join()}:/var/lib/postgresql/data`])
    assert.deepStrictEqual(postgres.healthcheck?.test, ["CMD", "pg_isready", "-U", "postgres"])
    for (const { depends_on } of [web, worker]) {
      assert.deepStrictEqual(depends_on, { postgres: { condition: "service_healthy" } })
    }
  })

  it("gives a worker the time for its calls in flight", () => {
    // 10 seconds of `slice` and 12 seconds of `callTimeout`.
    assert.isAbove(Number.parseInt(worker.stop_grace_period ?? ""), 22)
  })

  it("contains no secret", () => {
    for (const name of ["CLERK_SECRET_KEY", "POSTGRES_PASSWORD"]) assert.include(file, `\${${name}:?}`)
    assert.notMatch(file, /sk_(?:test|live)_/)
  })

  it("is refused with a wrong key or a wrong indentation", () => {
    assert.throws(() => compose(file.replace("    ports:", "    port:")))
    assert.throws(() => compose(file.replace("  worker:", " worker:")))
  })
})
