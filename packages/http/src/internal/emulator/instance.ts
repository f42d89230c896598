import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { DeletedInvitation, Invitation, InvitationStatus } from "@effect-clerk/core/Invitation"
import type { Operation } from "@effect-clerk/core/InvitationError"
import type { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { ListInvitations } from "@effect-clerk/core/ListInvitations"
import type { RateLimits } from "@effect-clerk/core/RateLimits"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import type * as Fault from "../../Fault.js"
import type { InvitationsControl } from "../../InvitationsControl.js"
import * as ApiError from "./apiError.js"
import * as Changes from "./changes.js"
import * as Quotas from "./quotas.js"
import * as RequestLog from "./requestLog.js"
import * as Store from "./store.js"

/**
 * How a call came out: what it is properly answered with, and the fault that spoils the answer, if one struck. Without a
 * proper answer the call has had no effect.
 */
export interface CallResult<A> {
  readonly intended: Option.Option<Either.Either<A, ApiError.ApiError>>
  readonly fault: Option.Option<Fault.Response>
}

/**
 * One application instance of Clerk: the store with its limits, its faults and its log. Behind it are two doors, the in-memory
 * layer and the emulator.
 */
export interface Instance {
  readonly create: (request: CreateInvitation) => Effect.Effect<CallResult<Invitation>>
  readonly createBulk: (
    requests: ReadonlyArray<CreateInvitation>
  ) => Effect.Effect<CallResult<ReadonlyArray<Invitation>>>
  readonly list: (params: ListInvitations) => Effect.Effect<CallResult<InvitationPage>>
  readonly revoke: (id: string) => Effect.Effect<CallResult<Invitation>>
  readonly delete: (id: string) => Effect.Effect<CallResult<DeletedInvitation>>
  /** Counts a call that is refused for its form, so that limits, faults and log see it as well. */
  readonly refuse: (operation: Operation, refusal: ApiError.ApiError) => Effect.Effect<CallResult<never>>
  readonly traceId: Effect.Effect<string>
  /** What came over HTTP. */
  readonly requestLog: RequestLog.RequestLog
  readonly overview: (filter: Store.Filter, limit: number) => Effect.Effect<Store.Overview>
  /** Null if there is no such invitation. */
  readonly statusOf: (id: string) => Effect.Effect<InvitationStatus | null>
  readonly control: InvitationsControl.Service
}

/**
 * What an instance can be told from the start.
 */
export interface Options {
  /**
   * The limits to enforce. Defaults to `"off"`.
   */
  readonly rateLimits?: RateLimits | "off" | undefined
  /**
   * Whether a call that is refused uses up quota all the same; Clerk does not say. Defaults to `true`.
   */
  readonly countRejected?: boolean | undefined
}

const maxLog = 10_000

interface Pending extends Fault.Plan {
  skip: number
  left: number
}

export const make = (options: Options = {}): Effect.Effect<Instance, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const prefix = (yield* Random.nextIntBetween(0, 36 ** 6)).toString(36).padStart(6, "0")
    const store = Store.make(prefix)
    const { notify, stream: changes } = yield* Changes.make
    const journal = RequestLog.make(notify)
    const countRejected = options.countRejected ?? true
    const log: Array<InvitationsControl.Call> = []
    const plans: Array<Pending> = []
    let quotas = quotasOf(options.rateLimits ?? "off")
    let decide: (operation: Operation) => Effect.Effect<Option.Option<Fault.Fault>> = () => Effect.succeedNone
    let traces = 0

    const planned = (operation: Operation): Option.Option<Fault.Fault> => {
      const matching = plans.filter((plan) => plan.operation === undefined || plan.operation === operation)
      const striking = matching.find((plan) => plan.skip === 0)
      for (const plan of matching) plan.skip = Math.max(0, plan.skip - 1)
      if (striking === undefined) return Option.none()
      if (--striking.left === 0) plans.splice(plans.indexOf(striking), 1)
      return Option.some(striking)
    }

    const record = (operation: Operation, now: number, outcome: string): void => {
      if (log.length >= maxLog) log.shift()
      log.push({ operation, at: DateTime.unsafeMake(now), outcome })
      notify()
    }

    const notifying = <A>(f: () => A): A => {
      const result = f()
      notify()
      return result
    }

    const call = <A>(
      operation: Operation,
      effect: (now: number) => Either.Either<A, ApiError.ApiError>
    ): Effect.Effect<CallResult<A>> =>
      Effect.gen(function*() {
        const run = (now: number) => notifying(() => effect(now))
        const now = yield* Clock.currentTimeMillis
        const wait = quotas.take(operation, now)
        if (Option.isSome(wait)) {
          record(operation, now, "too_many_requests")
          return { intended: Option.some(Either.left(ApiError.tooManyRequests(wait.value))), fault: Option.none() }
        }
        const matching = planned(operation)
        const fault = Option.isSome(matching) ? matching : yield* decide(operation)
        if (Option.isSome(fault)) {
          record(operation, now, fault.value.response._tag)
          const { commit, response } = fault.value
          if (commit === "before" || response._tag === "Drip") {
            return { intended: Option.some(run(yield* Clock.currentTimeMillis)), fault: Option.some(response) }
          }
          if (commit !== "never") {
            yield* Effect.forkIn(
              Effect.delay(Effect.map(Clock.currentTimeMillis, run), commit),
              scope
            )
          }
          return { intended: Option.none(), fault: Option.some(response) }
        }
        const result = run(now)
        record(operation, now, Either.isRight(result) ? "ok" : result.left.code)
        if (Either.isLeft(result) && !countRejected) quotas.giveBack(operation)
        return { intended: Option.some(result), fault: Option.none() }
      })

    const withNow = <A>(f: (now: number) => A): Effect.Effect<A> => Effect.map(Clock.currentTimeMillis, f)

    const change = <A>(f: (now: number) => A): Effect.Effect<A> => withNow((now) => notifying(() => f(now)))

    const plan = (added: Iterable<Fault.Plan>) =>
      change(() => {
        for (const each of added) plans.push({ ...each, skip: (each.nth ?? 1) - 1, left: each.times ?? 1 })
      })

    const control: InvitationsControl.Service = {
      seed: (seeds) => change((now) => Array.from(seeds, (seed) => store.seed(seed, now))),
      invitations: withNow(store.all),
      accept: (id) => Effect.flatten(change((now) => store.accept(id, now))),
      expire: (id) => Effect.flatten(change((now) => store.expire(id, now))),
      remove: (id, how) => Effect.asVoid(change((now) => how === "revoked" ? store.revoke(id, now) : store.remove(id))),
      addUser: (emailAddress) => change(() => store.addUser(emailAddress)),
      users: Effect.sync(store.users),
      outbox: Effect.sync(store.outbox),
      calls: Effect.sync(() => [...log]),
      requests: Effect.sync(journal.entries),
      failNext: (response, { commit = "never", operation } = {}) => plan([{ response, commit, operation }]),
      injectFaults: plan,
      pendingFaults: Effect.sync(() =>
        plans.map(({ response, commit, left, operation, skip }) => ({
          response,
          commit,
          operation,
          nth: skip + 1,
          times: left
        }))
      ),
      setFaultPolicy: (f) =>
        Effect.sync(() => {
          decide = f
        }),
      freezeReads: (duration) => withNow((now) => store.freezeReads(now, now + Duration.toMillis(duration))),
      setRateLimits: (limits) =>
        change(() => {
          quotas = quotasOf(limits)
        }),
      remainingQuotas: withNow((now) => quotas.left(now)),
      changes,
      snapshot: Effect.sync(store.snapshot),
      restore: (snapshot) => change(() => store.restore(snapshot)),
      reset: change(() => {
        store.reset()
        log.length = 0
        journal.clear()
        plans.length = 0
        decide = () => Effect.succeedNone
        quotas = quotasOf(options.rateLimits ?? "off")
      })
    }

    return {
      create: (request) => call("create", (now) => store.create(request, now)),
      createBulk: (requests) => call("createBulk", (now) => store.createBulk(requests, now)),
      list: (params) => call("list", (now) => store.list(params, now)),
      revoke: (id) => call("revoke", (now) => store.revoke(id, now)),
      delete: (id) => call("delete", () => store.remove(id)),
      refuse: (operation, refusal) => call(operation, () => Either.left(refusal)),
      traceId: Effect.sync(() => `trace_${prefix}${(++traces).toString(36).padStart(6, "0")}`),
      requestLog: journal,
      overview: (filter, limit) => withNow((now) => store.overview(filter, limit, now)),
      statusOf: (id) => withNow((now) => store.statusOf(id, now)),
      control
    }
  })

const quotasOf = (limits: RateLimits | "off"): Quotas.Quotas =>
  limits === "off" ? Quotas.unlimited : Quotas.make(limits)
