import { make } from "../../src/internal/campaign/store/memoryStore.js"
import { campaignContract } from "./campaignContract.js"

campaignContract("in memory", (now) => make({ now }), { isFast: true })
