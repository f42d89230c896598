import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Command, FileSystem, HttpServer } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Array, ConfigProvider, Console, Deferred, Effect, Layer } from "effect"
import { join } from "node:path"
import { ConsoleLive, Stdio } from "../../cli/terminal/stdio.js"
import { programs } from "../globalSetup.js"
import { cli, emulator, start, startCli, testKey } from "./utils.js"

const live = <A, E, R>(self: Effect.Effect<A, E, R>) => self.pipe(Effect.provide(emulator()))

const inDirectory = <A, E, R>(body: (directory: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => Effect.flatMap(fs.makeTempDirectoryScoped(), (directory) => body(directory, fs))
  )

/** Runs the command line in a shell, in which no file can grow beyond `blocks` blocks of 512 bytes. Returns the exit code. */
const runLimited = (blocks: number, command: string) =>
  HttpServer.addressFormattedWith((apiUrl) =>
    Effect.scoped(Effect.gen(function*() {
      const shell = yield* Command.make(
        "sh",
        "-c",
        `trap '' XFSZ; ulimit -f ${blocks}; exec "${process.execPath}" "${
          join(programs, "effect-clerk.js")
        }" ${command}`
      ).pipe(Command.env({ CLERK_SECRET_KEY: testKey, CLERK_API_URL: apiUrl }), Command.start)
      return yield* shell.exitCode
    }))
  )

const seed = (count: number) =>
  Effect.flatMap(
    InvitationsControl,
    (control) => control.seed(Array.makeBy(count, (index) => ({ emailAddress: `person-${index + 1}@example.com` })))
  )

const isPosix = process.platform !== "win32"

describe.skipIf(!isPosix)("a file that cannot grow", () => {
  it.scopedLive(
    "gets every byte that fits, and the command exits with 4",
    () =>
      live(inDirectory((directory, fs) =>
        Effect.gen(function*() {
          yield* seed(40)
          const file = join(directory, "list.json")
          assert.strictEqual(yield* runLimited(8, `list --json > "${file}"`), 4)
          assert.strictEqual((yield* fs.readFileString(file)).length, 8 * 512)
          assert.strictEqual(yield* runLimited(1000, `list --json > "${file}"`), 0)
          assert.lengthOf((yield* fs.readFileString(file)).trimEnd().split("\n"), 40)
        })
      )),
    60_000
  )

  it.scopedLive(
    "ends an invite with 4, because invitations were sent",
    () =>
      live(inDirectory((directory, fs) =>
        Effect.gen(function*() {
          const csv = join(directory, "people.csv")
          const error = join(directory, "error.txt")
          yield* fs.writeFileString(csv, `email_address\n${Array.makeBy(30, (n) => `p${n}@example.com`).join("\n")}\n`)
          assert.strictEqual(yield* runLimited(1, `invite --csv "${csv}" 2> "${error}"`), 4)
          assert.include(
            yield* fs.readFileString(error),
            `${join(directory, "people.outcomes.ndjson")} cannot be written: EFBIG`
          )
          const sent = yield* Effect.flatMap(InvitationsControl, ({ invitations }) => invitations)
          assert.isAbove(sent.length, 0)
        })
      )),
    60_000
  )
})

describe.skipIf(!isPosix)("SIGHUP", () => {
  it.scopedLive("ends the emulator with a saved state", () =>
    inDirectory((directory, fs) =>
      Effect.gen(function*() {
        const data = join(directory, "data.json")
        const emulator = yield* start(["emulator", "--port", "0", "--data", data, "--seed", "3"])
        yield* emulator.firstLine
        yield* emulator.kill("SIGHUP")
        assert.strictEqual((yield* emulator.end).code, 0)
        assert.include(yield* fs.readFileString(data), "person-3@example.com")
      })
    ).pipe(Effect.provide(NodeContext.layer)), 60_000)

  it.scopedLive(
    "ends an invite, which says how to go on",
    () =>
      live(inDirectory((directory, fs) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const arrived = yield* Deferred.make<true>()
          yield* control.setFaultPolicy((operation) =>
            operation === "list" ? Effect.succeedNone : Effect.zipRight(Deferred.succeed(arrived, true), Effect.never)
          )
          const csv = join(directory, "people.csv")
          yield* fs.writeFileString(csv, "email_address\nada@example.com\n")
          const invite = yield* startCli(["invite", "--csv", csv])
          yield* Deferred.await(arrived)
          yield* invite.kill("SIGHUP")
          const { code, stderr } = yield* invite.end
          assert.strictEqual(code, 130)
          assert.include(stderr, "Run the same command again to continue.")
        })
      )),
    60_000
  )
})

describe("colours", () => {
  const esc = "\u001b"

  /** Prints a coloured text through the console of the commands. */
  const printed = (isTerminal: boolean, env: ReadonlyArray<readonly [string, string]> = []) =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const write = () => Effect.void
      const sink = { isTerminal, write }
      const console = yield* Console.consoleWith(Effect.succeed)
      const log = (text: unknown) => Effect.sync(() => lines.push(String(text)))
      yield* Console.log(`${esc}[1mbold${esc}[0m${esc}[2J`).pipe(
        Effect.provide(ConsoleLive.pipe(
          Layer.provide([
            Layer.succeed(Stdio, {
              stdinIsTerminal: false,
              ask: () => Effect.succeed(""),
              stdout: sink,
              stderr: sink
            }),
            Console.setConsole({ ...console, log })
          ])
        )),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(env)))
      )
      return lines
    })

  it.effect("reach a terminal, without other control characters", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* printed(true), [`${esc}[1mbold${esc}[0m\\u001b[2J`])
      assert.deepStrictEqual(yield* printed(true, [["NO_COLOR", ""]]), [`${esc}[1mbold${esc}[0m\\u001b[2J`])
    }))

  it.effect("reach neither a pipe nor a terminal with NO_COLOR", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* printed(false), ["bold\\u001b[2J"])
      assert.deepStrictEqual(yield* printed(true, [["NO_COLOR", "1"]]), ["bold\\u001b[2J"])
    }))

  it.scopedLive("do not reach a pipe with the help or a usage error, and arguments are escaped", () =>
    live(Effect.gen(function*() {
      const help = yield* cli(["--help"])
      assert.include(help.stdout, "invitations")
      const wrong = yield* cli(["list", "--limit", `${esc}[2J`, "--csv"])
      const missing = yield* cli(["invite", "--csv", `/${esc}[2J/people.csv`])
      const noFile = yield* cli(["export", "--output", `/absent/${esc}[2J.csv`])
      for (const { stderr, stdout } of [help, wrong, missing, noFile]) assert.notInclude(stdout + stderr, esc)
      assert.include(noFile.stderr, "\\u001b[2J")
    })))
})
