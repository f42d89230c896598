import { Effect } from "effect"
import { createInterface } from "node:readline"
import { exitUsage } from "./exitCode.js"
import { isTerminal } from "./output.js"
import { isLive } from "./service.js"

/**
 * The first line that is answered; nothing if there is none.
 */
export const ask = (
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream
): Effect.Effect<string> =>
  Effect.async((resume) => {
    // Not as a terminal: in raw mode ^C would be swallowed here.
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

/**
 * Asks before many are written to with a live key. On standard error, so that what is printed stays clean; where nobody can
 * be asked, that is no.
 */
export const confirm = (what: string, { yes }: { readonly yes: boolean }) =>
  Effect.gen(function*() {
    if (yes || !(yield* isLive)) return
    if (!isTerminal(process.stdin) || !isTerminal(process.stderr)) {
      return yield* exitUsage(`${what} with a live key has to be confirmed, and there is nobody to ask. Pass --yes.`)
    }
    const answer = yield* ask(`The key is a live one. ${what}? [y/N] `, process.stdin, process.stderr)
    if (!/^\s*y(es)?\s*$/i.test(answer)) return yield* exitUsage("Not confirmed: nothing was done.")
  })
