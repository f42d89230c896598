import { spawnSync } from "node:child_process"
import { readdir, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { command as program } from "../harness/build.js"
import { serve } from "../harness/processes.js"
import type { Bench, Row } from "../harness/row.js"
import { absolute } from "../harness/row.js"

// The CPU time of a process and its children in seconds, as the shell counts it: its last line has user and system time.
const cpuSeconds = (file: string, ...args: ReadonlyArray<string>): number => {
  const { status, stdout } = spawnSync(
    "sh",
    ["-c", "\"$0\" \"$@\" >/dev/null; times", process.execPath, file, ...args],
    {
      encoding: "utf8"
    }
  )
  const times = Array.from(
    stdout.trimEnd().split("\n").at(-1)?.matchAll(/(\d+)m([\d.]+)s/g) ?? [],
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds)
  )
  if (status !== 0 || times.length !== 2) throw new Error(`${file} failed`)
  return times.reduce((sum, time) => sum + time, 0)
}

// The time from the start of the emulator to its first answer, in milliseconds.
const firstAnswer = async (file: string): Promise<number> => {
  const start = performance.now()
  const emulator = await serve(file, { port: 0 }, ["emulator"])
  try {
    const response = await fetch(`${emulator.url}/v1/invitations`, {
      headers: { authorization: "Bearer sk_test_bench" }
    })
    await response.text()
    return performance.now() - start
  } finally {
    await emulator.stop()
  }
}

/** The start of the bundled command, and its size. */
export const command = async ({ rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const file = await program()
  const folder = dirname(file)
  const files = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size))
  const cpu: Array<number> = []
  const millis: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    cpu.push(cpuSeconds(file, "--version"))
    millis.push(await firstAnswer(file))
  }
  return [
    absolute("effect-clerk --version, CPU", "s", cpu, 0.6),
    absolute("effect-clerk emulator, until its first answer", "ms", millis, 1000),
    absolute("effect-clerk, the folder", "MB", [files.reduce((sum, size) => sum + size, 0) / 1e6], 2)
  ]
}
