import * as Option from "effect/Option"
import * as Decode from "../../../http/src/internal/wire/decode.js"
import { decode } from "./decode.js"

// InvitationsHttp decodes the text of a page in the same way.
const read = Decode.page(0)

await decode((text) => {
  const page = Option.getOrThrow(read(JSON.parse(text)))
  return page.data.length
})
