import { InvitationsMemory } from "@effect-clerk/http"
import { conformance } from "./conformance.js"

conformance("InvitationsMemory", InvitationsMemory.layer)
