import { maxBulkSize } from "@effect-clerk/core/CreateInvitation"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Digest from "./digest.js"

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
  size: Schema.Int.pipe(Schema.between(1, maxBulkSize)),
  key: Schema.String,
  batches: Schema.NonNegativeInt,
  singles: Schema.NonNegativeInt,
  acquitted: Schema.Array(Schema.String)
}))

const decode = Schema.decodeOption(MemoJson)

const encode = Schema.encodeSync(MemoJson)

// A batch of two that is refused tells as much as two single requests.
const minBatchSize = 2

const nothing: typeof MemoJson.Type = { size: maxBulkSize, key: "", batches: 0, singles: 0, acquitted: [] }

const maxAcquitted = 20

// The key contains values of the requests.
const digestOf = (key: string): string => {
  const digest = Digest.make()
  digest.add(key)
  return digest.hex().slice(0, 16)
}

export const make = (json: string | null): Memo => {
  let state = Option.getOrElse(Option.flatMap(Option.fromNullable(json), decode), () => nothing)
  return {
    batchSize: () => state.size,
    isSuspicious: () => state.batches > 0,
    accepted: (size) => {
      if (size > 1 && state.batches > 0) return
      state = {
        ...state,
        size: size >= state.size ? Math.min(maxBulkSize, state.size + 1) : state.size,
        acquitted: size === 1 && state.batches > 0
          ? [...state.acquitted, state.key].slice(-maxAcquitted)
          : state.acquitted,
        key: "",
        batches: 0,
        singles: 0
      }
    },
    refused: (size, shared) => {
      if (size > 1) state = { ...state, size: Math.max(minBatchSize, Math.floor(Math.min(size, state.size) / 2)) }
      if (Option.isNone(shared) || state.acquitted.includes(digestOf(shared.value.key))) {
        if (size === 1) state = { ...state, key: "", batches: 0, singles: 0 }
        return false
      }
      const { refusals } = shared.value
      const key = digestOf(shared.value.key)
      const { batches, singles } = state.key === key ? state : { batches: 0, singles: 0 }
      state = size === 1
        ? { ...state, key, batches, singles: singles + 1 }
        : { ...state, key, batches: batches + 1, singles }
      return state.batches > 0 && state.singles >= refusals
    },
    toJson: () => state === nothing ? null : encode(state)
  }
}
