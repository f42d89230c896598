/**
 * Times relative to the emulator's clock, which may differ from the browser's, for example in a test.
 */
import { make } from "./dom.js"

let aheadMillis = 0

/** Sets the time of the emulator's clock. */
export const setNow = (now: number): void => {
  aheadMillis = now - Date.now()
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" })

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const units = [["day", day], ["hour", hour], ["minute", minute], ["second", second]] as const

const fromNow = (at: number): string => {
  const distance = at - Date.now() - aheadMillis
  const [unit, millis] = units.find(([, millis]) => Math.abs(distance) >= 0.9 * millis) ?? ["second", second]
  return relative.format(Math.round(distance / millis), unit)
}

/** Makes a `time` element that shows `at` relative to now, for example “created 2 minutes ago”. */
export const makeTime = (at: number, prefix = ""): HTMLTimeElement => {
  const date = new Date(at)
  return make(
    "time",
    { datetime: date.toISOString(), title: date.toLocaleString(), "data-at": String(at), "data-prefix": prefix },
    prefix + fromNow(at)
  )
}

/** Updates all `time` elements of the page. */
export const updateTimes = (): void => {
  for (const element of document.querySelectorAll("time")) {
    const { at, prefix } = element.dataset
    const text = `${prefix ?? ""}${fromNow(Number(at))}`
    if (element.textContent !== text) element.textContent = text
  }
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

export const formatDuration = (millis: number): string =>
  millis >= hour
    ? plural(millis / hour, "hour")
    : millis >= minute
    ? plural(millis / minute, "minute")
    : plural(millis / second, "second")
