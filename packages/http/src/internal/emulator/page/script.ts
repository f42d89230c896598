/**
 * Generated from packages/http/page/page.ts by embed.ts: do not edit.
 */
export const script = `// dom.ts
var find = (id, type) => {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new Error(\`the page has no \${type.name} with the id \${id}\`);
};
var setText = (id, text) => {
  find(id, HTMLElement).textContent = text;
};
var setHidden = (id, hidden) => {
  find(id, HTMLElement).hidden = hidden;
};
var make = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== void 0) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== void 0));
  return element;
};
var makeButton = ({ label, style, target }, onClick) => {
  const button = make(
    "button",
    { type: "button", class: style, "data-action": label },
    label,
    make("span", { class: "hidden" }, \` \${target}\`)
  );
  button.addEventListener("click", onClick);
  return button;
};
var rendered = /* @__PURE__ */ new WeakMap();
var replace = (old, element) => {
  if (old.querySelector("details")?.open === true) element.querySelector("details")?.setAttribute("open", "");
  const focused = document.activeElement;
  const action = focused instanceof HTMLElement ? focused.dataset["action"] : void 0;
  const hadFocus = old.contains(focused);
  old.replaceWith(element);
  if (!hadFocus) return;
  const target = element.querySelector(action === void 0 ? "summary" : \`[data-action='\${action}']\`);
  if (target === null) {
    element.tabIndex = -1;
    element.focus();
  } else {
    target.focus();
  }
};
var updateList = (id, items, key, render2) => {
  const list = find(id, HTMLElement);
  const byKey = new Map(Array.from(list.children, (element) => [rendered.get(element)?.key, element]));
  const wanted = items.map((item, index) => {
    const itemKey = String(key(item, index));
    const json = JSON.stringify(item);
    const old = byKey.get(itemKey);
    if (old !== void 0 && rendered.get(old)?.json === json) return old;
    const element = render2(item);
    rendered.set(element, { key: itemKey, json });
    if (old !== void 0) replace(old, element);
    return element;
  });
  const kept = new Set(wanted);
  for (const element of Array.from(list.children)) if (!kept.has(element)) element.remove();
  wanted.forEach((element, index) => {
    const current = list.children[index];
    if (current !== element) list.insertBefore(element, current ?? null);
  });
  list.hidden = items.length === 0;
};

// control.ts
var root = "/_emulator";
var timer;
var showMessage = (text) => {
  clearTimeout(timer);
  setText("message", text);
  timer = setTimeout(() => setText("message", ""), 6e3);
};
var render = () => {
};
var onState = (f) => {
  render = f;
};
var fetchState = async () => {
  const query = new URLSearchParams();
  for (const input of [find("query", HTMLInputElement), find("status", HTMLSelectElement)]) {
    if (input.value !== "") query.set(input.id, input.value);
  }
  try {
    const response = await fetch(\`\${root}/state?\${query.toString()}\`, { cache: "no-store" });
    return response.ok ? await response.json() : void 0;
  } catch {
    return void 0;
  }
};
var running;
var requested = false;
var refresh = () => {
  requested = true;
  return running ??= (async () => {
    try {
      while (requested) {
        requested = false;
        const state = await fetchState();
        if (state !== void 0) render(state);
      }
    } finally {
      running = void 0;
    }
  })();
};
var errorText = (status, body) => typeof body === "object" && body !== null && "_tag" in body && body._tag === "InvitationNotPending" && "reason" in body && typeof body.reason === "string" ? \`The invitation is not pending: it is \${body.reason}.\` : \`The emulator rejected the request (\${status}).\`;
var act = async (done, method, path, body) => {
  let succeeded = false;
  try {
    const response = await fetch(root + path, {
      method,
      ...body === void 0 ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
    });
    succeeded = response.ok;
    showMessage(succeeded ? done : errorText(response.status, await response.json().catch(() => void 0)));
  } catch {
    showMessage("The emulator does not respond.");
  }
  await refresh();
  return succeeded;
};
var invitationPath = (id, action = "") => \`/invitations/\${encodeURIComponent(id)}\${action}\`;
var copy = async (text, name) => {
  try {
    await navigator.clipboard.writeText(text);
    showMessage(\`Copied \${name}.\`);
  } catch {
    showMessage("The browser does not allow this page to copy.");
  }
};
var showConnection = (state, text) => {
  const element = find("connection", HTMLElement);
  if (element.dataset["state"] === state) return;
  element.dataset["state"] = state;
  element.textContent = text;
};
var events;
var listen = () => {
  const source = new EventSource(\`\${root}/events\`);
  events = source;
  source.addEventListener("open", () => showConnection("live", "Live"));
  source.addEventListener("message", () => void refresh());
  source.addEventListener("error", () => {
    showConnection("lost", "The emulator does not respond; reconnecting");
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => {
        if (events === source && !document.hidden) listen();
      }, 2e3);
    }
  });
};
document.addEventListener("visibilitychange", () => {
  events?.close();
  if (!document.hidden) listen();
});

// faults.ts
var presets = /* @__PURE__ */ new Map([
  ["unavailable", {
    label: "503 service_unavailable",
    response: { _tag: "Status", status: 503, code: "service_unavailable" }
  }],
  ["internal", {
    label: "500 internal_clerk_error",
    response: { _tag: "Status", status: 500, code: "internal_clerk_error" }
  }],
  ["gateway", { label: "502 with an HTML body", response: { _tag: "Status", status: 502, html: true } }],
  ["limited", {
    label: "429 too_many_requests, Retry-After: 5",
    response: { _tag: "Status", status: 429, code: "too_many_requests", retryAfter: "5" }
  }],
  ["locked", { label: "409 resource_locked", response: { _tag: "Status", status: 409, code: "resource_locked" } }],
  ["quota", { label: "403 quota_exceeded", response: { _tag: "Status", status: 403, code: "quota_exceeded" } }],
  ["reset", { label: "Connection closed without a response", response: { _tag: "Reset" } }],
  ["truncated", { label: "Truncated response", response: { _tag: "Truncated" } }],
  ["unreadable", { label: "Unreadable response", response: { _tag: "Body", body: "not JSON" } }],
  ["silent", { label: "No response", response: { _tag: "Stall", at: "headers" } }],
  ["half", { label: "Half a response, then nothing", response: { _tag: "Stall", at: "body" } }],
  ["slow", { label: "Slow response", response: { _tag: "Drip", every: 100 } }]
]);
var descriptions = {
  Status: "injected error",
  Body: "injected body",
  Truncated: "truncated",
  Reset: "connection closed",
  Stall: "stalled",
  Drip: "sent slowly"
};
var labelOf = (response) => {
  const json = JSON.stringify(response);
  const preset = Array.from(presets.values()).find((preset2) => JSON.stringify(preset2.response) === json);
  if (preset !== void 0) return preset.label;
  return response._tag === "Status" ? \`\${response.status} \${response.code ?? ""}\`.trimEnd() : descriptions[response._tag];
};

// time.ts
var aheadMillis = 0;
var setNow = (now) => {
  aheadMillis = now - Date.now();
};
var relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
var second = 1e3;
var minute = 60 * second;
var hour = 60 * minute;
var day = 24 * hour;
var units = [["day", day], ["hour", hour], ["minute", minute], ["second", second]];
var fromNow = (at) => {
  const distance = at - Date.now() - aheadMillis;
  const [unit, millis] = units.find(([, millis2]) => Math.abs(distance) >= 0.9 * millis2) ?? ["second", second];
  return relative.format(Math.round(distance / millis), unit);
};
var makeTime = (at, prefix = "") => {
  const date = new Date(at);
  return make(
    "time",
    { datetime: date.toISOString(), title: date.toLocaleString(), "data-at": String(at), "data-prefix": prefix },
    prefix + fromNow(at)
  );
};
var updateTimes = () => {
  for (const element of document.querySelectorAll("time")) {
    const { at, prefix } = element.dataset;
    const text = \`\${prefix ?? ""}\${fromNow(Number(at))}\`;
    if (element.textContent !== text) element.textContent = text;
  }
};
var plural = (count, noun) => \`\${count} \${noun}\${count === 1 ? "" : "s"}\`;
var formatDuration = (millis) => millis >= hour ? plural(millis / hour, "hour") : millis >= minute ? plural(millis / minute, "minute") : plural(millis / second, "second");

// rows.ts
var statuses = {
  pending: ["○", "Pending"],
  accepted: ["✓", "Accepted"],
  revoked: ["✕", "Revoked"],
  expired: ["◷", "Expired"],
  deleted: ["–", "Deleted"]
};
var statusBadge = (status) => {
  const [mark, name] = statuses[status] ?? ["·", status];
  return make("span", { class: "status", "data-status": status }, make("span", { "aria-hidden": "true" }, mark), name);
};
var acceptedMessage = (address) => \`\${address} accepted and is now a user.\`;
var invitationActions = ({ email_address: address, id, status }) => {
  const button = (label, done, method, path, style) => makeButton({ label, target: address, style }, () => void act(done, method, path));
  const accept = button("Accept", acceptedMessage(address), "POST", invitationPath(id, "/accept"), "primary");
  const expire = button("Expire now", \`The invitation of \${address} expired.\`, "POST", invitationPath(id, "/expire"));
  const revoke = button("Revoke", \`The invitation of \${address} is revoked.\`, "POST", invitationPath(id, "/revoke"));
  const remove = button("Delete", \`The invitation of \${address} is deleted.\`, "DELETE", invitationPath(id));
  switch (status) {
    case "pending":
      return [accept, expire, revoke];
    case "expired":
      return [revoke, remove];
    default:
      return [remove];
  }
};
var lastChange = (invitation) => {
  const { expires_at: expiresAt, status, updated_at: updatedAt } = invitation;
  if (status === "pending") return makeTime(expiresAt ?? updatedAt, "expires ");
  return status === "expired" ? makeTime(expiresAt ?? updatedAt, "expired ") : makeTime(updatedAt, \`\${status} \`);
};
var metadataOf = (metadata) => Object.keys(metadata).length === 0 ? void 0 : make(
  "p",
  { class: "data wide" },
  make("span", { class: "hidden" }, "Metadata: "),
  make("code", {}, JSON.stringify(metadata))
);
var invitationRow = (invitation) => make(
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
);
var userRow = ({ createdAt, emailAddress, publicMetadata }) => make(
  "li",
  {},
  make(
    "div",
    { class: "row" },
    make("span", { class: "address" }, emailAddress),
    make("span", { class: "meta" }, makeTime(createdAt, "added ")),
    metadataOf(publicMetadata)
  )
);
var emailRow = ({ invitationId, sentAt, status, templateSlug, to, url }) => make(
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
      templateSlug === "invitation" ? void 0 : make("span", {}, templateSlug)
    ),
    make(
      "span",
      { class: "actions" },
      status === "pending" ? makeButton(
        { label: "Accept", target: \`as \${to}\`, style: "primary" },
        () => void act(acceptedMessage(to), "POST", invitationPath(invitationId, "/accept"))
      ) : statusBadge(status ?? "deleted")
    )
  ),
  make(
    "div",
    { class: "link" },
    make("a", { href: url, target: "_blank", rel: "noopener", title: url }, make("code", {}, url)),
    makeButton(
      { label: "Copy", target: \`the accept link of \${to}\`, style: "quiet" },
      () => void copy(url, "the accept link")
    )
  )
);
var parseJson = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
};
var formatJson = (text) => {
  const value = parseJson(text);
  return value === void 0 ? text : JSON.stringify(value, null, 2);
};
var errorCode = (text) => {
  const body = parseJson(text);
  if (typeof body !== "object" || body === null || !("errors" in body) || !Array.isArray(body.errors)) return void 0;
  const error = body.errors[0];
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : void 0;
};
var section = (title, id, text) => make("div", {}, make("h3", { id }, title), make("pre", { tabindex: "0", "aria-labelledby": id }, text));
var responseDetails = ({ fault, number, response }) => {
  if (response === null) {
    return make(
      "p",
      { class: "note" },
      fault === null ? "No response yet." : \`No response: \${descriptions[fault]}.\`
    );
  }
  const streamed = fault === "Truncated" || fault === "Stall" || fault === "Drip";
  const text = response.body !== "" ? formatJson(response.body) : streamed ? "Streamed; not recorded." : "Empty.";
  return section(\`Response after \${response.duration} ms\`, \`response-\${number}\`, text);
};
var responseStatus = (response) => {
  if (response === null) {
    return make("span", { class: "code", "data-kind": "none" }, "–", make("span", { class: "hidden" }, "no response"));
  }
  return make("span", { class: "code", "data-kind": response.status < 400 ? "good" : "bad" }, String(response.status));
};
var requestRow = (request) => {
  const { at, body, fault, method, number, path, query, response } = request;
  const outcome = [
    response === null ? void 0 : errorCode(response.body),
    response?.status === 404 && response.body === "" ? "unknown path; the API begins with /v1/invitations" : void 0,
    fault === null ? void 0 : descriptions[fault]
  ].filter((part) => part !== void 0).join(" · ");
  const parameters = Array.from(new URLSearchParams(query), ([name, value]) => \`\${name} = \${value}\`).join("\\n");
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
        make("span", { class: "path" }, query === "" ? path : \`\${path}?\${query}\`),
        makeTime(at),
        outcome === "" ? void 0 : make("span", { class: "outcome" }, outcome)
      ),
      make(
        "div",
        { class: "request-body" },
        parameters === "" ? void 0 : section("Query", \`query-\${number}\`, parameters),
        body === "" ? void 0 : section("Request", \`request-\${number}\`, formatJson(body)),
        responseDetails(request)
      )
    )
  );
};
var planRow = ({ commit, nth = 1, operation, response, times = 1 }) => make(
  "li",
  {},
  make(
    "div",
    { class: "row" },
    make("span", { class: "address wide" }, labelOf(response)),
    make(
      "span",
      { class: "meta wide" },
      make("span", {}, operation ?? "any operation"),
      make("span", {}, times > 1 ? \`\${times} times\` : "once"),
      nth > 1 ? make("span", {}, \`after \${nth - 1} more\`) : void 0,
      commit === "never" ? void 0 : make("span", {}, "the call takes effect")
    )
  )
);
var quotaRow = ({ name, quota }) => {
  const { limit, remaining, resetsAt, window } = quota;
  const bar = make("span", {});
  bar.style.width = \`\${limit === 0 ? 0 : 100 * remaining / limit}%\`;
  return make(
    "li",
    {},
    make(
      "div",
      { class: "quota" },
      make("span", {}, name),
      make("span", { class: "figure" }, \`\${remaining} of \${limit} left\`),
      make("div", { class: "bar", "aria-hidden": "true" }, bar),
      make(
        "p",
        { class: "note" },
        \`in \${formatDuration(window)}\`,
        ...resetsAt === null ? [] : [" · ", makeTime(resetsAt, "one more ")]
      )
    )
  );
};

// page.ts
var showConnectionExample = (acceptsAnyTestKey) => {
  const key = acceptsAnyTestKey ? "sk_test_local" : "<the key given with --secret-key>";
  setText("environment", \`CLERK_API_URL=\${location.origin}
CLERK_SECRET_KEY=\${key}\`);
  setText(
    "curl",
    [
      \`curl \${location.origin}/v1/invitations\`,
      \`-H "Authorization: Bearer \${acceptsAnyTestKey ? key : "$CLERK_SECRET_KEY"}"\`,
      \`-H "Content-Type: application/json"\`,
      \`-d '{"email_address":"ada@example.com"}'\`
    ].join(" \\\\\\n  ")
  );
  setText(
    "key-note",
    acceptsAnyTestKey ? "Every key that begins with sk_test_ is accepted." : "Only the key that the emulator was started with is accepted."
  );
};
var renderInvitations = ({ counts, matching, newest }, total) => {
  updateList("invitation-list", newest, ({ id }) => id, invitationRow);
  setText(
    "counts",
    Object.entries(counts).filter(([, count]) => count > 0).map(([status, count]) => \`\${count} \${status}\`).join(", ")
  );
  setHidden("filter", total === 0);
  setHidden("invitations-empty", total > 0);
  setHidden("invitations-none", total === 0 || matching > 0);
  setHidden("invitations-more", matching <= newest.length);
  setText("invitations-more", \`The newest \${newest.length} of \${matching}. Filter by address or id to see others.\`);
};
var renderEmails = ({ newest, total }) => {
  updateList("email-list", newest, ({ invitationId }) => invitationId, emailRow);
  setText(
    "outbox-count",
    total === 0 ? "" : total > newest.length ? \`the newest \${newest.length} of \${total}\` : plural(total, "e-mail")
  );
  setHidden("outbox-empty", total > 0);
};
var presetOf = (quotas) => {
  if (quotas === "off") return "off";
  return quotas.all.limit === 100 ? "development" : quotas.all.limit === 1e3 ? "production" : "custom";
};
var renderQuotas = (quotas) => {
  const rows = quotas === "off" ? [] : [
    { name: "All calls", quota: quotas.all },
    { name: "Create", quota: quotas.create },
    { name: "Create in bulk", quota: quotas.createBulk }
  ];
  updateList("quota-list", rows, ({ name }) => name, quotaRow);
  setHidden("quotas-off", rows.length > 0);
  const limits = find("limits", HTMLSelectElement);
  if (document.activeElement !== limits) limits.value = presetOf(quotas);
};
var shownTotals;
onState((state) => {
  const { emails, invitations: { counts }, requests, users } = state;
  const total = counts.pending + counts.accepted + counts.revoked + counts.expired;
  setNow(state.now);
  if (shownTotals === void 0) {
    showConnectionExample(state.acceptsAnyTestKey);
    find("connect", HTMLDetailsElement).open = total === 0 && requests.length === 0;
  }
  renderInvitations(state.invitations, total);
  renderEmails(emails);
  updateList("request-list", requests, ({ number }) => number, requestRow);
  setHidden("requests-empty", requests.length > 0);
  updateList("plan-list", state.pendingFaults, (_, index) => index, planRow);
  renderQuotas(state.quotas);
  const refusal = find("refusal", HTMLSelectElement);
  if (document.activeElement !== refusal) refusal.value = state.instanceRefusal;
  updateList("user-list", users.newest, ({ id }) => id, userRow);
  setText("users-count", users.total === 0 ? "" : plural(users.total, "user"));
  setHidden("users-empty", users.total > 0);
  updateTimes();
  const totals = \`\${plural(total, "invitation")}, \${plural(emails.total, "e-mail")}.\`;
  if (shownTotals !== void 0 && shownTotals !== totals) setText("changes", totals);
  shownTotals = totals;
});
find("fault", HTMLSelectElement).append(
  ...Array.from(presets, ([value, { label }]) => make("option", { value }, label))
);
var filter = find("filter", HTMLFormElement);
filter.addEventListener("submit", (event) => event.preventDefault());
filter.addEventListener("input", () => void refresh());
find("show-all", HTMLButtonElement).addEventListener("click", () => {
  filter.reset();
  find("query", HTMLInputElement).focus();
  void refresh();
});
var addUser = async (address) => {
  if (await act(\`\${address} is now a user.\`, "POST", "/users", { email_address: address })) {
    find("users", HTMLFormElement).reset();
  }
};
find("users", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void addUser(find("user", HTMLInputElement).value);
});
find("faults", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const preset = presets.get(find("fault", HTMLSelectElement).value);
  if (preset === void 0) return;
  const operation = find("operation", HTMLSelectElement).value;
  void act(\`Added fault: \${preset.label}.\`, "POST", "/faults", {
    response: preset.response,
    commit: find("commit", HTMLInputElement).checked ? "before" : "never",
    times: Number(find("times", HTMLInputElement).value),
    ...operation === "" ? {} : { operation }
  });
});
find("limits", HTMLSelectElement).addEventListener("change", () => {
  const limits = find("limits", HTMLSelectElement).value;
  void act(\`Rate limits: \${limits}.\`, "PUT", "/rate-limits", { limits });
});
find("refusal", HTMLSelectElement).addEventListener("change", () => {
  const code = find("refusal", HTMLSelectElement).value;
  void act(
    code === "off" ? "The instance accepts creates." : \`The instance refuses with \${code}.\`,
    "PUT",
    "/instance-refusal",
    { code }
  );
});
var dialog = find("reset-dialog", HTMLDialogElement);
find("reset", HTMLButtonElement).addEventListener("click", () => {
  dialog.returnValue = "cancel";
  dialog.showModal();
});
dialog.addEventListener("close", () => {
  if (dialog.returnValue === "reset") void act("The emulator is reset.", "POST", "/reset");
});
for (const [id, name] of [["environment", "the environment"], ["curl", "the curl command"]]) {
  find(\`copy-\${id}\`, HTMLButtonElement).addEventListener(
    "click",
    () => void copy(find(id, HTMLElement).textContent, name)
  );
}
setInterval(() => {
  if (!document.hidden) void refresh();
}, 5e3);
setInterval(updateTimes, 1e3);
listen();
void refresh();
`
