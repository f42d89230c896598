import { createClerkClient } from "@clerk/backend"
import { contest, idOf, pageSize, requestOf, secretKey } from "./contestant.js"

await contest((apiUrl) => {
  const { invitations } = createClerkClient({ secretKey, apiUrl, telemetry: { disabled: true } })
  return {
    create: async (count) => {
      for (let index = 0; index < count; index++) await invitations.createInvitation(requestOf(index))
    },
    revoke: async (count) => {
      for (let index = 0; index < count; index++) await invitations.revokeInvitation(idOf(index))
    },
    listTen: async (count) => {
      for (let index = 0; index < count; index++) await invitations.getInvitationList({ limit: 10 })
    },
    // The SDK offers pages only; this is the loop from its documentation.
    list: async () => {
      let rows = 0
      while (true) {
        const { data, totalCount } = await invitations.getInvitationList({ limit: pageSize, offset: rows })
        rows += data.length
        if (rows >= totalCount) return rows
      }
    },
    close: () => Promise.resolve()
  }
})
