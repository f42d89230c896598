import { campaignContract } from "./campaignContract.js"
import { libsqlStore } from "./stores.js"

campaignContract("over libsql", libsqlStore)
