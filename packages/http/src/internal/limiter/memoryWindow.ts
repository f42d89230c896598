import type { Pace, QuotaSettings } from "./admission.js"

/**
 * The calls of one layer in a quota: at most `limit` in any sliding window.
 */
export interface MemoryWindow {
  /** When a call may be sent after `ahead` others, as seen at `now`. At `now` or later. */
  readonly dueAfter: (ahead: number, now: number) => number
  /** Counts a call that is sent at `now`, which must be due. */
  readonly take: (now: number) => void
  /** Returns a call that was counted at `takenAt`. */
  readonly release: (takenAt: number) => void
  /** Admits no call before `until`, and then calls at a pace. */
  readonly pause: (until: number, pace: Pace) => void
}

export const make = ({ limit, window }: QuotaSettings): MemoryWindow => {
  // When each counted call leaves the window, in ascending order. Those before `first` have left.
  let leaving: Array<number> = []
  let first = 0
  let pausedUntil = 0
  // Until this time calls are admitted `gap` milliseconds apart.
  let pacedUntil = 0
  let gap = 0

  const forget = (now: number): void => {
    while (first < leaving.length && (leaving[first] ?? 0) <= now) first++
    if (first < 1000) return
    leaving = leaving.slice(first)
    first = 0
  }

  return {
    dueAfter: (ahead, now) => {
      forget(now)
      const free = limit - (leaving.length - first)
      const position = ahead % limit
      const due = position < free ? now : leaving[first + position - free] ?? now
      const admittedAt = Math.max(pausedUntil, now) + (now < pacedUntil ? gap * ahead : 0)
      return Math.max(admittedAt, due + Math.floor(ahead / limit) * window)
    },
    take: (now) => {
      leaving.push(now + window)
      if (now < pacedUntil) pausedUntil = now + gap
    },
    release: (takenAt) => {
      const index = leaving.lastIndexOf(takenAt + window)
      if (index >= first) leaving.splice(index, 1)
    },
    pause: (until, pace) => {
      pausedUntil = Math.max(pausedUntil, until)
      pacedUntil = pausedUntil + pace.lasting
      gap = pace.gap
    }
  }
}
