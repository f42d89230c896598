import { InvitationsService } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schedule } from "effect"
import { connect, createServer, type Server, type Socket } from "node:net"
import { run, start } from "./utils.js"

const startEmulator = (...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const emulator = yield* start("emulatorMain.ts", args)
    const line = yield* emulator.firstLine
    assert.match(line, /^listening on http:\/\/127\.0\.0\.1:\d+$/)
    return { ...emulator, line, url: line.replace("listening on ", "") }
  })

const client = (apiUrl: string, secretKey: string) =>
  InvitationsHttp.layer({ apiUrl, secretKey: Redacted.make(secretKey), retry: "none" }).pipe(
    Layer.provide(NodeHttpClient.layerUndici)
  )

const list = (limit: number) => Effect.flatMap(InvitationsService, (invitations) => invitations.list({ limit }))

const create = (emailAddress: string) =>
  Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress }))

const strictEnd = (end: { readonly code: number; readonly stdout: string; readonly stderr: string }, line: string) =>
  assert.deepStrictEqual(end, { code: 0, stdout: `${line}\n`, stderr: "" })

// The port of a server that is there as long as the scope is.
const takenPort = Effect.acquireRelease(
  Effect.async<Server>((resume) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  }),
  (server) => Effect.sync(() => server.close())
).pipe(
  Effect.map((server) => server.address()),
  Effect.filterOrDieMessage((address) => typeof address === "object" && address !== null, "no TCP server"),
  Effect.map(({ port }) => port)
)

// A connection over which half a request has been sent.
const halfARequest = (url: string) =>
  Effect.acquireRelease(
    Effect.async<Socket>((resume) => {
      const socket = connect(Number(new URL(url).port), "127.0.0.1", () => {
        socket.write("POST /v1/invitations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{", () =>
          resume(Effect.succeed(socket)))
      })
      socket.on("error", () => {})
    }),
    (socket) =>
      Effect.sync(() => socket.destroy())
  )

describe("the emulator", () => {
  it.scopedLive("serves whoever has a test key, and ends on SIGTERM although a request is under way", () =>
    Effect.gen(function*() {
      // With the `--` that some package managers pass on.
      const emulator = yield* startEmulator("--", "--port", "0")

      yield* Effect.gen(function*() {
        assert.strictEqual((yield* list(1)).totalCount, 0)
        assert.strictEqual((yield* create("ada@example.com")).status, "pending")
      }).pipe(Effect.provide(client(emulator.url, "sk_test_any")))
      const error = yield* Effect.flip(list(1).pipe(Effect.provide(client(emulator.url, "sk_live_any"))))
      assert.strictEqual(error._tag, "Unauthorized")

      yield* halfARequest(emulator.url)
      yield* emulator.kill("SIGTERM")
      assert.deepStrictEqual(yield* Effect.timeout(emulator.end, "5 seconds"), {
        code: 0,
        stdout: `${emulator.line}\n`,
        stderr: ""
      })
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("demands one key, seeds and limits rates where it is told to, and ends on SIGINT", () =>
    Effect.gen(function*() {
      const emulator = yield* startEmulator("--port=0", "--secret-key", "sk_1", "--seed", "3", "--rate-limits")

      const error = yield* Effect.flip(list(1).pipe(Effect.provide(client(emulator.url, "sk_test_any"))))
      assert.strictEqual(error._tag, "Unauthorized")

      yield* Effect.gen(function*() {
        const { data, totalCount } = yield* list(10)
        assert.strictEqual(totalCount, 3)
        assert.sameMembers(data.map(({ emailAddress }) => emailAddress), [
          "person-1@example.com",
          "person-2@example.com",
          "person-3@example.com"
        ])
        // 100 calls in 10 seconds, the first of which has been made.
        yield* Effect.replicateEffect(list(1), 99, { concurrency: 10, discard: true })
        const error = yield* Effect.flip(list(1))
        assert.strictEqual(error._tag, "TooManyRequests")
      }).pipe(Effect.provide(client(emulator.url, "sk_1")))

      yield* emulator.kill("SIGINT")
      assert.deepStrictEqual(yield* emulator.end, { code: 0, stdout: `${emulator.line}\n`, stderr: "" })
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("says in one line that the port is in use", () =>
    Effect.gen(function*() {
      const port = yield* takenPort
      assert.deepStrictEqual(yield* run("emulatorMain.ts", ["--port", String(port)]), {
        code: 1,
        stdout: "",
        stderr: `Port ${port} of 127.0.0.1 is in use. Choose another with --port, or --port 0 for any that is free.\n`
      })
    }).pipe(Effect.provide(NodeContext.layer)))

  it.live("refuses a flag that it cannot use", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run("emulatorMain.ts", ["--port", "65536"])
      assert.strictEqual(code, 1)
      assert.strictEqual(stderr.trim(), "--port must be a whole number from 0 to 65535")
      assert.strictEqual(stdout, "")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.live("explains its flags", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* run("emulatorMain.ts", ["--help"])
      assert.strictEqual(code, 0)
      for (const flag of ["--port", "--secret-key", "--rate-limits", "--seed", "--data"]) assert.include(stdout, flag)
      assert.include(stdout, "a development instance")
    }).pipe(Effect.provide(NodeContext.layer)))
})

describe("--data", () => {
  const dataFile = Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped()
    return { fs, directory, file: `${directory}/state.json` }
  })

  const addresses = Effect.flatMap(InvitationsService, (invitations) => invitations.list()).pipe(
    Effect.map(({ data }) => data.map(({ emailAddress, status }) => [emailAddress, status]))
  )

  const permissions = (info: FileSystem.File.Info) => info.mode & 0o777

  it.scopedLive(
    "keeps the state from one run to the next, in a file that only its owner may read",
    () =>
      Effect.gen(function*() {
        const { directory, file, fs } = yield* dataFile
        const first = yield* startEmulator("--port", "0", "--seed", "1", "--data", file)
        const { id } = yield* create("ada@example.com").pipe(Effect.provide(client(first.url, "sk_test_any")))
        const { status } = yield* Effect.promise(() =>
          fetch(`${first.url}/_emulator/invitations/${id}/accept`, { method: "POST" })
        )
        assert.strictEqual(status, 200)
        yield* first.kill("SIGTERM")
        strictEnd(yield* first.end, first.line)
        assert.strictEqual(permissions(yield* fs.stat(file)), 0o600)
        assert.deepStrictEqual(yield* fs.readDirectory(directory), ["state.json"])

        // Nothing is seeded again.
        const second = yield* startEmulator("--port", "0", "--seed", "1", "--data", file)
        yield* Effect.gen(function*() {
          assert.sameDeepMembers(yield* addresses, [
            ["ada@example.com", "accepted"],
            ["person-1@example.com", "pending"]
          ])
          assert.strictEqual((yield* Effect.flip(create("ada@example.com")))._tag, "Unprocessable")
        }).pipe(Effect.provide(client(second.url, "sk_test_any")))
        yield* second.kill("SIGINT")
        strictEnd(yield* second.end, second.line)
      }).pipe(Effect.provide(NodeContext.layer)),
    60_000
  )

  it.scopedLive("has on disk what was there a moment ago, whole, when it is killed", () =>
    Effect.gen(function*() {
      const { file, fs } = yield* dataFile
      yield* fs.writeFileString(`${file}.other`, "")
      const emulator = yield* startEmulator("--port", "0", "--data", file)
      yield* create("ada@example.com").pipe(Effect.provide(client(emulator.url, "sk_test_any")))
      yield* fs.readFileString(file).pipe(
        Effect.repeat({ until: (text) => text.includes("ada@example.com"), schedule: Schedule.spaced("20 millis") })
      )
      yield* emulator.kill("SIGKILL")
      const again = yield* startEmulator("--port", "0", "--data", file)
      assert.deepStrictEqual(yield* Effect.provide(addresses, client(again.url, "sk_test_any")), [
        ["ada@example.com", "pending"]
      ])
      yield* again.kill("SIGTERM")
    }).pipe(Effect.provide(NodeContext.layer)), 60_000)

  it.scopedLive("refuses a file that is not its own in one line, and leaves it as it is", () =>
    Effect.gen(function*() {
      const { file, fs } = yield* dataFile
      const wrong: ReadonlyArray<readonly [text: string, reason: string]> = [
        ["{\"version\":1,\"invitations\":[", "it is not the JSON that is expected"],
        ["{\"version\":1,\"invitations\":[],\"users\":[7],\"emails\":[]}", "users.0 is not what is expected"]
      ]
      for (const [text, reason] of wrong) {
        yield* fs.writeFileString(file, text)
        assert.deepStrictEqual(yield* run("emulatorMain.ts", ["--port", "0", "--data", file]), {
          code: 1,
          stdout: "",
          stderr: `${file} does not hold the state of an emulator: ${reason}. ` +
            "It is left as it is; move it away, or choose another with --data.\n"
        })
        assert.strictEqual(yield* fs.readFileString(file), text)
      }
    }).pipe(Effect.provide(NodeContext.layer)), 60_000)

  it.scopedLive("says in one line that the file cannot be written", () =>
    Effect.gen(function*() {
      const { directory } = yield* dataFile
      const file = `${directory}/nowhere/state.json`
      assert.deepStrictEqual(yield* run("emulatorMain.ts", ["--port", "0", "--data", file]), {
        code: 1,
        stdout: "",
        stderr: `${file} cannot be written: NotFound. Choose another with --data.\n`
      })
    }).pipe(Effect.provide(NodeContext.layer)), 60_000)
})
