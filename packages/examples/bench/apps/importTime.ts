import { pathToFileURL } from "node:url"
import { parseArgs } from "node:util"

const { values } = parseArgs({ options: { file: { type: "string", default: "" } } })

const url = pathToFileURL(values.file).href
const start = performance.now()
await import(url)
console.log(JSON.stringify({ millis: performance.now() - start }))
