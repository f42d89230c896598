import { make } from "../../src/internal/campaign/memoryStore.js"
import { storeContract } from "./storeContract.js"

storeContract("in memory", (now) => make({ now }))
