import * as Option from "effect/Option"
import { decodePage } from "../../../http/src/internal/client/codec.js"
import { decode } from "./decode.js"

// InvitationsHttp decodes the text of a page in the same way.
const read = decodePage(0)

await decode((text) => {
  const page = Option.getOrThrow(read(JSON.parse(text)))
  return page.data.length
})
