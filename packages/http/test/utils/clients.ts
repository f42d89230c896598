import { FetchHttpClient } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"

/** The clients that the layer is used with on Node. */
export const clients = [
  ["NodeHttpClient.layerUndici", NodeHttpClient.layerUndici],
  ["NodeHttpClient.layer", NodeHttpClient.layer],
  ["FetchHttpClient.layer", FetchHttpClient.layer]
] as const

export const undici = NodeHttpClient.layerUndici
