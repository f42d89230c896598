import { InvitationsMemory } from "@effect-clerk/http"
import { inviteLaws } from "./inviteLaws.js"
import { driveStub } from "./utils/drive.js"

inviteLaws("the in-memory layer", InvitationsMemory.layer(), { runs: 80, drive: driveStub })
