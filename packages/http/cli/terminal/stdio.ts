import { Chunk, Config, Console, Context, Effect, Layer, Option, Predicate, Stream } from "effect"
import { fstatSync, writeSync } from "node:fs"
import { createInterface } from "node:readline"
import { isatty } from "node:tty"
import { type CommandFailed, exitPartial, OutputClosed } from "./exitCode.js"
import { escapeLines, toColored, toPlain } from "./terminalText.js"

/**
 * A stream that text is written to.
 */
export interface Sink {
  readonly isTerminal: boolean
  /** Waits until the stream has taken the text. */
  readonly write: (text: string) => Effect.Effect<void, CommandFailed | OutputClosed>
}

/**
 * The standard streams of the process. Tests replace them.
 */
export class Stdio extends Context.Tag("@effect-clerk/http/cli/Stdio")<Stdio, {
  readonly stdinIsTerminal: boolean
  /** Writes a question to standard error and reads one line from standard input; empty if the input ends. */
  readonly ask: (question: string) => Effect.Effect<string>
  readonly stdout: Sink
  readonly stderr: Sink
}>() {}

const closedCodes = ["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"]

// A full disk is a failure; a reader that closed the pipe is not.
const writeFailed = (error: Error): CommandFailed | OutputClosed => {
  const code = Predicate.hasProperty(error, "code") ? String(error.code) : error.name
  return closedCodes.includes(code) ? new OutputClosed() : exitPartial(`The output cannot be written: ${code}`)
}

export const makeSink = (stream: NodeJS.WritableStream & { readonly isTTY?: boolean }): Sink => ({
  isTerminal: stream.isTTY === true,
  write: (text) =>
    text === ""
      ? Effect.void
      : Effect.async((resume) => {
        stream.write(text, (error) => resume(error instanceof Error ? Effect.fail(writeFailed(error)) : Effect.void))
      })
})

export const ask = (
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream
): Effect.Effect<string> =>
  Effect.async((resume) => {
    // `terminal: true` would set raw mode, in which ^C sends no signal.
    const lines = createInterface({ input, terminal: false })
    const answer = (line: string) => {
      lines.removeAllListeners()
      lines.close()
      input.pause()
      resume(Effect.succeed(line))
    }
    lines.once("line", answer)
    lines.once("close", () => answer(""))
    output.write(question)
    return Effect.sync(() => lines.close())
  })

// Node's own stream loses bytes without an error if a file takes only a part of them, for example on a disk that is full.
const makeFileSink = (fd: number): Sink => ({
  isTerminal: false,
  write: (text) =>
    Effect.try({
      try: () => {
        const bytes = new TextEncoder().encode(text)
        for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
      },
      catch: (error) => writeFailed(error instanceof Error ? error : new Error(String(error)))
    })
})

// Pipes and sockets may be busy. Node's stream waits until they are ready.
const isFile = (fd: number): boolean => {
  const stats = fstatSync(fd)
  return !isatty(fd) && !stats.isFIFO() && !stats.isSocket()
}

const makeStandardSink = (stream: NodeJS.WriteStream & { readonly fd: number }): Sink =>
  isFile(stream.fd) ? makeFileSink(stream.fd) : makeSink(stream)

export const StdioLive = Layer.sync(Stdio, () => {
  // Without a listener Node throws when a reader closes the pipe. `write` reports the error instead.
  process.stdout.on("error", () => {})
  process.stderr.on("error", () => {})
  return {
    stdinIsTerminal: process.stdin.isTTY,
    ask: (question) => ask(question, process.stdin, process.stderr),
    stdout: makeStandardSink(process.stdout),
    stderr: makeStandardSink(process.stderr)
  }
})

/**
 * Writes a line to standard output.
 */
export const printLine = (text: string) => Effect.flatMap(Stdio, ({ stdout }) => stdout.write(`${text}\n`))

/**
 * Whether `--quiet` is set: standard error then has errors and questions only.
 */
export class Quiet extends Context.Reference<Quiet>()("@effect-clerk/http/cli/Quiet", { defaultValue: () => false }) {}

/**
 * What to print if the command is interrupted. A command sets it before it changes something.
 */
export class Interruption extends Context.Reference<Interruption>()("@effect-clerk/http/cli/Interruption", {
  defaultValue: (): { message: () => string } => ({ message: () => "" })
}) {}

/**
 * Sets what to print if the command is interrupted from now on.
 */
export const onInterrupt = (message: () => string) =>
  Effect.map(Interruption, (interruption) => {
    interruption.message = message
  })

/**
 * Writes a message that is no error, such as progress or a summary, to standard error, unless `--quiet` is set.
 */
export const printNote = (text: string) => Effect.flatMap(Quiet, (isQuiet) => isQuiet ? Effect.void : printError(text))

/**
 * Writes a message of one or more lines to standard error. A write that fails is ignored.
 */
export const printError = (text: string) =>
  Effect.flatMap(Stdio, ({ stderr }) => Effect.ignore(stderr.write(`${escapeLines(text)}\n`)))

/**
 * Makes the console that `@effect/cli` prints help and usage errors to: it uses colours only on a terminal, and not if
 * `NO_COLOR` is set.
 *
 * @see https://no-color.org
 */
export const ConsoleLive = Layer.unwrapEffect(
  Effect.gen(function*() {
    const { stderr, stdout } = yield* Stdio
    const console = yield* Console.consoleWith(Effect.succeed)
    const hasColors = Option.isNone(yield* Config.option(Config.nonEmptyString("NO_COLOR")))
    const render = ({ isTerminal }: Sink) => (arg: unknown) =>
      isTerminal && hasColors ? toColored(String(arg)) : toPlain(String(arg))
    return Console.setConsole({
      ...console,
      log: (...args) => console.log(...args.map(render(stdout))),
      error: (...args) => console.error(...args.map(render(stderr)))
    })
  })
)

/**
 * Writes lines to standard output as they arrive, one write for each chunk.
 */
export const printLines = <E, R>(
  lines: Stream.Stream<string, E, R>
): Effect.Effect<void, E | CommandFailed | OutputClosed, R | Stdio> =>
  Stream.runForEachChunk(lines, (chunk) => Chunk.isEmpty(chunk) ? Effect.void : printLine(Chunk.join(chunk, "\n")))
