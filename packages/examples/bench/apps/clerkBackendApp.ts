// The four calls, with the vendor's client.
import { createClerkClient } from "@clerk/backend"

export const main = async (secretKey: string) => {
  const { invitations } = createClerkClient({ secretKey, telemetry: { disabled: true } })
  const ada = await invitations.createInvitation({ emailAddress: "ada@example.com", expiresInDays: 7 })
  await invitations.createInvitationBulk([{ emailAddress: "grace@example.com" }, { emailAddress: "hedy@example.com" }])
  const { totalCount } = await invitations.getInvitationList({ status: "pending", limit: 500 })
  await invitations.revokeInvitation(ada.id)
  return totalCount
}
