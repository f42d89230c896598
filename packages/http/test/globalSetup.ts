import { fileURLToPath } from "node:url"
import { bundle } from "./utils/programs.js"

/** The directory of the bundled command line. */
export const programs = fileURLToPath(new URL("../node_modules/.cache/programs", import.meta.url))

/** Bundles the command line once for all tests. */
export default (): Promise<void> =>
  bundle(fileURLToPath(new URL("../cli", import.meta.url)), programs, ["main.ts", "emulatorMain.ts"])
