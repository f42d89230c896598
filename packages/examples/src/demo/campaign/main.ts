// Run it with: npx -y pnpm@10 demo:campaign
import * as ClerkEmulator from "@effect-clerk/http/ClerkEmulator"
import * as Fault from "@effect-clerk/http/Fault"
import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { Command as Cli, Options } from "@effect/cli"
import { Command, FileSystem, HttpServer } from "@effect/platform"
import { NodeContext, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect, Fiber, Layer, Option } from "effect"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import { limits } from "./settings.js"

const Emulator = ClerkEmulator.layer({ rateLimits: limits }).pipe(
  Layer.provideMerge(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 }))
)

// The same runtime options and the same kind of file as this program, which may be a bundle.
const worker = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.mjs", import.meta.url))

/** Starts a worker. It is killed when the scope closes. */
const start = (env: Record<string, string>) =>
  Command.make(process.execPath, ...process.execArgv, worker).pipe(
    Command.env(env),
    Command.stdout("inherit"),
    Command.stderr("inherit"),
    Command.start
  )

/**
 * Succeeds at the worst moment: a third of the people are invited, and Clerk has created the invitations of another bulk call,
 * whose response never arrives.
 */
const worstMoment = (people: number) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const moment = yield* Deferred.make<true>()
    yield* control.setFaultPolicy((operation) =>
      Effect.gen(function*() {
        const isEarly = operation !== "createBulk" || (yield* control.invitations).length < people / 3
        if (isEarly || !(yield* Deferred.succeed(moment, true))) return Option.none()
        return Option.some(Fault.make(Fault.Response.Stall({ at: "headers" }), "before"))
      })
    )
    return yield* Deferred.await(moment)
  })

const demo = (people: number) =>
  Effect.gen(function*() {
    const control = yield* InvitationsControl
    const files = yield* FileSystem.FileSystem
    const directory = yield* files.makeTempDirectoryScoped({ prefix: "demo-campaign-" })
    const env = {
      CLERK_API_URL: yield* HttpServer.addressFormattedWith(Effect.succeed),
      DATABASE_URL: `file:${directory}/campaigns.db`,
      PEOPLE: String(people)
    }
    yield* Console.log(
      `The emulator allows ${limits.create.limit} creates and ${limits.createBulk.limit} bulk creates in 2 seconds. ` +
        "Clerk allows 100 and 25 in an hour.\n"
    )
    const moment = yield* Effect.fork(worstMoment(people))
    const first = yield* start({ ...env, WORKER: "worker 1" })
    const isKilled = yield* Effect.raceFirst(Fiber.join(moment), Effect.as(first.exitCode, false))
    yield* first.kill("SIGKILL")
    yield* Console.log(
      `\nkill -9: worker 1 is dead. Clerk has created ${(yield* control.invitations).length} invitations, ` +
        "some of which the worker has never heard of.\n"
    )
    const second = yield* start({ ...env, WORKER: "worker 2" })
    const code = yield* second.exitCode
    const emails = (yield* control.outbox).map(({ to }) => to)
    const addresses = new Set(emails).size
    yield* Console.log(`\nThe outbox of the emulator has ${emails.length} e-mails to ${addresses} addresses.`)
    if (!isKilled || code !== 0 || emails.length !== people || addresses !== people) {
      yield* Console.log(`It should have ${people} to ${people}.`)
      return yield* Effect.fail("not exactly once")
    }
    yield* Console.log("Everybody was invited exactly once.")
  }).pipe(Effect.scoped)

const people = Options.integer("people").pipe(
  Options.withDefault(300),
  Options.withDescription("How many people to invite, at least 30")
)

const command = Cli.make("demo:campaign", { people }, (options) => demo(options.people))

Cli.run(command, { name: "demo:campaign", version: "0.0.0" })(process.argv).pipe(
  Effect.provide(Layer.merge(Emulator, NodeContext.layer)),
  NodeRuntime.runMain
)
