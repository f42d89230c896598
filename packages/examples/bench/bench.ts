// Run it with: npx -y pnpm@10 bench (--quick for less work, --only create,decode for some rows)
import { mkdir, writeFile } from "node:fs/promises"
import { arch, cpus, totalmem } from "node:os"
import { dirname, join } from "node:path"
import { parseArgs } from "node:util"
import { cache, compile } from "./harness/build.js"
import { profileTo, serve } from "./harness/processes.js"
import { heading, line, writeReadme } from "./harness/report.js"
import type { Bench, Row } from "./harness/row.js"
import { isMet } from "./harness/row.js"
import { bundles } from "./rows/bundle.js"
import { create, listTen, revoke } from "./rows/calls.js"
import { campaign } from "./rows/campaign.js"
import { campaignOnPostgres } from "./rows/campaignOnPostgres.js"
import { command } from "./rows/command.js"
import { decode } from "./rows/decode.js"
import { emulator } from "./rows/emulator.js"
import { importing } from "./rows/importing.js"
import { inviteInMemory } from "./rows/inviteInMemory.js"
import { inviteManyInMemory } from "./rows/inviteMany.js"
import { limiter } from "./rows/limiter.js"
import { listAhead, listInTurn } from "./rows/list.js"
import { memory } from "./rows/memory.js"
import { tenants } from "./rows/tenants.js"

const benches: ReadonlyArray<readonly [name: string, run: (bench: Bench) => Promise<ReadonlyArray<Row>>]> = [
  ["create", create],
  ["revoke", revoke],
  ["list-ten", listTen],
  ["decode", decode],
  ["list-ahead", listAhead],
  ["list-in-turn", listInTurn],
  ["memory", memory],
  ["bundle", bundles],
  ["import", importing],
  ["emulator", emulator],
  ["command", command],
  ["limiter", limiter],
  ["tenants", tenants],
  ["invite-in-memory", inviteInMemory],
  ["invite-many", inviteManyInMemory],
  ["campaign", campaign],
  ["campaign-on-postgres", campaignOnPostgres]
]

const { values } = parseArgs({
  // Some package managers pass on the `--` that ends their own options.
  args: process.argv.slice(2).filter((arg, index) => index !== 0 || arg !== "--"),
  options: {
    only: { type: "string", default: benches.map(([name]) => name).join(",") },
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    json: { type: "string", default: join(cache, "results.json") },
    /** Writes the table to the README. */
    readme: { type: "boolean", default: false },
    /** The folder for a CPU profile of every process. */
    profile: { type: "string" }
  }
})

const chosen = values.only.split(",")
const unknown = chosen.filter((name) => !benches.some(([known]) => known === name))
if (unknown.length > 0) {
  console.error(`--only knows ${benches.map(([name]) => name).join(", ")}, but not ${unknown.join(", ")}`)
  process.exit(1)
}

const machine = {
  cpus: cpus().length,
  model: cpus()[0]?.model ?? "unknown",
  arch: arch(),
  memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
  node: process.version
}

const start = performance.now()
const rounds = values.rounds === undefined ? (values.quick ? 3 : 5) : Number(values.rounds)
const stub = await serve(await compile("stub.ts"))
profileTo(values.profile)

console.log(`${machine.cpus} × ${machine.model}, ${machine.memory}, Node ${machine.node}, ${rounds} rounds\n`)
console.log(heading)

const rows: Array<Row> = []
try {
  const bench: Bench = {
    rounds,
    quick: values.quick,
    apiUrl: (latency, rows) => `${stub.url}/${latency}ms/${rows}rows`
  }
  for (const [name, run] of benches) {
    if (!chosen.includes(name)) continue
    for (const row of await run(bench)) {
      rows.push(row)
      console.log(line(row))
    }
  }
} finally {
  profileTo(undefined)
  await stub.stop()
}

const missed = rows.filter((row) => isMet(row) === false)
const targets = rows.filter(({ target }) => target !== undefined)
console.log(
  `\n${targets.length - missed.length} of ${targets.length} targets met, in ${
    ((performance.now() - start) / 1000).toFixed(0)
  } s`
)

await mkdir(dirname(values.json), { recursive: true })
await writeFile(
  values.json,
  `${
    JSON.stringify(
      {
        date: new Date().toISOString(),
        machine,
        rounds,
        rows: rows.map((row) => ({ ...row, met: isMet(row) }))
      },
      null,
      2
    )
  }\n`
)
console.log(`written to ${values.json}`)

if (values.readme) {
  await writeReadme([
    `${
      new Date().toISOString().slice(0, 10)
    }, ${machine.cpus} cores (${machine.model}), ${machine.memory}, Node ${machine.node}, ` +
    `medians of ${rounds} rounds.`,
    "",
    heading,
    ...rows.map(line)
  ])
}
