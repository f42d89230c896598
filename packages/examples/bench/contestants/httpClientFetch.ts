import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { contest } from "./contestant.js"
import { make } from "./httpClient.js"

await contest(make(FetchHttpClient.layer))
