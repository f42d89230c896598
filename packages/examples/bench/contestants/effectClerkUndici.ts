import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { contest } from "./contestant.js"
import { make } from "./effectClerk.js"

await contest(make(NodeHttpClient.layerUndici))
