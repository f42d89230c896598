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

// The forms of a row in recorded and documented responses. The stub sends the form of a created invitation.
const revoked = (page: string): string =>
  page.replace(/"status":"\w+","url":"[^"]*"/g, "\"revoked\":true,\"status\":\"revoked\"")
const nulls = (page: string): string =>
  page.replace(/"url":"[^"]*"/g, "\"revoked\":null,\"url\":null").replace(/"expires_at":\d+/g, "\"expires_at\":null")

/** `JSON.parse` and decode of a page of 500: CPU time, garbage collection included. */
export const decode = async ({ apiUrl, quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const text = await get(`${apiUrl(0, 100_000)}/v1/invitations${searchOf(0)}`)
  const empty = await save("empty.json", await get(`${apiUrl(0, 0)}/v1/invitations${searchOf(0)}`))
  const time = (figures: typeof Figures.Type) => figures.perRow

  const row = async (work: string, page: string): Promise<Row> => {
    const figures = await interleave(rounds, ["decodeClerkBackend", "decodeEffectClerk"], async (name) =>
      run(
        await compile(`contestants/${name}.ts`),
        { page, empty, warmUp: quick ? 100 : 200, count: quick ? 300 : 600 },
        Figures
      ))
    return compare(work, "µs", figures("decodeEffectClerk", time), figures("decodeClerkBackend", time), atMost(1.1))
  }

  return [
    await row("JSON.parse and decode of 500, per invitation", await save("page.json", text)),
    await row("the same, revoked rows, without url", await save("revoked.json", revoked(text))),
    await row("the same, null in the optional fields", await save("nulls.json", nulls(text)))
  ]
}
