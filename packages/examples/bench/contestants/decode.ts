import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"

/**
 * Runs a decoder as a process, several times over a page of 500 and over an empty page. The time of the empty page is the
 * overhead, such as building a request.
 */
export const decode = async (read: (text: string) => Promise<number> | number): Promise<void> => {
  const { values } = parseArgs({
    options: {
      page: { type: "string", default: "" },
      empty: { type: "string", default: "" },
      warmUp: { type: "string", default: "0" },
      count: { type: "string", default: "0" }
    }
  })
  const full = await readFile(values.page, "utf8")
  const empty = await readFile(values.empty, "utf8")
  const rows = await read(full)

  const run = async (text: string, count: number): Promise<number> => {
    const start = process.cpuUsage()
    for (let index = 0; index < count; index++) await read(text)
    const { system, user } = process.cpuUsage(start)
    return (user + system) / count
  }

  await run(full, Number(values.warmUp))
  await run(empty, Number(values.warmUp))
  const perEmpty = await run(empty, Number(values.count))
  const perPage = await run(full, Number(values.count))
  console.log(JSON.stringify({ rows, perRow: (perPage - perEmpty) / rows, parsing: perEmpty }))
}
