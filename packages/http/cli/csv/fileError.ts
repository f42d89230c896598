import { type CommandFailed, exitUsage } from "../terminal/exitCode.js"

/**
 * The error of a file that cannot be read as CSV. `reason` never quotes a value of the file.
 */
export const fileError = (name: string, line: number, reason: string): CommandFailed =>
  exitUsage(`${name}, line ${line}: ${reason}. Nothing was sent.`)
