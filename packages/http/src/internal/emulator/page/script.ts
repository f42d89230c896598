/**
 * What the emulator's page does: it asks for the state whenever the emulator says that there is something new, and shows it.
 * Everything that came over the wire is shown as text, never as HTML.
 */
export const script = String.raw`const control = "/_emulator"

const find = (id) => document.getElementById(id)

/** Makes an element; children are elements or text. */
const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value)
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""))
  return element
}

const plural = (count, one, many = one + "s") => count + " " + (count === 1 ? one : many)

// Messages

let silence
const say = (text) => {
  clearTimeout(silence)
  find("message").textContent = text
  silence = setTimeout(() => { find("message").textContent = "" }, 6000)
}

// Times: by the emulator's clock, which is not the browser's in a test.

let ahead = 0
const now = () => Date.now() + ahead

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" })
const units = [["day", 86400000], ["hour", 3600000], ["minute", 60000], ["second", 1000]]
const ago = (at) => {
  const distance = at - now()
  const [unit, millis] = units.find(([, millis]) => Math.abs(distance) >= 0.9 * millis) ?? ["second", 1000]
  return relative.format(Math.round(distance / millis), unit)
}

const time = (at, before = "") => {
  const date = new Date(at)
  return make("time", { datetime: date.toISOString(), title: date.toLocaleString(), "data-at": at, "data-before": before }, before + ago(at))
}

const tick = () => {
  for (const element of document.querySelectorAll("time")) {
    const text = element.dataset.before + ago(Number(element.dataset.at))
    if (element.textContent !== text) element.textContent = text
  }
}

// Calls

const explain = (status, body) => {
  if (body?._tag === "InvitationNotPending") return "The invitation is not pending: it is " + body.reason + "."
  return "The emulator refused that (" + status + ")."
}

/** Calls the emulator, says how it went, and looks at what it has come to. Answers whether it was done. */
const act = async (done, method, path, body) => {
  let ok = false
  try {
    const response = await fetch(control + path, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
    })
    ok = response.ok
    say(ok ? done : explain(response.status, await response.json().catch(() => undefined)))
  } catch {
    say("The emulator does not answer.")
  }
  await refresh()
  return ok
}

const invitationPath = (id, what = "") => "/invitations/" + encodeURIComponent(id) + what

const copy = async (text, what) => {
  try {
    await navigator.clipboard.writeText(text)
    say("Copied " + what + ".")
  } catch {
    say("The browser does not let this page copy.")
  }
}

// Lists: an item that says the same as before stays the element that it is, so that focus and what is unfolded survive.

const show = (list, items, key, render) => {
  const known = new Map(Array.from(list.children, (element) => [element.dataset.key, element]))
  const wanted = items.map((item) => {
    const itemKey = String(key(item))
    const signature = JSON.stringify(item)
    const old = known.get(itemKey)
    if (old !== undefined && old.signature === signature) return old
    const element = render(item)
    element.dataset.key = itemKey
    element.signature = signature
    if (old !== undefined) {
      const details = old.querySelector("details")
      if (details?.open) element.querySelector("details")?.setAttribute("open", "")
      if (old.contains(document.activeElement)) {
        const action = document.activeElement.dataset.action
        old.replaceWith(element)
        const same = action === undefined ? element.querySelector("summary") : element.querySelector("[data-action='" + action + "']")
        if (same !== null) same.focus()
        else {
          element.tabIndex = -1
          element.focus()
        }
      }
    }
    return element
  })
  const kept = new Set(wanted)
  for (const element of Array.from(list.children)) if (!kept.has(element)) element.remove()
  wanted.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null)
  })
  list.hidden = items.length === 0
}

const marks = { pending: "○", accepted: "✓", revoked: "✕", expired: "◷", deleted: "–" }
const names = { pending: "Pending", accepted: "Accepted", revoked: "Revoked", expired: "Expired", deleted: "Deleted" }

const badge = (status) =>
  make("span", { class: "status", "data-status": status }, make("span", { "aria-hidden": "true" }, marks[status] ?? "·"), names[status] ?? status)

const action = (label, what, run, style) =>
  make("button", { type: "button", class: style, "data-action": label, onclick: run }, label, make("span", { class: "hidden" }, " " + what))

const invitationRow = (invitation) => {
  const { id, email_address: address, status } = invitation
  const act1 = (label, done, method, path, style) => action(label, address, () => act(done, method, path), style)
  const accept = act1("Accept", address + " has accepted and is a user now.", "POST", invitationPath(id, "/accept"), "primary")
  const expire = act1("Expire now", "The invitation of " + address + " has expired.", "POST", invitationPath(id, "/expire"))
  const revoke = act1("Revoke", "The invitation of " + address + " is revoked.", "POST", invitationPath(id, "/revoke"))
  const remove = act1("Delete", "The invitation of " + address + " is deleted.", "DELETE", invitationPath(id))
  const actions = { pending: [accept, expire, revoke], expired: [revoke, remove] }[status] ?? [remove]
  const metadata = Object.keys(invitation.public_metadata ?? {}).length > 0
    ? make("p", { class: "data wide" }, make("span", { class: "hidden" }, "Metadata: "), make("code", {}, JSON.stringify(invitation.public_metadata)))
    : undefined
  return make("li", { class: "invitation" },
    make("div", { class: "row" },
      make("span", { class: "who" }, make("span", { class: "address" }, address), badge(status)),
      make("span", { class: "meta" },
        make("code", {}, id),
        time(invitation.created_at, "created "),
        status === "pending" ? time(invitation.expires_at, "expires ") : time(status === "expired" ? invitation.expires_at : invitation.updated_at, status + " ")
      ),
      make("span", { class: "actions" }, ...actions),
      metadata
    ))
}

const emailRow = ({ invitationId, sentAt, status, templateSlug, to, url }) =>
  make("li", {},
    make("div", { class: "row" },
      make("span", { class: "address" }, to),
      make("span", { class: "meta" }, time(sentAt, "sent "), templateSlug === "invitation" ? undefined : make("span", {}, templateSlug)),
      make("span", { class: "actions" },
        status === "pending"
          ? action("Accept", "as " + to, () => act(to + " has accepted and is a user now.", "POST", invitationPath(invitationId, "/accept")), "primary")
          : badge(status ?? "deleted")
      )
    ),
    make("div", { class: "link" },
      make("code", { title: url }, url),
      action("Copy", "the accept link of " + to, () => copy(url, "the accept link"), "quiet")
    ))

const pretty = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

const parse = (text) => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const faultNames = {
  Status: "a failure that was asked for",
  Body: "a body that was asked for",
  Truncated: "cut off",
  Reset: "connection closed",
  Stall: "left hanging",
  Drip: "sent slowly"
}

const requestRow = ({ response: answer, at, body, fault, method, number, path, query }) => {
  const kind = answer === null ? "none" : answer.status < 400 ? "good" : "bad"
  const code = answer === null ? undefined : parse(answer.body)?.errors?.[0]?.code
  const lost = answer?.status === 404 && answer.body === "" ? "no such path: those of the API begin with /v1/invitations" : undefined
  const outcome = [code, lost, fault === null ? undefined : faultNames[fault]].filter((part) => part !== undefined).join(" · ")
  const part = (title, text, key) => text === ""
    ? undefined
    : make("div", {}, make("h3", { id: key + number }, title), make("pre", { tabindex: "0", "aria-labelledby": key + number }, text))
  const inPieces = fault === "Truncated" || fault === "Stall" || fault === "Drip"
  return make("li", { class: "request-row" },
    make("details", { class: "request" },
      make("summary", {},
        make("span", { class: "code", "data-kind": kind }, answer === null ? "–" : String(answer.status), answer === null ? make("span", { class: "hidden" }, "no answer") : ""),
        make("span", { class: "method" }, method),
        make("span", { class: "path" }, path + (query === "" ? "" : "?" + query)),
        time(at),
        outcome === "" ? undefined : make("span", { class: "outcome" }, outcome)
      ),
      make("div", { class: "request-body" },
        part("Query", Array.from(new URLSearchParams(query), ([name, value]) => name + " = " + value).join("\n"), "query-"),
        part("Request", pretty(body), "request-"),
        answer === null
          ? make("p", { class: "note" }, fault === null ? "No answer yet." : "No answer: " + faultNames[fault] + ".")
          : part("Answer after " + answer.duration + " ms", answer.body === "" ? (inPieces ? "Sent in pieces; not kept." : "Empty.") : pretty(answer.body), "answer-")
      )
    ))
}

// Failures

const failures = {
  unavailable: ["503 service_unavailable", { _tag: "Status", status: 503, code: "service_unavailable" }],
  internal: ["500 internal_clerk_error", { _tag: "Status", status: 500, code: "internal_clerk_error" }],
  gateway: ["502, a gateway’s page in HTML", { _tag: "Status", status: 502, html: true }],
  limited: ["429 too_many_requests, Retry-After: 5", { _tag: "Status", status: 429, code: "too_many_requests", retryAfter: "5" }],
  locked: ["409 resource_locked", { _tag: "Status", status: 409, code: "resource_locked" }],
  quota: ["403 quota_exceeded", { _tag: "Status", status: 403, code: "quota_exceeded" }],
  reset: ["Connection closed without an answer", { _tag: "Reset" }],
  truncated: ["Answer cut off", { _tag: "Truncated" }],
  unreadable: ["Unreadable answer", { _tag: "Body", body: "not JSON" }],
  silent: ["No answer, ever", { _tag: "Stall", at: "headers" }],
  half: ["Half an answer, then nothing", { _tag: "Stall", at: "body" }],
  slow: ["Answer a few bytes at a time", { _tag: "Drip", every: 100 }]
}

find("fault").append(...Object.entries(failures).map(([value, [label]]) => make("option", { value }, label)))

const failureName = (answer) =>
  Object.values(failures).find(([, each]) => JSON.stringify(each) === JSON.stringify(answer))?.[0] ??
    (answer._tag === "Status" ? [answer.status, answer.code].filter(Boolean).join(" ") : faultNames[answer._tag])

const planRow = ({ plan: { response: answer, commit, nth, operation, times } }) =>
  make("li", {},
    make("div", { class: "row" },
      make("span", { class: "address wide" }, failureName(answer)),
      make("span", { class: "meta wide" },
        ...[
          operation ?? "any call",
          times > 1 ? times + " times" : "once",
          nth > 1 ? "after " + (nth - 1) + " more" : "",
          commit === "never" ? "" : "takes effect all the same"
        ].filter((part) => part !== "").map((part) => make("span", {}, part))
      )
    ))

// Limits

const quotaNames = { all: "All calls", create: "Create", createBulk: "Create in bulk" }

const span = (millis) => millis >= 3600000 ? plural(millis / 3600000, "hour") : millis >= 60000 ? plural(millis / 60000, "minute") : plural(millis / 1000, "second")

const quotaRow = ({ limit, name, remaining, resetsAt, window }) => {
  const bar = make("span", {})
  bar.style.width = (limit === 0 ? 0 : 100 * remaining / limit) + "%"
  return make("li", {},
    make("div", { class: "quota" },
      make("span", {}, quotaNames[name]),
      make("span", { class: "figure" }, remaining + " of " + limit + " left"),
      make("div", { class: "bar", "aria-hidden": "true" }, bar),
      make("p", { class: "note" }, "in " + span(window), resetsAt === null ? "" : " · ", resetsAt === null ? "" : time(resetsAt, "the next one is back "))
    ))
}

const limitsOf = (quotas) => quotas === "off" ? "off" : { 100: "development", 1000: "production" }[quotas.all.limit] ?? "custom"

// The page

let shown

const showConnection = (acceptsAnyTestKey) => {
  const key = !acceptsAnyTestKey ? "the key given with --secret-key" : "sk_test_local"
  find("environment").textContent = "CLERK_API_URL=" + location.origin + "\nCLERK_SECRET_KEY=" + (!acceptsAnyTestKey ? "<" + key + ">" : key)
  find("curl").textContent = "curl " + location.origin + "/v1/invitations \\\n" +
    "  -H \"Authorization: Bearer " + (!acceptsAnyTestKey ? "$CLERK_SECRET_KEY" : key) + "\" \\\n" +
    "  -H \"Content-Type: application/json\" \\\n" +
    "  -d '{\"email_address\":\"ada@example.com\"}'"
  find("key-note").textContent = !acceptsAnyTestKey
    ? "Only the key that the emulator was started with is accepted."
    : "Any key that begins with sk_test_ is accepted."
}

const announce = (total, emails) => {
  if (shown !== undefined && (shown.total !== total || shown.emails !== emails)) {
    find("changes").textContent = plural(total, "invitation") + ", " + plural(emails, "e-mail") + "."
  }
  shown = { total, emails }
}

const render = (state) => {
  ahead = state.now - Date.now()
  const { counts, matching, newest } = state.invitations
  const total = counts.pending + counts.accepted + counts.revoked + counts.expired

  if (shown === undefined) {
    showConnection(state.acceptsAnyTestKey)
    find("connect").open = total === 0 && state.requests.length === 0
  }

  show(find("invitation-list"), newest, ({ id }) => id, invitationRow)
  find("counts").textContent = total === 0 ? "" : Object.entries(counts).filter(([, count]) => count > 0).map(([status, count]) => count + " " + status).join(", ")
  find("filter").hidden = total === 0
  find("invitations-empty").hidden = total > 0
  find("invitations-none").hidden = total === 0 || matching > 0
  find("invitations-more").hidden = matching <= newest.length
  find("invitations-more").textContent = "The newest " + newest.length + " of " + matching + ". Look for an address or an id to see others."

  show(find("email-list"), state.emails.newest, ({ invitationId }) => invitationId, emailRow)
  find("outbox-count").textContent = state.emails.total > state.emails.newest.length
    ? "the newest " + state.emails.newest.length + " of " + state.emails.total
    : state.emails.total === 0 ? "" : plural(state.emails.total, "e-mail")
  find("outbox-empty").hidden = state.emails.total > 0

  show(find("request-list"), state.requests, ({ number }) => number, requestRow)
  find("requests-empty").hidden = state.requests.length > 0

  show(find("plan-list"), state.pendingFaults.map((plan, index) => ({ plan, index })), ({ index }) => index, planRow)

  const quotas = state.quotas === "off" ? [] : Object.entries(state.quotas).map(([name, quota]) => ({ name, ...quota }))
  show(find("quota-list"), quotas, ({ name }) => name, quotaRow)
  find("quotas-off").hidden = quotas.length > 0
  if (document.activeElement !== find("limits")) find("limits").value = limitsOf(state.quotas)

  show(find("user-list"), state.users.newest, (user) => user, (user) => make("li", {}, user))
  find("users-count").textContent = state.users.total === 0 ? "" : plural(state.users.total, "user")
  find("users-empty").hidden = state.users.total > 0

  announce(total, state.emails.total)
  tick()
}

// One question at a time: what changes meanwhile is asked for afterwards, once.
let asking
let again = false
const ask = async () => {
  do {
    again = false
    const query = new URLSearchParams()
    if (find("query").value !== "") query.set("query", find("query").value)
    if (find("status").value !== "") query.set("status", find("status").value)
    const response = await fetch(control + "/state?" + query, { cache: "no-store" })
    if (response.ok) render(await response.json())
  } while (again)
}
const refresh = () => {
  again = true
  asking ??= ask().catch(() => {}).finally(() => { asking = undefined })
  return asking
}

const connection = (state, text) => {
  const element = find("connection")
  if (element.dataset.state === state) return
  element.dataset.state = state
  element.textContent = text
}

let source
const listen = () => {
  source = new EventSource(control + "/events")
  source.onopen = () => connection("live", "Live")
  source.onmessage = () => refresh()
  source.onerror = () => {
    connection("lost", "The emulator does not answer; trying again")
    // It tries again by itself unless it was refused.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => { if (source.readyState === EventSource.CLOSED && !document.hidden) listen() }, 2000)
    }
  }
}

// Out of sight, a page is not worth a connection.
document.addEventListener("visibilitychange", () => {
  source.close()
  if (!document.hidden) listen()
})

// What changes by the mere passing of time is not told.
setInterval(() => { if (!document.hidden) refresh() }, 5000)
setInterval(tick, 1000)

find("filter").addEventListener("submit", (event) => event.preventDefault())
find("filter").addEventListener("input", () => refresh())
find("show-all").addEventListener("click", () => {
  find("filter").reset()
  find("query").focus()
  refresh()
})

find("users").addEventListener("submit", async (event) => {
  event.preventDefault()
  const address = find("user").value
  if (await act(address + " is a user now.", "POST", "/users", { email_address: address })) find("users").reset()
})

find("faults").addEventListener("submit", (event) => {
  event.preventDefault()
  const operation = find("operation").value
  act(failures[find("fault").value][0] + ": armed.", "POST", "/faults", {
    response: failures[find("fault").value][1],
    commit: find("commit").checked ? "before" : "never",
    times: Number(find("times").value),
    ...(operation === "" ? {} : { operation })
  })
})

find("limits").addEventListener("change", () => {
  const limits = find("limits").value
  act(limits === "off" ? "Nothing is limited." : "Limited as in " + limits + ".", "PUT", "/rate-limits", { limits })
})

find("reset").addEventListener("click", () => {
  find("reset-dialog").returnValue = "cancel"
  find("reset-dialog").showModal()
})
find("reset-dialog").addEventListener("close", () => {
  if (find("reset-dialog").returnValue === "reset") act("Everything is forgotten.", "POST", "/reset")
})

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(find(button.dataset.copy).textContent, button.dataset.copy === "curl" ? "the curl command" : "the environment"))
}

listen()
refresh()
`
