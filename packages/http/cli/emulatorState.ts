import type { InvitationsControl } from "@effect-clerk/http"
import { Snapshot } from "@effect-clerk/http"
import type { Error as Platform } from "@effect/platform"
import { FileSystem, Path } from "@effect/platform"
import { Clock, Data, Effect, Option, ParseResult, Ref, Schema, Stream } from "effect"

/**
 * The file cannot be read, or is not what the emulator wrote. It is left as it is.
 */
export class UnreadableData extends Data.TaggedError("UnreadableData")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file} does not hold the state of an emulator: ${this.reason}. ` +
      "It is left as it is; move it away, or choose another with --data."
  }
}

/**
 * The file cannot be written.
 */
export class UnwritableData extends Data.TaggedError("UnwritableData")<{
  readonly file: string
  readonly cause: Platform.PlatformError
}> {
  override get message(): string {
    return `${this.file} cannot be written: ${why(this.cause)}. Choose another with --data.`
  }
}

const why = (error: Platform.PlatformError): string =>
  error._tag === "SystemError" ? error.reason : error.description ?? "BadArgument"

/**
 * Where an emulator keeps its state between runs.
 */
export interface DataFile {
  /** Whether there was no such file before. */
  readonly isNew: boolean
  /** Puts what the file holds into the emulator, and from now on what the emulator holds into the file, until the scope ends. */
  readonly keep: (control: InvitationsControl.Service) => Effect.Effect<void, UnwritableData>
}

const Json = Schema.parseJson(Snapshot)

// The places where the file is wrong, and never what is there: it holds addresses and links.
const places = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const path = issue?.path.map(String).join(".") ?? ""
  return path === "" ? "it is not the JSON that is expected" : `${path} is not what is expected`
}

// What changes within this time is written at once.
const pause = "250 millis"

/**
 * Reads the file, if there is one. The state is written a moment after it has changed, and for the last time when the scope
 * ends: into a file beside it, which then takes its place, so that whoever reads it sees the old state or the new one, also after a
 * crash. It holds accept links, so nobody else may read it.
 */
export const open = Effect.fn("DataFile.open")(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const text = yield* fs.readFileString(file).pipe(
    Effect.asSome,
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "NotFound",
      () => Effect.succeedNone
    ),
    Effect.mapError((error) => new UnreadableData({ file, reason: why(error) }))
  )
  const found = yield* Effect.mapError(
    Effect.transposeMapOption(text, Schema.decode(Json)),
    (error) => new UnreadableData({ file, reason: places(error) })
  )

  const written = yield* Ref.make(Option.getOrElse(text, () => ""))
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${yield* Clock.currentTimeMillis}.tmp`)

  const write = (text: string) =>
    Effect.scoped(
      Effect.gen(function*() {
        const target = yield* fs.open(beside, { flag: "w", mode: 0o600 })
        yield* target.writeAll(new TextEncoder().encode(text))
        yield* target.sync
      })
    ).pipe(
      Effect.zipRight(fs.rename(beside, file)),
      Effect.onError(() => Effect.ignore(fs.remove(beside))),
      Effect.mapError((cause) => new UnwritableData({ file, cause }))
    )

  const save = (control: InvitationsControl.Service) =>
    Effect.gen(function*() {
      const text = yield* Effect.flatMap(control.snapshot, (snapshot) => Effect.orDie(Schema.encode(Json)(snapshot)))
      if (text === (yield* Ref.get(written))) return
      yield* write(text)
      yield* Ref.set(written, text)
    }).pipe(Effect.uninterruptible)

  const complain = (error: UnwritableData) => Effect.logError(error.message)

  // Acquired before the emulator, so that it runs after the last request has been answered.
  const kept = yield* Ref.make(Option.none<InvitationsControl.Service>())
  yield* Effect.addFinalizer(() =>
    Effect.flatMap(
      Ref.get(kept),
      Option.match({
        onNone: () => Effect.void,
        onSome: (control) => Effect.catchAll(save(control), complain)
      })
    )
  )

  const scope = yield* Effect.scope
  const dataFile: DataFile = {
    isNew: Option.isNone(found),
    keep: (control) =>
      Effect.gen(function*() {
        if (Option.isSome(found)) yield* control.restore(found.value)
        // At once, so that a place that cannot be written is known before anything is lost.
        yield* save(control)
        yield* Ref.set(kept, Option.some(control))
        yield* Effect.forkIn(
          Stream.runForEach(control.changes, () =>
            Effect.zipRight(Effect.sleep(pause), Effect.catchAll(save(control), complain))),
          scope
        )
      })
  }
  return dataFile
})
