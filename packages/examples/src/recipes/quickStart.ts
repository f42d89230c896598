// Run it, beside npx -y pnpm@10 emulator, with: npx -y pnpm@10 tsx packages/examples/src/recipes/quickStart.ts
// and the environment CLERK_SECRET_KEY=sk_test_local CLERK_API_URL=http://127.0.0.1:4010
import { InvitationsService } from "@effect-clerk/core"
import { isDuplicate } from "@effect-clerk/core/InvitationError"
import { InvitationsHttp } from "@effect-clerk/http"
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"

const program = Effect.gen(function*() {
  const invitations = yield* InvitationsService
  const { emailAddress, id } = yield* invitations.create({ emailAddress: "ada@example.com", expiresInDays: 7 })
  yield* Console.log(`Invited ${emailAddress} (${id})`)
}).pipe(Effect.catchIf(isDuplicate, () => Console.log("Invited already")))

// Reads CLERK_SECRET_KEY and, if it is set, CLERK_API_URL.
const InvitationsLive = InvitationsHttp.layerConfig().pipe(Layer.provide(NodeHttpClient.layerUndici))

program.pipe(Effect.provide(InvitationsLive), NodeRuntime.runMain)
