import { parseArgs } from "node:util"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** The number of rows in a page. */
export const pageSize = 500

export const secretKey = "sk_test_bench"

/**
 * The operations of a measured client, each written as its users would write it.
 */
export interface Client {
  /** Creates `count` invitations sequentially. */
  readonly create: (count: number) => Promise<void>
  /** Revokes `count` invitations sequentially. Absent in a contestant of other rows. */
  readonly revoke?: ((count: number) => Promise<void>) | undefined
  /** Lists the first 10 rows `count` times. Absent in a contestant of other rows. */
  readonly listTen?: ((count: number) => Promise<void>) | undefined
  /** Lists all rows in pages of 500, with this many pages in flight; returns the number of rows. */
  readonly list: (ahead: number) => Promise<number>
  readonly close: () => Promise<void>
}

/**
 * The request to create an invitation that every client sends.
 */
export const requestOf = (index: number) => ({
  emailAddress: `person-${index}@example.com`,
  publicMetadata: { role: "admin", team: "analytical-engines", seats: 3 },
  expiresInDays: 7
})

/** The id of an invitation to revoke. */
export const idOf = (index: number): string => `inv_2xYb0mKq7vPqZl1RtUvW${String(index).padStart(7, "0")}`

/**
 * The same request as Clerk's JSON, for raw clients.
 */
export const bodyOf = (index: number): string => {
  const { emailAddress, expiresInDays, publicMetadata } = requestOf(index)
  return JSON.stringify({
    email_address: emailAddress,
    public_metadata: publicMetadata,
    expires_in_days: expiresInDays
  })
}

export const headers = { authorization: `Bearer ${secretKey}`, "content-type": "application/json" }

export const searchOf = (offset: number): string => `?paginated=true&limit=${pageSize}&offset=${offset}`

export interface WirePage {
  readonly data: ReadonlyArray<unknown>
  readonly total_count: number
}

const isPage = (value: unknown): value is WirePage =>
  typeof value === "object" && value !== null && "data" in value && Array.isArray(value.data) && "total_count" in value

/**
 * Reads a page with almost no validation.
 */
export const parsePage = (text: string): WirePage => {
  const page: unknown = JSON.parse(text)
  if (isPage(page)) return page
  throw new Error("not a page")
}

/**
 * A hand-written pool: the first page has the total count, then this many workers fetch the other pages.
 */
export const pool = async (ahead: number, page: (offset: number) => Promise<WirePage>): Promise<number> => {
  const first = await page(0)
  let rows = first.data.length
  let next = pageSize
  const worker = async (): Promise<void> => {
    while (next < first.total_count) {
      const offset = next
      next += pageSize
      const { data } = await page(offset)
      rows += data.length
    }
  }
  await Promise.all(Array.from({ length: ahead }, worker))
  return rows
}

/**
 * Measures the used heap right after a full garbage collection, ten times a second, in MiB.
 */
const watchLive = (): () => number => {
  setFlagsFromString("--expose-gc")
  const collect: unknown = runInNewContext("gc")
  if (typeof collect !== "function") throw new Error("cannot collect garbage")
  let most = 0
  const timer = setInterval(() => {
    Reflect.apply(collect, undefined, [])
    const { external, heapUsed } = process.memoryUsage()
    most = Math.max(most, (heapUsed + external) / 1024 ** 2)
  }, 100)
  return () => {
    clearInterval(timer)
    return most
  }
}

/**
 * Runs a client as a process: warms up, runs the work of the command line, prints the measurements.
 */
export const contest = async (make: (apiUrl: string) => Client): Promise<void> => {
  const { values } = parseArgs({
    options: {
      task: { type: "string", default: "" },
      url: { type: "string", default: "" },
      warmUpUrl: { type: "string", default: "" },
      count: { type: "string", default: "0" },
      warmUp: { type: "string", default: "0" },
      ahead: { type: "string", default: "1" },
      /** Measures the used heap, which costs time. */
      live: { type: "string", default: "no" }
    }
  })
  const run = async (apiUrl: string, count: number): Promise<void> => {
    const client = make(apiUrl)
    if (values.task === "create") await client.create(count)
    else if (values.task === "revoke") await client.revoke?.(count)
    else if (values.task === "listTen") await client.listTen?.(count)
    else {
      const rows = await client.list(Number(values.ahead))
      if (rows !== count) throw new Error(`${rows} rows in place of ${count}`)
    }
    await client.close()
  }
  await run(values.warmUpUrl, Number(values.warmUp))
  const live = values.live === "yes" ? watchLive() : () => 0
  const start = performance.now()
  const cpuStart = process.cpuUsage()
  await run(values.url, Number(values.count))
  const cpu = process.cpuUsage(cpuStart)
  console.log(JSON.stringify({
    wall: performance.now() - start,
    cpu: (cpu.user + cpu.system) / 1000,
    peak: process.resourceUsage().maxRSS / 1024,
    live: live()
  }))
}
