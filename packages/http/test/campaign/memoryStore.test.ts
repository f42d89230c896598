import { make } from "../../src/internal/campaign/store/memoryStore.js"
import { storeContract } from "./storeContract.js"

storeContract("in memory", (now) => make({ now }))
