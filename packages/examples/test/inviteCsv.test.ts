import { InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { FileSystem, HttpServer } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { inviteCsv } from "../src/recipes/inviteCsv.js"
import { Emulator, run } from "./utils.js"

const file = (...lines: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const path = yield* files.makeTempFileScoped({ suffix: ".csv" })
    yield* files.writeFileString(path, lines.join("\r\n"))
    return path
  })

it.scopedLive("as a program, prints one line per outcome and invites every valid address", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    yield* control.addUser("grace@example.com")
    const path = yield* file(
      "email_address,team",
      "ada@example.com,\"engines, analytical\"",
      "grace@example.com,",
      "edith,",
      "ADA@example.com,",
      "",
      "edith@example.com,"
    )
    const { code, stderr, stdout } = yield* run("recipes/inviteCsv.ts", [path], {
      CLERK_SECRET_KEY: "sk_test_local",
      CLERK_API_URL: yield* HttpServer.addressFormattedWith(Effect.succeed)
    })
    assert.deepStrictEqual([code, stderr], [0, ""])
    const lines = stdout.trimEnd().split("\n").map((line) => line.replace(/, .*/, "")).sort()
    assert.deepStrictEqual(lines, [
      "ADA@example.com: Repeated",
      "ada@example.com: Created",
      "edith: Rejected",
      "edith@example.com: Created",
      "grace@example.com: UserExists"
    ])
    const invited = (yield* control.invitations).map(({ emailAddress, publicMetadata }) => ({
      emailAddress,
      publicMetadata
    }))
    assert.sameDeepMembers(invited, [
      { emailAddress: "ada@example.com", publicMetadata: { team: "engines, analytical" } },
      { emailAddress: "edith@example.com", publicMetadata: {} }
    ])
  }).pipe(Effect.provide(Layer.merge(Emulator, NodeContext.layer))))

it.scopedLive("fails if the file is not a valid CSV table", () =>
  Effect.gen(function*() {
    const path = yield* file("email_address", "ada@example.com", "\"grace@example.com")
    const error = yield* Effect.flip(Stream.runDrain(inviteCsv(path)))
    assert.deepInclude(error, { _tag: "MalformedCsv" })
  }).pipe(Effect.provide(Layer.merge(InvitationsMemory.layer(), NodeContext.layer))))
