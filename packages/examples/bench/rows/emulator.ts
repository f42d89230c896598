import { Schema } from "effect"
import { command, compile } from "../harness/build.js"
import { run, serve } from "../harness/processes.js"
import type { Bench, Row } from "../harness/row.js"
import { atLeast, compare, interleave } from "../harness/row.js"

const Figures = Schema.Struct({ perSecond: Schema.Number })

/** Creates over 32 connections: the emulator compared with the stub, which sends the same response without reading the request. */
export const emulator = async ({ quick, rounds }: Bench): Promise<ReadonlyArray<Row>> => {
  const load = await compile("load.ts")
  const figures = await interleave(Math.min(3, rounds), ["emulator", "bare"], async (name) => {
    const server = name === "emulator"
      ? await serve(await command(), { port: 0 }, ["emulator"])
      : await serve(await compile("stub.ts"), { port: 0 })
    try {
      const url = `${server.url}${name === "emulator" ? "" : "/0ms/0rows"}/v1/invitations`
      return await run(load, { url, "warm-up": quick ? 2 : 4, seconds: quick ? 2 : 4 }, Figures)
    } finally {
      await server.stop()
    }
  })
  const perSecond = (figures: typeof Figures.Type) => figures.perSecond
  return [
    compare(
      "emulator, POST /v1/invitations, 32 connections",
      "requests/s",
      figures("emulator", perSecond),
      figures("bare", perSecond),
      atLeast(0.12)
    )
  ]
}
