/**
 * Generated from packages/http/page/page.css by embed.ts: do not edit.
 */
export const css = `:root {
  color-scheme: light dark;
  --ground: #f7f7f5;
  --surface: #ffffff;
  --sunken: #f4f4f1;
  --line: #e2e1dc;
  --edge: #8f8d86;
  --text: #1f1e1b;
  --muted: #625f58;
  --accent: #4d41c4;
  --on-accent: #ffffff;
  --pending: #2c5c9c;
  --accepted: #1d6b3f;
  --revoked: #a32a2a;
  --expired: #7d5310;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}

@media (prefers-color-scheme: dark) {
  :root {
    --ground: #141416;
    --surface: #1b1b1e;
    --sunken: #232327;
    --line: #303036;
    --edge: #7b7b86;
    --text: #ececee;
    --muted: #a5a4ae;
    --accent: #aaa2ff;
    --on-accent: #17152e;
    --pending: #8fbaf3;
    --accepted: #7fce9f;
    --revoked: #f29a9a;
    --expired: #e0b567;
  }
}

*, *::before, *::after { box-sizing: border-box; }

[hidden] { display: none !important; }

body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
  font: 14px/1.5 var(--sans);
  overflow-wrap: anywhere;
}

h1, h2, h3, p, ul, pre { margin: 0; }
ul { padding: 0; list-style: none; }
h1 { font-size: 17px; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 14px; font-weight: 650; }
h3 { font-size: 12px; font-weight: 600; color: var(--muted); }
a { color: var(--accent); text-underline-offset: 3px; }
code, pre { font-family: var(--mono); font-size: 12px; }

:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[tabindex="-1"]:focus-visible { outline-offset: -2px; }

.hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.skip { position: absolute; left: 12px; top: -48px; padding: 8px 12px; background: var(--surface); z-index: 2; }
.skip:focus { top: 8px; }

header {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px 14px;
  max-width: 1240px;
  margin: 0 auto;
  padding: 18px 20px 14px;
}
header nav { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 16px; margin-left: auto; }

main { max-width: 1240px; margin: 0 auto; padding: 0 20px 72px; }

.connection { display: inline-flex; align-items: center; gap: 6px; color: var(--muted); font-size: 12px; }
.connection::before { content: ""; width: 8px; height: 8px; border-radius: 50%; border: 2px solid currentColor; }
.connection[data-state="live"] { color: var(--accepted); }
.connection[data-state="live"]::before { background: currentColor; }
.connection[data-state="lost"] { color: var(--revoked); }

.columns { display: grid; gap: 16px; align-items: start; }
.column { display: grid; gap: 16px; min-width: 0; }
@media (min-width: 980px) {
  .columns { grid-template-columns: minmax(0, 1fr) 380px; }
}

.panel { min-width: 0; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
.heading {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 2px 12px;
  min-height: 44px;
  padding: 8px 16px;
}
.note { color: var(--muted); font-size: 12px; }
.more { padding: 10px 16px; border-top: 1px solid var(--line); }
.empty { display: grid; gap: 4px; padding: 4px 16px 20px; color: var(--muted); }
.empty strong { color: var(--text); font-weight: 600; }
.empty button { margin-top: 6px; }

.connect { margin-bottom: 16px; }
.connect summary { display: flex; align-items: center; gap: 8px; padding: 10px 16px; cursor: pointer; list-style: none; border-radius: 10px; }
.connect summary::-webkit-details-marker { display: none; }
.connect summary::before, .request summary::before {
  content: "";
  flex: none;
  width: 6px;
  height: 6px;
  border: solid var(--muted);
  border-width: 0 1.5px 1.5px 0;
  transform: rotate(-45deg);
}
.connect[open] summary::before, .request[open] summary::before { transform: rotate(45deg); }
.connect-body { display: grid; gap: 14px; padding: 2px 16px 16px; }
.connect-body > * { min-width: 0; }
@media (min-width: 820px) {
  .connect-body { grid-template-columns: 1fr 1.5fr; }
  .connect-body .note { grid-column: 1 / -1; }
}
.caption { display: flex; align-items: center; justify-content: space-between; min-height: 30px; }
pre {
  padding: 10px 12px;
  background: var(--sunken);
  border-radius: 6px;
  overflow-x: auto;
  white-space: pre-wrap;
}

.rows { max-height: max(300px, min(620px, 72vh)); overflow-y: auto; border-radius: 0 0 9px 9px; }
.rows > li { padding: 10px 16px; border-top: 1px solid var(--line); }
.row { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 2px 12px; align-items: baseline; }
.row .address { font-weight: 550; }
.row .meta { display: flex; flex-wrap: wrap; gap: 0 12px; color: var(--muted); font-size: 12px; }
.row .who { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 10px; }
.row .meta { grid-column: 1; }
.row .actions { grid-column: 2; grid-row: 1 / span 2; align-self: center; }
.row .wide { grid-column: 1 / -1; }
.actions { display: flex; flex-wrap: wrap; gap: 6px; }
.data { margin-top: 4px; color: var(--muted); }

.status { display: inline-flex; align-items: center; gap: 5px; font-size: 12px; font-weight: 600; white-space: nowrap; }
.status[data-status="pending"] { color: var(--pending); }
.status[data-status="accepted"] { color: var(--accepted); }
.status[data-status="revoked"] { color: var(--revoked); }
.status[data-status="expired"] { color: var(--expired); }
.status[data-status="deleted"] { color: var(--muted); }

.link { display: flex; align-items: center; gap: 6px; margin-top: 4px; }
.link a { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--muted); }

.rows > .request-row { padding: 0; }
.request summary {
  display: grid;
  grid-template-columns: auto 3.2em 4.2em minmax(0, 1fr) auto;
  gap: 0 8px;
  align-items: baseline;
  padding: 8px 16px;
  cursor: pointer;
  list-style: none;
  font-size: 13px;
}
.request summary::-webkit-details-marker { display: none; }
.request summary::before { align-self: center; }
.request .code { font-family: var(--mono); font-size: 12px; font-weight: 600; }
.request .code[data-kind="good"] { color: var(--accepted); }
.request .code[data-kind="bad"] { color: var(--revoked); }
.request .code[data-kind="none"] { color: var(--expired); }
.request .method { font-family: var(--mono); font-size: 12px; color: var(--muted); }
.request .path { font-family: var(--mono); font-size: 12px; }
.request .outcome { grid-column: 4 / -1; color: var(--muted); font-size: 12px; }
.request time { color: var(--muted); font-size: 12px; white-space: nowrap; }
.request-body { display: grid; gap: 10px; padding: 4px 16px 14px 30px; }
.request-body pre { max-height: 320px; overflow: auto; }

.quota { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px 12px; }
.quota .figure { font-variant-numeric: tabular-nums; }
.bar { grid-column: 1 / -1; height: 4px; border-radius: 2px; background: var(--line); overflow: hidden; }
.bar > span { display: block; height: 100%; background: var(--accent); }
.quota .note { grid-column: 1 / -1; }


.filter { display: flex; flex-wrap: wrap; gap: 8px; padding: 0 16px 12px; }
.filter .grow { flex: 1 1 160px; min-width: 0; }
.filter input { width: 100%; }
.fields { display: grid; grid-template-columns: minmax(0, 1fr) 84px; gap: 10px; padding: 0 16px 14px; }
.fields label { display: grid; gap: 3px; color: var(--muted); font-size: 12px; }
.fields label:first-child, .fields .check, .fields button { grid-column: 1 / -1; }
.fields select, .fields [type="number"] { width: 100%; min-width: 0; }
.fields .check { display: flex; align-items: center; gap: 8px; color: var(--text); font-size: 13px; }
.check input { width: 16px; height: 16px; min-height: 0; margin: 0; accent-color: var(--accent); }

button, input, select {
  min-height: 32px;
  max-width: 100%;
  padding: 4px 10px;
  border: 1px solid var(--edge);
  border-radius: 6px;
  background: var(--surface);
  color: var(--text);
  font: inherit;
  font-size: 13px;
}
input::placeholder { color: var(--muted); opacity: 1; }
button { cursor: pointer; font-weight: 550; white-space: nowrap; }
button:hover { background: var(--sunken); }
button.primary { border-color: var(--accent); color: var(--accent); }
button.primary:hover { background: var(--accent); color: var(--on-accent); }
button.danger { border-color: var(--revoked); color: var(--revoked); }
button.quiet { border-color: transparent; background: transparent; color: var(--accent); }
button.quiet:hover { background: var(--sunken); }
.rows button { min-height: 28px; padding: 2px 9px; font-size: 12px; }
@media (pointer: coarse) {
  button, input, select, .rows button { min-height: 40px; }
}

.message {
  position: fixed;
  left: 50%;
  bottom: 20px;
  max-width: min(92vw, 560px);
  padding: 9px 14px;
  border-radius: 8px;
  background: var(--text);
  color: var(--ground);
  transform: translateX(-50%);
  box-shadow: 0 4px 18px rgb(0 0 0 / 0.18);
}
.message:empty { visibility: hidden; }

dialog {
  max-width: min(92vw, 420px);
  padding: 18px 20px;
  border: 1px solid var(--line);
  border-radius: 12px;
  background: var(--surface);
  color: var(--text);
}
dialog::backdrop { background: rgb(0 0 0 / 0.45); }
dialog form { display: grid; gap: 10px; }
dialog .actions { justify-content: flex-end; margin-top: 6px; }

@media (max-width: 560px) {
  header { padding: 14px 14px 10px; }
  header nav { margin-left: 0; width: 100%; }
  header nav button { margin-left: auto; }
  main { padding: 0 10px 72px; }
  .heading, .rows > li, .filter, .fields, .empty { padding-left: 12px; padding-right: 12px; }
  .invitation .actions { grid-column: 1 / -1; grid-row: auto; margin-top: 6px; }
  .request summary { padding: 9px 12px; grid-template-columns: auto 3em 4em minmax(0, 1fr); }
  .request time { grid-column: 3 / -1; }
  .request .outcome { grid-column: 3 / -1; }
  .request-body { padding-left: 12px; padding-right: 12px; }
}

.ticket { max-width: 420px; margin: 12vh auto 0; padding: 24px; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; }
.ticket > * + * { margin-top: 16px; }
`
