import { storeContract } from "./storeContract.js"
import { libsqlStore } from "./stores.js"

storeContract("over libsql", libsqlStore)
