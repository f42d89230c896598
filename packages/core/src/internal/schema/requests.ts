import * as Schema from "effect/Schema"
import { CreateInvitation, maxBulkSize } from "../../CreateInvitation.js"
import { EmailAddress } from "../../EmailAddress.js"
import { InvitationId } from "../../Invitation.js"
import { ListInvitations, StreamInvitations } from "../../ListInvitations.js"
import { validateCreate } from "./createRequest.js"
import { structMustBe } from "./field.js"
import { typeSide, validate } from "./validate.js"

const bulkSize = structMustBe(`an array of 1 to ${maxBulkSize} requests`)

const CreateInvitations = Schema.Array(typeSide(CreateInvitation)).annotations(bulkSize).pipe(
  Schema.minItems(1, bulkSize),
  Schema.maxItems(maxBulkSize, bulkSize)
)

const Id = Schema.typeSchema(InvitationId)

/**
 * The validators of the inputs of the service, one per method.
 */
export const create = validateCreate("create")
export const createBulk = validate(CreateInvitations, "createBulk", "requests")
export const list = validate(typeSide(ListInvitations), "list")
export const revoke = validate(Id, "revoke", "id")
export const remove = validate(Id, "delete", "id")
export const stream = validate(typeSide(StreamInvitations), "stream")
export const findById = validate(Id, "findById", "id")
export const findByEmail = validate(EmailAddress, "findByEmail", "emailAddress")
export const ensure = validateCreate("ensure")
export const resend = validateCreate("resend")
