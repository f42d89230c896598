import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { CreateBody } from "@effect-clerk/http/ClerkApi"
import { Schema } from "effect"
import { json } from "./render.js"
import { escapeControlChars } from "./terminalText.js"

/**
 * The body that Clerk would receive. The request is valid.
 */
export const toBody = Schema.encodeSync(CreateBody)

/**
 * Renders a request that a dry run does not send: the address, then the other fields of the body.
 */
export const renderRequest = (request: CreateInvitation): string => {
  const { email_address, ...fields } = toBody(request)
  const address = escapeControlChars(email_address)
  const isPlain = Object.values(fields).every((value) => value === undefined)
  return isPlain ? address : `${address}  ${json(fields)}`
}
