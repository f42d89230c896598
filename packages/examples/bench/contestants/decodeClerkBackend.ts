import { decode } from "./decode.js"

// The SDK does not export its decoder, so it gets a fetch that responds at once. The SDK reads `fetch` when it is loaded.
let answer = ""
const response = {
  ok: true,
  status: 200,
  headers: new Headers({ "content-type": "application/json" }),
  json: (): Promise<unknown> => Promise.resolve(JSON.parse(answer))
}
Object.defineProperty(globalThis, "fetch", { value: () => Promise.resolve(response) })

const { createClerkClient } = await import("@clerk/backend")

const { invitations } = createClerkClient({ secretKey: "sk_test_bench", telemetry: { disabled: true } })

await decode(async (text) => {
  answer = text
  const { data } = await invitations.getInvitationList({ limit: 500 })
  return data.length
})
