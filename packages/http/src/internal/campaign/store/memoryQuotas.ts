import { freeAt, margin, totals } from "../model/quota.js"
import type { Booking, Quota } from "../model/quota.js"

/**
 * The booked calls of all quotas.
 */
export interface MemoryQuotas {
  /** How many calls are free. Otherwise when the first one will be. */
  readonly room: (quota: Quota, now: number) => { readonly free: number; readonly until: number }
  /** When there is room for all bookings. At `now` or later. */
  readonly freeAt: (bookings: ReadonlyArray<Booking>, now: number) => number
  /** Books calls for which there is room. Returns an id for each booking. */
  readonly book: (bookings: ReadonlyArray<Booking>, now: number, timeout: number) => ReadonlyArray<number>
  readonly answer: (calls: ReadonlyArray<number>, now: number) => void
  readonly close: (quota: Quota, until: number) => void
}

interface Call {
  readonly amount: number
  readonly window: number
  readonly calls: Map<number, Call>
  freeAt: number
}

interface State {
  /** The calls that count, by id. */
  readonly calls: Map<number, Call>
  closedUntil: number
}

export const make = (): MemoryQuotas => {
  const states = new Map<string, State>()
  const calls = new Map<number, Call>()
  let lastId = 0

  const stateOf = ({ name }: Quota): State => {
    const state = states.get(name) ?? { calls: new Map(), closedUntil: 0 }
    states.set(name, state)
    return state
  }

  // Calls that are free again are forgotten. Their number is at most the limit, unless campaigns disagree about the limit.
  const counted = (state: State, now: number): number => {
    let amount = 0
    for (const [id, call] of state.calls) {
      if (call.freeAt <= now) {
        state.calls.delete(id)
        calls.delete(id)
      } else amount += call.amount
    }
    return amount
  }

  /** When `amount` calls are free. */
  const due = ({ amount, quota }: Booking, now: number): number => {
    const state = stateOf(quota)
    const opens = Math.max(now, state.closedUntil)
    if (counted(state, now) + amount <= quota.limit) return opens
    const calls = [...state.calls.values()].sort((one, other) => one.freeAt - other.freeAt)
    return Math.max(opens, freeAt({ quota, amount }, calls, now))
  }

  return {
    room: (quota, now) => {
      const until = due({ quota, amount: 1 }, now)
      return { free: until > now ? 0 : quota.limit - counted(stateOf(quota), now), until }
    },
    freeAt: (bookings, now) => totals(bookings).reduce((at, booking) => Math.max(at, due(booking, now)), now),
    book: (bookings, now, timeout) =>
      bookings.map(({ amount, quota }) => {
        const state = stateOf(quota)
        const { window } = quota
        const call = { amount, window, calls: state.calls, freeAt: now + timeout + window + margin(window) }
        lastId += 1
        calls.set(lastId, call)
        state.calls.set(lastId, call)
        return lastId
      }),
    answer: (ids, now) => {
      for (const id of ids) {
        const call = calls.get(id)
        if (call !== undefined) call.freeAt = now + call.window + margin(call.window)
      }
    },
    close: (quota, until) => {
      const state = stateOf(quota)
      state.closedUntil = Math.max(state.closedUntil, until)
    }
  }
}
