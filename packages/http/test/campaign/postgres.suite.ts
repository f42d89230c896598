import { campaignContract } from "./campaignContract.js"
import { storeContract } from "./storeContract.js"
import { postgresStore, postgresUrl } from "./stores.js"

if (postgresUrl === undefined) {
  console.log("The tests of campaigns over Postgres are skipped: POSTGRES_URL is not set")
} else {
  storeContract("over Postgres", postgresStore(postgresUrl))
  campaignContract("over Postgres", postgresStore(postgresUrl), { isRemote: true })
}
