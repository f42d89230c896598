import { InvitationsService } from "@effect-clerk/core"
import { hasCode } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Redacted, Schedule } from "effect"
import { get } from "node:http"
import { connect, createServer, type Server, type Socket } from "node:net"
import { effectClerkProgram } from "../../cli/program.js"
import { captureOutput, start } from "./utils.js"

const urlOf = (line: string): string => {
  assert.match(line, /^listening on http:\/\/127\.0\.0\.1:\d+$/)
  return line.replace("listening on ", "")
}

// Starts the emulator in its own process.
const startProcess = (...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const emulator = yield* start(["emulator", ...args])
    const line = yield* emulator.firstLine
    return { ...emulator, line, url: urlOf(line) }
  })

// Starts the emulator in this process. `stop` interrupts it and returns what it printed.
const startEmulator = (...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const { layer, written } = yield* captureOutput
    const fiber = yield* Effect.forkScoped(
      Effect.provide(effectClerkProgram(["node", "effect-clerk", "emulator", ...args]), layer)
    )
    yield* Effect.sync(() => written.stdout).pipe(
      Effect.repeat({ until: (stdout) => stdout.endsWith("\n"), schedule: Schedule.spaced("5 millis") }),
      Effect.timeout("10 seconds")
    )
    const line = written.stdout.trimEnd()
    return { line, url: urlOf(line), stop: Effect.as(Fiber.interrupt(fiber), written) }
  })

// Runs the emulator in this process until it ends by itself.
const run = (args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const { layer, written } = yield* captureOutput
    const code = yield* Effect.provide(effectClerkProgram(["node", "effect-clerk", "emulator", ...args]), layer)
    return { code, ...written }
  })

const client = (apiUrl: string, secretKey: string) =>
  InvitationsHttp.layer({ apiUrl, secretKey: Redacted.make(secretKey), retry: "none" }).pipe(
    Layer.provide(NodeHttpClient.layerUndici)
  )

const list = (limit: number) => Effect.flatMap(InvitationsService, (invitations) => invitations.list({ limit }))

const create = (emailAddress: string) =>
  Effect.flatMap(InvitationsService, (invitations) => invitations.create({ emailAddress }))

// The port of a server that listens until the scope closes.
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

// A connection with an incomplete request.
const sendIncompleteRequest = (url: string) =>
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
  it.scopedLive("accepts any test key, and exits on SIGTERM while a request is in flight", () =>
    Effect.gen(function*() {
      // Some package managers pass on the `--`.
      const emulator = yield* startProcess("--", "--port", "0")

      yield* Effect.gen(function*() {
        assert.strictEqual((yield* list(1)).totalCount, 0)
        assert.strictEqual((yield* create("ada@example.com")).status, "pending")
      }).pipe(Effect.provide(client(emulator.url, "sk_test_any")))
      const error = yield* Effect.flip(list(1).pipe(Effect.provide(client(emulator.url, "sk_live_any"))))
      assert.strictEqual(error._tag, "Unauthorized")

      yield* sendIncompleteRequest(emulator.url)
      yield* emulator.kill("SIGTERM")
      assert.deepStrictEqual(yield* Effect.timeout(emulator.end, "5 seconds"), {
        code: 0,
        stdout: `${emulator.line}\n`,
        stderr: ""
      })
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("accepts one key, seeds invitations and enforces rate limits if its flags say so", () =>
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
        // The limit is 100 calls in 10 seconds. One call has been made.
        yield* Effect.replicateEffect(list(1), 99, { concurrency: 10, discard: true })
        const error = yield* Effect.flip(list(1))
        assert.strictEqual(error._tag, "TooManyRequests")
      }).pipe(Effect.provide(client(emulator.url, "sk_1")))

      assert.deepStrictEqual(yield* emulator.stop, { stdout: `${emulator.line}\n`, stderr: "" })
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("refuses, blocks and makes accept links as its flags say", () =>
    Effect.gen(function*() {
      const refusing = yield* startEmulator("--port=0", "--refuse", "dev_monthly_email_limit_exceeded")
      const refused = yield* Effect.flip(
        create("ada@example.com").pipe(Effect.provide(client(refusing.url, "sk_test_x")))
      )
      assert.strictEqual(hasCode(refused, "dev_monthly_email_limit_exceeded"), true)
      yield* refusing.stop

      const blocking = yield* startEmulator(
        "--port=0",
        "--block",
        "*@blocked.example",
        "--public-url",
        "https://clerk.example.test"
      )
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(create("eve@blocked.example")))._tag, "Forbidden")
        const { url } = yield* create("ada@example.com")
        assert.match(
          Redacted.value(Option.getOrThrow(url)),
          /^https:\/\/clerk\.example\.test\/v1\/tickets\/accept\?ticket=/
        )
      }).pipe(Effect.provide(client(blocking.url, "sk_test_x")))
      yield* blocking.stop

      const { code, stderr } = yield* run(["--public-url", "clerk.example.test"])
      assert.deepStrictEqual([code, stderr.trim()], [2, "--public-url must be an http or https URL"])
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("prints one line if the port is in use", () =>
    Effect.gen(function*() {
      const port = yield* takenPort
      assert.deepStrictEqual(yield* run(["--port", String(port)]), {
        code: 2,
        stdout: "",
        stderr: `Port ${port} of 127.0.0.1 is in use. Choose another with --port, or pass --port 0 for a free one.\n`
      })
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("listens on the address of --host, and accepts the names of --allowed-host", () =>
    Effect.gen(function*() {
      const flags = ["--port", "0", "--host", "0.0.0.0", "--allowed-host", "emulator", "--allowed-host", "e.example"]
      const { layer, written } = yield* captureOutput
      const fiber = yield* Effect.forkScoped(
        Effect.provide(effectClerkProgram(["node", "effect-clerk", "emulator", ...flags]), layer)
      )
      yield* Effect.sync(() => written.stdout).pipe(
        Effect.repeat({ until: (stdout) => stdout.endsWith("\n"), schedule: Schedule.spaced("5 millis") }),
        Effect.timeout("10 seconds")
      )
      const port = Number(/^listening on http:\/\/0\.0\.0\.0:(\d+)\n$/.exec(written.stdout)?.[1])
      const status = (host: string) =>
        Effect.async<number | undefined>((resume) => {
          get({ host: "127.0.0.1", port, headers: { host } }, (response) => {
            response.resume()
            resume(Effect.succeed(response.statusCode))
          })
        })
      assert.deepStrictEqual(yield* Effect.forEach(["emulator", "e.example:1", "other"], status), [200, 200, 403])
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(NodeContext.layer)))

  it.scopedLive("prints one line if --host is no address of this machine", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* run(["--port", "0", "--host", "192.0.2.1"])
      assert.strictEqual(code, 2)
      assert.strictEqual(stderr, "192.0.2.1 is no address of this machine. Choose another with --host.\n")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.live("rejects an invalid flag", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run(["--port", "65536"])
      assert.strictEqual(code, 2)
      assert.strictEqual(stderr.trim(), "--port must be a whole number from 0 to 65535")
      assert.strictEqual(stdout, "")
    }).pipe(Effect.provide(NodeContext.layer)))

  it.live("rejects --store-per-key with --seed or --data", () =>
    Effect.gen(function*() {
      for (const flags of [["--seed", "1"], ["--data", "state.json"]]) {
        assert.deepStrictEqual(yield* run(["--port", "0", "--store-per-key", ...flags]), {
          code: 2,
          stdout: "",
          stderr: "--store-per-key cannot be combined with --data or --seed\n"
        })
      }
    }).pipe(Effect.provide(NodeContext.layer)))

  it.live("rejects an empty key, and what is no address and no domain", () =>
    Effect.gen(function*() {
      const key = yield* run(["--port", "0", "--secret-key", ""])
      assert.deepStrictEqual(key, { code: 2, stdout: "", stderr: "--secret-key must not be empty\n" })
      const block = yield* run(["--port", "0", "--block", "a@example.com", "--block", "example.com"])
      assert.deepStrictEqual(block, {
        code: 2,
        stdout: "",
        stderr: "--block must be an address, or a domain such as *@example.com\n"
      })
    }).pipe(Effect.provide(NodeContext.layer)))

  it.live("prints help", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* run(["--help"])
      assert.strictEqual(code, 0)
      for (
        const flag of [
          "--host",
          "--allowed-host",
          "--store-per-key",
          "--port",
          "--secret-key",
          "--rate-limits",
          "--refuse",
          "--block",
          "--public-url",
          "--seed",
          "--data"
        ]
      ) assert.include(stdout, flag)
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
    "keeps the state between runs in a file that only its owner may read",
    () =>
      Effect.gen(function*() {
        const { directory, file, fs } = yield* dataFile
        const first = yield* startEmulator("--port", "0", "--seed", "1", "--data", file)
        const { id } = yield* create("ada@example.com").pipe(Effect.provide(client(first.url, "sk_test_any")))
        const { status } = yield* Effect.promise(() =>
          fetch(`${first.url}/_emulator/invitations/${id}/accept`, { method: "POST" })
        )
        assert.strictEqual(status, 200)
        assert.deepStrictEqual(yield* first.stop, { stdout: `${first.line}\n`, stderr: "" })
        assert.strictEqual(permissions(yield* fs.stat(file)), 0o600)
        assert.deepStrictEqual(yield* fs.readDirectory(directory), ["state.json"])

        // The second run seeds nothing.
        const second = yield* startEmulator("--port", "0", "--seed", "1", "--data", file)
        yield* Effect.gen(function*() {
          assert.sameDeepMembers(yield* addresses, [
            ["ada@example.com", "accepted"],
            ["person-1@example.com", "pending"]
          ])
          assert.strictEqual((yield* Effect.flip(create("ada@example.com")))._tag, "Unprocessable")
        }).pipe(Effect.provide(client(second.url, "sk_test_any")))
        assert.deepStrictEqual(yield* second.stop, { stdout: `${second.line}\n`, stderr: "" })
      }).pipe(Effect.provide(NodeContext.layer)),
    60_000
  )

  it.scopedLive("has a complete recent state on disk when it is killed", () =>
    Effect.gen(function*() {
      const { file, fs } = yield* dataFile
      yield* fs.writeFileString(`${file}.other`, "")
      const emulator = yield* startProcess("--port", "0", "--data", file)
      yield* create("ada@example.com").pipe(Effect.provide(client(emulator.url, "sk_test_any")))
      yield* fs.readFileString(file).pipe(
        Effect.repeat({ until: (text) => text.includes("ada@example.com"), schedule: Schedule.spaced("20 millis") })
      )
      yield* emulator.kill("SIGKILL")
      const again = yield* startEmulator("--port", "0", "--data", file)
      assert.deepStrictEqual(yield* Effect.provide(addresses, client(again.url, "sk_test_any")), [
        ["ada@example.com", "pending"]
      ])
      yield* again.stop
    }).pipe(Effect.provide(NodeContext.layer)), 60_000)

  it.scopedLive("prints one line if the file is invalid, and does not change the file", () =>
    Effect.gen(function*() {
      const { file, fs } = yield* dataFile
      const wrong: ReadonlyArray<readonly [text: string, reason: string]> = [
        ["{\"version\":1,\"invitations\":[", "it is not the expected JSON"],
        [
          JSON.stringify({ version: 1, instanceId: "ins_1", signingKey: "k", invitations: [], users: [7], emails: [] }),
          "users.0 is not valid"
        ]
      ]
      for (const [text, reason] of wrong) {
        yield* fs.writeFileString(file, text)
        assert.deepStrictEqual(yield* run(["--port", "0", "--data", file]), {
          code: 2,
          stdout: "",
          stderr: `${file} does not hold the state of an emulator: ${reason}. ` +
            "The file was not changed. Move it away, or choose another with --data.\n"
        })
        assert.strictEqual(yield* fs.readFileString(file), text)
      }
    }).pipe(Effect.provide(NodeContext.layer)), 60_000)

  it.scopedLive("prints one line if the file cannot be written", () =>
    Effect.gen(function*() {
      const { directory } = yield* dataFile
      const file = `${directory}/nowhere/state.json`
      assert.deepStrictEqual(yield* run(["--port", "0", "--data", file]), {
        code: 2,
        stdout: "",
        stderr: `${file} cannot be written: no such file or directory. Choose another with --data.\n`
      })
    }).pipe(Effect.provide(NodeContext.layer)), 60_000)
})
