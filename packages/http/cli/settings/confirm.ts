import { Effect } from "effect"
import { exitUsage } from "../terminal/exitCode.js"
import { printNote, Stdio } from "../terminal/stdio.js"
import { isLive } from "./service.js"

/**
 * Asks for a confirmation if the key is live. Fails if the answer is not yes, or if standard input or standard error is not a
 * terminal. The question goes to standard error, so that standard output has results only. With `yes` it prints a warning
 * instead. `action` is what would be done, for example "Sending e-mails to 12 addresses".
 */
export const confirm = (action: string, { yes }: { readonly yes: boolean }) =>
  Effect.gen(function*() {
    if (!(yield* isLive)) return
    if (yes) return yield* printNote(`The key is live. ${action}.`)
    const stdio = yield* Stdio
    if (!stdio.stdinIsTerminal || !stdio.stderr.isTerminal) {
      return yield* exitUsage(
        `${action} with a live key needs a confirmation, and this is not a terminal. Pass --yes to confirm.`
      )
    }
    const answer = yield* stdio.ask(`The key is live. ${action}? [y/N] `)
    if (!/^\s*y(es)?\s*$/i.test(answer)) return yield* exitUsage("Not confirmed. Nothing was sent.")
  })
