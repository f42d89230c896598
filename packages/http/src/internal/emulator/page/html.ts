/**
 * Generated from packages/http/page/index.html by embed.ts: do not edit.
 */
export const html = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>Clerk emulator</title>
  <link rel="icon" type="image/svg+xml" href="/_emulator/icon.svg">
  <link rel="stylesheet" href="/_emulator/page.css">
  <script type="module" src="/_emulator/page.js"></script>
</head>
<body>
  <a class="skip" href="#invitations">Skip to the invitations</a>
  <header>
    <h1>Clerk emulator</h1>
    <p id="connection" class="connection" role="status" data-state="connecting">Connecting…</p>
    <nav aria-label="Reference">
      <a href="/docs">API reference</a>
      <a href="/openapi.json">openapi.json</a>
      <button type="button" id="reset">Reset…</button>
    </nav>
  </header>

  <main>
    <noscript><p class="empty">This page requires JavaScript. The API below <code>/v1</code> works without it.</p></noscript>

    <details id="connect" class="panel connect">
      <summary><h2>Connect an application</h2></summary>
      <div class="connect-body">
        <div>
          <div class="caption"><h3 id="environment-label">Environment</h3><button type="button" class="quiet" id="copy-environment">Copy<span class="hidden"> the environment</span></button></div>
          <pre id="environment" tabindex="0" aria-labelledby="environment-label"></pre>
        </div>
        <div>
          <div class="caption"><h3 id="curl-label">Create an invitation</h3><button type="button" class="quiet" id="copy-curl">Copy<span class="hidden"> the curl command</span></button></div>
          <pre id="curl" tabindex="0" aria-labelledby="curl-label"></pre>
        </div>
        <p id="key-note" class="note"></p>
      </div>
    </details>

    <div class="columns">
      <div class="column">
        <section id="invitations" class="panel" aria-labelledby="invitations-heading" tabindex="-1">
          <div class="heading">
            <h2 id="invitations-heading">Invitations</h2>
            <p id="counts" class="note"></p>
          </div>
          <form id="filter" class="filter" role="search" aria-label="Invitations">
            <label class="grow"><span class="hidden">Address or id</span><input id="query" type="search" placeholder="Address or id" autocomplete="off" spellcheck="false"></label>
            <label><span class="hidden">Status</span><select id="status">
              <option value="">All</option>
              <option value="pending">Pending</option>
              <option value="accepted">Accepted</option>
              <option value="revoked">Revoked</option>
              <option value="expired">Expired</option>
            </select></label>
          </form>
          <ul id="invitation-list" class="rows"></ul>
          <p id="invitations-more" class="note more" hidden></p>
          <div id="invitations-empty" class="empty" hidden>
            <p><strong>No invitations yet</strong></p>
            <p>Create one from your application, or with the curl command under “Connect an application”.</p>
          </div>
          <div id="invitations-none" class="empty" hidden>
            <p>No invitation matches the filter.</p>
            <p><button type="button" id="show-all">Show all</button></p>
          </div>
        </section>

        <section class="panel" aria-labelledby="requests-heading">
          <div class="heading">
            <h2 id="requests-heading">Requests</h2>
            <p class="note">the last 100, newest first</p>
          </div>
          <ul id="request-list" class="rows"></ul>
          <div id="requests-empty" class="empty" hidden>
            <p><strong>No requests yet</strong></p>
            <p>Requests to this emulator appear here with their responses.</p>
          </div>
        </section>
      </div>

      <div class="column">
        <section class="panel" aria-labelledby="outbox-heading">
          <div class="heading">
            <h2 id="outbox-heading">Outbox</h2>
            <p id="outbox-count" class="note"></p>
          </div>
          <ul id="email-list" class="rows"></ul>
          <div id="outbox-empty" class="empty" hidden>
            <p><strong>No e-mails yet</strong></p>
            <p>The emulator sends no e-mails. They appear here with their accept links.</p>
          </div>
        </section>

        <section class="panel" aria-labelledby="faults-heading">
          <div class="heading"><h2 id="faults-heading">Fail next</h2></div>
          <form id="faults" class="fields">
            <label>Fault<select id="fault" name="fault"></select></label>
            <label>Operation<select id="operation" name="operation">
              <option value="">Any</option>
              <option value="create">Create</option>
              <option value="createBulk">Create in bulk</option>
              <option value="list">List</option>
              <option value="revoke">Revoke</option>
              <option value="delete">Delete</option>
            </select></label>
            <label>Times<input id="times" name="times" type="number" min="1" max="1000" value="1" required></label>
            <label class="check"><input id="commit" name="commit" type="checkbox"> The call takes effect</label>
            <button type="submit" class="primary">Fail next</button>
          </form>
          <ul id="plan-list" class="rows" aria-label="Pending faults"></ul>
        </section>

        <section class="panel" aria-labelledby="quotas-heading">
          <div class="heading">
            <h2 id="quotas-heading">Rate limits</h2>
            <label class="inline"><span class="hidden">Active rate limits</span><select id="limits">
              <option value="off">Off</option>
              <option value="development">Development</option>
              <option value="production">Production</option>
              <option value="custom" disabled hidden>Custom</option>
            </select></label>
          </div>
          <div class="fields">
            <label>The instance refuses every create with<select id="refusal">
              <option value="off">Nothing</option>
              <option value="dev_monthly_email_limit_exceeded">400 dev_monthly_email_limit_exceeded</option>
              <option value="invitations_not_supported">400 invitations_not_supported</option>
              <option value="request_invalid_for_instance">400 request_invalid_for_instance</option>
              <option value="unsupported_subscription_plan_features">402 unsupported_subscription_plan_features</option>
              <option value="quota_exceeded">403 quota_exceeded</option>
              <option value="authorization_invalid">403 authorization_invalid</option>
            </select></label>
          </div>
          <ul id="quota-list" class="rows"></ul>
          <div id="quotas-off" class="empty" hidden>
            <p>Rate limits are off. Choose an instance type to enforce Clerk’s limits.</p>
          </div>
        </section>

        <section class="panel" aria-labelledby="users-heading">
          <div class="heading">
            <h2 id="users-heading">Users</h2>
            <p id="users-count" class="note"></p>
          </div>
          <form id="users" class="filter">
            <label class="grow"><span class="hidden">Address of the user</span><input id="user" type="email" placeholder="grace@example.com" autocomplete="off" required></label>
            <button type="submit">Add user</button>
          </form>
          <ul id="user-list" class="rows"></ul>
          <div id="users-empty" class="empty" hidden>
            <p>No users yet. An accepted invitation makes its address a user, which cannot be invited again.</p>
          </div>
        </section>
      </div>
    </div>
  </main>

  <p id="message" class="message" role="status" aria-live="polite"></p>
  <p id="changes" class="hidden" aria-live="polite"></p>

  <dialog id="reset-dialog" aria-labelledby="reset-heading">
    <form method="dialog">
      <h2 id="reset-heading">Reset the emulator?</h2>
      <p>This removes all invitations, users, e-mails, requests and pending faults, and restores the initial rate limits.</p>
      <p class="actions">
        <button value="cancel">Cancel</button>
        <button value="reset" class="danger">Reset</button>
      </p>
    </form>
  </dialog>
</body>
</html>
`
