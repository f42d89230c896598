// `layer` of @effect/vitest 0.30 replaces `effect` and `scoped` of the one `it` that all test files of a worker share. vitest
// runs this file before each test file, which so starts with the original methods.
import { it, makeMethods } from "@effect/vitest"

makeMethods(it)
