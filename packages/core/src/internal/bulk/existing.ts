import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as EmailAddress from "../../EmailAddress.js"
import type { Invitation } from "../../Invitation.js"
import type { InvitationsPrimitives } from "../../InvitationsPrimitives.js"
import { paginate } from "../pagination/paginate.js"
import type { Fatal } from "./retry.js"
import { isFatal } from "./retry.js"

/**
 * Looks up the invitations of one address that are not revoked, the newest first. Empty if the look-up fails with an
 * error that other calls may survive: then Clerk's own check for duplicates applies.
 */
export const lookUp =
  (list: InvitationsPrimitives["list"]) =>
  ({ emailAddress }: { readonly emailAddress: string }): Effect.Effect<ReadonlyArray<Invitation>, Fatal> =>
    paginate(list, { query: emailAddress }).pipe(
      Stream.filter((invitation) => EmailAddress.equals(invitation.emailAddress, emailAddress)),
      Stream.runCollect,
      Effect.map((found) => Arr.fromIterable(found)),
      Effect.catchAll((error) => isFatal(error) ? Effect.fail(error) : Effect.succeed([]))
    )
