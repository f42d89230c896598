import { make } from "../../src/internal/campaign/memoryStore.js"
import { campaignContract } from "./campaignContract.js"

campaignContract("in memory", (now) => make({ now }))
