import { bundle } from "../harness/build.js"
import type { Row } from "../harness/row.js"
import { atMost } from "../harness/row.js"

const kib = (bytes: number): number => bytes / 1024

/** The sizes of minified and compressed bundles. */
export const bundles = async (): Promise<ReadonlyArray<Row>> => {
  const app = async (name: string) => (await bundle(`apps/${name}.ts`)).gzipped
  const base = await app("effectApp")
  const [ours, theirs] = [await app("effectClerkApp"), await app("clerkBackendApp")]
  const added = async (work: string, name: string, limit: number): Promise<Row> => {
    const extended = await app(name)
    return {
      work,
      unit: "KiB",
      ours: kib(extended),
      peer: kib(base),
      value: kib(extended - base),
      target: atMost(limit)
    }
  }
  return [
    await added("bundle: what core and http add to an Effect application", "effectAppWithClerk", 25),
    await added("the same, the calls alone", "effectAppWithCalls", 15),
    {
      work: "bundle: the four-call application",
      unit: "KiB",
      ours: kib(ours),
      peer: kib(theirs),
      value: ours / theirs,
      target: atMost(2.1)
    }
  ]
}
