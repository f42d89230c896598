import { inviteLaws } from "./inviteLaws.js"
import { drive } from "./utils/drive.js"
import { layer } from "./utils/emulator.js"

inviteLaws("HTTP", layer(), { runs: 15, drive })
