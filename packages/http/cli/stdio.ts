import { Chunk, Context, Effect, Layer, Predicate, Stream } from "effect"
import { createInterface } from "node:readline"
import { type CommandFailed, exitPartial, OutputClosed } from "./exitCode.js"

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

export const StdioLive = Layer.sync(Stdio, () => {
  // Without a listener Node throws when a reader closes the pipe. `write` reports the error instead.
  process.stdout.on("error", () => {})
  process.stderr.on("error", () => {})
  return {
    stdinIsTerminal: process.stdin.isTTY,
    ask: (question) => ask(question, process.stdin, process.stderr),
    stdout: makeSink(process.stdout),
    stderr: makeSink(process.stderr)
  }
})

/**
 * Writes a line to standard output.
 */
export const printLine = (text: string) => Effect.flatMap(Stdio, ({ stdout }) => stdout.write(`${text}\n`))

/**
 * Writes a line to standard error. A write that fails is ignored.
 */
export const printError = (text: string) =>
  Effect.flatMap(Stdio, ({ stderr }) => Effect.ignore(stderr.write(`${text}\n`)))

/**
 * Writes lines to standard output as they arrive, one write for each chunk.
 */
export const printLines = <E, R>(
  lines: Stream.Stream<string, E, R>
): Effect.Effect<void, E | CommandFailed | OutputClosed, R | Stdio> =>
  Stream.runForEachChunk(lines, (chunk) => Chunk.isEmpty(chunk) ? Effect.void : printLine(Chunk.join(chunk, "\n")))
