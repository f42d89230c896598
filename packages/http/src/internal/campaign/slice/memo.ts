import * as BatchSize from "@effect-clerk/core/BatchSize"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Digest from "../model/digest.js"

/**
 * What a campaign has learned from refusals that name no address. Its JSON form outlives the slice.
 *
 * A refused batch may be about one address, or about all requests alike, for example because of a `redirectUrl` that is
 * not allowed. Single requests that are refused for the same reason prove the second; one that is accepted disproves it.
 */
export interface Memo {
  /** The number of people to send in a batch. */
  readonly batchSize: () => number
  /** Whether a batch was refused for a reason that may concern all requests. Then only single requests are sent. */
  readonly isSuspicious: () => boolean
  /** Records that Clerk accepted `size` people together. */
  readonly accepted: (size: number) => void
  /** Records a refusal of `size` people. Returns true if it proves that all other requests would be refused too. */
  readonly refused: (size: number, shared: Option.Option<Shared>) => boolean
  readonly toJson: () => string | null
}

/**
 * What a refusal may have in common with all others: see `sharedRefusal` of `InviteMany`.
 */
export interface Shared {
  readonly key: string
  readonly refusals: number
}

const MemoJson = Schema.parseJson(Schema.Struct({
  sent: Schema.NonNegative,
  culprits: Schema.NonNegative,
  key: Schema.String,
  batches: Schema.NonNegativeInt,
  singles: Schema.NonNegativeInt,
  acquitted: Schema.Array(Schema.String)
}))

const decode = Schema.decodeOption(MemoJson)

const encode = Schema.encodeSync(MemoJson)

const nothing: typeof MemoJson.Type = { sent: 0, culprits: 0, key: "", batches: 0, singles: 0, acquitted: [] }

const maxAcquitted = 20

// The key contains values of the requests.
const digestOf = (key: string): string => {
  const digest = Digest.make()
  digest.add(key)
  return digest.hex().slice(0, 16)
}

export const make = (
  json: string | null,
  { useSingleCreates }: { readonly useSingleCreates: boolean }
): Memo => {
  let state = Option.getOrElse(Option.flatMap(Option.fromNullable(json), decode), () => nothing)
  const size = BatchSize.make({ useSingleCreates, state })
  const withoutSuspicion = { key: "", batches: 0, singles: 0 }
  return {
    batchSize: size.batchSize,
    isSuspicious: () => state.batches > 0,
    accepted: (count) => {
      if (count > 1) size.record(count, false)
      // A batch that was in flight when the suspicion was raised disproves nothing.
      if (count > 1 && state.batches > 0) return
      const acquitted = count === 1 && state.batches > 0
        ? [...state.acquitted, state.key].slice(-maxAcquitted)
        : state.acquitted
      state = { ...state, ...withoutSuspicion, acquitted }
    },
    refused: (count, shared) => {
      if (count > 1) size.record(count, true)
      const key = Option.map(shared, ({ key }) => digestOf(key))
      if (Option.isNone(shared) || Option.isNone(key) || state.acquitted.includes(key.value)) {
        if (count === 1) state = { ...state, ...withoutSuspicion }
        return false
      }
      const { batches, singles } = state.key === key.value ? state : withoutSuspicion
      state = count === 1
        ? { ...state, key: key.value, batches, singles: singles + 1 }
        : { ...state, key: key.value, batches: batches + 1, singles }
      return state.batches > 0 && state.singles >= shared.value.refusals
    },
    toJson: () => {
      const { culprits, sent } = size.state()
      const isTrivial = culprits === 0 && state.key === "" && state.acquitted.length === 0
      return isTrivial ? null : encode({ ...state, culprits, sent })
    }
  }
}
