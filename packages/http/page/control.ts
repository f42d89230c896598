/**
 * The emulator's control endpoints.
 */
import type { EmulatorState } from "../src/EmulatorApi.js"
import { find, setText } from "./dom.js"

export type State = typeof EmulatorState.Encoded

const root = "/_emulator"

let timer: ReturnType<typeof setTimeout> | undefined

/** Shows a message for six seconds. */
export const showMessage = (text: string): void => {
  clearTimeout(timer)
  setText("message", text)
  timer = setTimeout(() => setText("message", ""), 6000)
}

let render: (state: State) => void = () => {}

/** Sets the function that shows the state after each refresh. */
export const onState = (f: (state: State) => void): void => {
  render = f
}

const fetchState = async (): Promise<State | undefined> => {
  const query = new URLSearchParams()
  for (const input of [find("query", HTMLInputElement), find("status", HTMLSelectElement)]) {
    if (input.value !== "") query.set(input.id, input.value)
  }
  try {
    const response = await fetch(`${root}/state?${query.toString()}`, { cache: "no-store" })
    // eslint-disable-next-line no-restricted-syntax -- The emulator encodes the state by this schema.
    return response.ok ? await response.json() as State : undefined
  } catch {
    // The connection status shows that the emulator does not respond.
    return undefined
  }
}

let running: Promise<void> | undefined
let requested = false

/**
 * Fetches and shows the state. At most one request runs at a time; refreshes requested meanwhile are merged into one.
 */
export const refresh = (): Promise<void> => {
  requested = true
  return running ??= (async () => {
    try {
      while (requested) {
        requested = false
        const state = await fetchState()
        if (state !== undefined) render(state)
      }
    } finally {
      running = undefined
    }
  })()
}

const errorText = (status: number, body: unknown): string =>
  typeof body === "object" && body !== null && "_tag" in body && body._tag === "InvitationNotPending" &&
    "reason" in body && typeof body.reason === "string"
    ? `The invitation is not pending: it is ${body.reason}.`
    : `The emulator rejected the request (${status}).`

/**
 * Calls a control endpoint, shows `done` or the error, and refreshes the state. Returns whether the call succeeded.
 */
export const act = async (done: string, method: string, path: string, body?: unknown): Promise<boolean> => {
  let succeeded = false
  try {
    const response = await fetch(root + path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
    })
    succeeded = response.ok
    showMessage(succeeded ? done : errorText(response.status, await response.json().catch(() => undefined)))
  } catch {
    showMessage("The emulator does not respond.")
  }
  await refresh()
  return succeeded
}

export const invitationPath = (id: string, action = ""): string => `/invitations/${encodeURIComponent(id)}${action}`

export const copy = async (text: string, name: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(text)
    showMessage(`Copied ${name}.`)
  } catch {
    showMessage("The browser does not allow this page to copy.")
  }
}

const showConnection = (state: "live" | "lost", text: string): void => {
  const element = find("connection", HTMLElement)
  if (element.dataset["state"] === state) return
  element.dataset["state"] = state
  element.textContent = text
}

let events: EventSource | undefined

/** Refreshes after each event of the emulator. A hidden page keeps no connection. */
export const listen = (): void => {
  const source = new EventSource(`${root}/events`)
  events = source
  source.addEventListener("open", () => showConnection("live", "Live"))
  source.addEventListener("message", () => void refresh())
  source.addEventListener("error", () => {
    showConnection("lost", "The emulator does not respond; reconnecting")
    // An EventSource reconnects by itself, except after an error response.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => {
        if (events === source && !document.hidden) listen()
      }, 2000)
    }
  })
}

document.addEventListener("visibilitychange", () => {
  events?.close()
  if (!document.hidden) listen()
})
