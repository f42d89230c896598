import { storeContract } from "./storeContract.js"
import { libsqlStore, postgresStore, postgresUrl } from "./stores.js"

storeContract("over libsql", libsqlStore)

if (postgresUrl === undefined) {
  console.log("The tests of campaigns over Postgres are skipped: POSTGRES_URL is not set")
} else storeContract("over Postgres", postgresStore(postgresUrl))
