import type { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Snapshot } from "@effect-clerk/http/Snapshot"
import type * as Platform from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import { Data, Effect, Option, ParseResult, Ref, Schema, Stream } from "effect"
import * as FileLock from "../files/fileLock.js"
import * as SafeFile from "../files/safeFile.js"
import { exitPartial, fileReason } from "../terminal/exitCode.js"
import { printError, type Stdio } from "../terminal/stdio.js"

/**
 * The file cannot be read, or the emulator did not write it. The file is not changed.
 */
export class UnreadableState extends Data.TaggedError("UnreadableState")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file} does not hold the state of an emulator: ${this.reason}. ` +
      "The file was not changed. Move it away, or choose another with --data."
  }
}

/**
 * The file cannot be written.
 */
export class UnwritableState extends Data.TaggedError("UnwritableState")<{
  readonly file: string
  readonly cause: Platform.PlatformError
}> {
  override get message(): string {
    return `${this.file} cannot be written: ${fileReason(this.cause)}. Choose another with --data.`
  }
}

/**
 * The file that keeps the state of an emulator between runs.
 */
export interface EmulatorState {
  /** Whether the file did not exist, or was empty, when it was opened. */
  readonly isNew: boolean
  /** Restores the state from the file, then saves every change to it until the scope closes. */
  readonly attach: (control: InvitationsControl.Service) => Effect.Effect<void, UnwritableState>
}

const Json = Schema.parseJson(Snapshot)

// Names the field, never its value: the file holds addresses and accept links.
const invalidField = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const path = issue?.path.map(String).join(".") ?? ""
  return path === "" ? "it is not the expected JSON" : `${path} is not valid`
}

// Changes within this time are saved together.
const saveDelay = "250 millis"

/**
 * Reads the file if it exists, and keeps other processes from writing it. The state is saved shortly after each change, and when
 * the scope closes; if the last save fails, the program exits with 4. The file always holds one complete state, also after a crash.
 * Only the owner may read the file, since it holds accept links.
 */
export const open = Effect.fn("EmulatorState.open")(function*(named: string) {
  const fs = yield* FileSystem.FileSystem
  const unwritable = Effect.mapError((cause: Platform.PlatformError) => new UnwritableState({ file: named, cause }))
  const file = yield* unwritable(SafeFile.resolve(named))
  const text = yield* fs.readFileString(file).pipe(
    Effect.map(Option.liftPredicate((text) => text !== "")),
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "NotFound",
      () => Effect.succeedNone
    ),
    Effect.mapError((error) => new UnreadableState({ file: named, reason: fileReason(error) }))
  )
  const snapshot = yield* Effect.mapError(
    Effect.transposeMapOption(text, Schema.decode(Json)),
    (error) => new UnreadableState({ file: named, reason: invalidField(error) })
  )
  yield* Effect.catchTags(FileLock.acquire(file), {
    BadArgument: (cause) => new UnwritableState({ file: named, cause }),
    SystemError: (cause) => new UnwritableState({ file: named, cause })
  })
  yield* unwritable(SafeFile.probe(file))

  const saved = yield* Ref.make(Option.getOrElse(text, () => ""))
  const context = yield* Effect.context<Stdio | FileSystem.FileSystem | Path.Path>()

  const write = (text: string) =>
    unwritable(Effect.provide(SafeFile.write(file, Stream.make(new TextEncoder().encode(text))), context))

  const save = (control: InvitationsControl.Service) =>
    Effect.gen(function*() {
      const text = yield* Effect.flatMap(control.snapshot, (snapshot) => Effect.orDie(Schema.encode(Json)(snapshot)))
      if (text === (yield* Ref.get(saved))) return
      yield* write(text)
      yield* Ref.set(saved, text)
    }).pipe(Effect.uninterruptible)

  const saveOrPrint = (control: InvitationsControl.Service) =>
    Effect.catchAll(save(control), ({ message }) => printError(message))

  // Added before the emulator starts, so that it runs after the last request has been answered.
  const attached = yield* Ref.make(Option.none<Effect.Effect<void, UnwritableState>>())
  yield* Effect.addFinalizer(() =>
    Effect.flatMap(Ref.get(attached), Option.getOrElse(() => Effect.void)).pipe(
      Effect.tapError(({ message }) => Effect.provide(printError(message), context)),
      // A finalizer has no error of its own. The exit code is 4.
      Effect.catchAll(({ message }) => Effect.die(exitPartial(message)))
    )
  )

  const scope = yield* Effect.scope
  const state: EmulatorState = {
    isNew: Option.isNone(snapshot),
    attach: (control) =>
      Effect.gen(function*() {
        if (Option.isSome(snapshot)) yield* control.restore(snapshot.value)
        // Fails now if the file cannot be written, before there is anything to lose.
        yield* save(control)
        const trySave = Effect.provide(saveOrPrint(control), context)
        yield* Ref.set(attached, Option.some(save(control)))
        yield* Effect.forkIn(
          Stream.runForEach(control.changes, () => Effect.delay(trySave, saveDelay)),
          scope
        )
      })
  }
  return state
})
