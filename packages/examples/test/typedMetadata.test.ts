import { InvitationsMemory } from "@effect-clerk/http"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Logger } from "effect"
import { inviteMember, pendingOf, TeamInvitations } from "../src/recipes/typedMetadata.js"

const since = DateTime.unsafeMake(0)
const messages: Array<unknown> = []

const TestLive = Layer.mergeAll(
  Layer.provideMerge(TeamInvitations.Default, InvitationsMemory.layer()),
  Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => messages.push(message)))
)

it.effect("invites members, lists the pending ones of a team, and logs an invitation with other metadata", () =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const [other] = yield* control.seed([{ emailAddress: "eve@example.com", publicMetadata: { team: "s3cr3t" } }])
    yield* inviteMember("ada@example.com", { team: "engines", role: "admin", since })
    yield* inviteMember("grace@example.com", { team: "looms", role: "member", since })

    assert.deepStrictEqual(yield* pendingOf("engines"), ["ada@example.com"])
    assert.deepStrictEqual(messages, [[
      `The metadata of invitation ${other?.id ?? ""} does not match the schema: ` +
      "publicMetadata.role is missing; publicMetadata.since is missing"
    ]])

    const again = yield* inviteMember("ada@example.com", { team: "engines", role: "member", since })
    assert.deepStrictEqual(again.publicMetadata, { team: "engines", role: "admin", since })
    const moved = inviteMember("ada@example.com", { team: "looms", role: "member", since })
    assert.strictEqual(yield* Effect.flip(moved), "InvitedToAnotherTeam")
    const unknown = inviteMember("eve@example.com", { team: "looms", role: "member", since })
    assert.deepInclude(yield* Effect.flip(unknown), { _tag: "MetadataMismatch" })
  }).pipe(Effect.provide(TestLive)))
