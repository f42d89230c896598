import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import type { InstanceRefusalCode } from "@effect-clerk/core/ErrorDetail"
import type { DeletedInvitation, Invitation, InvitationStatus } from "@effect-clerk/core/Invitation"
import type { Operation } from "@effect-clerk/core/InvitationError"
import type { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { RateLimits } from "@effect-clerk/core/RateLimits"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Fault from "../../Fault.js"
import type { InvalidTicket, InvitationNotPending, InvitationsControl } from "../../InvitationsControl.js"
import type { Options } from "../../InvitationsMemory.js"
import * as AcceptLink from "./acceptLink.js"
import * as ApiError from "./apiError.js"
import * as Changes from "./changes.js"
import * as Ids from "./ids.js"
import * as Quotas from "./quotas.js"
import * as RequestLog from "./requestLog.js"
import * as Store from "./store.js"

/**
 * The result of a call, and the fault injected into its response.
 */
export interface CallResult<A> {
  /** What the call returns without the fault. `None` if the fault prevented the call from taking effect. */
  readonly intended: Option.Option<Either.Either<A, ApiError.ApiError>>
  readonly fault: Option.Option<Fault.Response>
}

/**
 * One application instance of Clerk: the store, its rate limits, its faults and its logs. The in-memory layer and the
 * emulator are its two front ends.
 */
export interface Instance {
  readonly create: (request: CreateInvitation) => Effect.Effect<CallResult<Invitation>>
  readonly createBulk: (
    requests: ReadonlyArray<CreateInvitation>
  ) => Effect.Effect<CallResult<ReadonlyArray<Invitation>>>
  readonly list: (params: Store.ListParams) => Effect.Effect<CallResult<InvitationPage>>
  readonly revoke: (id: string) => Effect.Effect<CallResult<Invitation>>
  readonly delete: (id: string) => Effect.Effect<CallResult<DeletedInvitation>>
  /**
   * Makes a call with an invalid body or query: it counts against the limits, can be affected by faults, and is logged.
   */
  readonly reject: (operation: Operation, error: ApiError.ApiError) => Effect.Effect<CallResult<never>>
  /**
   * Returns an effect that waits for the next `reset` or `restore`, and succeeds at once if one has happened meanwhile. It ends
   * a response that a fault holds back.
   */
  readonly untilReset: () => Effect.Effect<void>
  /** How many times the state was replaced by `reset` or `restore`. */
  readonly resets: () => number
  /** A new trace id. */
  readonly traceId: Effect.Effect<string>
  /** The requests to the emulator. Empty for the in-memory layer. */
  readonly requestLog: RequestLog.RequestLog
  readonly overview: (filter: Store.Filter, limit: number) => Effect.Effect<Store.Overview>
  /** Null if no invitation has the id. */
  readonly statusOf: (id: string) => Effect.Effect<InvitationStatus | null>
  /** Finds the pending invitation of a ticket. */
  readonly openTicket: (
    ticket: string
  ) => Effect.Effect<Store.OpenedTicket, InvalidTicket | InvitationNotPending>
  /** The id that the tickets name. */
  readonly instanceId: () => string
  readonly control: InvitationsControl.Service
}

const maxCalls = 10_000

interface PendingPlan extends Fault.Plan {
  /** The matching calls that pass before the plan affects one. */
  skip: number
  /** The calls that the plan still affects. */
  remaining: number
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const randomText = (length: number): Effect.Effect<string> =>
  Effect.map(
    Effect.replicateEffect(Random.nextIntBetween(0, base62.length), length),
    (indices) => indices.map((index) => base62.charAt(index)).join("")
  )

const makeSignal = (): Deferred.Deferred<void> => Deferred.unsafeMake(FiberId.none)

const makeQuotas = (limits: RateLimits | "off"): Quotas.Quotas =>
  limits === "off" ? Quotas.unlimited : Quotas.make(limits)

// The origin of the accept links of the in-memory layer. No server has this name.
const memoryUrl = "https://clerk.invalid"

export const make = (
  options: Options = {},
  baseUrl: string = memoryUrl
): Effect.Effect<Instance, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const prefix = yield* randomText(18)
    const ids = Ids.make(options.ids === "sequential" ? "0".repeat(prefix.length) : prefix)
    const store = Store.make({
      ids,
      instanceId: `ins_${prefix}${"0".repeat(9)}`,
      signingKey: yield* randomText(43),
      baseUrl
    })
    const { notify, stream: changes } = yield* Changes.make
    const requestLog = RequestLog.make(notify)
    const countRejected = options.countRejected ?? true
    const calls: Array<InvitationsControl.Call> = []
    const plans: Array<PendingPlan> = []
    let quotas = Quotas.unlimited
    let refusal: InstanceRefusalCode | "off" = "off"
    let policy: ((operation: Operation) => Effect.Effect<Option.Option<Fault.Fault>>) | undefined
    let resets = 0
    // Completed by `reset` and `restore`, then replaced.
    let nextReset = makeSignal()

    const restoreOptions = (): void => {
      quotas = makeQuotas(options.rateLimits ?? "off")
      refusal = options.instanceRefusal ?? "off"
      store.setBlocklist(options.blocklist ?? [])
    }
    restoreOptions()

    const isRefused = (operation: Operation): boolean =>
      refusal === "authorization_invalid" ||
      (refusal !== "off" && (operation === "create" || operation === "createBulk"))

    const untilReset = () => Deferred.await(nextReset)

    // A commit or a response that is under way must not reach the new state.
    const endUnderWay = (): void => {
      resets++
      Deferred.unsafeDone(nextReset, Exit.void)
      nextReset = makeSignal()
    }

    // The first due plan affects the call. Every matching plan counts the call.
    const takePlanned = (operation: Operation): Option.Option<Fault.Fault> => {
      const matching = plans.filter((plan) => plan.operation === undefined || plan.operation === operation)
      const due = matching.find((plan) => plan.skip === 0)
      for (const plan of matching) plan.skip = Math.max(0, plan.skip - 1)
      if (due === undefined) return Option.none()
      if (--due.remaining === 0) plans.splice(plans.indexOf(due), 1)
      return Option.some(due)
    }

    const takeFault = (operation: Operation): Effect.Effect<Option.Option<Fault.Fault>> => {
      const planned = takePlanned(operation)
      return Option.isSome(planned) || policy === undefined
        ? Effect.succeed(planned)
        : Effect.raceFirst(policy(operation), Effect.zipRight(untilReset(), Effect.succeedNone))
    }

    const record = (operation: Operation, now: number, outcome: string): void => {
      if (calls.length >= maxCalls) calls.shift()
      calls.push({ operation, at: DateTime.unsafeMake(now), outcome })
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
        const run = (now: number) =>
          notifying(() =>
            refusal !== "off" && isRefused(operation)
              ? Either.left(ApiError.instanceRefusal(refusal))
              : effect(now)
          )
        const now = yield* Clock.currentTimeMillis
        const wait = quotas.consume(operation, now)
        if (Option.isSome(wait)) {
          record(operation, now, "too_many_requests")
          return { intended: Option.some(Either.left(ApiError.tooManyRequests(wait.value))), fault: Option.none() }
        }
        const before = resets
        const fault = yield* takeFault(operation)
        if (before !== resets) return { intended: Option.none(), fault: Option.some(Fault.Response.Reset()) }
        if (Option.isSome(fault)) {
          record(operation, now, fault.value.response._tag)
          const { commit, response } = fault.value
          if (commit === "before" || response._tag === "Drip") {
            return { intended: Option.some(run(yield* Clock.currentTimeMillis)), fault: Option.some(response) }
          }
          if (commit !== "never") {
            const committed = Effect.delay(Effect.map(Clock.currentTimeMillis, run), commit)
            yield* Effect.forkIn(Effect.raceFirst(committed, untilReset()), scope)
          }
          return { intended: Option.none(), fault: Option.some(response) }
        }
        const result = run(now)
        record(operation, now, Either.isRight(result) ? "ok" : result.left.code)
        if (Either.isLeft(result) && !countRejected) quotas.release(operation)
        return { intended: Option.some(result), fault: Option.none() }
      })

    const read = <A>(f: (now: number) => A): Effect.Effect<A> => Effect.map(Clock.currentTimeMillis, f)

    const change = <A>(f: (now: number) => A): Effect.Effect<A> => read((now) => notifying(() => f(now)))

    const injectFaults = (added: Iterable<Fault.Plan>) =>
      change(() => {
        for (const plan of added) plans.push({ ...plan, skip: (plan.nth ?? 1) - 1, remaining: plan.times ?? 1 })
      })

    const openTicket: Instance["openTicket"] = (ticket) => Effect.flatten(read((now) => store.openTicket(ticket, now)))

    const control: InvitationsControl.Service = {
      seed: (seeds) => change((now) => Array.from(seeds, (seed) => store.seed(seed, now))),
      invitations: read(store.all),
      accept: (id) => Effect.flatten(change((now) => store.accept(id, now))),
      expire: (id) => Effect.flatten(change((now) => store.expire(id, now))),
      revoke: (id) => Effect.asVoid(change((now) => store.revoke(id, now))),
      delete: (id) => Effect.asVoid(change(() => store.delete(id))),
      acceptLink: (link) => {
        const text = Redacted.isRedacted(link) ? Redacted.value(link) : link
        if (text.startsWith("inv_")) return control.accept(text)
        const ticket = AcceptLink.ticketOf(text) ?? text
        return Effect.flatMap(openTicket(ticket), ({ invitation }) => control.accept(invitation.id))
      },
      addUser: (emailAddress) => change((now) => store.addUser(emailAddress, now)),
      users: Effect.sync(store.users),
      setBlocklist: (entries) => change(() => store.setBlocklist(entries)),
      setInstanceRefusal: (code) =>
        change(() => {
          refusal = code
        }),
      instanceRefusal: Effect.sync(() => refusal),
      outbox: Effect.sync(store.outbox),
      calls: Effect.sync(() => [...calls]),
      requests: Effect.sync(requestLog.entries),
      failNext: (response, { commit = "never", operation } = {}) => injectFaults([{ response, commit, operation }]),
      injectFaults,
      pendingFaults: Effect.sync(() =>
        plans.map(({ commit, operation, remaining, response, skip }) => ({
          response,
          commit,
          operation,
          nth: skip + 1,
          times: remaining
        }))
      ),
      setFaultPolicy: (f) =>
        Effect.sync(() => {
          policy = f
        }),
      freezeReads: (duration) => read((now) => store.freezeReads(now, now + Duration.toMillis(duration))),
      setRateLimits: (limits) =>
        change(() => {
          quotas = makeQuotas(limits)
        }),
      remainingQuotas: read((now) => quotas.remaining(now)),
      changes,
      snapshot: Effect.sync(store.snapshot),
      restore: (snapshot) =>
        change(() => {
          endUnderWay()
          store.restore(snapshot)
        }),
      reset: change(() => {
        endUnderWay()
        store.reset()
        calls.length = 0
        requestLog.clear()
        plans.length = 0
        policy = undefined
        restoreOptions()
      })
    }

    return {
      create: (request) => call("create", (now) => store.create(request, now)),
      createBulk: (requests) => call("createBulk", (now) => store.createBulk(requests, now)),
      list: (params) => call("list", (now) => store.list(params, now)),
      revoke: (id) => call("revoke", (now) => store.revoke(id, now)),
      delete: (id) => call("delete", () => store.delete(id)),
      reject: (operation, error) => call(operation, () => Either.left(error)),
      untilReset,
      resets: () => resets,
      traceId: Effect.sync(ids.trace),
      requestLog,
      overview: (filter, limit) => read((now) => store.overview(filter, limit, now)),
      statusOf: (id) => read((now) => store.statusOf(id, now)),
      openTicket,
      instanceId: store.instanceId,
      control
    }
  })
