// Run its test, test/acceptLink.test.ts, with: npx -y pnpm@10 vitest run acceptLink
import { Effect, Redacted, Schema } from "effect"

const Visit = Schema.Struct({
  ticket: Schema.Redacted(Schema.String).pipe(Schema.propertySignature, Schema.fromKey("__clerk_ticket")),
  status: Schema.Literal("sign_up", "sign_in", "complete").pipe(
    Schema.propertySignature,
    Schema.fromKey("__clerk_status")
  )
})

/**
 * Clicks an accept link as a browser does. Returns the page to which it leads, without its query, and what the page reads
 * from the query: the ticket, which is a secret, and whether the person signs up or in.
 */
export const clickAcceptLink = (link: Redacted.Redacted) =>
  Effect.gen(function*() {
    // The link answers with a redirect, which is not followed: the page may be of an application that does not run.
    const { headers } = yield* Effect.tryPromise((signal) =>
      fetch(Redacted.value(link), { redirect: "manual", signal })
    )
    const page = new URL(headers.get("location") ?? "", Redacted.value(link))
    const visit = yield* Schema.decodeUnknown(Visit)(Object.fromEntries(page.searchParams))
    return { ...visit, page: `${page.origin}${page.pathname}` }
  })

/** Completes the sign-up with the ticket. In a browser, Clerk's JavaScript does this. */
export const completeSignUp = (emulatorUrl: string, ticket: Redacted.Redacted) =>
  Effect.tryPromise((signal) =>
    fetch(`${emulatorUrl}/_emulator/tickets/accept`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ticket: Redacted.value(ticket) }),
      signal
    })
  ).pipe(Effect.map(({ status }) => status))
