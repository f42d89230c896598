// A cheap stand-in for Clerk in a process of its own: plain node:http over rows that are serialised in advance. It is
// stateless: the API URL of a client sets the latency and the number of rows, as in http://127.0.0.1:4020/20ms/100000rows.
import type { ServerResponse } from "node:http"
import { createServer } from "node:http"
import { parseArgs } from "node:util"

/** A run of digits that differs between rows. */
interface Digits {
  readonly field: "serial" | "created" | "expires"
  readonly width: number
}

const serial: Digits = { field: "serial", width: 7 }
const createdAt: Digits = { field: "created", width: 13 }
const expires: Digits = { field: "expires", width: 13 }

const beginning = 1_700_000_000_000
const day = 24 * 60 * 60 * 1000

const domains = ["example.com", "mail.example.org", "engineering.example.net"]
const metadata = [
  {},
  { role: "editor" },
  { role: "admin", team: "analytical-engines", seats: 3 },
  { role: "member", team: "compilers", invitedBy: "user_2xYb0mKq7vPqZl1", source: { campaign: "spring", step: 2 } },
  { tags: ["beta", "early-access"], locale: "en-GB" }
]
const statuses = ["pending", "pending", "pending", "accepted", "expired"]

const pick = <A>(values: ReadonlyArray<A>, index: number): A | undefined => values[index % values.length]

// As long as the ticket of a recorded accept link.
const ticket = `${"h".repeat(36)}.${"p".repeat(180)}.${"s".repeat(335)}`

// A row as Clerk writes it, with gaps for the digits. Only a revoked row has `revoked`.
const pieces = (variant: number): ReadonlyArray<string | Digits> => [
  "{\"object\":\"invitation\",\"id\":\"inv_2xYb0mKq7vPqZl1RtUvW",
  serial,
  `","email_address":"person.${variant % 7 === 0 ? "with.a.longer.name." : ""}`,
  serial,
  `@${pick(domains, variant) ?? ""}","public_metadata":${JSON.stringify(pick(metadata, variant))},"status":"${
    pick(statuses, variant) ?? ""
  }","url":"https://clerk.example.com/v1/tickets/accept?ticket=${ticket}`,
  serial,
  "\",\"expires_at\":",
  expires,
  ",\"created_at\":",
  createdAt,
  ",\"updated_at\":",
  createdAt,
  "}"
]

interface Gap {
  readonly digits: Digits
  /** The end of the digits within the row. */
  readonly end: number
}

interface Template {
  /** The start of the row within the sheet. */
  readonly start: number
  readonly gaps: ReadonlyArray<Gap>
}

const maxLimit = 500

// Two rounds of the templates, each followed by a comma, so that every page is one contiguous range.
const makeSheet = (): { readonly bytes: Buffer; readonly templates: ReadonlyArray<Template> } => {
  const templates: Array<Template> = []
  let text = ""
  for (let index = 0; index < 2 * maxLimit; index++) {
    const start = text.length
    const gaps: Array<Gap> = []
    for (const piece of pieces(index % maxLimit)) {
      text += typeof piece === "string" ? piece : "0".repeat(piece.width)
      if (typeof piece !== "string") gaps.push({ digits: piece, end: text.length - start })
    }
    text += ","
    templates.push({ start, gaps })
  }
  templates.push({ start: text.length, gaps: [] })
  return { bytes: Buffer.from(text, "latin1"), templates }
}

const sheet = makeSheet()

const startOf = (index: number): number => sheet.templates[index]?.start ?? 0

const writeDigits = (bytes: Buffer, end: number, width: number, value: number): void => {
  let rest = value
  for (let at = end - 1; at >= end - width; at--) {
    const next = Math.floor(rest / 10)
    bytes[at] = 48 + rest - next * 10
    rest = next
  }
}

const valueOf = (field: Digits["field"], number: number): number => {
  switch (field) {
    case "serial":
      return number
    case "created":
      return beginning + number * 1000
    case "expires":
      return beginning + number * 1000 + 30 * day - 2
  }
}

/** The rows from `offset` on, highest number first, between a head and a tail. */
const compose = (head: string, offset: number, size: number, total: number, tail: string): Buffer => {
  const first = offset % maxLimit
  const from = startOf(first)
  const length = size === 0 ? 0 : startOf(first + size) - from - 1
  const bytes = Buffer.allocUnsafe(head.length + length + tail.length)
  bytes.write(head, 0, "latin1")
  sheet.bytes.copy(bytes, head.length, from, from + length)
  bytes.write(tail, head.length + length, "latin1")
  for (let index = 0; index < size; index++) {
    const template = sheet.templates[first + index]
    if (template === undefined) continue
    const at = head.length + template.start - from
    for (const { digits, end } of template.gaps) {
      writeDigits(bytes, at + end, digits.width, valueOf(digits.field, total - 1 - offset - index))
    }
  }
  return bytes
}

const page = (search: string, total: number): Buffer => {
  const params = new URLSearchParams(search)
  const limit = Number(params.get("limit") ?? 10)
  const offset = Math.min(Number(params.get("offset") ?? 0), total)
  const size = Math.min(limit > maxLimit ? 10 : limit, total - offset)
  return params.get("paginated") === "true"
    ? compose("{\"data\":[", offset, size, total, `],"total_count":${total}}`)
    : compose("[", offset, size, total, "]")
}

const send = (response: ServerResponse, body: Buffer): void => {
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length })
  response.end(body)
}

const route = /^\/(\d+)ms\/(\d+)rows\/v1\/invitations(?:\/(\w+)\/revoke)?(?:\?(.*))?$/

const addressOf = /"email_address":"[^"]*"/

let creates = 0

/** The new row has the address of its request. */
const created = (body: string): Buffer => {
  const row = compose("", 0, 1, ++creates % 10_000_000, "").toString("latin1")
  return Buffer.from(row.replace(addressOf, addressOf.exec(body)?.[0] ?? ""), "latin1")
}

/** A revoked row has no accept link. */
const revoked = (id: string): Buffer =>
  Buffer.from(
    `{"object":"invitation","id":"${id}","email_address":"person@example.com","public_metadata":${
      JSON.stringify(metadata[2])
    },"revoked":true,"status":"revoked","expires_at":${beginning + 30 * day},"created_at":${beginning},"updated_at":${
      beginning + day
    }}`,
    "latin1"
  )

const server = createServer((request, response) => {
  const [, latency, rows, id, search = ""] = route.exec(request.url ?? "") ?? []
  if (rows === undefined) {
    response.writeHead(404).end()
    return
  }
  let body = ""
  const answer = () => {
    if (id !== undefined) send(response, revoked(id))
    else send(response, request.method === "POST" ? created(body) : page(search, Number(rows)))
  }
  request.setEncoding("latin1").on("data", (chunk: string) => {
    body += chunk
  }).once("end", () => {
    if (latency === "0") answer()
    else setTimeout(answer, Number(latency))
  })
})

server.keepAliveTimeout = 60_000

const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } })

server.listen(Number(values.port), "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object" && address !== null) {
    console.log(`listening on http://${address.address}:${address.port}`)
  }
})
