import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { InvitationsService } from "@effect-clerk/core/InvitationsService"
import { InvitationsMemory } from "@effect-clerk/http"
import { Effect } from "effect"
import { json } from "../terminal/render.js"
import { renderRequest, toBody } from "../terminal/renderRequest.js"
import { printLine } from "../terminal/stdio.js"

/**
 * Validates a request as the service does, with the in-memory layer, and prints it.
 */
export const previewRequest = (request: CreateInvitation, options: { readonly json: boolean }) =>
  Effect.flatMap(InvitationsService, (invitations) => invitations.create(request)).pipe(
    Effect.provide(InvitationsMemory.layer()),
    Effect.zipRight(
      Effect.suspend(() => printLine(options.json ? json({ request: toBody(request) }) : renderRequest(request)))
    )
  )
