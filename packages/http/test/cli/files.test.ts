import { Error as Platform, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Stream } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { hostname } from "node:os"
import { join } from "node:path"
import * as FileLock from "../../cli/files/fileLock.js"
import * as SafeFile from "../../cli/files/safeFile.js"
import { emulator, start, startCli } from "./utils.js"

const inDirectory = <A, E, R>(body: (directory: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => Effect.flatMap(fs.makeTempDirectoryScoped(), (directory) => body(directory, fs))
  ).pipe(
    Effect.provide(NodeContext.layer)
  )

const bytes = (text: string) => Stream.make(new TextEncoder().encode(text))

/** A file system whose `rename` fails with this code, as for a file that is mounted by itself. */
const renameFails = (code: string) =>
  NodeContext.layer.pipe(
    Layer.merge(
      Layer.effect(
        FileSystem.FileSystem,
        Effect.map(FileSystem.FileSystem, (fs) => ({
          ...fs,
          rename: (from: string) =>
            new Platform.SystemError({
              reason: "Unknown",
              module: "FileSystem",
              method: "rename",
              pathOrDescriptor: from,
              cause: Object.assign(new Error(code), { code })
            })
        }))
      ).pipe(Layer.provide(NodeContext.layer))
    )
  )

describe("a file is written", () => {
  it.scoped("behind symbolic links, dangling ones too", () =>
    inDirectory((directory, fs) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(join(directory, "data"))
        yield* fs.symlink("data/state.json", join(directory, "link"))
        yield* fs.symlink("link", join(directory, "second"))
        const file = yield* SafeFile.resolve(join(directory, "second"))
        assert.strictEqual(file, join(directory, "data/state.json"))
        yield* SafeFile.write(file, bytes("one"))
        assert.strictEqual(yield* fs.readFileString(join(directory, "second")), "one")
        assert.strictEqual(yield* fs.readLink(join(directory, "second")), "link")
        yield* fs.symlink("loop", join(directory, "loop"))
        assert.isTrue(
          Exit.isFailure(yield* Effect.exit(SafeFile.probe(yield* SafeFile.resolve(join(directory, "loop")))))
        )
      })
    ))

  it.scoped("for its owner only, and leaves no temporary file", () =>
    inDirectory((directory, fs) =>
      Effect.gen(function*() {
        const file = join(directory, "state.json")
        yield* SafeFile.write(file, bytes("a longer text"))
        yield* SafeFile.write(file, bytes("short"))
        assert.strictEqual(yield* fs.readFileString(file), "short")
        assert.strictEqual((yield* fs.stat(file)).mode & 0o777, 0o600)
        const failed = yield* Effect.exit(SafeFile.write(file, Stream.concat(bytes("half"), Stream.fail("no more"))))
        assert.isTrue(Exit.isFailure(failed))
        assert.strictEqual(yield* fs.readFileString(file), "short")
        assert.deepStrictEqual(yield* fs.readDirectory(directory), ["state.json"])
      })
    ))

  for (const code of ["EBUSY", "EXDEV"]) {
    it.scoped(`in place if it cannot be replaced: ${code}`, () =>
      inDirectory((directory, fs) =>
        Effect.gen(function*() {
          const file = join(directory, "state.json")
          yield* fs.writeFileString(file, "a longer text")
          yield* SafeFile.write(file, bytes("short"))
          yield* fs.writeFileString(file, "a longer text")
          yield* SafeFile.write(file, bytes("new")).pipe(Effect.provide(renameFails(code)))
          assert.strictEqual(yield* fs.readFileString(file), "new")
          assert.deepStrictEqual(yield* fs.readDirectory(directory), ["state.json"])
        })
      ))
  }

  it.scoped("not if the rename fails for another reason", () =>
    inDirectory((directory, fs) =>
      Effect.gen(function*() {
        const file = join(directory, "state.json")
        yield* fs.writeFileString(file, "old")
        const exit = yield* Effect.exit(SafeFile.write(file, bytes("new")).pipe(Effect.provide(renameFails("EIO"))))
        assert.isTrue(Exit.isFailure(exit))
        assert.strictEqual(yield* fs.readFileString(file), "old")
        assert.deepStrictEqual(yield* fs.readDirectory(directory), ["state.json"])
      })
    ))

  it.scoped("and a probe fails before anything is sent", () =>
    inDirectory((directory, fs) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(join(directory, "folder"))
        for (const name of ["absent/state.json", "folder"]) {
          assert.isTrue(Exit.isFailure(yield* Effect.exit(SafeFile.probe(join(directory, name)))))
        }
        yield* SafeFile.probe(join(directory, "new.json"))
        assert.strictEqual(yield* fs.readFileString(join(directory, "new.json")), "")
      })
    ))
})

describe("the lock of a file", () => {
  const lockOf = (owner: object) => JSON.stringify({ host: hostname(), lockedAt: 0, ...owner })

  it.scoped("names the process that holds it, and is removed with the scope", () =>
    inDirectory((directory, fs) =>
      Effect.gen(function*() {
        const file = join(directory, "state.json")
        // The parent of this process is another process that lives.
        yield* fs.writeFileString(`${file}.lock`, lockOf({ pid: process.ppid }))
        const error = yield* Effect.flip(FileLock.acquire(file))
        assert.strictEqual(
          error.message,
          `${file} is in use by process ${process.ppid}. End that process, or choose another file.`
        )
        yield* fs.remove(`${file}.lock`)
        yield* Effect.scoped(FileLock.acquire(file))
        assert.deepStrictEqual(yield* fs.readDirectory(directory), [])
      })
    ))

  it.scoped("is taken over from a process that has ended, or whose id another process has", () =>
    inDirectory((directory, fs) =>
      Effect.gen(function*() {
        const file = join(directory, "state.json")
        const child = spawn(process.execPath, ["-e", ""])
        yield* Effect.promise(() => once(child, "exit"))
        const ended = [{ pid: child.pid ?? 0 }, { pid: process.pid }]
        const reused = process.platform === "linux" ? [{ pid: process.ppid, startedAt: "1" }] : []
        for (const owner of [...ended, ...reused]) {
          yield* fs.writeFileString(`${file}.lock`, lockOf(owner))
          yield* Effect.scoped(FileLock.acquire(file))
        }
        yield* fs.writeFileString(`${file}.lock`, "not a lock")
        yield* Effect.scoped(FileLock.acquire(file))
        assert.deepStrictEqual(yield* fs.readDirectory(directory), [])
      })
    ))

  it.scoped("of another machine is kept", () =>
    inDirectory((directory, fs) =>
      Effect.gen(function*() {
        const file = join(directory, "state.json")
        yield* fs.writeFileString(`${file}.lock`, lockOf({ pid: 1, host: "other" }))
        const error = yield* Effect.flip(FileLock.acquire(file))
        assert.include(
          error.message,
          `is in use by process 1 on other. If that process has ended, remove ${file}.lock.`
        )
      })
    ))

  it.scopedLive(
    "keeps a second emulator and a second invite from one file, and outlives no kill",
    () =>
      inDirectory((directory, fs) =>
        Effect.gen(function*() {
          const data = join(directory, "data.json")
          const args = ["--port", "0", "--data", data]
          const first = yield* start(["emulator", ...args])
          yield* first.firstLine
          const second = yield* start(["emulator", ...args])
          const refused = yield* second.end
          assert.strictEqual(refused.code, 2)
          assert.match(
            refused.stderr,
            /^.*data\.json is in use by process \d+\. End that process, or choose another file\.\n$/
          )
          yield* first.kill("SIGKILL")
          yield* Effect.exit(first.end)
          const third = yield* start(["emulator", ...args])
          yield* third.firstLine
          yield* third.kill("SIGTERM")
          assert.strictEqual((yield* third.end).code, 0)

          const csv = join(directory, "people.csv")
          yield* fs.writeFileString(csv, "email_address\nada@example.com\n")
          const outcomes = join(directory, "people.outcomes.ndjson")
          yield* fs.writeFileString(`${outcomes}.lock`, lockOf({ pid: process.pid }))
          const invite = yield* Effect.flatMap(startCli(["invite", "--csv", csv]), ({ end }) => end).pipe(
            Effect.provide(emulator())
          )
          assert.strictEqual(invite.code, 2)
          assert.include(invite.stderr, `${outcomes} is in use by process ${process.pid}.`)
        })
      ),
    60_000
  )

  it.scopedLive(
    "a failed last save ends the emulator with 4",
    () =>
      inDirectory((directory, fs) =>
        Effect.gen(function*() {
          const folder = join(directory, "folder")
          yield* fs.makeDirectory(folder)
          const emulator = yield* start(["emulator", "--port", "0", "--data", join(folder, "data.json")])
          const url = (yield* emulator.firstLine).replace("listening on ", "")
          yield* fs.remove(folder, { recursive: true })
          yield* Effect.promise(() =>
            fetch(`${url}/v1/invitations`, {
              method: "POST",
              headers: { authorization: "Bearer sk_test_x", "content-type": "application/json" },
              body: JSON.stringify({ email_address: "ada@example.com" })
            })
          )
          yield* emulator.kill("SIGTERM")
          const { code, stderr } = yield* emulator.end
          assert.strictEqual(code, 4)
          assert.include(stderr, "data.json cannot be written: no such file or directory")
        })
      ),
    60_000
  )
})
