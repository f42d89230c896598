// Run it with: npx -y pnpm@10 tsx packages/examples/src/recipes/webApplication/main.ts
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { Local } from "./local.js"
import { type Answer, scenario } from "./scenario.js"

const show = ({ body, headers, request, says, status }: Answer) => {
  const wait = headers["retry-after"]
  return [
    `${status}  ${request}: ${says}`,
    ...(wait === undefined ? [] : [`     retry-after: ${wait}`]),
    `     ${body}`
  ].join("\n")
}

scenario((answer) => Console.log(show(answer))).pipe(
  Effect.provide(Layer.merge(Local, NodeHttpClient.layerUndici)),
  NodeRuntime.runMain
)
