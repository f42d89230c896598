import type { WirePage } from "./contestant.js"
import { bodyOf, contest, headers, parsePage, pool, searchOf } from "./contestant.js"

await contest((apiUrl) => {
  const page = async (offset: number): Promise<WirePage> => {
    const response = await fetch(`${apiUrl}/v1/invitations${searchOf(offset)}`, { headers })
    return parsePage(await response.text())
  }
  return {
    create: async (count) => {
      for (let index = 0; index < count; index++) {
        const response = await fetch(`${apiUrl}/v1/invitations`, { method: "POST", headers, body: bodyOf(index) })
        await response.json()
      }
    },
    list: (ahead) => pool(ahead, page),
    close: () => Promise.resolve()
  }
})
