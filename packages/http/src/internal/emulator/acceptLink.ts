/**
 * The path of an accept link.
 */
export const path = "/v1/tickets/accept"

/**
 * The accept link of a ticket.
 */
export const make = (baseUrl: string, ticket: string): string => `${baseUrl}${path}?ticket=${ticket}`

/**
 * The ticket of a URL, which may be relative: of an accept link, or of a link to which Clerk has redirected.
 */
export const ticketOf = (url: string, parameter: "ticket" | "__clerk_ticket" = "ticket"): string | undefined =>
  new URLSearchParams(url.split("?")[1] ?? "").get(parameter) ?? undefined
