import { fileURLToPath } from "node:url"
import { bundle } from "../cli/bundle.js"

/** The directory of the bundled command. */
export const programs = fileURLToPath(new URL("../node_modules/.cache/programs", import.meta.url))

/** Bundles the command once for all tests, as it is published. */
export default (): Promise<void> => bundle(programs)
