/**
 * The rows of the page's lists.
 */
import { act, copy, invitationPath } from "./control.js"
import type { State } from "./control.js"
import { make, makeButton } from "./dom.js"
import * as Faults from "./faults.js"
import { formatDuration, makeTime } from "./time.js"

export type Invitation = State["invitations"]["newest"][number]
export type Email = State["emails"]["newest"][number]
export type Request = State["requests"][number]
export type Plan = State["pendingFaults"][number]
export type User = State["users"]["newest"][number]
export type Quota = Exclude<State["quotas"], "off">["all"]

const statuses: { readonly [status: string]: readonly [mark: string, name: string] | undefined } = {
  pending: ["○", "Pending"],
  accepted: ["✓", "Accepted"],
  revoked: ["✕", "Revoked"],
  expired: ["◷", "Expired"],
  deleted: ["–", "Deleted"]
}

const statusBadge = (status: string): HTMLElement => {
  const [mark, name] = statuses[status] ?? ["·", status]
  return make("span", { class: "status", "data-status": status }, make("span", { "aria-hidden": "true" }, mark), name)
}

const acceptedMessage = (address: string): string => `${address} accepted and is now a user.`

const invitationActions = ({ email_address: address, id, status }: Invitation): ReadonlyArray<HTMLElement> => {
  const button = (label: string, done: string, method: string, path: string, style?: string) =>
    makeButton({ label, target: address, style }, () => void act(done, method, path))
  const accept = button("Accept", acceptedMessage(address), "POST", invitationPath(id, "/accept"), "primary")
  const expire = button("Expire now", `The invitation of ${address} expired.`, "POST", invitationPath(id, "/expire"))
  const revoke = button("Revoke", `The invitation of ${address} is revoked.`, "POST", invitationPath(id, "/revoke"))
  const remove = button("Delete", `The invitation of ${address} is deleted.`, "DELETE", invitationPath(id))
  switch (status) {
    case "pending":
      return [accept, expire, revoke]
    case "expired":
      return [revoke, remove]
    default:
      return [remove]
  }
}

const lastChange = (invitation: Invitation): HTMLElement => {
  const { expires_at: expiresAt, status, updated_at: updatedAt } = invitation
  if (status === "pending") return makeTime(expiresAt ?? updatedAt, "expires ")
  return status === "expired" ? makeTime(expiresAt ?? updatedAt, "expired ") : makeTime(updatedAt, `${status} `)
}

const metadataOf = (metadata: object): HTMLElement | undefined =>
  Object.keys(metadata).length === 0 ? undefined : make(
    "p",
    { class: "data wide" },
    make("span", { class: "hidden" }, "Metadata: "),
    make("code", {}, JSON.stringify(metadata))
  )

export const invitationRow = (invitation: Invitation): HTMLElement =>
  make(
    "li",
    { class: "invitation" },
    make(
      "div",
      { class: "row" },
      make(
        "span",
        { class: "who" },
        make("span", { class: "address" }, invitation.email_address),
        statusBadge(invitation.status)
      ),
      make(
        "span",
        { class: "meta" },
        make("code", {}, invitation.id),
        makeTime(invitation.created_at, "created "),
        lastChange(invitation)
      ),
      make("span", { class: "actions" }, ...invitationActions(invitation)),
      metadataOf(invitation.public_metadata ?? {})
    )
  )

export const userRow = ({ createdAt, emailAddress, publicMetadata }: User): HTMLElement =>
  make(
    "li",
    {},
    make(
      "div",
      { class: "row" },
      make("span", { class: "address" }, emailAddress),
      make("span", { class: "meta" }, makeTime(createdAt, "added ")),
      metadataOf(publicMetadata)
    )
  )

export const emailRow = ({ invitationId, sentAt, status, templateSlug, to, url }: Email): HTMLElement =>
  make(
    "li",
    {},
    make(
      "div",
      { class: "row" },
      make("span", { class: "address" }, to),
      make(
        "span",
        { class: "meta" },
        makeTime(sentAt, "sent "),
        templateSlug === "invitation" ? undefined : make("span", {}, templateSlug)
      ),
      make(
        "span",
        { class: "actions" },
        status === "pending"
          ? makeButton(
            { label: "Accept", target: `as ${to}`, style: "primary" },
            () => void act(acceptedMessage(to), "POST", invitationPath(invitationId, "/accept"))
          )
          : statusBadge(status ?? "deleted")
      )
    ),
    make(
      "div",
      { class: "link" },
      make("a", { href: url, target: "_blank", rel: "noopener", title: url }, make("code", {}, url)),
      makeButton(
        { label: "Copy", target: `the accept link of ${to}`, style: "quiet" },
        () => void copy(url, "the accept link")
      )
    )
  )

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const formatJson = (text: string): string => {
  const value = parseJson(text)
  return value === undefined ? text : JSON.stringify(value, null, 2)
}

// The code of the first error in an error response.
const errorCode = (text: string): string | undefined => {
  const body = parseJson(text)
  if (typeof body !== "object" || body === null || !("errors" in body) || !Array.isArray(body.errors)) return undefined
  const error: unknown = body.errors[0]
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined
}

const section = (title: string, id: string, text: string): HTMLElement =>
  make("div", {}, make("h3", { id }, title), make("pre", { tabindex: "0", "aria-labelledby": id }, text))

const responseDetails = ({ fault, number, response }: Request): HTMLElement => {
  if (response === null) {
    return make(
      "p",
      { class: "note" },
      fault === null ? "No response yet." : `No response: ${Faults.descriptions[fault]}.`
    )
  }
  const streamed = fault === "Truncated" || fault === "Stall" || fault === "Drip"
  const text = response.body !== "" ? formatJson(response.body) : streamed ? "Streamed; not recorded." : "Empty."
  return section(`Response after ${response.duration} ms`, `response-${number}`, text)
}

const responseStatus = (response: Request["response"]): HTMLElement => {
  if (response === null) {
    return make("span", { class: "code", "data-kind": "none" }, "–", make("span", { class: "hidden" }, "no response"))
  }
  return make("span", { class: "code", "data-kind": response.status < 400 ? "good" : "bad" }, String(response.status))
}

export const requestRow = (request: Request): HTMLElement => {
  const { at, body, fault, method, number, path, query, response } = request
  const outcome = [
    response === null ? undefined : errorCode(response.body),
    response?.status === 404 && response.body === "" ? "unknown path; the API begins with /v1/invitations" : undefined,
    fault === null ? undefined : Faults.descriptions[fault]
  ].filter((part) => part !== undefined).join(" · ")
  const parameters = Array.from(new URLSearchParams(query), ([name, value]) => `${name} = ${value}`).join("\n")
  return make(
    "li",
    { class: "request-row" },
    make(
      "details",
      { class: "request" },
      make(
        "summary",
        {},
        responseStatus(response),
        make("span", { class: "method" }, method),
        make("span", { class: "path" }, query === "" ? path : `${path}?${query}`),
        makeTime(at),
        outcome === "" ? undefined : make("span", { class: "outcome" }, outcome)
      ),
      make(
        "div",
        { class: "request-body" },
        parameters === "" ? undefined : section("Query", `query-${number}`, parameters),
        body === "" ? undefined : section("Request", `request-${number}`, formatJson(body)),
        responseDetails(request)
      )
    )
  )
}

export const planRow = ({ commit, nth = 1, operation, response, times = 1 }: Plan): HTMLElement =>
  make(
    "li",
    {},
    make(
      "div",
      { class: "row" },
      make("span", { class: "address wide" }, Faults.labelOf(response)),
      make(
        "span",
        { class: "meta wide" },
        make("span", {}, operation ?? "any operation"),
        make("span", {}, times > 1 ? `${times} times` : "once"),
        nth > 1 ? make("span", {}, `after ${nth - 1} more`) : undefined,
        commit === "never" ? undefined : make("span", {}, "the call takes effect")
      )
    )
  )

export const quotaRow = ({ name, quota }: { readonly name: string; readonly quota: Quota }): HTMLElement => {
  const { limit, remaining, resetsAt, window } = quota
  const bar = make("span", {})
  bar.style.width = `${limit === 0 ? 0 : 100 * remaining / limit}%`
  return make(
    "li",
    {},
    make(
      "div",
      { class: "quota" },
      make("span", {}, name),
      make("span", { class: "figure" }, `${remaining} of ${limit} left`),
      make("div", { class: "bar", "aria-hidden": "true" }, bar),
      make(
        "p",
        { class: "note" },
        `in ${formatDuration(window)}`,
        ...(resetsAt === null ? [] : [" · ", makeTime(resetsAt, "one more ")])
      )
    )
  )
}
