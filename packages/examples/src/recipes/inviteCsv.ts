// Run it, beside npx -y pnpm@10 emulator, with: npx -y pnpm@10 tsx packages/examples/src/recipes/inviteCsv.ts people.csv
// and the environment CLERK_SECRET_KEY=sk_test_local CLERK_API_URL=http://127.0.0.1:4010; the first line of the file names the
// columns: email_address and, optionally, team.
import { InvitationsService, type InviteOutcome } from "@effect-clerk/core"
import { InvitationsHttp } from "@effect-clerk/http"
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeHttpClient, NodeRuntime, NodeStream } from "@effect/platform-node"
import { parse } from "csv-parse"
import { Console, Data, Effect, Layer, Schema, Stream } from "effect"
import { pathToFileURL } from "node:url"

/** The file is not a valid CSV table. The rows before the position have been invited. */
export class MalformedCsv extends Data.TaggedError("MalformedCsv")<{ readonly message: string }> {}

const Row = Schema.Struct({ email_address: Schema.String, team: Schema.optional(Schema.String) })

// Streams the rows: the whole file is never in memory.
const people = (path: string) =>
  Stream.unwrap(Effect.map(FileSystem.FileSystem, (files) => files.stream(path))).pipe(
    NodeStream.pipeThroughDuplex(
      () => parse({ bom: true, columns: true, skip_empty_lines: true, trim: true }),
      (error) => new MalformedCsv({ message: error instanceof Error ? error.message : "it cannot be read" })
    ),
    Stream.mapEffect(Schema.decodeUnknown(Row)),
    Stream.map(({ email_address, team }) => ({
      emailAddress: email_address,
      publicMetadata: team === undefined || team === "" ? {} : { team }
    }))
  )

/** Emits one outcome per row as soon as it is known; a rejected row does not affect the others. */
export const inviteCsv = (path: string) =>
  Stream.unwrap(Effect.map(InvitationsService, (invitations) => invitations.inviteMany(people(path))))

const tell = (outcome: InviteOutcome.InviteOutcome) => {
  switch (outcome._tag) {
    case "Rejected":
    case "Unknown":
      return Console.log(`${outcome.emailAddress}: ${outcome._tag}, ${outcome.error.message}`)
    // Clerk refuses the whole instance. The rows that were not read can be invited later.
    case "Stopped":
      return Console.log(`Stopped: ${outcome.error.message}`)
    default:
      return Console.log(`${outcome.emailAddress}: ${outcome._tag}`)
  }
}

const Live = Layer.merge(
  // Calls wait until Clerk's quotas allow them, so that Clerk does not answer 429.
  InvitationsHttp.layerConfig({ rateLimit: "clerk" }).pipe(Layer.provide(NodeHttpClient.layerUndici)),
  NodeContext.layer
)

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  inviteCsv(process.argv[2] ?? "people.csv").pipe(
    Stream.runForEach(tell),
    Effect.provide(Live),
    NodeRuntime.runMain
  )
}
