import type { InvalidTicket, InvitationNotPending } from "../../InvitationsControl.js"

const escapes: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&#39;"
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? "")

const page = (title: string, ...paragraphs: ReadonlyArray<string>): string =>
  `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · Clerk emulator</title>
  <link rel="icon" type="image/svg+xml" href="/_emulator/icon.svg">
  <link rel="stylesheet" href="/_emulator/page.css">
</head>
<body>
  <main class="ticket">
    <h1>${title}</h1>
    ${paragraphs.join("\n    ")}
  </main>
</body>
</html>
`

/**
 * The page of a pending invitation. Its button posts the ticket to the page's own path.
 */
export const invitation = (emailAddress: string, ticket: string): string =>
  page(
    "Accept your invitation",
    `<p><strong>${escape(emailAddress)}</strong> is invited to sign up.</p>`,
    `<form method="post"><input type="hidden" name="__clerk_ticket" value="${escape(ticket)}">` +
      "<button type=\"submit\" class=\"primary\">Accept</button></form>"
  )

/**
 * The page after the invitation is accepted.
 */
export const accepted = (emailAddress: string): string =>
  page("Invitation accepted", `<p><strong>${escape(emailAddress)}</strong> is now a user.</p>`)

const reasons: { readonly [reason in InvitationNotPending["reason"]]: readonly [title: string, text: string] } = {
  accepted: ["Invitation already accepted", "This invitation was accepted before. Its link works once."],
  expired: ["Invitation expired", "This invitation has expired. Ask for another one."],
  missing: ["Invitation not found", "This invitation does not exist any more. Ask for another one."],
  revoked: ["Invitation revoked", "This invitation was revoked. Ask for another one."]
}

/**
 * The page of a ticket that cannot be accepted.
 */
export const problem = (error: InvalidTicket | InvitationNotPending): string => {
  const [title, text] = error._tag === "InvalidTicket"
    ? ["Link not valid", "This link is not complete, or it was changed. Open the link of the e-mail again."]
    : reasons[error.reason]
  return page(title, `<p>${text}</p>`)
}
