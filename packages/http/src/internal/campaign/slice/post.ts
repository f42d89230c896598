import type { CreateError } from "@effect-clerk/core/InvitationError"
import { AmbiguousWrite, ConnectionError, Timeout } from "@effect-clerk/core/InvitationError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { StoreError } from "../../../InviteCampaignError.js"
import type { Recipient } from "../model/request.js"
import { longestCall } from "../model/tuning.js"
import * as Turns from "../model/turns.js"
import type { LeaseLost } from "../store/store.js"
import { book } from "./book.js"
import type { Lane } from "./lane.js"
import type { Prepared } from "./prepare.js"
import { closeQuota, settle } from "./settle.js"
import type { Stop } from "./stop.js"
import * as Stops from "./stop.js"
import type { Verdict } from "./verdict.js"
import * as Verdicts from "./verdict.js"
import type { Work } from "./work.js"

const monotonicMillis = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/**
 * Books the calls, marks the people as posted, posts them and stores their outcomes. Cannot be interrupted: the
 * outcome of a call is worth waiting for, and `callLimit` bounds it.
 */
export const post = (
  work: Work,
  lane: Lane,
  { ready, reserved }: Pick<Prepared, "ready" | "reserved">
): Effect.Effect<Stop | undefined, StoreError | LeaseLost> =>
  Effect.uninterruptible(Effect.gen(function*() {
    const { quotas, share, tuning } = work
    const recipients = ready.map(({ recipient }) => recipient)
    const notPosted = recipients.map((recipient) => Verdicts.pendingAgain(recipient))
    const calls = lane.operation === "create" ? recipients.length : 1
    const missing = calls - reserved.amount
    const before = yield* monotonicMillis
    const booked = yield* book(work, [[lane.quota, calls], [quotas.all, missing]], {
      posts: ready.map(({ known, recipient }) => ({ position: recipient.person.position, known })),
      checkAfter: longestCall(tuning),
      lasts: Turns.durationOf(recipients.length, share, quotas)
    }).pipe(
      // The people may be marked, although nothing was posted.
      Effect.tapErrorTag("StoreError", () => Effect.ignore(settle(work, "sending", notPosted, [])))
    )
    if (booked._tag === "Full") {
      yield* settle(work, "sending", [], reserved.calls)
      return Stops.wait(booked.until)
    }
    const answered = [...booked.calls, ...reserved.calls]
    // A process that was suspended meanwhile may have lost the lease: nothing is posted without time left for the call.
    const elapsed = (yield* monotonicMillis) - before
    if (elapsed > tuning.lease - longestCall(tuning)) {
      yield* settle(work, "sending", notPosted, answered)
      return Stops.timeIsUp
    }
    const verdicts = yield* lane.operation === "create" ? singles(work, recipients) : batch(work, recipients)
    const stop = strongest(verdicts)
    yield* settle(work, "sending", verdicts.flatMap(({ settlements }) => settlements), answered)
    yield* closeQuota(work, lane.quota, stop)
    return stop
  }))

const order: ReadonlyArray<Stop["_tag"]> = ["Refused", "Failure"]

const strongest = (verdicts: ReadonlyArray<Verdict>): Stop | undefined => {
  const stops = verdicts.flatMap(({ stop }) => stop === undefined ? [] : [stop])
  for (const tag of order) {
    const found = stops.find(({ _tag }) => _tag === tag)
    if (found !== undefined) return found
  }
  return stops[0]
}

const singles = (work: Work, recipients: ReadonlyArray<Recipient>) =>
  Effect.forEach(recipients, (recipient) =>
    withVerdict(
      work,
      [recipient],
      Effect.map(work.attempts.create(recipient.request), (invitation) => [invitation])
    ), { concurrency: "unbounded" })

const batch = (work: Work, recipients: ReadonlyArray<Recipient>) =>
  Effect.map(
    withVerdict(work, recipients, work.attempts.createBulk(recipients.map(({ request }) => request))),
    (verdict) => [verdict]
  )

const withVerdict = (
  { callLimit, memo, settings, store, tuning }: Work,
  recipients: ReadonlyArray<Recipient>,
  call: ReturnType<Work["attempts"]["createBulk"]>
): Effect.Effect<Verdict> => {
  const operation = recipients.length === 1 ? "create" : "createBulk"
  const duration = Duration.millis(longestCall(tuning))
  const unknown = (lastFailure: AmbiguousWrite["lastFailure"]): CreateError =>
    new AmbiguousWrite({
      operation,
      emailAddresses: Redacted.make([]),
      id: Option.none(),
      candidates: [],
      lastFailure
    })
  return Effect.gen(function*() {
    const result = yield* call.pipe(
      callLimit.limit(() => unknown(new Timeout({ operation, limit: "attempt", duration }))),
      // A defect or an interruption inside the call: the request may have been sent.
      Effect.catchAllCause((cause) =>
        cause._tag === "Fail"
          ? Effect.fail(cause.error)
          : Effect.fail(unknown(new ConnectionError({ operation, reason: "Lost", code: Option.none() })))
      ),
      Effect.either
    )
    // Only the time of the next look-up depends on it.
    const now = yield* Effect.orElse(store.now, () => Clock.currentTimeMillis)
    return Either.isRight(result)
      ? Verdicts.afterSuccess(recipients, result.right, { memo, now })
      : Verdicts.afterFailure(recipients, result.left, { memo, now, settings })
  })
}
