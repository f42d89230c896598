import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { contest } from "./contestant.js"
import { make } from "./httpClient.js"

await contest(make(NodeHttpClient.layerUndici))
