/**
 * The faults that the page offers, and the descriptions of faults.
 */
import type * as Fault from "../src/Fault.js"

export type FaultResponse = typeof Fault.Response.Encoded

/** The keys are the values of the options of the form. */
export const presets: ReadonlyMap<string, { readonly label: string; readonly response: FaultResponse }> = new Map([
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
])

export const descriptions: { readonly [tag in FaultResponse["_tag"]]: string } = {
  Status: "injected error",
  Body: "injected body",
  Truncated: "truncated",
  Reset: "connection closed",
  Stall: "stalled",
  Drip: "sent slowly"
}

/** The label of the preset with this response, otherwise a description. */
export const labelOf = (response: FaultResponse): string => {
  const json = JSON.stringify(response)
  const preset = Array.from(presets.values()).find((preset) => JSON.stringify(preset.response) === json)
  if (preset !== undefined) return preset.label
  return response._tag === "Status"
    ? `${response.status} ${response.code ?? ""}`.trimEnd()
    : descriptions[response._tag]
}
