// Run it, beside npx -y pnpm@10 emulator, with: npx -y pnpm@10 tsx packages/examples/src/recipes/acceptance.ts
// and the environment CLERK_SECRET_KEY=sk_test_local CLERK_API_URL=http://127.0.0.1:4010. Accept invitations on the emulator's
// page: each one is printed once, also if the program is stopped and started again.
import { Acceptance } from "@effect-clerk/core"
import type { Invitation } from "@effect-clerk/core/Invitation"
import { InvitationsHttp } from "@effect-clerk/http"
import { KeyValueStore } from "@effect/platform"
import { NodeHttpClient, NodeKeyValueStore, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Option, Stream } from "effect"
import { pathToFileURL } from "node:url"

const key = "acceptance-cursor"

/**
 * Runs `onAccepted` for every invitation that is accepted, also for those that were accepted while the program did not run.
 * After a crash it may run once more for the last one.
 */
export const followAcceptances = <E, R>(onAccepted: (invitation: Invitation) => Effect.Effect<void, E, R>) =>
  Effect.gen(function*() {
    const cursors = (yield* KeyValueStore.KeyValueStore).forSchema(Acceptance.Cursor)
    const since = Option.getOrUndefined(yield* cursors.get(key))
    yield* Stream.runForEach(
      Acceptance.changes({ since, pollEvery: "10 seconds" }),
      ({ cursor, invitation }) =>
        Effect.zipRight(
          invitation.status === "accepted" ? onAccepted(invitation) : Effect.void,
          cursors.set(key, cursor)
        )
    )
  })

const Live = Layer.merge(
  InvitationsHttp.layerConfig().pipe(Layer.provide(NodeHttpClient.layerUndici)),
  NodeKeyValueStore.layerFileSystem("cursors")
)

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  followAcceptances(({ emailAddress }) => Console.log(`${emailAddress} has accepted`)).pipe(
    Effect.provide(Live),
    NodeRuntime.runMain
  )
}
