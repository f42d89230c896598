/**
 * The emulator's page. It shows the state after each event of the emulator, and calls the control endpoints.
 */
import { act, copy, listen, onState, refresh } from "./control.js"
import type { State } from "./control.js"
import { find, make, setHidden, setText, updateList } from "./dom.js"
import * as Faults from "./faults.js"
import * as Rows from "./rows.js"
import { plural, setNow, updateTimes } from "./time.js"

const showConnectionExample = (acceptsAnyTestKey: boolean): void => {
  const key = acceptsAnyTestKey ? "sk_test_local" : "<the key given with --secret-key>"
  setText("environment", `CLERK_API_URL=${location.origin}\nCLERK_SECRET_KEY=${key}`)
  setText(
    "curl",
    [
      `curl ${location.origin}/v1/invitations`,
      `-H "Authorization: Bearer ${acceptsAnyTestKey ? key : "$CLERK_SECRET_KEY"}"`,
      `-H "Content-Type: application/json"`,
      `-d '{"email_address":"ada@example.com"}'`
    ].join(" \\\n  ")
  )
  setText(
    "key-note",
    acceptsAnyTestKey
      ? "Every key that begins with sk_test_ is accepted."
      : "Only the key that the emulator was started with is accepted."
  )
}

const renderInvitations = ({ counts, matching, newest }: State["invitations"], total: number): void => {
  updateList("invitation-list", newest, ({ id }) => id, Rows.invitationRow)
  setText(
    "counts",
    Object.entries(counts).filter(([, count]) => count > 0).map(([status, count]) => `${count} ${status}`).join(", ")
  )
  setHidden("filter", total === 0)
  setHidden("invitations-empty", total > 0)
  setHidden("invitations-none", total === 0 || matching > 0)
  setHidden("invitations-more", matching <= newest.length)
  setText("invitations-more", `The newest ${newest.length} of ${matching}. Filter by address or id to see others.`)
}

const renderEmails = ({ newest, total }: State["emails"]): void => {
  updateList("email-list", newest, ({ invitationId }) => invitationId, Rows.emailRow)
  setText(
    "outbox-count",
    total === 0 ? "" : total > newest.length ? `the newest ${newest.length} of ${total}` : plural(total, "e-mail")
  )
  setHidden("outbox-empty", total > 0)
}

const presetOf = (quotas: State["quotas"]): string => {
  if (quotas === "off") return "off"
  return quotas.all.limit === 100 ? "development" : quotas.all.limit === 1000 ? "production" : "custom"
}

const renderQuotas = (quotas: State["quotas"]): void => {
  const rows = quotas === "off" ? [] : [
    { name: "All calls", quota: quotas.all },
    { name: "Create", quota: quotas.create },
    { name: "Create in bulk", quota: quotas.createBulk }
  ]
  updateList("quota-list", rows, ({ name }) => name, Rows.quotaRow)
  setHidden("quotas-off", rows.length > 0)
  const limits = find("limits", HTMLSelectElement)
  if (document.activeElement !== limits) limits.value = presetOf(quotas)
}

let shownTotals: string | undefined

onState((state) => {
  const { emails, invitations: { counts }, requests, users } = state
  const total = counts.pending + counts.accepted + counts.revoked + counts.expired
  setNow(state.now)
  if (shownTotals === undefined) {
    showConnectionExample(state.acceptsAnyTestKey)
    find("connect", HTMLDetailsElement).open = total === 0 && requests.length === 0
  }
  renderInvitations(state.invitations, total)
  renderEmails(emails)
  updateList("request-list", requests, ({ number }) => number, Rows.requestRow)
  setHidden("requests-empty", requests.length > 0)
  updateList("plan-list", state.pendingFaults, (_, index) => index, Rows.planRow)
  renderQuotas(state.quotas)
  const refusal = find("refusal", HTMLSelectElement)
  if (document.activeElement !== refusal) refusal.value = state.instanceRefusal
  updateList("user-list", users.newest, ({ id }) => id, Rows.userRow)
  setText("users-count", users.total === 0 ? "" : plural(users.total, "user"))
  setHidden("users-empty", users.total > 0)
  updateTimes()

  // Screen readers announce this element.
  const totals = `${plural(total, "invitation")}, ${plural(emails.total, "e-mail")}.`
  if (shownTotals !== undefined && shownTotals !== totals) setText("changes", totals)
  shownTotals = totals
})

find("fault", HTMLSelectElement).append(
  ...Array.from(Faults.presets, ([value, { label }]) => make("option", { value }, label))
)

const filter = find("filter", HTMLFormElement)
filter.addEventListener("submit", (event) => event.preventDefault())
filter.addEventListener("input", () => void refresh())
find("show-all", HTMLButtonElement).addEventListener("click", () => {
  filter.reset()
  find("query", HTMLInputElement).focus()
  void refresh()
})

const addUser = async (address: string): Promise<void> => {
  if (await act(`${address} is now a user.`, "POST", "/users", { email_address: address })) {
    find("users", HTMLFormElement).reset()
  }
}

find("users", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault()
  void addUser(find("user", HTMLInputElement).value)
})

find("faults", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault()
  const preset = Faults.presets.get(find("fault", HTMLSelectElement).value)
  if (preset === undefined) return
  const operation = find("operation", HTMLSelectElement).value
  void act(`Added fault: ${preset.label}.`, "POST", "/faults", {
    response: preset.response,
    commit: find("commit", HTMLInputElement).checked ? "before" : "never",
    times: Number(find("times", HTMLInputElement).value),
    ...(operation === "" ? {} : { operation })
  })
})

find("limits", HTMLSelectElement).addEventListener("change", () => {
  const limits = find("limits", HTMLSelectElement).value
  void act(`Rate limits: ${limits}.`, "PUT", "/rate-limits", { limits })
})

find("refusal", HTMLSelectElement).addEventListener("change", () => {
  const code = find("refusal", HTMLSelectElement).value
  void act(
    code === "off" ? "The instance accepts creates." : `The instance refuses with ${code}.`,
    "PUT",
    "/instance-refusal",
    { code }
  )
})

const dialog = find("reset-dialog", HTMLDialogElement)
find("reset", HTMLButtonElement).addEventListener("click", () => {
  dialog.returnValue = "cancel"
  dialog.showModal()
})
dialog.addEventListener("close", () => {
  if (dialog.returnValue === "reset") void act("The emulator is reset.", "POST", "/reset")
})

for (const [id, name] of [["environment", "the environment"], ["curl", "the curl command"]] as const) {
  find(`copy-${id}`, HTMLButtonElement).addEventListener(
    "click",
    () => void copy(find(id, HTMLElement).textContent, name)
  )
}

// The emulator sends no event when time passes, for example when an invitation expires.
setInterval(() => {
  if (!document.hidden) void refresh()
}, 5000)
setInterval(updateTimes, 1000)

listen()
void refresh()
