import { Schema } from "effect"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { searchOf } from "../contestants/contestant.js"
import { cache, compile } from "../harness/build.js"
import { run } from "../harness/processes.js"
import type { Bench, Row } from "../harness/row.js"
import { atMost, compare, interleave } from "../harness/row.js"

const Figures = Schema.Struct({ rows: Schema.Literal(500), perRow: Schema.Number })

const save = async (name: string, text: string): Promise<string> => {
  const file = join(cache, name)
  await mkdir(cache, { recursive: true })
  await writeFile(file, text)
  return file
}

const get = async (url: string): Promise<string> => (await fetch(url)).text()

/** `JSON.parse` and decode of a page of 500: CPU time, garbage collection included. */
export const decode = async ({ apiUrl, quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const text = await get(`${apiUrl(0, 100_000)}/v1/invitations${searchOf(0)}`)
  const full = await save("page.json", text)
  const odd = await save("odd.json", text.replace(/"url":"[^"]*"/, "\"url\":null"))
  const empty = await save("empty.json", await get(`${apiUrl(0, 0)}/v1/invitations${searchOf(0)}`))
  const time = (figures: typeof Figures.Type) => figures.perRow

  const row = async (work: string, page: string, target?: Row["target"]): Promise<Row> => {
    const figures = await interleave(rounds, ["decodeClerkBackend", "decodeEffectClerk"], async (name) =>
      run(
        await compile(`contestants/${name}.ts`),
        { page, empty, warmUp: quick ? 100 : 200, count: quick ? 300 : 600 },
        Figures
      ))
    return compare(work, "µs", figures("decodeEffectClerk", time), figures("decodeClerkBackend", time), target)
  }

  return [
    await row("JSON.parse and decode of 500, per invitation", full, atMost(1.5)),
    await row("the same, with one row whose url is null", odd)
  ]
}
