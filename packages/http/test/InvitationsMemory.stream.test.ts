import { InvitationsMemory } from "@effect-clerk/http"
import { streamLaws } from "./streamLaws.js"

streamLaws("the in-memory layer", InvitationsMemory.layer(), 200)
