import { acceptance } from "./acceptance.js"
import { acceptLink } from "./acceptLink.js"
import { attempts } from "./attempts.js"
import { control } from "./control.js"
import { create } from "./create.js"
import { createBulk } from "./createBulk.js"
import { deleteInvitation } from "./delete.js"
import { duplicates } from "./duplicates.js"
import { ensure } from "./ensure.js"
import { faults } from "./faults.js"
import { find } from "./find.js"
import { invalidInput } from "./invalidInput.js"
import { inviteMany } from "./inviteMany.js"
import { list } from "./list.js"
import { lookUps } from "./lookUps.js"
import { rateLimits } from "./rateLimits.js"
import { refusals } from "./refusals.js"
import { resend } from "./resend.js"
import { revoke } from "./revoke.js"
import { revokeMany } from "./revokeMany.js"
import { sequentialIds } from "./sequentialIds.js"
import { spans } from "./spans.js"
import { stream } from "./stream.js"
import type { Suite } from "./suite.js"
import { typedMetadata } from "./typedMetadata.js"
import { users } from "./users.js"
import { writeSafety } from "./writeSafety.js"

export type { Environment, Runner } from "./suite.js"

/** The tests that every implementation of the service passes, by concept. They import no test runner and no Node module. */
export const suites: Readonly<Record<string, Suite>> = {
  create,
  duplicates,
  "the address of a user": users,
  "the accept link": acceptLink,
  refusals,
  "invalid input": invalidInput,
  createBulk,
  list,
  revoke,
  delete: deleteInvitation,
  stream,
  find,
  ensure,
  resend,
  inviteMany,
  revokeMany,
  "typed metadata": typedMetadata,
  acceptance,
  control,
  "the look-ups of the control": lookUps,
  "sequential ids": sequentialIds,
  faults,
  "single attempts": attempts,
  "write safety": writeSafety,
  "rate limits": rateLimits,
  spans
}
