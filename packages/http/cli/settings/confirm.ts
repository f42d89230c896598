import { Effect } from "effect"
import { exitUsage } from "../terminal/exitCode.js"
import { printNote, Stdio } from "../terminal/stdio.js"
import { isLive } from "./service.js"

/**
 * Prints a warning and asks for a confirmation. Fails if the answer is not yes, or if standard input or standard error is not a
 * terminal. The question goes to standard error, so that standard output has results only. With `yes` it prints the warning only.
 */
export const ask = (warning: string, { yes }: { readonly yes: boolean }) =>
  Effect.gen(function*() {
    if (yes) return yield* printNote(`${warning}.`)
    const stdio = yield* Stdio
    if (!stdio.stdinIsTerminal || !stdio.stderr.isTerminal) {
      return yield* exitUsage(
        `${warning}. This needs a confirmation, and this is not a terminal. Pass --yes to confirm. Nothing was sent.`
      )
    }
    const answer = yield* stdio.ask(`${warning}. Continue? [y/N] `)
    if (!/^\s*y(es)?\s*$/i.test(answer)) return yield* exitUsage("Not confirmed. Nothing was sent.")
  })

/**
 * Asks for a confirmation if the key is live. `action` is what would be done, for example "Sending e-mails to 12 addresses".
 */
export const confirm = (action: string, options: { readonly yes: boolean }) =>
  Effect.flatMap(isLive, (isLive) => isLive ? ask(`The key is live. ${action}`, options) : Effect.void)
