import { Agent, request } from "undici"
import type { WirePage } from "./contestant.js"
import { bodyOf, contest, headers, parsePage, pool, searchOf } from "./contestant.js"

await contest((apiUrl) => {
  const dispatcher = new Agent()
  const page = async (offset: number): Promise<WirePage> => {
    const { body } = await request(`${apiUrl}/v1/invitations${searchOf(offset)}`, { dispatcher, headers })
    return parsePage(await body.text())
  }
  return {
    create: async (count) => {
      for (let index = 0; index < count; index++) {
        const { body } = await request(`${apiUrl}/v1/invitations`, {
          dispatcher,
          method: "POST",
          headers,
          body: bodyOf(index)
        })
        await body.json()
      }
    },
    list: (ahead) => pool(ahead, page),
    close: () => dispatcher.close()
  }
})
