import { Fault } from "@effect-clerk/http"
import { Campaign } from "@effect-clerk/http/InviteCampaign"
import { assert } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Cause, Effect, Exit, HashMap, List, Logger, LogLevel, Metric, Option, Redacted, Schema, Stream } from "effect"
import { inspect } from "node:util"
import { recordingTracer } from "../../utils/tracer.js"
import type { Test } from "./fixture.js"
import { drive, withClock } from "./fixture.js"

const id = "campaign"

const secrets = ["xochiquetzal", "obsidian-mirror", "cozcacuauhtli", "ticket="]

const people = Array.from({ length: 30 }, (_, n) => ({
  emailAddress: `xochiquetzal${n}@example.com`,
  publicMetadata: { plan: "obsidian-mirror" },
  redirectUrl: "https://example.com/cozcacuauhtli"
}))

const print = (value: unknown): string => inspect(value, { depth: 12, maxStringLength: null, maxArrayLength: null })

/** Records the logs of every level. */
const recordingLogger = () => {
  const lines: Array<string> = []
  const logger = Logger.make((options) => {
    for (const { log } of [Logger.stringLogger, Logger.jsonLogger]) lines.push(log(options))
    lines.push(
      Cause.pretty(options.cause),
      print(HashMap.toEntries(options.annotations)),
      print(List.toArray(options.spans))
    )
  })
  return { lines, layer: Logger.replace(Logger.defaultLogger, logger) }
}

export const privacy = (test: Test): void => {
  test("nothing personal reaches spans, logs, metrics, problems and errors", (fixture) =>
    Effect.gen(function*() {
      const { attempts, campaigns, control, process, store } = fixture
      const { events, spans, tracer } = recordingTracer()
      const { layer, lines } = recordingLogger()
      const errors: Array<unknown> = []
      const note = <A, E>(effect: Effect.Effect<A, E>) =>
        Effect.map(Effect.exit(effect), (exit) => {
          if (Exit.isFailure(exit)) {
            errors.push(exit, JSON.stringify(exit), Cause.pretty(exit.cause, { renderErrorCause: true }))
          }
        })
      let dies = 2
      const other = yield* process({
        attempts: {
          ...attempts,
          list: (params) =>
            Effect.suspend(() => dies-- === 1 ? Effect.die(new Error(`no ${params.query}`)) : attempts.list(params))
        }
      })
      yield* Effect.gen(function*() {
        yield* note(campaigns.start({ id, people: [...people, { emailAddress: "xochiquetzal at example.com" }] }))
        yield* note(
          campaigns.start({
            id,
            people: [{ ...people[0], emailAddress: "xochiquetzal@example.com", ignoreExisting: true }]
          })
        )
        yield* campaigns.start({ id, people })
        yield* note(campaigns.start({ id, people: people.slice(1) }))
        yield* control.addUser(people[3]?.emailAddress ?? "")
        yield* control.setBlocklist([people[4]?.emailAddress ?? ""])
        yield* control.seed(people.slice(5, 6))
        for (
          const response of [
            Fault.Response.Reset(),
            Fault.Response.Status({ status: 500 }),
            Fault.Response.Status({ status: 429, code: "too_many_requests" }),
            Fault.Response.Body({ body: JSON.stringify(people) })
          ]
        ) yield* control.injectFaults([{ response, commit: "before", operation: "create" }])
        yield* note(other.runDue)
        yield* drive(campaigns, fixture.now, id, withClock(other.runDue))
      }).pipe(
        Effect.provide(layer),
        Logger.withMinimumLogLevel(LogLevel.All),
        Effect.withTracer(tracer)
      )
      const campaign = yield* campaigns.get(id)
      assert.strictEqual(campaign.state, "completed")
      assert.strictEqual(errors.length, 9)
      assert.isAbove(spans.length, 4)
      const problems = yield* Stream.runCollect(Stream.map(campaigns.people(id), ({ problem }) => problem))
      const { problem } = yield* Effect.flatten(store.get(id))
      const all = [
        lines.join("\n"),
        print([spans, events]),
        print(yield* Metric.snapshot),
        print(errors),
        print([...problems].map(Option.getOrNull)),
        print(problem),
        JSON.stringify(Schema.encodeSync(Campaign)(campaign))
      ].join("\n")
      deepStrictEqual(secrets.filter((secret) => all.includes(secret)), [])
      // The e-mails contain the texts that are searched for.
      const [email] = yield* control.outbox
      assert.include(`${email?.to} ${email === undefined ? "" : Redacted.value(email.url)}`, "xochiquetzal")
    }))
}
