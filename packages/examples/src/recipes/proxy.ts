// Run its test, test/proxy.test.ts, with: npx -y pnpm@10 vitest run packages/examples/test/proxy.test.ts
import { FetchHttpClient } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { EnvHttpProxyAgent } from "@effect/platform-node/Undici"
import { Effect, Layer } from "effect"
import { HttpProxyAgent } from "http-proxy-agent"
import { HttpsProxyAgent } from "https-proxy-agent"

// Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
const dispatcher = Effect.acquireRelease(
  Effect.sync(() => new EnvHttpProxyAgent()),
  (agent) => Effect.promise(() => agent.destroy())
)

/** The client over undici, through the proxy of the environment. */
export const undici = NodeHttpClient.layerUndiciWithoutDispatcher.pipe(
  Layer.provide(Layer.scoped(NodeHttpClient.Dispatcher, dispatcher))
)

/** The client over Node's `fetch`, which has the option `dispatcher`, through the proxy of the environment. */
export const fetch = FetchHttpClient.layer.pipe(
  Layer.provide(
    Layer.scoped(FetchHttpClient.RequestInit, Effect.map(dispatcher, (dispatcher): object => ({ dispatcher })))
  )
)

/** The client over `node:http` and `node:https`, through the proxy at this URL. */
export const nodeHttp = (proxyUrl: string) =>
  NodeHttpClient.layerWithoutAgent.pipe(
    Layer.provide(Layer.succeed(NodeHttpClient.HttpAgent, {
      [NodeHttpClient.HttpAgentTypeId]: NodeHttpClient.HttpAgentTypeId,
      http: new HttpProxyAgent(proxyUrl),
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- `node:https` calls no method that only its own agent has.
      https: new HttpsProxyAgent(proxyUrl)
    }))
  )
