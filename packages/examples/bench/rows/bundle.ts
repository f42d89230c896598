import { bundle } from "../harness/build.js"
import type { Row } from "../harness/row.js"
import { atMost } from "../harness/row.js"

const kib = (bytes: number): number => bytes / 1024

/** The sizes of minified and compressed bundles. */
export const bundles = async (): Promise<ReadonlyArray<Row>> => {
  const [base, extended, ours, theirs] = await Promise.all(
    ["effectApp", "effectAppWithClerk", "effectClerkApp", "clerkBackendApp"].map((name) => bundle(`apps/${name}.ts`))
  )
  if (base === undefined || extended === undefined || ours === undefined || theirs === undefined) return []
  return [
    {
      work: "bundle: what core and http add to an Effect application",
      unit: "KiB",
      ours: kib(extended.gzipped),
      peer: kib(base.gzipped),
      value: kib(extended.gzipped - base.gzipped),
      target: atMost(10)
    },
    {
      work: "bundle: the four-call application",
      unit: "KiB",
      ours: kib(ours.gzipped),
      peer: kib(theirs.gzipped),
      value: ours.gzipped / theirs.gzipped,
      target: atMost(2.1)
    }
  ]
}
